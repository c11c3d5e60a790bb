//! transfer: amount moves from the sender to the receiver, whose account it may create. Twin of the processor's transfer.
//!
//! Its effect is all in the shared parts: the sender's debit and the receiver's credit (parties.rs), the record of a
//! creation (changes.rs), the data slots (streams/transactions.rs).

use super::super::builder::Builder;
use super::super::slots::Slot;

/// Nothing beyond the shared clauses.
pub fn clauses(_b: &mut Builder, _slot: &Slot) {}
