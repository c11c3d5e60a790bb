//! The exit circuit: accounts and their balances under a state root, for `forceExit` and `forceExits` in escape.
//!
//! [`relation`] is the statement in constraints, [`statement`] the same natively, [`hash`] the permutation, [`witness`] the cells.
//! What this is not: the batch circuit, or a decision who may leave; that is the contract's.

pub mod hash;
pub mod relation;
pub mod statement;
pub mod witness;

pub use relation::{fixed, relation, SLOTS};
pub use statement::{Exit, ExitError};
pub use witness::assign;
