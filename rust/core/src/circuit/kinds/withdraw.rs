//! withdraw: amount leaves for a recipient on L1. Twin of the processor's withdraw.

use super::super::builder::Builder;
use super::super::expression::{assert_when, e};
use super::super::slots::Slot;

/// The recipient that was signed is the one L1 reads. That the amount is not 0 L1 checks itself (Operations.sol).
pub fn clauses(b: &mut Builder, slot: &Slot) {
    assert_when(b, slot.flags.withdraw, &(e(slot.cells.recipient) - slot.cells.to));
}
