//! set_key: the owner of an account, by an EIP-712 signature, sets its EdDSA key. It pays no fee.

use super::authorise::{check_nonce, check_sender, check_terms, execution};
use super::{Chain, ChunkContext, Execution, Fault, Transaction};
use crate::bridge::{Body, Record};
use crate::eddsa::check_public_key;
use crate::parameters::Kind;
use crate::primitives::babyjubjub::Affine;
use crate::primitives::Fr;
use crate::state::State;

/// Checks a change of key.
///
/// # Errors
/// The first failing rule.
pub fn plan(chain: &Chain, chunk: &ChunkContext, state: &State, t: &Transaction) -> Result<Execution, Fault> {
    let sender = check_sender(chain, state, t, None)?;
    check_nonce(sender.account, t.nonce)?;
    let (slot, fee) = check_terms(chunk, state, &sender, t, Kind::SetKey.units(false))?;
    let key = (t.data[0], t.data[1]);
    check_key(key)?;
    let record = Record {
        kind: Kind::SetKey,
        token: 0,
        index: sender.index,
        nonce: t.nonce,
        amount: 0,
        fee_token: 0,
        address: t.from,
        body: Body::Key(key.0, key.1),
    };
    Ok(Execution { key, record: Some(record), ..execution(&sender, t, slot, fee) })
}

/// The key is on the curve and not of small order.
///
/// # Errors
/// `bad_key`.
pub fn check_key(key: (Fr, Fr)) -> Result<(), Fault> {
    check_public_key(&Affine { x: key.0, y: key.1 })
        .map_err(|e| Fault::compared("bad_key", "not a usable key", "a point whose eightfold is not the identity", e))
}

/// Applies a change of key.
pub fn apply(state: &mut State, e: &Execution) {
    write_key(state, e.sender, e.key, true);
}

/// Sets scheme 1 and the key.
pub(super) fn write_key(state: &mut State, index: u32, key: (Fr, Fr), raises_nonce: bool) {
    if let Some(mut account) = state.account(index).cloned() {
        account.scheme = 1;
        account.key = key;
        account.nonce += u64::from(raises_nonce);
        state.set_account(index, account);
    }
}
