//! The two hash functions of the protocol: Poseidon2 (t = 4) for trees and data, circomlib's Poseidon (t = 6) for
//! signatures and transaction ids (`docs/spec/hash.md`).
//!
//! What it is not: Keccak and BLAKE, which are bytes and live in [`crate::primitives`].

pub mod batch;
pub mod circom;
pub mod compress;
pub mod constants;
pub mod grain;
#[cfg(target_arch = "x86_64")]
pub(crate) mod lanes;
pub mod permutation;
pub mod sponge;
pub mod trace;
#[cfg(target_arch = "x86_64")]
mod words;

pub use batch::{compress_all, permute_all, poseidon5_all};
pub use circom::poseidon5;
pub use compress::{hash_account, hash_id_node, hash_node, hash_value, Lane};
pub use permutation::permute;
pub use sponge::{sponge, Tag};
