//! BabyJubJub in circomlib's form: a x^2 + y^2 = 1 + d x^2 y^2 over the BN254 scalar field, a = 168700, d = 168696.
//!
//! a is a square and d is not, so the addition law is complete. Computation runs in extended coordinates (Hisil, Wong,
//! Carter, Dawson, "Twisted Edwards Curves Revisited", section 3.1). What it is not: constant time; nothing here is run
//! on a secret except signing, which is done by wallets on their own machine.

use std::sync::LazyLock;

use ark_ff::{AdditiveGroup, BigInt, BigInteger, Field, PrimeField, Zero};

use super::field::{self, Fr};
use super::DecodeError;

/// Coefficient a.
pub const A: u64 = 168_700;
/// Coefficient d.
pub const D: u64 = 168_696;

/// Order l of the prime subgroup; the cofactor is 8.
pub const SUBGROUP_ORDER: BigInt<4> =
    BigInt::new([0x677297DC392126F1, 0xAB3EEDB83920EE0A, 0x370A08B6D0302B0B, 0x060C89CE5C263405]);

/// A point by its affine coordinates, not necessarily on the curve; see [`Affine::is_on_curve`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Affine {
    /// First coordinate.
    pub x: Fr,
    /// Second coordinate.
    pub y: Fr,
}

/// circomlib's base point B8, a generator of the subgroup.
pub static BASE8: LazyLock<Affine> = LazyLock::new(|| Affine {
    x: decimal("5299619240641551281634865583518297030282874472190772894086521144482721001553"),
    y: decimal("16950150798460657717958625567821834550301663161624707787222815936182638968203"),
});

fn decimal(digits: &str) -> Fr {
    digits.bytes().fold(Fr::ZERO, |v, b| v * Fr::from(10u64) + Fr::from(u64::from(b - b'0')))
}

impl Affine {
    /// The neutral element (0, 1).
    pub const IDENTITY: Self = Self { x: Fr::ZERO, y: Fr::ONE };

    /// True when the curve equation holds.
    #[must_use]
    pub fn is_on_curve(&self) -> bool {
        let (x2, y2) = (self.x.square(), self.y.square());
        FIELD_A * x2 + y2 == Fr::ONE + FIELD_D * x2 * y2
    }

    /// True for a curve point of order 1, 2, 4 or 8.
    #[must_use]
    pub fn is_small_order(&self) -> bool {
        Extended::from(*self).multiply_by_cofactor().is_identity()
    }

    /// circomlib's packPoint: y little endian, top bit of byte 31 set when x > (r - 1) / 2.
    #[must_use]
    pub fn pack(&self) -> [u8; 32] {
        let mut out = field::to_bytes(&self.y);
        out.reverse();
        if is_high(&self.x) {
            out[31] |= 0x80;
        }
        out
    }

    /// Reads a packed point: on the curve, coordinates canonical. (0, y) with the sign bit set is refused.
    ///
    /// # Errors
    /// [`DecodeError`] when y is not below r, when no x exists, or when the sign bit is set for x = 0.
    pub fn unpack(bytes: &[u8; 32]) -> Result<Self, DecodeError> {
        let mut word = *bytes;
        let sign = word[31] & 0x80 != 0;
        word[31] &= 0x7f;
        word.reverse();
        let y = field::from_bytes(&word)?;
        let refused = |what: &str| DecodeError::value("packed point", what, field::hex(bytes));
        let y2 = y.square();
        // x^2 = (1 - y^2) / (a - d y^2); the divisor is never 0 because a / d is not a square.
        let x2 = (Fr::ONE - y2) * (FIELD_A - FIELD_D * y2).inverse().unwrap_or_default();
        let x = x2.sqrt().ok_or_else(|| refused("the y coordinate of a curve point"))?;
        if x.is_zero() && sign {
            return Err(refused("a clear sign bit when x is 0"));
        }
        Ok(Self { x: if is_high(&x) == sign { x } else { -x }, y })
    }
}

fn is_high(x: &Fr) -> bool {
    x.into_bigint() > Fr::MODULUS_MINUS_ONE_DIV_TWO
}

/// Extended coordinates (X : Y : Z : T) with x = X/Z, y = Y/Z, T = XY/Z.
#[derive(Clone, Copy, Debug)]
pub struct Extended {
    x: Fr,
    y: Fr,
    z: Fr,
    t: Fr,
}

impl From<Affine> for Extended {
    fn from(p: Affine) -> Self {
        Self { x: p.x, y: p.y, z: Fr::ONE, t: p.x * p.y }
    }
}

static FIELD_A: Fr = Fr::new(BigInt::new([A, 0, 0, 0]));
static FIELD_D: Fr = Fr::new(BigInt::new([D, 0, 0, 0]));

impl Extended {
    /// The neutral element.
    pub const IDENTITY: Self = Self { x: Fr::ZERO, y: Fr::ONE, z: Fr::ONE, t: Fr::ZERO };

    /// The sum; complete.
    #[must_use]
    pub fn add(&self, other: &Self) -> Self {
        let a = self.x * other.x;
        let b = self.y * other.y;
        let c = self.t * other.t * FIELD_D;
        let d = self.z * other.z;
        let e = (self.x + self.y) * (other.x + other.y) - a - b;
        Self::combine(e, d - c, d + c, b - FIELD_A * a)
    }

    fn combine(e: Fr, f: Fr, g: Fr, h: Fr) -> Self {
        Self { x: e * f, y: g * h, z: f * g, t: e * h }
    }

    /// Twice the point.
    #[must_use]
    pub fn double(&self) -> Self {
        let a = self.x.square();
        let b = self.y.square();
        let c = self.z.square().double();
        let d = FIELD_A * a;
        let e = (self.x + self.y).square() - a - b;
        let g = d + b;
        Self::combine(e, g - c, g, d - b)
    }

    /// The inverse.
    #[must_use]
    pub fn negate(&self) -> Self {
        Self { x: -self.x, y: self.y, z: self.z, t: -self.t }
    }

    /// Eight times the point.
    #[must_use]
    pub fn multiply_by_cofactor(&self) -> Self {
        self.double().double().double()
    }

    /// True for the neutral element.
    #[must_use]
    pub fn is_identity(&self) -> bool {
        self.x.is_zero() && self.y == self.z
    }

    /// True when the affine point is the given one.
    #[must_use]
    pub fn equals(&self, p: &Affine) -> bool {
        self.x == p.x * self.z && self.y == p.y * self.z
    }

    /// Affine coordinates.
    #[must_use]
    pub fn to_affine(&self) -> Affine {
        let inverse = self.z.inverse().unwrap_or_default();
        Affine { x: self.x * inverse, y: self.y * inverse }
    }

    /// scalar * self for an integer scalar below 2^255, in signed windows of five bits.
    #[must_use]
    pub fn multiply(&self, scalar: &BigInt<4>) -> Self {
        let mut odd = [*self; 8];
        let twice = self.double();
        for i in 1..8 {
            odd[i] = odd[i - 1].add(&twice);
        }
        let mut sum = Self::IDENTITY;
        let digits = wnaf(scalar);
        for digit in digits.iter().rev().skip_while(|d| **d == 0) {
            sum = sum.double();
            let entry = &odd[usize::from(digit.unsigned_abs()) / 2];
            match digit.signum() {
                1 => sum = sum.add(entry),
                -1 => sum = sum.add(&entry.negate()),
                _ => {}
            }
        }
        sum
    }
}

/// Width-5 non-adjacent form, least significant digit first: odd digits in -15..=15.
fn wnaf(scalar: &BigInt<4>) -> [i8; 257] {
    let mut digits = [0i8; 257];
    let mut k = *scalar;
    let mut i = 0;
    while !k.is_zero() && i < digits.len() {
        if k.is_odd() {
            let low = (k.0[0] & 31) as i8;
            let digit = if low > 16 { low - 32 } else { low };
            digits[i] = digit;
            let size = BigInt::<4>::from(u64::from(digit.unsigned_abs()));
            if digit > 0 {
                k.sub_with_borrow(&size);
            } else {
                k.add_with_carry(&size);
            }
        }
        k.div2();
        i += 1;
    }
    digits
}

const WINDOW: u32 = 6;
const WINDOWS: usize = 43;

/// j * 2^(6 i) * B8 for i < 43, j < 64.
static BASE_TABLE: LazyLock<Vec<[Extended; 64]>> = LazyLock::new(|| {
    let mut power = Extended::from(*BASE8);
    (0..WINDOWS)
        .map(|_| {
            let mut row = [Extended::IDENTITY; 64];
            for j in 1..64 {
                row[j] = row[j - 1].add(&power);
            }
            power = row[63].add(&power);
            row
        })
        .collect()
});

/// scalar * B8 from a table, for a scalar below 2^256.
#[must_use]
pub fn multiply_base(scalar: &BigInt<4>) -> Extended {
    let mut sum = Extended::IDENTITY;
    for (i, row) in BASE_TABLE.iter().enumerate() {
        let bit = WINDOW as usize * i;
        let (limb, shift) = (bit / 64, bit % 64);
        let mut digit = scalar.0[limb] >> shift;
        if shift > 64 - WINDOW as usize && limb < 3 {
            digit |= scalar.0[limb + 1] << (64 - shift);
        }
        let digit = (digit & 63) as usize;
        if digit != 0 {
            sum = sum.add(&row[digit]);
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_point_has_the_subgroup_order() {
        assert!(BASE8.is_on_curve() && !BASE8.is_small_order());
        let l = "2736030358979909402780800718157159386076813972158567259200215660948447373041";
        assert_eq!(SUBGROUP_ORDER, decimal(l).into_bigint());
        assert!(Extended::from(*BASE8).multiply(&SUBGROUP_ORDER).is_identity());
        assert!(multiply_base(&SUBGROUP_ORDER).is_identity());
    }

    #[test]
    fn table_and_ladder_agree() {
        let mut k = BigInt::new([3, 5, 7, 0x7234_5678_9ABC_DEF0]);
        for i in 0..40u64 {
            let p = Extended::from(*BASE8).multiply(&k).to_affine();
            assert!(p.is_on_curve() && multiply_base(&k).equals(&p));
            assert_eq!(Affine::unpack(&p.pack()), Ok(p));
            k.0[(i % 3) as usize] = k.0[(i % 3) as usize].wrapping_mul(0x9E37_79B9_7F4A_7C15 + 2 * i);
        }
        let top = BigInt::new([u64::MAX, u64::MAX, u64::MAX, u64::MAX >> 1]);
        let p = Extended::from(*BASE8).multiply(&top).to_affine();
        assert!(multiply_base(&top).equals(&p));
    }

    #[test]
    fn torsion_is_seen() {
        let two = Affine { x: Fr::ZERO, y: -Fr::ONE };
        assert!(two.is_on_curve() && two.is_small_order());
        let mut bytes = two.pack();
        bytes[31] |= 0x80;
        assert!(Affine::unpack(&bytes).is_err());
    }
}
