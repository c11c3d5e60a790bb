//! What may happen, in what order, and with what effect: one file a kind, each with `plan` (checks, changes nothing) and
//! `apply` (changes, checks nothing). Execution is serial; the order of checks is that of `docs/spec/transactions.md`.
//!
//! What it is not: a chunk. Capacity, sequence numbers and fees held back until the end are [`crate::batch`]'s.

mod authorise;
pub mod context;
pub mod deposit;
pub mod execution;
pub mod fault;
pub mod fees;
pub mod forced_exit;
pub mod group;
pub mod intake;
pub mod linked_transfer;
pub mod noop;
pub mod ownership;
pub mod register_key;
pub mod rotate_key;
pub mod set_key;
pub mod set_storage;
pub mod transaction;
pub mod transfer;
pub mod withdraw;

pub use authorise::{check_cover, has_next_nonce, verify_signature, Verified};
pub use context::{Chain, ChunkContext};
pub use execution::{Execution, Touches};
pub use fault::Fault;
pub use intake::{check, decode};
pub use set_key::check_key;
pub use transaction::{Transaction, INTAKE_BYTES};

use crate::bridge::Record;
use crate::parameters::{Kind, RECORD_BYTES};
use crate::state::{State, StateError};

/// Codes of the kinds that users send, as messages name them.
pub const USER_CODES: &str = "1, 2, 3, 4, 8 or 9";

/// An item offered to a chunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A user transaction.
    Transaction(Box<Transaction>),
    /// A request of the L1 queue; a forced exit has amount 0.
    Queue(Record),
}

impl Item {
    /// Reads a 221-byte intake record or a 150-byte queue record.
    ///
    /// # Errors
    /// `malformed` for another length or form.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Fault> {
        match bytes.len() {
            INTAKE_BYTES => Ok(Self::Transaction(Box::new(Transaction::from_bytes(bytes)?))),
            RECORD_BYTES => {
                let record = Record::from_bytes(bytes)?;
                if !record.kind.is_queue() || record.request() != record {
                    let expected = "a deposit, register_key or forced_exit without outcome";
                    return Err(Fault::compared("malformed", "not a queue request", expected, format!("{record:?}")));
                }
                Ok(Self::Queue(record))
            }
            got => Err(Fault::compared("malformed", "an item has another length", "221 or 150 bytes", got)),
        }
    }
}

/// Checks an item against the state and says what it would do. `verified` is what [`verify_signature`] found
/// for this transaction, if it found it valid.
///
/// # Errors
/// The first failing rule.
pub fn plan(
    chain: &Chain,
    chunk: &ChunkContext,
    state: &State,
    item: &Item,
    verified: Option<&Verified>,
) -> Result<Execution, Fault> {
    match item {
        Item::Transaction(transaction) => match transaction.kind {
            Kind::Transfer => transfer::plan(chain, chunk, state, transaction, verified),
            Kind::Withdraw => withdraw::plan(chain, chunk, state, transaction, verified),
            Kind::SetKey => set_key::plan(chain, chunk, state, transaction),
            Kind::SetStorage => set_storage::plan(chain, chunk, state, transaction, verified),
            Kind::LinkedTransfer => linked_transfer::plan(chain, chunk, state, transaction, verified),
            Kind::RotateKey => rotate_key::plan(chain, chunk, state, transaction, verified),
            other => Err(Fault::compared("malformed", "not a user kind", USER_CODES, other.code())),
        },
        Item::Queue(record) => plan_queue(state, record),
    }
}

/// Checks a queue request against the state and says what it would do.
///
/// # Errors
/// What L1 refuses as well.
pub fn plan_queue(state: &State, request: &Record) -> Result<Execution, Fault> {
    match request.kind {
        Kind::Deposit => deposit::plan(state, request),
        Kind::RegisterKey => register_key::plan(state, request),
        Kind::ForcedExit => forced_exit::plan(state, request),
        other => Err(Fault::compared("malformed", "not a queue kind", "5, 6 or 7", other.code())),
    }
}

/// Applies an execution to the state it was planned on.
///
/// # Errors
/// [`StateError::Full`] when an account cannot be created; nothing has changed then.
pub fn apply(state: &mut State, execution: &Execution) -> Result<(), StateError> {
    if execution.created {
        state.create(execution.to)?;
    }
    match execution.kind {
        Kind::Noop => noop::apply(state, execution),
        Kind::Transfer => transfer::apply(state, execution),
        Kind::Withdraw => withdraw::apply(state, execution),
        Kind::SetKey => set_key::apply(state, execution),
        Kind::SetStorage => set_storage::apply(state, execution),
        Kind::LinkedTransfer => linked_transfer::apply(state, execution),
        Kind::RotateKey => rotate_key::apply(state, execution),
        Kind::Deposit => deposit::apply(state, execution),
        Kind::RegisterKey => register_key::apply(state, execution),
        Kind::ForcedExit => forced_exit::apply(state, execution),
    }
    Ok(())
}

/// Where the account of an address is or would be: (index, predecessor, created).
fn locate(state: &State, address: crate::primitives::Address) -> Result<(u32, u32, bool), Fault> {
    if let Some(index) = state.index_of(address) {
        return Ok((index, 0, false));
    }
    if address.is_reserved() {
        let expected = "an address of at least 2^16";
        return Err(Fault::compared("reserved_address", "a system address has no account", expected, address));
    }
    let index = u32::try_from(state.count())
        .map_err(|_| Fault::compared("state_full", "no account leaf is free", "fewer than 2^32", state.count()))?;
    Ok((index, state.predecessor(address), true))
}

/// The balance after a credit stays below 2^128.
///
/// # Errors
/// `amount_too_large`.
pub fn check_credit(state: &State, index: u32, token: u16, amount: u128) -> Result<(), Fault> {
    let balance = state.balance(index, token);
    if balance.checked_add(amount).is_none() {
        let expected = format!("<= {}", u128::MAX - balance);
        return Err(Fault::compared("amount_too_large", "a balance would reach 2^128", expected, amount));
    }
    Ok(())
}

fn credit(state: &mut State, index: u32, token: u16, amount: u128) {
    let balance = state.balance(index, token);
    state.set_balance(index, token, balance.saturating_add(amount));
}

fn debit(state: &mut State, index: u32, token: u16, amount: u128) {
    let balance = state.balance(index, token);
    state.set_balance(index, token, balance.saturating_sub(amount));
}

fn raise_nonce(state: &mut State, index: u32) {
    if let Some(mut account) = state.account(index).cloned() {
        account.nonce += 1;
        state.set_account(index, account);
    }
}
