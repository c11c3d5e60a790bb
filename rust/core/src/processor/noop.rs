//! noop: the outcome of a forced exit whose account is absent or whose balance is 0; both are shown, neither is claimed.

use super::Execution;
use crate::bridge::Record;
use crate::parameters::Kind;
use crate::state::State;

/// What a forced exit with nothing to pay does: touches the account, or the leaf that proves its absence.
#[must_use]
pub fn plan(state: &State, request: &Record) -> Execution {
    let index = state.index_of(request.address);
    Execution {
        sender: index.unwrap_or(0),
        predecessor: if index.is_none() { state.predecessor(request.address) } else { 0 },
        sender_address: request.address,
        to: request.recipient().unwrap_or_default(),
        token: request.token,
        id: request.id(),
        record: Some(*request),
        ..Execution::new(Kind::Noop)
    }
}

/// Changes nothing.
pub fn apply(_state: &mut State, _execution: &Execution) {}
