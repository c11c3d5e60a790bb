//! Packed amounts of the data stream: mantissa (27 bits) * 10^exponent, smallest exponent that fits, or an extension.
//!
//! What it is not: rounding. A writer uses one form an amount below 2^123; a reader takes every form, because the circuit does, so
//! that no operator can post data that proves and yet cannot be read.

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
        if !mantissa.is_multiple_of(10) {
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

/// The amount of a packed word and its extension; none when the word announces an extension and none is given, or the reverse.
#[must_use]
pub fn unpack(form: PackedAmount) -> Option<u128> {
    let mantissa = u128::from(form.packed & ((1 << MANTISSA_BITS) - 1));
    let exponent = form.packed >> MANTISSA_BITS;
    // 2^27 * 10^30 < 2^128, so the product does not overflow.
    match form.extension {
        Some(low) if is_extended(form.packed) && low >> 96 == 0 => Some(mantissa << 96 | low),
        None if exponent <= MAX_EXPONENT => Some(mantissa * 10u128.pow(exponent)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_writer_has_one_form_and_a_reader_takes_all() {
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
        // 10 as 1 * 10^1 and 5 with an extension: no writer's forms
        assert_eq!(unpack(PackedAmount { packed: 1 | 1 << 27, extension: None }), Some(10));
        assert_eq!(unpack(PackedAmount { packed: 31 << 27, extension: Some(5) }), Some(5));
        assert_eq!(unpack(PackedAmount { packed: 31 << 27, extension: Some(1 << 96) }), None);
        assert_eq!(unpack(PackedAmount { packed: 31 << 27, extension: None }), None);
        assert_eq!(unpack(PackedAmount { packed: 1, extension: Some(5) }), None);
    }
}
