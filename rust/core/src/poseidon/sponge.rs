//! The sponge over Poseidon2: rate 3, tag and length in the capacity lane, zero padding.
//!
//! State (0, 0, 0, tag * 2^64 + k); three elements a permutation are added into lanes 0, 1, 2; the result is lane 0.
//! The length in the capacity makes the padding injective.

use ark_ff::AdditiveGroup;

use super::permutation::{permute, State};
use crate::primitives::Fr;

/// Use of a sponge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tag {
    /// Words of one stream of one chunk.
    Words = 1,
    /// Chain of one stream over the chunks of a batch.
    Chain = 2,
    /// Id of a queue entry.
    QueueEntry = 3,
}

/// sponge(tag, message); one permutation when the message is empty.
#[must_use]
pub fn sponge(tag: Tag, message: &[Fr]) -> Fr {
    let mut state: State = [Fr::ZERO; 4];
    state[3] = Fr::from((tag as u128) << 64 | message.len() as u128);
    if message.is_empty() {
        permute(&mut state);
    }
    for block in message.chunks(3) {
        for (lane, x) in state.iter_mut().zip(block) {
            *lane += x;
        }
        permute(&mut state);
    }
    state[0]
}
