//! The engine of the rollup: what may happen ([`processor`]), what is true ([`state`]), how value enters and leaves
//! ([`bridge`]), how a chunk is closed ([`batch`]), how a stranger rebuilds it ([`da`]), and the relation that a proof
//! shows about it ([`circuit`]).
//!
//! The [`engine`] joins all but the circuit. What it is not: it does no I/O, reads no clock, draws no randomness and knows no Python. Everything here is a
//! function of its arguments; the formats are those of `docs/spec`.

#![deny(missing_docs)]
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

#[cfg(test)]
extern crate self as l2rollup_core;

pub mod batch;
pub mod bridge;
pub mod circuit;
pub mod da;
pub mod eddsa;
pub mod engine;
pub mod parameters;
pub mod poseidon;
pub mod primitives;
pub mod processor;
pub mod state;
