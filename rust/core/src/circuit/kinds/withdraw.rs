//! withdraw: amount leaves for a recipient on L1. Twin of the processor's withdraw.

use super::super::builder::Builder;
use super::super::expression::{assert_nonzero, assert_when, e};
use super::super::slots::Slot;

/// Kind code.
pub const CODE: u64 = 2;
/// Gas units.
pub const UNITS: u64 = 400;

/// The recipient that was signed is the one L1 reads; the amount is not 0.
pub fn clauses(b: &mut Builder, slot: &Slot) {
    let withdraw = slot.flags.withdraw;
    assert_when(b, withdraw, &(e(slot.cells.recipient) - slot.cells.to));
    assert_nonzero(b, &(e(slot.cells.amount) + 1u64 - withdraw));
}
