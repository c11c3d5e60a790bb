//! The trace of a chunk as labelled cells, for examiners: list what a witness violates, change a cell, prove it anyway.
//!
//! What it is not: the way a node proves; that is `prove_chunk`, which never leaves Rust between witness and proof.

use std::collections::HashSet;
use std::sync::Arc;

use l2rollup_core::primitives::{field, Fr};
use plonk::{check, Cell, Witness};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::PyBytes;
use rayon::prelude::*;

use super::circuit::Circuit;
use crate::convert::{element, read_element};
use crate::detach::interruptible;
use crate::errors::{malformed, Failure};
use l2rollup_core::primitives::DecodeError;

/// Advice and multiplicity columns of one trace, with its public inputs.
#[pyclass(frozen, name = "Cells", module = "l2rollup._native")]
pub struct PyCells {
    pub(super) witness: Arc<Witness>,
    hints: Arc<HashSet<Cell>>,
}

/// A violated clause: label, row, name of the row, values.
#[pyclass(frozen, name = "Violation", module = "l2rollup._native", skip_from_py_object)]
pub struct PyViolation {
    violation: plonk::Violation,
    place: String,
}

#[pymethods]
impl PyViolation {
    #[getter]
    fn label(&self) -> &str {
        &self.violation.label
    }

    #[getter]
    fn row(&self) -> usize {
        self.violation.row
    }

    /// Name of the row in the shared columns; a clause of the Poseidon2 pool is in block row / 8.
    #[getter]
    fn place(&self) -> &str {
        &self.place
    }

    #[getter]
    fn values(&self) -> &str {
        &self.violation.values
    }

    fn __repr__(&self) -> String {
        format!("Violation({:?}, row={}, place={:?})", self.violation.label, self.violation.row, self.place)
    }
}

/// A column of `rows` field elements, 32 bytes each.
fn read_column(bytes: &[u8], rows: usize) -> Result<Vec<Fr>, DecodeError> {
    if bytes.len() != 32 * rows {
        return Err(DecodeError::Length { what: "column", expected: 32 * rows, got: bytes.len() });
    }
    let read = |word: &[u8]| {
        let mut array = [0u8; 32];
        array.copy_from_slice(word);
        field::from_bytes(&array)
    };
    bytes.par_chunks_exact(32).map(read).collect()
}

impl PyCells {
    fn get_cell(&self, py: Python<'_>, column: usize, row: usize) -> PyResult<&Fr> {
        let advice = &self.witness.advice;
        advice.get(column).and_then(|c| c.get(row)).ok_or_else(|| {
            let expected = format!("{} columns of {} rows", advice.len(), advice.first().map_or(0, Vec::len));
            malformed(py, DecodeError::value("cell", expected, format!("column {column} row {row}")))
        })
    }

    fn changed(&self, change: impl FnOnce(&mut Witness)) -> Self {
        let mut witness = (*self.witness).clone();
        change(&mut witness);
        Self { witness: Arc::new(witness), hints: Arc::clone(&self.hints) }
    }
}

#[pymethods]
impl PyCells {
    /// Cells from whole columns and public inputs, 32 bytes an element. Raises Malformed.
    #[staticmethod]
    fn of(py: Python<'_>, columns: Vec<PyBackedBytes>, public_inputs: PyBackedBytes) -> PyResult<Self> {
        let read = || -> Result<Witness, Failure> {
            let relation = &Circuit::get()?.relation;
            if columns.len() != relation.witness_columns() {
                return Err(DecodeError::value("cells", relation.witness_columns(), columns.len()).into());
            }
            let advice = columns.iter().map(|c| read_column(c, relation.n())).collect::<Result<_, _>>()?;
            Ok(Witness { advice, instance: read_column(&public_inputs, relation.instance_len)? })
        };
        let witness = py.detach(read).map_err(|failure| failure.raise(py))?;
        Ok(Self { witness: Arc::new(witness), hints: Arc::default() })
    }

    #[getter]
    fn columns(&self) -> usize {
        self.witness.advice.len()
    }

    #[getter]
    fn rows(&self) -> usize {
        self.witness.advice.first().map_or(0, Vec::len)
    }

    #[getter]
    fn public_inputs<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &super::elements(&self.witness.instance))
    }

    /// A whole column, 32 bytes a row. Raises Malformed.
    fn column<'py>(&self, py: Python<'py>, column: usize) -> PyResult<Bound<'py, PyBytes>> {
        self.get_cell(py, column, 0)?;
        Ok(PyBytes::new(py, &py.detach(|| super::elements(&self.witness.advice[column]))))
    }

    /// One cell. Raises Malformed.
    fn cell<'py>(&self, py: Python<'py>, column: usize, row: usize) -> PyResult<Bound<'py, PyBytes>> {
        Ok(element(py, self.get_cell(py, column, row)?))
    }

    /// Name of a cell. Raises Malformed.
    fn label(&self, py: Python<'_>, column: usize, row: usize) -> PyResult<String> {
        self.get_cell(py, column, row)?;
        let circuit = Circuit::get().map_err(|failure| failure.raise(py))?;
        Ok(circuit.labels.cell((column, row)))
    }

    /// Why a cell may hold anything: "unused" when no clause reads it, "hint" when this witness leaves it free.
    fn free(&self, py: Python<'_>, column: usize, row: usize) -> PyResult<Option<&'static str>> {
        self.get_cell(py, column, row)?;
        let circuit = Circuit::get().map_err(|failure| failure.raise(py))?;
        let unused = circuit.labels.is_unused((column, row));
        Ok(if unused { Some("unused") } else { self.hints.contains(&(column, row)).then_some("hint") })
    }

    /// The same cells but one. Raises Malformed.
    fn with_cell(&self, py: Python<'_>, column: usize, row: usize, value: &[u8]) -> PyResult<Self> {
        self.get_cell(py, column, row)?;
        let value = read_element(py, value)?;
        Ok(py.detach(|| self.changed(|witness| witness.advice[column][row] = value)))
    }

    /// The same cells with another public input. Raises Malformed.
    fn with_public_input(&self, py: Python<'_>, index: usize, value: &[u8]) -> PyResult<Self> {
        let value = read_element(py, value)?;
        if index >= self.witness.instance.len() {
            let expected = format!("below {}", self.witness.instance.len());
            return Err(malformed(py, DecodeError::value("public input", expected, index)));
        }
        Ok(py.detach(|| self.changed(|witness| witness.instance[index] = value)))
    }
}

/// The cells of a chunk. Raises Malformed.
#[pyfunction]
pub fn dump_chunk(py: Python<'_>, witness: Vec<u8>, z: &[u8]) -> PyResult<PyCells> {
    let z = read_element(py, z)?;
    interruptible(py, None, move |_| {
        let finished = Circuit::get()?.assign(&witness, z)?;
        Ok(PyCells { witness: Arc::new(finished.witness), hints: Arc::new(finished.hints) })
    })
}

fn violations(witness: &Witness, limit: usize) -> Result<Vec<PyViolation>, Failure> {
    let circuit = Circuit::get()?;
    let found = check(&circuit.relation, &circuit.fixed, witness, limit);
    Ok(found.into_iter().map(|v| PyViolation { place: circuit.labels.violation(&v.label, v.row), violation: v }).collect())
}

/// What a chunk's witness violates, at most `limit` clauses; none for a witness that can be proved. Raises Malformed.
#[pyfunction]
#[pyo3(signature = (witness, z, limit = 100))]
pub fn check_chunk(py: Python<'_>, witness: Vec<u8>, z: &[u8], limit: usize) -> PyResult<Vec<PyViolation>> {
    let z = read_element(py, z)?;
    interruptible(py, None, move |_| violations(&Circuit::get()?.assign(&witness, z)?.witness, limit))
}

/// What cells violate, at most `limit` clauses.
#[pyfunction]
#[pyo3(signature = (cells, limit = 100))]
pub fn check_cells(py: Python<'_>, cells: &Bound<'_, PyCells>, limit: usize) -> PyResult<Vec<PyViolation>> {
    let witness = Arc::clone(&cells.get().witness);
    interruptible(py, None, move |_| violations(&witness, limit))
}
