//! rotate_key: the owner of an account replaces its EdDSA key, by a signature under the present one. It pays a fee.

use super::authorise::{check_nonce, check_sender, check_terms, execution};
use super::set_key::{check_key, write_key};
use super::{debit, Chain, ChunkContext, Execution, Fault, Transaction, Verified};
use crate::bridge::{Body, Record};
use crate::parameters::Kind;
use crate::state::State;

/// Checks a change of key.
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
    let (slot, fee) = check_terms(chunk, state, &sender, t, Kind::RotateKey.units(false))?;
    let key = (t.data[0], t.data[1]);
    check_key(key)?;
    let record = Record {
        kind: Kind::RotateKey,
        token: 0,
        index: sender.index,
        nonce: t.nonce,
        amount: 0,
        fee_token: t.fee_token,
        address: t.from,
        body: Body::Key(key.0, key.1),
    };
    Ok(Execution { key, record: Some(record), ..execution(&sender, t, slot, fee) })
}

/// Applies a change of key.
pub fn apply(state: &mut State, e: &Execution) {
    debit(state, e.sender, e.fee_token, e.fee);
    write_key(state, e.sender, e.key, true);
}
