//! register_key: an L1 queue entry by which an owner sets the key of an account, creating it if absent.

use super::set_key::{check_key, write_key};
use super::{locate, Execution, Fault};
use crate::bridge::{Body, Record};
use crate::parameters::Kind;
use crate::state::State;

/// Checks a registration; what it refuses, L1 refuses as well.
///
/// # Errors
/// `reserved_address`, `bad_key` or `state_full`.
pub fn plan(state: &State, record: &Record) -> Result<Execution, Fault> {
    let (receiver, predecessor, created) = locate(state, record.address)?;
    let Body::Key(x, y) = record.body else {
        return Err(Fault::compared("malformed", "the record carries no key", "a key", format!("{:?}", record.body)));
    };
    check_key((x, y))?;
    Ok(Execution {
        receiver,
        predecessor,
        created,
        to: record.address,
        key: (x, y),
        id: record.id(),
        record: Some(*record),
        ..Execution::new(Kind::RegisterKey)
    })
}

/// Applies a registration; the nonce stays.
pub fn apply(state: &mut State, e: &Execution) {
    write_key(state, e.receiver, e.key, false);
}
