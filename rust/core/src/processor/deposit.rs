//! deposit: an L1 queue entry that credits an account, creating it if absent. It always succeeds for what L1 accepts.

use super::{check_credit, credit, locate, Execution, Fault};
use crate::bridge::Record;
use crate::parameters::Kind;
use crate::state::State;

/// Checks a deposit; what it refuses, L1 refuses as well.
///
/// # Errors
/// `reserved_address`, `amount_too_large` or `state_full`.
pub fn plan(state: &State, record: &Record) -> Result<Execution, Fault> {
    let (receiver, predecessor, created) = locate(state, record.address)?;
    check_credit(state, receiver, record.token, record.amount)?;
    Ok(Execution {
        receiver,
        predecessor,
        created,
        sender_address: record.recipient().unwrap_or_default(),
        to: record.address,
        token: record.token,
        amount: record.amount,
        id: record.id(),
        record: Some(*record),
        ..Execution::new(Kind::Deposit)
    })
}

/// Applies a deposit.
pub fn apply(state: &mut State, e: &Execution) {
    credit(state, e.receiver, e.token, e.amount);
}
