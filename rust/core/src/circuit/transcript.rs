//! The hashes that draw challenges: Keccak for proofs that L1 verifies, Poseidon2, as the state tree has it, for proofs that a circuit
//! will verify.
//!
//! What it is not: the transcript, which is `plonk`'s and knows no particular permutation; `plonk` sees nothing of ours.

use plonk::transcript::{Permutation, TranscriptHash};

use crate::poseidon::permute;

/// Poseidon2 over BN254 with t = 4 (`docs/spec/hash.md`).
pub const POSEIDON2: TranscriptHash =
    TranscriptHash::Sponge(Permutation { name: "poseidon2", permute });

/// The transcripts that keys may have.
pub const TRANSCRIPTS: [TranscriptHash; 2] = [TranscriptHash::Keccak, POSEIDON2];

/// "keccak" or "poseidon2".
#[must_use]
pub fn by_name(name: &str) -> Option<TranscriptHash> {
    TRANSCRIPTS.into_iter().find(|transcript| transcript.name() == name)
}
