//! Packed amounts of the data stream: mantissa (27 bits) * 10^exponent, smallest exponent that fits, or an extension.
//!
//! What it is not: rounding. Every amount below 2^123 has exactly one packed form and is restored exactly.

/// Bits of the mantissa.
pub const MANTISSA_BITS: u32 = 27;
/// Exponent that says: mantissa * 2^96 + the next data slot.
pub const EXTENDED_EXPONENT: u32 = 31;
/// Greatest decimal exponent.
pub const MAX_EXPONENT: u32 = 30;

/// The packed form of an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PackedAmount {
    /// mantissa + 2^27 * exponent.
    pub packed: u32,
    /// The low 96 bits, when the exponent is 31.
    pub extension: Option<u128>,
}

/// Packs an amount; none from 2^123 on where no decimal form fits.
#[must_use]
pub fn pack(amount: u128) -> Option<PackedAmount> {
    let mut mantissa = amount;
    for exponent in 0..=MAX_EXPONENT {
        if mantissa >> MANTISSA_BITS == 0 {
            return Some(PackedAmount { packed: mantissa as u32 | exponent << MANTISSA_BITS, extension: None });
        }
        if mantissa % 10 != 0 {
            break;
        }
        mantissa /= 10;
    }
    let high = amount >> 96;
    (high >> MANTISSA_BITS == 0).then_some(PackedAmount {
        packed: high as u32 | EXTENDED_EXPONENT << MANTISSA_BITS,
        extension: Some(amount & ((1 << 96) - 1)),
    })
}

/// True when the packed word announces an extension slot.
#[must_use]
pub const fn is_extended(packed: u32) -> bool {
    packed >> MANTISSA_BITS == EXTENDED_EXPONENT
}

/// The amount of a packed word and its extension; none when the form is not the one [`pack`] gives.
#[must_use]
pub fn unpack(form: PackedAmount) -> Option<u128> {
    let mantissa = u128::from(form.packed & ((1 << MANTISSA_BITS) - 1));
    let exponent = form.packed >> MANTISSA_BITS;
    // 2^27 * 10^30 < 2^128, so the product does not overflow.
    let amount = match form.extension {
        Some(low) => mantissa << 96 | low,
        None if exponent <= MAX_EXPONENT => mantissa * 10u128.pow(exponent),
        None => return None,
    };
    (pack(amount) == Some(form)).then_some(amount)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_the_only_one() {
        for amount in [
            0,
            1,
            (1 << 27) - 1,
            1 << 27,
            10 << 27,
            1_000_000_000_000_000_000,
            1 << 96,
            (1 << 123) - 1,
            7 * 10u128.pow(30),
        ] {
            assert_eq!(unpack(pack(amount).unwrap()), Some(amount));
        }
        assert_eq!(pack(1 << 123), None);
        // 10 as 1 * 10^1 and 5 with an extension are not the smallest forms.
        assert_eq!(unpack(PackedAmount { packed: 1 | 1 << 27, extension: None }), None);
        assert_eq!(unpack(PackedAmount { packed: 31 << 27, extension: Some(5) }), None);
        assert_eq!(unpack(PackedAmount { packed: 31 << 27, extension: None }), None);
        assert_eq!(unpack(PackedAmount { packed: 1, extension: Some(5) }), None);
    }
}
