//! A general-purpose proof system: univariate PLONK over BN254 with KZG commitments.
//!
//! Wide traces, constraints of degree at most six, copy constraints on a few columns, one logUp bus for every lookup
//! and multiset, a Keccak transcript and a generator of Solidity verifiers. Proofs hide nothing: there is no blinding.
//! What it is not: it knows no rollup, no account and no hash function of anybody's tree.
//!
//! Sources: PLONK (ePrint 2019/953), logUp (ePrint 2022/1530), KZG (Asiacrypt 2010).

pub mod arithmetization;
#[cfg(feature = "cuda")]
pub mod cuda;
pub mod error;
pub mod fft;
pub mod field;
pub mod keys;
pub mod msm;
pub mod prover;
pub mod schema;
pub mod small;
pub mod solidity;
pub mod srs;
pub mod transcript;
pub mod verifier;

pub use arithmetization::check::{check, Checker, Violation};
pub use arithmetization::expr::{Expr, Rotation};
pub use arithmetization::relation::{BusGroup, BusTerm, Constraint, Helper, InstanceRun, Relation};
pub use arithmetization::trace::{Cell, FixedTrace, Witness};
pub use ark_bn254::{Fr, G1Affine};
pub use error::{CudaError, PlonkError, VerifyError};
pub use keys::{keygen, keygen_over, ProvingKey, VerifyingKey};
pub use prover::{prove, Progress};
pub use solidity::{generate, SolidityVerifier};
pub use srs::Srs;
pub use verifier::verify;
