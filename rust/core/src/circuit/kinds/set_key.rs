//! set_key: the owner replaces the key, by a signature that L1 checks at commit. Twin of the processor's set_key.
//!
//! The account is opened on the receiver's side: key and nonce change there and in changes.rs.

use super::super::builder::Builder;
use super::super::expression::{assert_when, e};
use super::super::slots::Slot;

/// No recipient in the record; fees.rs shows the other unused fields zero.
pub fn clauses(b: &mut Builder, slot: &Slot) {
    assert_when(b, slot.flags.keyed, &e(slot.cells.recipient));
}
