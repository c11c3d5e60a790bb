//! Keys derived as circomlibjs does: BLAKE-512 of the seed, the low half pruned, shifted by three bits.

use ark_ff::BigInt;

use super::scalar;
use crate::primitives::babyjubjub::{multiply_base, Affine};
use crate::primitives::blake::blake512;
use crate::primitives::{field, DecodeError};

/// The secret parts of a seed: the pruned scalar s (little endian) and the prefix of nonces.
pub struct SecretKey {
    scalar: [u8; 32],
    prefix: [u8; 32],
}

impl SecretKey {
    /// circomlibjs' derivation from a seed of any length (32 bytes by custom).
    #[must_use]
    pub fn from_seed(seed: &[u8]) -> Self {
        let digest = blake512(seed);
        let (mut scalar, mut prefix) = ([0u8; 32], [0u8; 32]);
        scalar.copy_from_slice(&digest[..32]);
        prefix.copy_from_slice(&digest[32..]);
        scalar[0] &= 0xF8;
        scalar[31] = scalar[31] & 0x7F | 0x40;
        Self { scalar, prefix }
    }

    /// s mod l.
    pub fn scalar(&self) -> BigInt<4> {
        scalar::reduce(&self.scalar)
    }

    /// A = (s / 8) B8.
    #[must_use]
    pub fn public_key(&self) -> Affine {
        let mut big = self.scalar;
        big.reverse();
        let mut shifted = field::integer_from_bytes(&big);
        shifted >>= 3;
        multiply_base(&shifted).to_affine()
    }

    /// The nonce r of a message in little-endian bytes.
    pub(super) fn nonce(&self, message: &[u8; 32]) -> BigInt<4> {
        let mut input = self.prefix.to_vec();
        input.extend_from_slice(message);
        scalar::reduce(&blake512(&input))
    }
}

/// The public key of a seed.
#[must_use]
pub fn public_key(seed: &[u8]) -> Affine {
    SecretKey::from_seed(seed).public_key()
}

/// Refuses a key that is off the curve or of small order.
///
/// # Errors
/// [`DecodeError::Value`] with the key's coordinates.
pub fn check_public_key(key: &Affine) -> Result<(), DecodeError> {
    let refused = |expected: &str| {
        let got = format!("({}, {})", field::hex(&field::to_bytes(&key.x)), field::hex(&field::to_bytes(&key.y)));
        DecodeError::value("public key", expected, got)
    };
    if !key.is_on_curve() {
        return Err(refused("a point of BabyJubJub"));
    }
    if key.is_small_order() {
        return Err(refused("a point whose eightfold is not the identity"));
    }
    Ok(())
}
