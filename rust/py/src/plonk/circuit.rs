//! A circuit as a handle: the relation, its fixed columns and copies; what a witness violates.
//!
//! What it is not: a witness generator. Columns come from Python, whole and packed.

use std::sync::Arc;

use ::plonk::{Cell, Checker, FixedTrace, Relation, Witness};
use pyo3::prelude::*;

use super::{codec, of_caller, read_columns, read_packed, wrong};
use crate::detach::interruptible;
use crate::errors::Failure;

/// Label, row and values of a violated clause.
type Violated = (String, usize, String);

/// A relation with its fixed trace.
#[pyclass(frozen, name = "PlonkCircuit", module = "l2rollup._native")]
pub struct PyCircuit {
    pub(super) relation: Arc<Relation>,
    pub(super) trace: Arc<FixedTrace>,
    checker: Arc<Checker>,
}

/// Advice and multiplicity columns and public inputs of the relation's dimensions.
pub fn read_witness(relation: &Relation, columns: &[u8], instance: &[u8]) -> Result<Witness, Failure> {
    let advice = read_columns("witness column", columns, relation.witness_columns(), relation.n())?;
    let instance = read_packed("public input", instance)?;
    if instance.len() != relation.instance_len {
        return Err(wrong("public inputs", relation.instance_len, instance.len()));
    }
    Ok(Witness { advice, instance })
}

#[pymethods]
impl PyCircuit {
    /// What a witness violates, at most `limit` clauses: (label, row, values). Raises Malformed for other dimensions.
    #[pyo3(signature = (columns, public_inputs, limit = 100))]
    fn check(&self, py: Python<'_>, columns: Vec<u8>, public_inputs: Vec<u8>, limit: usize) -> PyResult<Vec<Violated>> {
        let (relation, trace, checker) =
            (Arc::clone(&self.relation), Arc::clone(&self.trace), Arc::clone(&self.checker));
        interruptible(py, None, move |_| {
            let witness = read_witness(&relation, &columns, &public_inputs)?;
            let found = checker.check(&trace, &witness, limit);
            Ok(found.into_iter().map(|v| (v.label, v.row, v.values)).collect())
        })
    }
}

/// Copies: column, row, column, row of each pair as u32, little endian.
fn read_copies(bytes: &[u8]) -> Result<Vec<(Cell, Cell)>, Failure> {
    if !bytes.len().is_multiple_of(16) {
        return Err(wrong("copies", "a multiple of 16 bytes", bytes.len()));
    }
    let number = |b: &[u8]| u32::from_le_bytes([b[0], b[1], b[2], b[3]]) as usize;
    let pair = |b: &[u8]| ((number(&b[..4]), number(&b[4..8])), (number(&b[8..12]), number(&b[12..])));
    Ok(bytes.chunks_exact(16).map(pair).collect())
}

/// A circuit from its relation (docs/plonk.md), packed fixed columns and copies. Raises Malformed.
#[pyfunction]
pub fn plonk_circuit(py: Python<'_>, relation: Vec<u8>, fixed: Vec<u8>, copies: Vec<u8>) -> PyResult<PyCircuit> {
    interruptible(py, None, move |_| {
        let relation = codec::decode(&relation)?;
        relation.validate().map_err(of_caller)?;
        let fixed = read_columns("fixed column", &fixed, relation.fixed, relation.n())?;
        let trace = FixedTrace { fixed, copies: read_copies(&copies)? };
        let checker = Arc::new(Checker::new(&relation));
        Ok(PyCircuit { relation: Arc::new(relation), trace: Arc::new(trace), checker })
    })
}
