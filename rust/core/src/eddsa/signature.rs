//! Signing and verification.

use ark_ff::{BigInt, PrimeField};
use thiserror::Error;

use super::keys::SecretKey;
use super::scalar;
use crate::poseidon::poseidon5;
use crate::primitives::babyjubjub::{multiply_base, Affine, Extended, SUBGROUP_ORDER};
use crate::primitives::{field, DecodeError, Fr};

/// Why a signature was refused.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum SignatureError {
    /// A coordinate, a point or a scalar in no accepted form.
    #[error("malformed signature: {0}")]
    Malformed(#[from] DecodeError),
    /// Well-formed, and not by this key on this message.
    #[error("signature: expected S B8 = R8 + 8h A, got different points")]
    Rejected,
}

/// A signature (R8, S) with S an integer below l. Made only by [`SignatureForm::from_bytes`], [`SignatureForm::new`]
/// and [`sign`], so R8 is on the curve and not the identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignatureForm {
    r8: Affine,
    s: BigInt<4>,
}

impl SignatureForm {
    /// Checks the form: R8 on the curve and not the identity, S < l.
    ///
    /// # Errors
    /// [`DecodeError::Value`] naming what is wrong.
    pub fn new(r8: Affine, s: BigInt<4>) -> Result<Self, DecodeError> {
        let point = || field::hex(&r8.pack());
        if !r8.is_on_curve() {
            return Err(DecodeError::value("R8", "a point of BabyJubJub", point()));
        }
        if r8 == Affine::IDENTITY {
            return Err(DecodeError::value("R8", "a point other than the identity", point()));
        }
        if s >= SUBGROUP_ORDER {
            return Err(DecodeError::value("S", "an integer below the subgroup order", s));
        }
        Ok(Self { r8, s })
    }

    /// Reads circomlibjs' packSignature: R8 packed (32), S (32, little endian).
    ///
    /// # Errors
    /// [`DecodeError`] naming what is wrong.
    pub fn from_bytes(bytes: &[u8; 64]) -> Result<Self, DecodeError> {
        let (mut r8, mut s) = ([0u8; 32], [0u8; 32]);
        r8.copy_from_slice(&bytes[..32]);
        s.copy_from_slice(&bytes[32..]);
        s.reverse();
        Self::new(Affine::unpack(&r8)?, field::integer_from_bytes(&s))
    }

    /// circomlibjs' packSignature.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 64] {
        let mut out = [0u8; 64];
        out[..32].copy_from_slice(&self.r8.pack());
        let mut s = field::to_bytes(&self.s_field());
        s.reverse();
        out[32..].copy_from_slice(&s);
        out
    }

    /// The point R8.
    #[must_use]
    pub const fn r8(&self) -> Affine {
        self.r8
    }

    /// S as a field element (S < l < r).
    #[must_use]
    pub fn s_field(&self) -> Fr {
        Fr::from_bigint(self.s).unwrap_or_default()
    }
}

/// h = Poseidon5(R8.x, R8.y, A.x, A.y, M), as an integer.
fn challenge(r8: &Affine, key: &Affine, message: &Fr) -> BigInt<4> {
    poseidon5(&[r8.x, r8.y, key.x, key.y, *message]).into_bigint()
}

/// Signs as circomlibjs' signPoseidon, deterministically.
#[must_use]
pub fn sign(seed: &[u8], message: &Fr) -> SignatureForm {
    let secret = SecretKey::from_seed(seed);
    let mut bytes = field::to_bytes(message);
    bytes.reverse();
    let r = secret.nonce(&bytes);
    let r8 = multiply_base(&r).to_affine();
    let h = scalar::reduce_integer(&challenge(&r8, &secret.public_key(), message));
    SignatureForm { r8, s: scalar::add(&r, &scalar::multiply(&h, &secret.scalar())) }
}

/// Verifies; the acceptance set is that of `docs/spec/hash.md`.
///
/// # Errors
/// [`SignatureError::Malformed`] for a key off the curve or of small order, [`SignatureError::Rejected`] when the
/// equation fails.
pub fn verify(key: &Affine, message: &Fr, signature: &SignatureForm) -> Result<(), SignatureError> {
    if !key.is_on_curve() {
        return Err(DecodeError::value("public key", "a point of BabyJubJub", field::hex(&key.pack())).into());
    }
    // 8A lies in the subgroup, so h may be reduced modulo l; R8 is not multiplied.
    let key8 = Extended::from(*key).multiply_by_cofactor();
    if key8.is_identity() {
        let got = field::hex(&key.pack());
        return Err(DecodeError::value("public key", "a point whose eightfold is not the identity", got).into());
    }
    let h = scalar::reduce_integer(&challenge(&signature.r8, key, message));
    let left = multiply_base(&signature.s).add(&key8.multiply(&h).negate());
    if left.equals(&signature.r8) {
        return Ok(());
    }
    Err(SignatureError::Rejected)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eddsa::public_key;

    #[test]
    fn signs_and_verifies() {
        let (seed, message) = ([7u8; 32], Fr::from(1234u64));
        let key = public_key(&seed);
        let signature = sign(&seed, &message);
        assert_eq!(SignatureForm::from_bytes(&signature.to_bytes()), Ok(signature));
        assert_eq!(verify(&key, &message, &signature), Ok(()));
        assert_eq!(verify(&key, &Fr::from(1235u64), &signature), Err(SignatureError::Rejected));
    }

    /// circomlibjs' own test vector ("Sign (using Poseidon) a single 10 bytes from 0 to 9").
    #[test]
    fn equals_circomlibjs() {
        let seed: Vec<u8> = (0..10).chain(0..10).chain(0..10).chain(0..2).collect();
        let message = Fr::from(0x0908_0706_0504_0302_0100_u128);
        let decimal = |x: Fr| x.into_bigint().to_string();
        let key = public_key(&seed);
        assert_eq!(decimal(key.x), "13277427435165878497778222415993513565335242147425444199013288855685581939618");
        assert_eq!(decimal(key.y), "13622229784656158136036771217484571176836296686641868549125388198837476602820");
        let signature = sign(&seed, &message);
        assert_eq!(
            field::hex(&signature.to_bytes()),
            "0xdfedb4315d3f2eb4de2d3c510d7a987dcab67089c8ace06308827bf5bcbe02a29d043ece562a8f82bfc0adb640c0107a7d3a27c1c7c1a6179a0da73de5c1b203"
        );
        assert_eq!(verify(&key, &message, &signature), Ok(()));
    }

    #[test]
    fn refuses_torsion_in_r8_and_small_keys() {
        let (seed, message) = ([8u8; 32], Fr::from(9u64));
        let key = public_key(&seed);
        let signature = sign(&seed, &message);
        let torsion = Affine { x: Fr::from(0u64), y: -Fr::from(1u64) };
        let moved = Extended::from(signature.r8).add(&Extended::from(torsion)).to_affine();
        let changed = SignatureForm::new(moved, signature.s).unwrap();
        assert!(verify(&key, &message, &changed).is_err());
        assert!(matches!(verify(&torsion, &message, &signature), Err(SignatureError::Malformed(_))));
        // A key with a torsion component signs nothing made for the clean key, whose h differs.
        let twisted = Extended::from(key).add(&Extended::from(torsion)).to_affine();
        assert!(verify(&twisted, &message, &signature).is_err());
    }

    #[test]
    fn refuses_other_forms() {
        let bytes = sign(&[1; 32], &Fr::from(1u64)).to_bytes();
        let mut high = bytes;
        let mut l = field::to_bytes(&Fr::from_bigint(SUBGROUP_ORDER).unwrap());
        l.reverse();
        high[32..].copy_from_slice(&l);
        assert!(SignatureForm::from_bytes(&high).is_err());
        assert!(SignatureForm::new(Affine::IDENTITY, BigInt::new([1, 0, 0, 0])).is_err());
    }
}
