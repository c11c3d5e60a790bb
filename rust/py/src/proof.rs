//! Proving and verifying for Python: keys, proofs of chunks, verification that raises, the Solidity verifier.
//!
//! What it is not: a proof system (`plonk`) or a circuit (`l2rollup_core::circuit`).

mod cells;
mod circuit;
mod exits;
mod keys;
mod messages;
mod srs;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use l2rollup_core::circuit::CONTRACT_BUDGET;
use l2rollup_core::primitives::{field, Fr};
use plonk::solidity::generate_within;
use plonk::{prove, CudaError, PlonkError, Progress, ProvingKey, VerifyError, VerifyingKey, Witness};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::PyBytes;

use crate::convert::read_element;
use crate::detach::{interruptible, Caller};
use crate::errors::Failure;
use cells::{PyCells, PyViolation};
use circuit::Circuit;
pub use exits::{prove_exits, read_exit, PyExitProof};
pub use keys::{read_setup, Setup};
pub use srs::{lagrange_beside, read_file};
use keys::PyProverKey;

/// A proof: bytes of the message schema, public inputs of 32 bytes each, seconds of wall time.
#[pyclass(frozen, name = "ChunkProof", module = "l2rollup._native", skip_from_py_object)]
pub struct PyChunkProof {
    snark: Vec<u8>,
    public_inputs: Vec<u8>,
    seconds: f64,
}

#[pymethods]
impl PyChunkProof {
    #[getter]
    fn snark<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.snark)
    }

    #[getter]
    fn public_inputs<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.public_inputs)
    }

    #[getter]
    fn seconds(&self) -> f64 {
        self.seconds
    }
}

/// The shape of the leaf circuit, in numbers.
#[pyclass(frozen, name = "Shape", module = "l2rollup._native", skip_from_py_object, get_all)]
pub struct PyShape {
    rows: usize,
    advice: usize,
    multiplicity: usize,
    helpers: usize,
    fixed: usize,
    copied: usize,
    slots: usize,
    operations: usize,
    changes: usize,
    arguments: usize,
    writes: usize,
    public_inputs: usize,
    proof_bytes: usize,
}

/// (file, source) of each Solidity contract.
type Sources = Vec<(String, String)>;

/// Field elements as bytes, 32 each.
fn elements(list: &[Fr]) -> Vec<u8> {
    list.iter().flat_map(field::to_bytes).collect()
}

/// Public inputs from bytes; what is no list of the right number of elements below r is a malformed proof.
fn read_public_inputs(key: &VerifyingKey, bytes: &[u8]) -> Result<Vec<Fr>, VerifyError> {
    let wrong = |expected: String, got: String| VerifyError::Malformed { what: "public inputs".into(), expected, got };
    let wanted = key.relation.instance_len;
    if bytes.len() != 32 * wanted {
        return Err(wrong(format!("{wanted} words of 32 bytes"), format!("{} bytes", bytes.len())));
    }
    bytes.chunks_exact(32).map(|word| plonk::verifier::read_scalar("public input", word)).collect()
}

/// Label, rows and cells of a circuit's parts.
type Parts = Vec<(String, usize, usize)>;
/// Seconds of wall time by phase of the prover.
type Phases = Vec<(String, f64)>;

/// What the leaf circuit and a proof of it cost: its parts, and the phases of proving a chunk with its witness and z. Raises Malformed
/// for other bytes, WitnessRejected naming the violated clause.
#[pyfunction]
fn profile_chunk(py: Python<'_>, key: &Bound<'_, PyProverKey>, witness: Vec<u8>, z: &[u8]) -> PyResult<(Parts, Phases)> {
    let (key, z) = (Arc::clone(&key.get().key), read_element(py, z)?);
    interruptible(py, None, move |caller| {
        let circuit = Circuit::get()?;
        let mut started = Instant::now();
        let assigned = circuit.assign(&witness, z)?;
        let mut phases = vec![(String::from("witness"), started.elapsed().as_secs_f64())];
        started = Instant::now();
        let ends: Mutex<Vec<(&'static str, Instant)>> = Mutex::new(Vec::new());
        let mark = |phase: &'static str| {
            ends.lock().unwrap_or_else(PoisonError::into_inner).push((phase, Instant::now()));
        };
        prove(&key, &assigned.witness, Progress { cancel: Some(&caller.cancel), phase: Some(&mark), ..Progress::default() })?;
        for (phase, end) in ends.into_inner().unwrap_or_else(PoisonError::into_inner) {
            let seconds = end.duration_since(started).as_secs_f64();
            started = end;
            match phases.iter_mut().find(|(name, _)| name == phase) {
                Some(entry) => entry.1 += seconds,
                None => phases.push((phase.into(), seconds)),
            }
        }
        Ok((circuit.parts.clone(), phases))
    })
}

fn run(key: &ProvingKey, witness: &Witness, skip_check: bool, caller: &Caller) -> Result<PyChunkProof, PlonkError> {
    let started = Instant::now();
    let report = |round: usize| caller.report(&format!("round {round} of 5"), round as f64 / 6.0);
    let device = |found: Result<&str, &CudaError>| caller.report_device(found);
    let progress = Progress {
        report: Some(&report),
        cancel: Some(&caller.cancel),
        skip_check,
        device: Some(&device),
        ..Progress::default()
    };
    let snark = prove(key, witness, progress)?;
    let public_inputs = elements(&witness.instance);
    Ok(PyChunkProof { snark, public_inputs, seconds: started.elapsed().as_secs_f64() })
}

/// Proves a chunk from its witness and z. Raises Malformed for other bytes, WitnessRejected naming the violated clause.
#[pyfunction]
#[pyo3(signature = (key, witness, z, progress = None))]
fn prove_chunk(
    py: Python<'_>,
    key: &Bound<'_, PyProverKey>,
    witness: Vec<u8>,
    z: &[u8],
    progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<PyChunkProof> {
    let (key, z) = (Arc::clone(&key.get().key), read_element(py, z)?);
    interruptible(py, progress, move |caller| {
        let started = Instant::now();
        caller.report("assigning cells", 0.0);
        let finished = Circuit::get()?.assign(&witness, z)?;
        let proof = run(&key, &finished.witness, false, caller)?;
        Ok(PyChunkProof { seconds: started.elapsed().as_secs_f64(), ..proof })
    })
}

/// Proves cells as they are. Without `check` nothing is looked at first, and a verifier refuses what does not hold.
#[pyfunction]
#[pyo3(signature = (key, cells, check = true, progress = None))]
fn prove_cells(
    py: Python<'_>,
    key: &Bound<'_, PyProverKey>,
    cells: &Bound<'_, PyCells>,
    check: bool,
    progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<PyChunkProof> {
    let (key, witness) = (Arc::clone(&key.get().key), Arc::clone(&cells.get().witness));
    interruptible(py, progress, move |caller| Ok(run(&key, &witness, !check, caller)?))
}

/// Verifies; returns None, or raises ProofMalformed or ProofRejected. Malformed is the key's exception.
#[pyfunction]
fn verify(py: Python<'_>, vk: PyBackedBytes, public_inputs: PyBackedBytes, snark: PyBackedBytes) -> PyResult<()> {
    let check = || -> Result<(), Failure> {
        let key = Circuit::get()?.verifying_key(&vk)?;
        let instance = read_public_inputs(&key, &public_inputs)?;
        Ok(plonk::verify(&key, &instance, &snark)?)
    };
    py.detach(check).map_err(|failure| failure.raise(py))
}

/// Digest and setup of a verifying key. Raises Malformed.
#[pyfunction]
fn check_key<'py>(py: Python<'py>, vk: PyBackedBytes) -> PyResult<(Bound<'py, PyBytes>, String)> {
    let read = || Circuit::get()?.verifying_key(&vk);
    let key = py.detach(read).map_err(|failure| failure.raise(py))?;
    Ok((PyBytes::new(py, &key.digest), key.setup.clone()))
}

/// The Solidity verifier of a key: (file, source) of the verifier and then of its constraint contracts, each named
/// after its file, and the code of the data contract (STOP, then the key's words). Raises Malformed.
#[pyfunction]
#[pyo3(signature = (vk, name = "Batch"))]
fn export_solidity<'py>(py: Python<'py>, vk: PyBackedBytes, name: &str) -> PyResult<(Sources, Bound<'py, PyBytes>)> {
    let write = || -> Result<_, Failure> { Ok(generate_within(&*Circuit::get()?.verifying_key(&vk)?, name, CONTRACT_BUDGET)?) };
    let written = py.detach(write).map_err(|failure| failure.raise(py))?;
    Ok((written.files, PyBytes::new(py, &written.key_data)))
}

/// The shape of the leaf circuit.
#[pyfunction]
fn shape(py: Python<'_>) -> PyResult<PyShape> {
    let circuit = py.detach(Circuit::get).map_err(|failure| failure.raise(py))?;
    let relation = &circuit.relation;
    let program = plonk::arithmetization::program::Program::compile(&relation.identities());
    Ok(PyShape {
        rows: relation.n(),
        advice: relation.advice,
        multiplicity: relation.multiplicity,
        helpers: relation.helpers.len(),
        fixed: relation.fixed,
        copied: relation.copy_columns.len(),
        slots: circuit.capacity.slots,
        operations: circuit.capacity.operations,
        changes: circuit.capacity.changes,
        arguments: circuit.capacity.arguments,
        writes: circuit.capacity.writes,
        public_inputs: relation.instance_len,
        proof_bytes: plonk::schema::Schema::new(relation, &program).proof_bytes(),
    })
}

/// What the arithmetic runs on: "avx512ifma" or "scalar", and the number of threads.
#[pyfunction]
fn kernels() -> (&'static str, usize) {
    (if plonk::field::lanes_available() { "avx512ifma" } else { "scalar" }, rayon::current_num_threads())
}

/// Adds classes and functions to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<PyProverKey>()?;
    module.add_class::<PyChunkProof>()?;
    module.add_class::<PyExitProof>()?;
    module.add_class::<PyShape>()?;
    module.add_class::<PyCells>()?;
    module.add_class::<PyViolation>()?;
    module.add_function(wrap_pyfunction!(keys::keys, module)?)?;
    module.add_function(wrap_pyfunction!(keys::check_setup, module)?)?;
    module.add_function(wrap_pyfunction!(cells::dump_chunk, module)?)?;
    module.add_function(wrap_pyfunction!(cells::check_chunk, module)?)?;
    module.add_function(wrap_pyfunction!(cells::check_cells, module)?)?;
    module.add_function(wrap_pyfunction!(messages::decode_proof, module)?)?;
    module.add_function(wrap_pyfunction!(messages::encode_proof, module)?)?;
    module.add_function(wrap_pyfunction!(messages::transcript, module)?)?;
    module.add_function(wrap_pyfunction!(prove_chunk, module)?)?;
    module.add_function(wrap_pyfunction!(prove_cells, module)?)?;
    module.add_function(wrap_pyfunction!(profile_chunk, module)?)?;
    module.add_function(wrap_pyfunction!(verify, module)?)?;
    module.add_function(wrap_pyfunction!(check_key, module)?)?;
    module.add_function(wrap_pyfunction!(export_solidity, module)?)?;
    srs::register(module)?;
    module.add_function(wrap_pyfunction!(kernels, module)?)?;
    module.add_function(wrap_pyfunction!(shape, module)?)
}
