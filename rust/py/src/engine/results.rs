//! What the engine hands to Python: frozen handles with read-only attributes.

use l2rollup_core::batch::sealed::Payment;
use l2rollup_core::batch::SealedChunk;
use l2rollup_core::da::Replayed;
use l2rollup_core::engine::Outcome;
use l2rollup_core::primitives::{field, Fr};
use l2rollup_core::processor::Fault;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::convert::element;

/// A refusal: stable code, message, expected and got.
#[pyclass(frozen, name = "Fault", module = "l2rollup._native", skip_from_py_object)]
#[derive(Clone)]
pub struct PyFault(pub(super) Fault);

#[pymethods]
impl PyFault {
    #[getter]
    fn code(&self) -> &str {
        self.0.code
    }

    #[getter]
    fn message(&self) -> &str {
        &self.0.message
    }

    #[getter]
    fn expected(&self) -> Option<&str> {
        self.0.expected.as_deref()
    }

    #[getter]
    fn got(&self) -> Option<&str> {
        self.0.got.as_deref()
    }

    fn __repr__(&self) -> String {
        format!("Fault({:?}, {:?}, expected={:?}, got={:?})", self.0.code, self.0.message, self.0.expected, self.0.got)
    }
}

/// What became of one item.
#[pyclass(frozen, name = "Outcome", module = "l2rollup._native", skip_from_py_object)]
pub struct PyOutcome(pub(super) Outcome);

#[pymethods]
impl PyOutcome {
    #[getter]
    fn accepted(&self) -> bool {
        self.0.sequence.is_some()
    }

    /// Sequence number; 0 when refused.
    #[getter]
    fn sequence(&self) -> u64 {
        self.0.sequence.unwrap_or(0)
    }

    #[getter]
    fn id<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        element(py, &self.0.id)
    }

    #[getter]
    fn fault(&self) -> Option<PyFault> {
        self.0.fault.clone().map(PyFault)
    }

    #[getter]
    fn record<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        self.0.record.as_ref().map(|record| PyBytes::new(py, record))
    }

    fn __repr__(&self) -> String {
        format!("Outcome(accepted={}, fault={:?})", self.accepted(), self.0.fault.as_ref().map(|f| f.code))
    }
}

fn payments(py: Python<'_>, list: &[Payment]) -> Vec<(u16, u128, Py<PyBytes>)> {
    list.iter().map(|p| (p.token, p.amount, PyBytes::new(py, &p.recipient.0).unbind())).collect()
}

/// A finished chunk.
#[pyclass(frozen, name = "SealedChunk", module = "l2rollup._native", skip_from_py_object)]
pub struct PySealedChunk(pub(super) SealedChunk);

#[pymethods]
impl PySealedChunk {
    #[getter]
    fn tx_c<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        element(py, &self.0.tx_c)
    }

    #[getter]
    fn op_c<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        element(py, &self.0.op_c)
    }

    #[getter]
    fn old_root<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        element(py, &self.0.old_root)
    }

    #[getter]
    fn new_root<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        element(py, &self.0.new_root)
    }

    #[getter]
    fn id_root<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        element(py, &self.0.id_root)
    }

    #[getter]
    fn transactions<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.transactions)
    }

    #[getter]
    fn operations<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.operations)
    }

    #[getter]
    fn first_sequence(&self) -> u64 {
        self.0.first_sequence
    }

    #[getter]
    fn end_sequence(&self) -> u64 {
        self.0.end_sequence
    }

    #[getter]
    fn first_queue(&self) -> u64 {
        self.0.first_queue
    }

    #[getter]
    fn end_queue(&self) -> u64 {
        self.0.end_queue
    }

    #[getter]
    fn items(&self) -> u32 {
        self.0.items
    }

    /// (token index, amount, recipient) of each payment on L1 in stream order.
    #[getter]
    fn payments(&self, py: Python<'_>) -> Vec<(u16, u128, Py<PyBytes>)> {
        payments(py, &self.0.payments)
    }

    #[getter]
    fn witness<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &py.detach(|| self.0.witness.to_bytes()))
    }
}

/// What one batch of data did. Ids are not in the data: `id_root` is None unless they were given.
#[pyclass(frozen, name = "ReplayedChunk", module = "l2rollup._native", skip_from_py_object)]
pub struct PyReplayedChunk {
    pub(super) done: Replayed,
    pub(super) first_sequence: u64,
    pub(super) first_queue: u64,
    pub(super) id_root: Option<Fr>,
}

#[pymethods]
impl PyReplayedChunk {
    #[getter]
    fn id_root<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        self.id_root.as_ref().map(|root| element(py, root))
    }

    #[getter]
    fn old_root<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        element(py, &self.done.old_root)
    }

    #[getter]
    fn new_root<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        element(py, &self.done.new_root)
    }

    #[getter]
    fn tx_c<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        element(py, &self.done.tx_c)
    }

    #[getter]
    fn op_c<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        element(py, &self.done.op_c)
    }

    #[getter]
    fn first_sequence(&self) -> u64 {
        self.first_sequence
    }

    #[getter]
    fn end_sequence(&self) -> u64 {
        self.first_sequence + self.done.items
    }

    #[getter]
    fn first_queue(&self) -> u64 {
        self.first_queue
    }

    #[getter]
    fn end_queue(&self) -> u64 {
        self.first_queue + self.done.queue_entries
    }

    #[getter]
    fn items(&self) -> u64 {
        self.done.items
    }

    /// (token index, amount, recipient) of each payment on L1 in stream order.
    #[getter]
    fn payments(&self, py: Python<'_>) -> Vec<(u16, u128, Py<PyBytes>)> {
        payments(py, &self.done.payments)
    }
}

/// An account.
#[pyclass(frozen, name = "Account", module = "l2rollup._native", skip_from_py_object)]
pub struct PyAccount {
    pub(super) index: u32,
    pub(super) account: l2rollup_core::state::Account,
}

#[pymethods]
impl PyAccount {
    #[getter]
    fn index(&self) -> u32 {
        self.index
    }

    #[getter]
    fn scheme(&self) -> u8 {
        self.account.scheme
    }

    #[getter]
    fn nonce(&self) -> u64 {
        self.account.nonce
    }

    #[getter]
    fn balance(&self) -> u128 {
        self.account.balance
    }

    #[getter]
    fn flags(&self) -> u32 {
        self.account.flags
    }

    /// A.x and A.y, 64 bytes.
    #[getter]
    fn key<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        let (x, y) = self.account.key;
        PyBytes::new(py, &[field::to_bytes(&x), field::to_bytes(&y)].concat())
    }
}
