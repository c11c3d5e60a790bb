//! The engine against `tests/vectors`: what the executable specification wrote, and what other projects answered.
//!
//! Each module reads one or two files. What this is not: the circuit's tests.
#![allow(clippy::unwrap_used)]

mod circuit;
mod crypto;
mod data;
mod eddsa;
mod headers;
mod json;
mod proofs;
mod transitions;
