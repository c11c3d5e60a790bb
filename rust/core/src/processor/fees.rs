//! Fees of a chunk: held out of everybody's balance until one last step credits the sums to the fee account.

use super::{credit, ChunkContext, Execution};
use crate::parameters::LISTED_TOKENS;
use crate::state::State;

/// Sums of the fees collected, by position in the chunk's list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FeeSums(pub [u128; LISTED_TOKENS]);

impl FeeSums {
    /// Adds what an execution paid. A chunk's sum stays far below 2^128: 44 fees below 2^73.
    pub fn add(&mut self, execution: &Execution) {
        let sum = &mut self.0[usize::from(execution.fee_slot) % LISTED_TOKENS];
        *sum = sum.saturating_add(execution.fee);
    }

    /// Credits the sums to the fee account: the last step of a chunk.
    pub fn apply(&self, state: &mut State, chunk: &ChunkContext) {
        for ((token, _), sum) in chunk.listed.iter().zip(self.0).take(usize::from(chunk.listed_count)) {
            credit(state, chunk.fee_account, *token, sum);
        }
    }
}
