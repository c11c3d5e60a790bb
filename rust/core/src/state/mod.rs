//! What is true now, and how to show it: accounts, balances and storage, their quaternary trees, undo, and proofs
//! (`docs/spec/state.md`).
//!
//! What it is not: rules. Any value of the right range can be written here; [`crate::processor`] decides what may be.

pub mod account;
pub mod audit;
pub mod journal;
pub mod leaf;
pub mod proof;
pub mod snapshot;
pub mod store;
pub mod subtree;
pub mod tree;

pub use account::Account;
pub use journal::Mark;
pub use leaf::AccountLeaf;
pub use proof::{AccountProof, LeafProof, Path};
pub use store::{State, StateError};
