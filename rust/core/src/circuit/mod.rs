//! The batch circuit: the relation of `docs/spec/proof.md` over the types of [`crate::batch`].
//!
//! [`gates`] are the equations, [`builder`] places them, [`batch_circuit`] is the program: slots, records of change, the
//! tail, the streams, the two trees. [`exit`] is a circuit of its own. What this is not: a definition of the transition; that is [`crate::processor`].

mod access;
mod arguments;
mod batch_circuit;
pub mod builder;
mod changes;
pub mod exit;
pub mod expression;
mod facts;
mod fees;
#[cfg(test)]
mod forgeries;
pub mod gates;
mod kinds;
mod leaves;
mod outcomes;
mod parties;
pub mod public_inputs;
mod signature;
mod slots;
mod streams;
mod tail;
pub mod transcript;
mod trees;
mod writes;

pub use batch_circuit::{assign, assign_cells, compile};
pub use builder::{Assigned, CircuitError, Finished};

/// Estimated bytes of code of a constraint contract of the batch circuit's verifier. All identities fit one contract with it (24,558
/// bytes; `make contracts` refuses more than EIP-170 allows), which a key's generator does not dare by itself.
pub const CONTRACT_BUDGET: usize = 28_200;
