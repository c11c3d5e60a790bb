//! rotate_key: the owner replaces the key, by a signature under the present one. Twin of the processor's rotate_key.
//!
//! The sender's side opens the account with the old key, takes the fee and raises the nonce; the receiver's side, after it, opens the same
//! account with the new one, which changes.rs records. That the record's unused fields are 0 L1 checks (Operations.sol).

use super::super::builder::Builder;
use super::super::slots::Slot;

/// Nothing beyond the shared clauses.
pub fn clauses(_b: &mut Builder, _slot: &Slot) {}
