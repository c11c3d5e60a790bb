//! set_key: the owner replaces the key, by a signature that L1 checks at commit. Twin of the processor's set_key.
//!
//! The account is opened on the receiver's side: key and nonce change there and in changes.rs. That the record's unused fields are 0
//! L1 checks itself (Operations.sol).

use super::super::builder::Builder;
use super::super::expression::{assert_when, e};
use super::super::slots::Slot;

/// What has no place in the record is 0 in the message: validUntil, the gas terms, and with them fee token and amount. Each part of
/// m3 and m4 is ranged, so the sum is 0 only where all are.
pub fn clauses(b: &mut Builder, slot: &Slot) {
    let [_, m3, m4, _] = slot.message;
    assert_when(b, slot.flags.set_key, &(e(m3) - slot.cells.to + m4));
}
