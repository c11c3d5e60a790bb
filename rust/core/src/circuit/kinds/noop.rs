//! noop: a forced exit that pays nothing, because the account is absent (changes.rs shows it) or its balance is zero.
//! Twin of the processor's forced_exit.

use super::super::builder::Builder;
use super::super::expression::{assert_when, assert_zero_product, e, product};
use super::super::slots::Slot;

/// Kind byte of the record: forced_exit, with amount 0.
pub const RECORD_CODE: u64 = 7;

/// Amount 0; and where the account exists, nothing to pay.
pub fn clauses(b: &mut Builder, slot: &Slot) {
    let f = &slot.flags;
    assert_when(b, f.noop, &e(slot.cells.amount));
    let present = e(f.noop) - f.absent;
    let native = product(b, &present, &e(slot.cells.native));
    assert_zero_product(b, &e(native), &e(slot.receiver.balance));
    assert_zero_product(b, &(present - native), &e(slot.receiver.token_balance));
}
