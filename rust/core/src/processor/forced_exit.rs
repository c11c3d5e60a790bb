//! forced_exit: an L1 queue entry that pays the whole balance of a token to the owner. Its outcome is a function of the
//! state; with nothing to pay it is a noop.

use super::{debit, noop, Execution, Fault};
use crate::bridge::Record;
use crate::parameters::Kind;
use crate::state::State;

/// Computes the outcome; never refused.
///
/// # Errors
/// None today; the type is that of every kind.
pub fn plan(state: &State, request: &Record) -> Result<Execution, Fault> {
    let index = state.index_of(request.address);
    let amount = index.map_or(0, |i| state.balance(i, request.token));
    let Some(sender) = index.filter(|_| amount > 0) else {
        return Ok(noop::plan(state, request));
    };
    let record = Record { amount, ..*request };
    Ok(Execution {
        sender,
        sender_address: record.address,
        to: record.recipient().unwrap_or_default(),
        token: record.token,
        amount,
        id: record.id(),
        record: Some(record),
        ..Execution::new(Kind::ForcedExit)
    })
}

/// Applies a forced exit.
pub fn apply(state: &mut State, e: &Execution) {
    debit(state, e.sender, e.token, e.amount);
}
