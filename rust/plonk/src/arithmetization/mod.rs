//! How a statement is written down: expressions over columns, constraints, one bus, and the trace that satisfies them.
//! What it is not: anything about commitments or challenges' origin.

pub mod check;
pub(crate) mod evaluate;
pub mod expr;
pub(crate) mod fractions;
#[cfg(target_arch = "x86_64")]
mod lanes;
pub mod mutation;
pub mod periodic;
pub mod program;
pub mod relation;
pub mod trace;
