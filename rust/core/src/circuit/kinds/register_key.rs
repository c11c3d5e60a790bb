//! register_key: an L1 queue entry that sets a key, creating the account if absent. Twin of the processor's register_key.
//!
//! The record's fields are fixed by L1's request hash; the recipient is shown zero together with set_key's.

use super::super::builder::Builder;
use super::super::slots::Slot;

/// Nothing beyond the shared clauses.
pub fn clauses(_b: &mut Builder, _slot: &Slot) {}
