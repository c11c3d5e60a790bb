//! transfer: amount moves from the sender to the recipient, whose account it creates if there is none.

use super::authorise::{check_nonce, check_sender, check_terms, execution};
use super::{
    check_credit, credit, debit, locate, raise_nonce, Chain, ChunkContext, Execution, Fault, Transaction, Verified,
};
use crate::primitives::amount::pack;
use crate::state::State;

/// Checks a transfer.
///
/// # Errors
/// The first failing rule.
pub fn plan(
    chain: &Chain,
    chunk: &ChunkContext,
    state: &State,
    t: &Transaction,
    verified: Option<&Verified>,
) -> Result<Execution, Fault> {
    let sender = check_sender(chain, state, t, verified)?;
    check_nonce(sender.account, t.nonce)?;
    let creates = state.index_of(t.to).is_none();
    let (slot, fee) = check_terms(chunk, state, &sender, t, t.kind.units(creates))?;
    let (receiver, predecessor, created) = locate(state, t.to)?;
    if pack(t.amount).is_none() {
        return Err(Fault::compared("amount_too_large", "the amount has no packed form", "< 2^123", t.amount));
    }
    if receiver != sender.index {
        check_credit(state, receiver, t.token, t.amount)?;
    }
    Ok(Execution { receiver, predecessor, created, ..execution(&sender, t, slot, fee) })
}

/// Applies a transfer.
pub fn apply(state: &mut State, e: &Execution) {
    raise_nonce(state, e.sender);
    debit(state, e.sender, e.fee_token, e.fee);
    debit(state, e.sender, e.token, e.amount);
    credit(state, e.receiver, e.token, e.amount);
}
