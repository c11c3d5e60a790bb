//! set_storage: the owner writes one slot of its storage tree.

use super::authorise::{check_nonce, check_sender, check_terms, execution};
use super::{debit, raise_nonce, Chain, ChunkContext, Execution, Fault, Transaction, Verified};
use crate::parameters::Kind;
use crate::state::State;

/// Checks a storage write; the ranges of slot and value are part of the record's form.
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
    let (slot, fee) = check_terms(chunk, state, &sender, t, Kind::SetStorage.units(false))?;
    Ok(Execution { data: t.data, ..execution(&sender, t, slot, fee) })
}

/// Applies a storage write.
pub fn apply(state: &mut State, e: &Execution) {
    raise_nonce(state, e.sender);
    debit(state, e.sender, e.fee_token, e.fee);
    state.set_storage(e.sender, e.storage_slot(), e.data[1]);
}
