//! The permutation that draws the challenges of proofs that a circuit will verify: Poseidon2, as the state tree has it.
//!
//! What it is not: the transcript, which is `plonk`'s and knows no particular permutation; `plonk` sees nothing of ours.

use plonk::transcript::{Permutation, TranscriptHash};

use crate::poseidon::permute;

/// Poseidon2 over BN254 with t = 4 (`docs/spec/hash.md`).
pub const POSEIDON2: TranscriptHash =
    TranscriptHash::Sponge(Permutation { name: "poseidon2-bn254-t4", permute });
