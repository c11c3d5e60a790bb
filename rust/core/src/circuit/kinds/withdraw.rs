//! withdraw: amount leaves for a recipient on L1. Twin of the processor's withdraw.

use super::super::builder::Builder;
use super::super::expression::{assert_nonzero, assert_zero_product, e};
use super::super::slots::Slot;

/// The recipient that was signed is the one L1 reads; the amount is not 0.
pub fn clauses(b: &mut Builder, slot: &Slot) {
    let withdraw = e(slot.flags.signed) - slot.flags.transfer;
    let difference = e(slot.cells.recipient) - slot.cells.to;
    assert_zero_product(b, &withdraw, &difference);
    assert_nonzero(b, &(e(slot.cells.amount) + 1u64 - withdraw));
}
