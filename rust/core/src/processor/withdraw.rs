//! withdraw: amount leaves the sender; L1 pays the recipient after finality.

use super::authorise::{check_nonce, check_sender, check_terms, execution};
use super::{debit, raise_nonce, Chain, ChunkContext, Execution, Fault, Transaction, Verified};
use crate::bridge::{Body, Record};
use crate::parameters::Kind;
use crate::state::State;

/// Checks a withdrawal.
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
    let (slot, fee) = check_terms(chunk, state, &sender, t, Kind::Withdraw.units(false))?;
    if t.to.is_reserved() {
        let expected = "an address of at least 2^16";
        return Err(Fault::compared("reserved_address", "a system address cannot be paid", expected, t.to));
    }
    if t.amount == 0 {
        return Err(Fault::compared("zero_amount", "a withdrawal moves something", "> 0", 0));
    }
    let record = Record {
        kind: Kind::Withdraw,
        token: t.token,
        index: sender.index,
        nonce: t.nonce,
        amount: t.amount,
        fee_token: t.fee_token,
        address: t.from,
        body: Body::Recipient(t.to),
    };
    Ok(Execution { record: Some(record), ..execution(&sender, t, slot, fee) })
}

/// Applies a withdrawal.
pub fn apply(state: &mut State, e: &Execution) {
    raise_nonce(state, e.sender);
    debit(state, e.sender, e.fee_token, e.fee);
    debit(state, e.sender, e.token, e.amount);
}
