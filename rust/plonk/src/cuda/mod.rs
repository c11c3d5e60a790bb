//! The prover's kernels on an NVIDIA GPU: transforms, multi-scalar multiplication, identities and Poseidon2, columns staying there.
//!
//! Kernels are `rust/plonk/cuda`, compiled to PTX when the crate is built and to machine code by the driver at run time. The driver
//! (libcuda.so.1) is opened when a device is asked for, so one build serves machines with a GPU and without:
//! [`Device::get`] gives [`CudaError::NoDevice`] there, and the caller keeps to the processor. Results equal the processor's.
//! `driver.rs` calls the driver, `memory.rs` owns device memory, `kernels.rs` launches with every bound checked; `columns.rs`, `transform.rs`,
//! `msm.rs`, `poseidon2.rs` and `identities.rs` are the entry points, twins of `crate::fft`, `crate::msm` and the evaluator of programs.
//! What it is not: a choice between both; callers choose (`prover/device.rs`).
#![allow(unsafe_code)] // foreign functions; a safety line stands on each block

mod columns;
mod driver;
mod identities;
mod kernels;
mod memory;
mod msm;
mod poseidon2;
mod transform;

pub use crate::error::CudaError;
pub use columns::Columns;
pub(crate) use identities::{Identities, Source};
pub use kernels::Device;
pub use msm::Bases;
pub use poseidon2::Poseidon2;
pub use transform::Transform;
