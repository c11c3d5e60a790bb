//! The prover's kernels on an NVIDIA GPU: transforms, multi-scalar multiplication and Poseidon2, columns staying on the device.
//!
//! Kernels are `rust/plonk/cuda`, compiled to PTX when the crate is built and to machine code by the driver at run time. The driver
//! (libcuda.so.1) is opened when a device is asked for, so one build serves machines with a GPU and without:
//! [`Device::get`] gives [`CudaError::NoDevice`] there, and the caller keeps to the processor. Results equal the processor's.
//! `driver.rs` calls the driver, `memory.rs` owns device memory, `kernels.rs` launches with every bound checked; `columns.rs`, `transform.rs`,
//! `msm.rs` and `poseidon2.rs` are the entry points, twins of `crate::fft` and `crate::msm`.
//! What it is not: a choice between both; callers choose.
#![allow(unsafe_code)] // foreign functions; a safety line stands on each block

mod columns;
mod driver;
mod error;
mod kernels;
mod memory;
mod msm;
mod poseidon2;
mod transform;

pub use columns::Columns;
pub use error::CudaError;
pub use kernels::Device;
pub use msm::Bases;
pub use poseidon2::Poseidon2;
pub use transform::Transform;
