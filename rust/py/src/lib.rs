//! The native module of the Python package `l2rollup` (`docs/seam.md`): the engine, hashes, signatures and proofs.
//!
//! Handles are frozen, bytes cross for cryptography, one crossing serves a batch, and the GIL is free while Rust
//! computes. What it is not: logic. Every rule is in `l2rollup_core`, every protocol in `plonk`.

mod convert;
mod crypto;
mod detach;
mod engine;
mod errors;
mod plonk;
mod proof;

use pyo3::prelude::*;

/// The module `l2rollup._native`.
#[pymodule]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("ERROR_CLASSES", errors::classes(module.py())?)?;
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    engine::register(module)?;
    crypto::register(module)?;
    proof::register(module)?;
    plonk::register(module)
}
