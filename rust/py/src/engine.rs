//! The engine for Python (`docs/seam.md`): one crossing a batch, bytes in and out, the GIL released in every call that
//! computes.
//!
//! The engine sits behind a lock that is only ever taken without the GIL, so threads cannot block each other for good.
//! What it is not: rules; everything is `l2rollup_core::engine`.

mod results;

use std::sync::{Mutex, MutexGuard, PoisonError};

use l2rollup_core::batch::IdTree;
use l2rollup_core::circuit::exit::Exit;
use l2rollup_core::engine::{json, Engine};
use l2rollup_core::primitives::{field, Address, Fr};
use l2rollup_core::processor::Fault;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::PyBytes;

use crate::convert::{address, element, slices};
use crate::detach::interruptible;
use crate::errors::{from_fault, malformed, Failure};
use crate::proof::{prove_exits, read_exit, PyExitProof, Setup};
use results::{PyAccount, PyFault, PyOutcome, PyReplayedChunk, PySealedChunk};

/// A rollup's state and its transition.
#[pyclass(frozen, name = "Engine", module = "l2rollup._native")]
pub struct PyEngine(Mutex<Engine>);

impl PyEngine {
    /// The engine; a panic in another call leaves it as it was between two writes, which the audit then judges.
    fn lock(&self) -> MutexGuard<'_, Engine> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run<T: Send>(&self, py: Python<'_>, f: impl FnOnce(&mut Engine) -> T + Send) -> T {
        py.detach(|| f(&mut self.lock()))
    }

    fn attempt<T: Send>(&self, py: Python<'_>, f: impl FnOnce(&mut Engine) -> Result<T, Fault> + Send) -> PyResult<T> {
        self.run(py, f).map_err(|fault| from_fault(py, &fault))
    }
}

/// The id tree of a batch from 32-byte ids.
fn id_tree(ids: &[PyBackedBytes]) -> Result<IdTree, Fault> {
    let read = |bytes: &PyBackedBytes| -> Result<Fr, Fault> {
        let got = bytes.len();
        let array = <[u8; 32]>::try_from(&**bytes)
            .map_err(|_| Fault::compared("malformed", "an id has another length", 32, got))?;
        Ok(field::from_bytes(&array)?)
    };
    let ids: Vec<Fr> = ids.iter().map(read).collect::<Result<_, _>>()?;
    let mut tree = IdTree::default();
    if !tree.has_room(ids.len() as u64) {
        return Err(Fault::compared("too_large", "a batch has fewer ids", "<= 65536", ids.len()));
    }
    tree.append(&ids);
    Ok(tree)
}

#[pymethods]
impl PyEngine {
    /// An engine with only the sentinel, for a chain and a rollup address of 20 bytes.
    #[staticmethod]
    fn genesis(py: Python<'_>, chain_id: u64, rollup: &[u8]) -> PyResult<Self> {
        let rollup = address(py, rollup)?;
        Ok(Self(Mutex::new(py.detach(|| Engine::genesis(chain_id, rollup)))))
    }

    /// An engine from a snapshot. Raises Malformed.
    #[staticmethod]
    fn restore(py: Python<'_>, snapshot: PyBackedBytes) -> PyResult<Self> {
        let engine = py.detach(|| Engine::restore(&snapshot)).map_err(|error| malformed(py, error))?;
        Ok(Self(Mutex::new(engine)))
    }

    /// The engine's bytes. Raises NotReady while a chunk is open.
    fn snapshot<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(py, &self.attempt(py, |engine| engine.snapshot())?))
    }

    /// Raw JSON requests to intake records or faults.
    fn decode(
        &self,
        py: Python<'_>,
        requests: Vec<PyBackedBytes>,
        tokens: Vec<PyBackedBytes>,
    ) -> PyResult<Vec<Py<PyAny>>> {
        let tokens: Vec<Address> = tokens.iter().map(|token| address(py, token)).collect::<PyResult<_>>()?;
        let decoded = self.run(py, |engine| engine.decode(&slices(&requests), &tokens));
        decoded
            .into_iter()
            .map(|result| match result {
                Ok(record) => Ok(PyBytes::new(py, &record).into_any().unbind()),
                Err(fault) => Ok(Py::new(py, PyFault(fault))?.into_any()),
            })
            .collect()
    }

    /// Ids of intake records. Raises Malformed.
    fn transaction_ids<'py>(&self, py: Python<'py>, records: Vec<PyBackedBytes>) -> PyResult<Vec<Bound<'py, PyBytes>>> {
        let ids = self.attempt(py, |engine| engine.transaction_ids(&slices(&records)))?;
        Ok(ids.iter().map(|id| element(py, id)).collect())
    }

    /// The check at intake, against the present state.
    fn check(&self, py: Python<'_>, records: Vec<PyBackedBytes>) -> Vec<Option<PyFault>> {
        let checked = self.run(py, |engine| engine.check(&slices(&records)));
        checked.into_iter().map(|result| result.err().map(PyFault)).collect()
    }

    /// Checks that intake records are one whole group of linked transfers, in its order. Raises Malformed or the refusal `incomplete_group`.
    fn check_group(&self, py: Python<'_>, records: Vec<PyBackedBytes>) -> PyResult<()> {
        self.attempt(py, |engine| engine.check_group(&slices(&records)))
    }

    /// Opens a chunk; prices are (token, price), native first. Raises NotReady or Malformed.
    fn begin_chunk(&self, py: Python<'_>, time: u64, fee_account: u32, prices: Vec<(u16, u64)>) -> PyResult<()> {
        self.attempt(py, |engine| engine.begin_chunk(time, fee_account, &prices))
    }

    /// Offers items in order. Raises NotReady when no chunk is open.
    fn apply(&self, py: Python<'_>, items: Vec<PyBackedBytes>) -> PyResult<Vec<PyOutcome>> {
        let outcomes = self.attempt(py, |engine| engine.apply(&slices(&items)))?;
        Ok(outcomes.into_iter().map(PyOutcome).collect())
    }

    /// Seals the open chunk. Raises NotReady when none is open.
    #[pyo3(signature = (ends_batch = true))]
    fn end_chunk(&self, py: Python<'_>, ends_batch: bool) -> PyResult<PySealedChunk> {
        Ok(PySealedChunk(self.attempt(py, |engine| engine.end_chunk(ends_batch))?))
    }

    /// Remembers where the engine stands.
    fn mark(&self, py: Python<'_>) -> u64 {
        self.run(py, Engine::mark)
    }

    /// Returns to a mark, open chunk included. Raises NotFound.
    fn rewind(&self, py: Python<'_>, mark: u64) -> PyResult<()> {
        self.attempt(py, |engine| engine.rewind(mark))
    }

    /// Drops a mark and all earlier ones.
    fn forget(&self, py: Python<'_>, mark: u64) {
        self.run(py, |engine| engine.forget(mark));
    }

    /// The state root.
    fn root<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        element(py, &self.run(py, Engine::root))
    }

    #[getter]
    fn sequence(&self, py: Python<'_>) -> u64 {
        self.run(py, |engine| engine.sequence())
    }

    #[getter]
    fn queue_position(&self, py: Python<'_>) -> u64 {
        self.run(py, |engine| engine.queue_position())
    }

    /// Leaves in use, the sentinel included.
    #[getter]
    fn account_count(&self, py: Python<'_>) -> u64 {
        self.run(py, |engine| engine.state().count())
    }

    /// The account of an address, or None.
    fn account(&self, py: Python<'_>, address: &[u8]) -> PyResult<Option<PyAccount>> {
        let of = crate::convert::address(py, address)?;
        let found = self.run(py, |engine| engine.account(of).map(|(index, account)| (index, account.clone())));
        Ok(found.map(|(index, account)| PyAccount { index, account }))
    }

    /// A balance; 0 without account.
    fn balance(&self, py: Python<'_>, address: &[u8], token: u16) -> PyResult<u128> {
        let of = crate::convert::address(py, address)?;
        Ok(self.run(py, |engine| engine.balance(of, token)))
    }

    /// A storage value as 32 bytes, big endian.
    fn storage<'py>(&self, py: Python<'py>, address: &[u8], slot: u16) -> PyResult<Bound<'py, PyBytes>> {
        let of = crate::convert::address(py, address)?;
        Ok(element(py, &self.run(py, |engine| engine.storage(of, slot))))
    }

    /// A proof of the account (or its absence) as JSON, with one token balance and storage slot if asked for.
    #[pyo3(signature = (address, token = None, slot = None))]
    fn account_proof<'py>(
        &self,
        py: Python<'py>,
        address: &[u8],
        token: Option<u16>,
        slot: Option<u16>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let of = crate::convert::address(py, address)?;
        let text = self.run(py, |engine| {
            let (root, proof) = engine.prove(of, token, slot);
            json::account_proof(&root, &proof)
        });
        Ok(PyBytes::new(py, text.as_bytes()))
    }

    /// Proves balances under this engine's root for forceExit and forceExits: (address, token index), at most 32 of them.
    /// Raises Malformed for an account that does not exist, NotReady inside a chunk, ConfigurationError for a bad setup.
    #[pyo3(signature = (wanted, srs, progress = None))]
    fn prove_exits(
        &self,
        py: Python<'_>,
        wanted: Vec<(PyBackedBytes, u16)>,
        srs: Setup,
        progress: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<PyExitProof> {
        let wanted: Vec<(Address, u16)> =
            wanted.iter().map(|(of, token)| Ok((address(py, of)?, *token))).collect::<PyResult<_>>()?;
        let read = |engine: &mut Engine| -> Result<(Fr, Vec<Exit>), Failure> {
            let exits = wanted.iter().map(|(of, token)| read_exit(engine, *of, *token)).collect::<Result<_, _>>()?;
            Ok((engine.root(), exits))
        };
        let (root, exits) = self.run(py, read).map_err(|failure| failure.raise(py))?;
        interruptible(py, progress, move |caller| prove_exits(&exits, root, &srs, caller))
    }

    /// Applies one batch of data. Raises Malformed, Refused or NotReady; nothing has changed then. Ids are not in the
    /// data: `id_root` of the result is None unless `ids` lists one for each item.
    #[pyo3(signature = (transactions, operations, ids = None))]
    fn replay(
        &self,
        py: Python<'_>,
        transactions: PyBackedBytes,
        operations: PyBackedBytes,
        ids: Option<Vec<PyBackedBytes>>,
    ) -> PyResult<PyReplayedChunk> {
        self.attempt(py, |engine| {
            let ids = ids.as_deref().map(id_tree).transpose()?;
            let (first_sequence, first_queue) = (engine.sequence(), engine.queue_position());
            let mark = engine.mark();
            let replayed = engine.replay(&transactions, &operations);
            let checked = replayed.and_then(|done| match &ids {
                Some(tree) if tree.count() != done.items => {
                    Err(Fault::compared("malformed", "ids do not match the items", done.items, tree.count()))
                }
                _ => Ok(done),
            });
            if checked.is_err() {
                engine.rewind(mark)?;
            }
            engine.drop_mark(mark);
            let id_root = ids.map(|tree| tree.root());
            Ok(PyReplayedChunk { done: checked?, first_sequence, first_queue, id_root })
        })
    }

    /// Rebuilds every hash from the leaves and compares. Raises StorageCorrupt.
    fn audit(&self, py: Python<'_>) -> PyResult<()> {
        self.attempt(py, Engine::audit)
    }

    /// Sum of each token over all accounts, by token index; tokens without any are absent.
    fn totals(&self, py: Python<'_>) -> std::collections::HashMap<u16, u128> {
        self.run(py, |engine| engine.state().totals())
    }
}

/// Adds the engine's classes to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PyEngine>()?;
    module.add_class::<PyFault>()?;
    module.add_class::<PyOutcome>()?;
    module.add_class::<PySealedChunk>()?;
    module.add_class::<PyReplayedChunk>()?;
    module.add_class::<PyAccount>()
}
