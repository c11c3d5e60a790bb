//! From the raw bytes of an `L2Transaction` to an intake record, and the check that a node makes before it queues one.
//!
//! Strict throughout: what is not exactly of the form is refused with a fault that names expected and got.
//! What it is not: execution; a record accepted here may still fail in its chunk.

pub mod abi;
pub mod json;
pub mod request;

pub use request::decode;

use super::authorise::{check_cover, check_sender};
use super::{Chain, Fault, Transaction};
use crate::parameters::Kind;
use crate::state::State;

/// Checks a transaction against the present state without a chunk: sender, key, signature, nonce not too low, balance
/// for the amount. The fee waits for the chunk's prices.
///
/// # Errors
/// The first failing rule.
pub fn check(chain: &Chain, state: &State, transaction: &Transaction) -> Result<(), Fault> {
    let sender = check_sender(chain, state, transaction, None)?;
    if transaction.nonce < sender.account.nonce {
        let expected = format!(">= {}", sender.account.nonce);
        return Err(Fault::compared("nonce_too_low", "the nonce was used", expected, transaction.nonce));
    }
    check_cover(state, sender.index, (transaction.token, transaction.amount), (transaction.fee_token, 0))?;
    match transaction.kind {
        Kind::SetKey | Kind::RotateKey => super::set_key::check_key((transaction.data[0], transaction.data[1])),
        Kind::Withdraw if transaction.amount == 0 => {
            Err(Fault::compared("zero_amount", "a withdrawal moves something", "> 0", 0))
        }
        Kind::Transfer | Kind::LinkedTransfer | Kind::Withdraw if transaction.to.is_reserved() => {
            let expected = "an address of at least 2^16";
            Err(Fault::compared("reserved_address", "a system address receives nothing", expected, transaction.to))
        }
        _ => Ok(()),
    }
}
