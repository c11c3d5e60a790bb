//! circomlib's EdDSA on BabyJubJub with Poseidon: one acceptance set for API, engine, spec and circuit
//! (`docs/spec/hash.md`).
//!
//! A signature (R8, S) on M by A is valid exactly if A and R8 are on the curve, 8A and R8 are not the identity, S < l
//! and S B8 = R8 + (8h) A with h = Poseidon5(R8.x, R8.y, A.x, A.y, M). What it is not: constant time.

pub mod keys;
pub mod scalar;
pub mod signature;

pub use keys::{check_public_key, public_key, SecretKey};
pub use signature::{sign, verify, SignatureError, SignatureForm};
