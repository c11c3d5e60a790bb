//! linked_transfer: a transfer that happens with its group or not at all. Twin of the processor's linked_transfer.
//!
//! Its effect is a transfer's; that its group is whole and in order is shown by the records of arguments (arguments.rs).

use super::super::builder::Builder;
use super::super::slots::Slot;

/// Nothing beyond the shared clauses.
pub fn clauses(_b: &mut Builder, _slot: &Slot) {}
