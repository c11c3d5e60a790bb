//! Circuits of `l2rollup.plonk`: Python writes a relation down once, as bytes, and whole columns cross as packed elements.
//!
//! Elements here are 32 bytes, little endian, below r: columns are long, and Python packs them so without a copy a cell. What
//! this is not: a circuit. Gates, gadgets and layout are Python's; the rollup's own circuit goes by `proof`.

mod circuit;
mod codec;
mod keys;
mod setup;
mod verifying;

use ::plonk::{Fr, PlonkError};
use pyo3::prelude::*;

use crate::errors::Failure;

/// Bytes of an element.
const WORD: usize = 32;

/// An error of a relation is its writer's, and the writer is the caller.
fn of_caller(error: PlonkError) -> Failure {
    match error {
        PlonkError::Relation { what, expected, got } => PlonkError::Shape { what, expected, got }.into(),
        other => other.into(),
    }
}

/// A malformed argument.
fn wrong(what: &str, expected: impl ToString, got: impl ToString) -> Failure {
    PlonkError::Shape { what: what.into(), expected: expected.to_string(), got: got.to_string() }.into()
}

/// Elements of a packed list.
fn read_packed(what: &str, bytes: &[u8]) -> Result<Vec<Fr>, Failure> {
    if !bytes.len().is_multiple_of(WORD) {
        return Err(wrong(what, "a multiple of 32 bytes", bytes.len()));
    }
    bytes.chunks_exact(WORD).enumerate().map(|(i, word)| codec::read_element(&format!("{what}[{i}]"), word)).collect()
}

/// Columns of n rows each, one after another.
fn read_columns(what: &str, bytes: &[u8], columns: usize, n: usize) -> Result<Vec<Vec<Fr>>, Failure> {
    if bytes.len() != columns * n * WORD {
        return Err(wrong(what, format!("{columns} columns x {n} rows x 32 bytes"), format!("{} bytes", bytes.len())));
    }
    if n == 0 {
        return Ok(vec![Vec::new(); columns]);
    }
    let part = |(i, column): (usize, &[u8])| read_packed(&format!("{what} {i}"), column);
    bytes.chunks_exact(n * WORD).enumerate().map(part).collect()
}

/// Adds classes and functions to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<setup::PySetup>()?;
    module.add_class::<circuit::PyCircuit>()?;
    module.add_class::<keys::PyPlonkKey>()?;
    module.add_class::<verifying::PyVerifyingKey>()?;
    module.add_function(wrap_pyfunction!(setup::plonk_setup, module)?)?;
    module.add_function(wrap_pyfunction!(setup::plonk_dev_setup, module)?)?;
    module.add_function(wrap_pyfunction!(circuit::plonk_circuit, module)?)?;
    module.add_function(wrap_pyfunction!(keys::plonk_keys, module)?)?;
    module.add_function(wrap_pyfunction!(verifying::plonk_verifying_key, module)?)
}
