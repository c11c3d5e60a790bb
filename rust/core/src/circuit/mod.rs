//! The batch circuit: the relation of `docs/spec/proof.md` over the types of [`crate::batch`].
//!
//! [`gates`] are the equations, [`builder`] places them, [`batch_circuit`] is the program: slots, records of change, the
//! tail, the streams, the two trees. What this is not: a definition of the transition; that is [`crate::processor`].

mod access;
mod batch_circuit;
pub mod builder;
mod changes;
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

pub use batch_circuit::{assign, assign_cells, compile};
pub use builder::{Assigned, CircuitError, Finished};
