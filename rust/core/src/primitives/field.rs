//! The BN254 scalar field and its strict byte form: 32 bytes, big endian, below r; anything else is refused.

use ark_ff::{BigInt, BigInteger, PrimeField};

use super::bytes::DecodeError;

/// An element of the BN254 scalar field.
pub use ark_bn254::Fr;

/// The 32-byte big-endian form.
#[must_use]
pub fn to_bytes(x: &Fr) -> [u8; 32] {
    let limbs = x.into_bigint().0;
    let mut out = [0u8; 32];
    for (chunk, limb) in out.chunks_exact_mut(8).zip(limbs.iter().rev()) {
        chunk.copy_from_slice(&limb.to_be_bytes());
    }
    out
}

/// Reads the 32-byte big-endian form.
///
/// # Errors
/// [`DecodeError::Field`] when the integer is not below r.
pub fn from_bytes(bytes: &[u8; 32]) -> Result<Fr, DecodeError> {
    Fr::from_bigint(integer_from_bytes(bytes)).ok_or_else(|| DecodeError::Field { got: hex(bytes) })
}

/// The integer of 32 big-endian bytes, not reduced.
pub fn integer_from_bytes(bytes: &[u8; 32]) -> BigInt<4> {
    let mut limbs = [0u64; 4];
    for (limb, chunk) in limbs.iter_mut().rev().zip(bytes.chunks_exact(8)) {
        *limb = chunk.iter().fold(0, |v, b| v << 8 | u64::from(*b));
    }
    BigInt::new(limbs)
}

/// The element of at most 31 big-endian bytes, which is always below r.
///
/// # Errors
/// [`DecodeError::Length`] when more than 31 bytes come.
pub fn from_short_bytes(bytes: &[u8]) -> Result<Fr, DecodeError> {
    if bytes.len() > 31 {
        return Err(DecodeError::Length { what: "short field element", expected: 31, got: bytes.len() });
    }
    let mut word = [0u8; 32];
    word[32 - bytes.len()..].copy_from_slice(bytes);
    from_bytes(&word)
}

/// 2^k as an element, for k < 253.
#[must_use]
pub fn power_of_two(k: u32) -> Fr {
    let mut limbs = [0u64; 4];
    limbs[(k / 64) as usize % 4] = 1 << (k % 64);
    Fr::from_bigint(BigInt::new(limbs)).unwrap_or_default()
}

/// True when the element, as an integer, is below 2^k.
#[must_use]
pub fn is_below_power_of_two(x: &Fr, k: u32) -> bool {
    x.into_bigint().num_bits() <= k
}

/// Lower-case hex with 0x.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use core::fmt::Write as _;
    let mut out = String::with_capacity(2 + 2 * bytes.len());
    out.push_str("0x");
    for b in bytes {
        let _ = write!(out, "{b:02x}");
    }
    out
}
