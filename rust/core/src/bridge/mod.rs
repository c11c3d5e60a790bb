//! How value gets in and out: operation records, requests of the L1 queue, and the tree of withdrawals.
//!
//! What it is not: L1 access; events become records outside, and claims are made outside.

pub mod record;
pub mod withdrawals;

pub use record::{Body, Record};
pub use withdrawals::{Withdrawal, WithdrawalTree};
