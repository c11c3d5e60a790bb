//! deposit: an L1 queue entry that credits an account, creating it if absent. Twin of the processor's deposit.
//!
//! The recipient field is the depositor; L1's request hash fixes it.

use super::super::builder::Builder;
use super::super::slots::Slot;

/// Nothing beyond the shared clauses.
pub fn clauses(_b: &mut Builder, _slot: &Slot) {}
