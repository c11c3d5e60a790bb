//! The checks that all user kinds share, in the order that `docs/spec/transactions.md` fixes; the first failure wins.

use super::context::{Chain, ChunkContext};
use super::execution::Execution;
use super::ownership::check_owner;
use super::transaction::Transaction;
use super::Fault;
use crate::eddsa::{self, SignatureError, SignatureForm};
use crate::parameters::{Kind, NONCE_BITS};
use crate::primitives::babyjubjub::Affine;
use crate::primitives::Fr;
use crate::state::{Account, State};

/// The sender, with what the signature check produced.
pub(super) struct Sender<'a> {
    pub index: u32,
    pub account: &'a Account,
    pub signature: Option<SignatureForm>,
    pub id: Fr,
}

/// A signature that was found valid ahead of execution, and under which key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The transaction's id.
    pub id: Fr,
    /// The signature.
    pub signature: SignatureForm,
    /// The key that the sender had then.
    pub key: Affine,
}

/// Verifies the EdDSA signature of a transaction whose id is known, under the key its sender has now. None when there
/// is no such key or the signature is not valid: execution then finds the reason, in its order of checks.
#[must_use]
pub fn verify_signature(state: &State, transaction: &Transaction, id: Fr) -> Option<Verified> {
    if transaction.kind == Kind::SetKey {
        return None;
    }
    let account = state.index_of(transaction.from).and_then(|index| state.account(index)).filter(|a| a.scheme == 1)?;
    let key = Affine { x: account.key.0, y: account.key.1 };
    let signature = SignatureForm::from_bytes(&transaction.eddsa_bytes()).ok()?;
    eddsa::verify(&key, &id, &signature).ok()?;
    Some(Verified { id, signature, key })
}

/// Sender exists, has a key (not for set_key), and signed.
pub(super) fn check_sender<'a>(
    chain: &Chain,
    state: &'a State,
    transaction: &Transaction,
    verified: Option<&Verified>,
) -> Result<Sender<'a>, Fault> {
    let found = state.index_of(transaction.from).and_then(|i| state.account(i).map(|a| (i, a)));
    let Some((index, account)) = found else {
        let (expected, got) = ("an address with an account", transaction.from);
        return Err(Fault::compared("unknown_account", "the sender has no account", expected, got));
    };
    if transaction.kind == Kind::SetKey {
        check_owner(chain, transaction)?;
        return Ok(Sender { index, account, signature: None, id: transaction.id(chain) });
    }
    if account.scheme != 1 {
        return Err(Fault::compared("no_key", "the sender has no key", "scheme 1", account.scheme));
    }
    let key = Affine { x: account.key.0, y: account.key.1 };
    // A key that changed since then makes what was verified worthless.
    if let Some(v) = verified.filter(|v| v.key == key) {
        return Ok(Sender { index, account, signature: Some(v.signature), id: v.id });
    }
    let id = transaction.id(chain);
    let signature = SignatureForm::from_bytes(&transaction.eddsa_bytes()).map_err(|e| bad_signature(&e.into()))?;
    eddsa::verify(&key, &id, &signature).map_err(|e| bad_signature(&e))?;
    Ok(Sender { index, account, signature: Some(signature), id })
}

fn bad_signature(error: &SignatureError) -> Fault {
    Fault::compared("bad_signature", "the sender did not sign this", "a valid EdDSA signature", error)
}

/// The nonce can be used: the one after it still has 48 bits.
#[must_use]
pub const fn has_next_nonce(nonce: u64) -> bool {
    nonce < (1 << NONCE_BITS) - 1
}

/// The nonce is the account's next.
pub(super) fn check_nonce(account: &Account, nonce: u64) -> Result<(), Fault> {
    let code = match nonce.cmp(&account.nonce) {
        core::cmp::Ordering::Equal if has_next_nonce(nonce) => return Ok(()),
        core::cmp::Ordering::Less => "nonce_too_low",
        _ => "nonce_too_high",
    };
    Err(Fault::compared(code, "the nonce is not the account's next", account.nonce, nonce))
}

/// validUntil, fee token, fee and balances. Returns (fee slot, fee).
pub(super) fn check_terms(
    chunk: &ChunkContext,
    state: &State,
    sender: &Sender<'_>,
    transaction: &Transaction,
    units: u64,
) -> Result<(u8, u128), Fault> {
    let t = transaction;
    if t.valid_until != 0 && t.valid_until < chunk.time {
        let expected = format!("validUntil >= {}", chunk.time);
        return Err(Fault::compared("expired", "the transaction is no longer valid", expected, t.valid_until));
    }
    let Some(slot) = chunk.fee_slot(t.fee_token) else {
        let expected = format!("one of {:?}", chunk.listed.map(|(token, _)| token));
        return Err(Fault::compared("fee_token_not_listed", "the fee token is not listed", expected, t.fee_token));
    };
    let fee = u128::from(units) * u128::from(chunk.listed[usize::from(slot)].1);
    let bid = u128::from(t.gas_limit) * u128::from(t.gas_price);
    if fee > bid {
        return Err(Fault::compared("fee_too_low", "gasLimit * gasPrice is below the fee", format!(">= {fee}"), bid));
    }
    check_cover(state, sender.index, (t.token, t.amount), (t.fee_token, fee))?;
    Ok((slot, fee))
}

/// The balances cover (token, amount) and (token, fee), together when they are of one token.
///
/// # Errors
/// `insufficient_balance`.
pub fn check_cover(state: &State, index: u32, amount: (u16, u128), fee: (u16, u128)) -> Result<(), Fault> {
    let needs = if amount.0 == fee.0 {
        [(fee.0, amount.1.checked_add(fee.1)), (fee.0, Some(0))]
    } else {
        [(fee.0, Some(fee.1)), (amount.0, Some(amount.1))]
    };
    for (token, need) in needs {
        let balance = state.balance(index, token);
        if need.is_none_or(|n| n > balance) {
            let expected = need.map_or_else(|| ">= 2^128".to_owned(), |n| format!(">= {n}"));
            let message = format!("the balance of token {token} does not cover it");
            return Err(Fault::compared("insufficient_balance", message, expected, balance));
        }
    }
    Ok(())
}

/// The fields of an execution that every user kind fills alike.
pub(super) fn execution(sender: &Sender<'_>, transaction: &Transaction, slot: u8, fee: u128) -> Execution {
    Execution {
        sender: sender.index,
        sender_address: transaction.from,
        to: transaction.to,
        token: transaction.token,
        fee_token: transaction.fee_token,
        fee_slot: slot,
        amount: transaction.amount,
        fee,
        nonce: transaction.nonce,
        gas_limit: transaction.gas_limit,
        gas_price: transaction.gas_price,
        valid_until: transaction.valid_until,
        signature: sender.signature,
        id: sender.id,
        ..Execution::new(transaction.kind)
    }
}
