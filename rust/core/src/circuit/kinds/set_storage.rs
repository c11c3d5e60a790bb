//! set_storage: the owner writes one slot of its storage tree. Twin of the processor's set_storage.
//!
//! What is written, where, and what is posted of it is shown by the record of the write (writes.rs); the fee by the sender's side.

use super::super::builder::Builder;
use super::super::slots::Slot;

/// Nothing beyond the shared clauses.
pub fn clauses(_b: &mut Builder, _slot: &Slot) {}
