//! One file a kind, named as in the processor; each holds what only that kind demands of a slot.
//!
//! What is common to several kinds (opening accounts, fees, records) is in slots.rs and parties.rs, derived from the
//! kind's flag there. A noop is a forced exit of nothing.

pub mod deposit;
pub mod forced_exit;
pub mod linked_transfer;
pub mod register_key;
pub mod rotate_key;
pub mod set_key;
pub mod set_storage;
pub mod transfer;
pub mod withdraw;

pub use crate::parameters::Kind;

use super::builder::Builder;
use super::slots::Slot;

/// Adds the clauses of every kind.
pub fn clauses(b: &mut Builder, slot: &Slot) {
    forced_exit::clauses(b, slot);
    transfer::clauses(b, slot);
    linked_transfer::clauses(b, slot);
    withdraw::clauses(b, slot);
    set_key::clauses(b, slot);
    rotate_key::clauses(b, slot);
    set_storage::clauses(b, slot);
    deposit::clauses(b, slot);
    register_key::clauses(b, slot);
}
