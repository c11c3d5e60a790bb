//! forced_exit: an L1 queue entry that pays the whole balance of a token. Twin of the processor's forced_exit and noop.
//!
//! Nothing to pay is amount 0 with the balance shown to be 0, or with the account shown to be absent (changes.rs).

use super::super::builder::Builder;
use super::super::expression::{assert_when, e, product_plus};
use super::super::slots::Slot;

/// Of the balance that the amount is taken from nothing is left. An absent account's is credited the amount and has nothing after it
/// either: as both are ranged, the amount is 0.
pub fn clauses(b: &mut Builder, slot: &Slot) {
    let (f, r) = (&slot.flags, &slot.receiver);
    let left = product_plus(b, &e(slot.cells.native), &(e(r.balance) - r.token_balance), &e(r.token_balance));
    assert_when(b, f.exits, &e(left));
}
