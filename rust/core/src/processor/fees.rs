//! Fees of a chunk: held out of everybody's balance until one last step credits the sums to the fee account.

use super::{credit, ChunkContext, Execution, Fault};
use crate::parameters::LISTED_TOKENS;
use crate::state::State;

/// Sums of the fees collected, by position in the chunk's list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FeeSums(pub [u128; LISTED_TOKENS]);

impl FeeSums {
    /// Adds what an execution paid. A chunk's sum stays far below 2^128: each fee is below 2^73.
    pub fn add(&mut self, execution: &Execution) {
        let sum = &mut self.0[usize::from(execution.fee_slot) % LISTED_TOKENS];
        *sum = sum.saturating_add(execution.fee);
    }

    /// Checks that the last step cannot reach 2^128: the fee account's balance, what the item credits, and all fees.
    ///
    /// # Errors
    /// `amount_too_large`.
    pub fn check_room(&self, state: &State, chunk: &ChunkContext, e: &Execution) -> Result<(), Fault> {
        let index = chunk.fee_account;
        for token in [e.token, e.fee_token] {
            let balance = if index == 0 { 0 } else { state.balance(index, token) };
            let is_credited = e.token == token && e.receiver == index && e.sender != index;
            let held = chunk.fee_slot(token).map_or(0, |slot| self.0[usize::from(slot)]);
            let parts = [if is_credited { e.amount } else { 0 }, held, if e.fee_token == token { e.fee } else { 0 }];
            if parts.iter().try_fold(balance, |sum, part| sum.checked_add(*part)).is_none() {
                let message = format!("the fee account's balance of token {token} would reach 2^128");
                return Err(Fault::compared("amount_too_large", message, "< 2^128", format!("{balance} + {parts:?}")));
            }
        }
        Ok(())
    }

    /// Credits the sums to the fee account: the last step of a chunk.
    pub fn apply(&self, state: &mut State, chunk: &ChunkContext) {
        for ((token, _), sum) in chunk.listed.iter().zip(self.0).take(usize::from(chunk.listed_count)) {
            credit(state, chunk.fee_account, *token, sum);
        }
    }
}
