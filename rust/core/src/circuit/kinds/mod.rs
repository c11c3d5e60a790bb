//! One file a kind, named as in the processor; each holds what only that kind demands of a slot.
//!
//! What is common to several kinds (opening accounts, fees, records) is in slots.rs and parties.rs, derived from the
//! kind's flag there. set_storage has a fixed format and no flag yet, so no slot can claim it. A noop is a forced exit of nothing.

pub mod deposit;
pub mod forced_exit;
pub mod register_key;
pub mod set_key;
pub mod transfer;
pub mod withdraw;

pub use crate::parameters::Kind;

use super::builder::Builder;
use super::slots::Slot;

/// Adds the clauses of every kind.
pub fn clauses(b: &mut Builder, slot: &Slot) {
    forced_exit::clauses(b, slot);
    transfer::clauses(b, slot);
    withdraw::clauses(b, slot);
    set_key::clauses(b, slot);
    deposit::clauses(b, slot);
    register_key::clauses(b, slot);
}
