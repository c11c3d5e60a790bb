//! Proving keys of Python's circuits.
//!
//! What it is not: a cache; Python decides which bytes are kept where, and `ProvingKey::from_cache` believes none unchecked.

use std::sync::Arc;
use std::time::Instant;

use ::plonk::{keygen_over, prove, CudaError, Progress, ProvingKey};
use l2rollup_core::circuit::transcript::TRANSCRIPTS;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::circuit::{read_witness, PyCircuit};
use super::of_caller;
use super::setup::PySetup;
use crate::detach::interruptible;
use crate::convert::read_transcript;
use crate::errors::Failure;

/// What a prover needs.
#[pyclass(frozen, name = "PlonkKey", module = "l2rollup._native")]
pub struct PyPlonkKey {
    key: Arc<ProvingKey>,
}

#[pymethods]
impl PyPlonkKey {
    /// Bytes for a key cache: digest, commitments, Lagrange basis, checksum.
    fn cache<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let key = Arc::clone(&self.key);
        let bytes = interruptible(py, None, move |_| Ok(key.to_cache()?))?;
        Ok(PyBytes::new(py, &bytes))
    }

    /// Bytes of the verifying key, without the relation.
    fn vk<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let bytes = self.key.vk.to_bytes().map_err(|error| Failure::from(error).raise(py))?;
        Ok(PyBytes::new(py, &bytes))
    }

    /// Digest of the verifying key.
    #[getter]
    fn digest<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.key.vk.digest)
    }

    /// Name of the setup; it begins with "unsafe-" unless a known ceremony made it.
    #[getter]
    fn setup(&self) -> &str {
        &self.key.vk.setup
    }

    /// The hash that draws its challenges: "keccak" or "poseidon2".
    #[getter]
    fn transcript(&self) -> &str {
        self.key.vk.transcript.name()
    }

    /// Proves packed columns; with `check` the witness is checked first. Returns the proof and the seconds it took.
    /// Raises Malformed, WitnessRejected, Cancelled.
    #[pyo3(signature = (columns, public_inputs, check = true, progress = None))]
    fn prove<'py>(
        &self,
        py: Python<'py>,
        columns: Vec<u8>,
        public_inputs: Vec<u8>,
        check: bool,
        progress: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<(Bound<'py, PyBytes>, f64)> {
        let key = Arc::clone(&self.key);
        let (proof, seconds) = interruptible(py, progress, move |caller| {
            let started = Instant::now();
            let witness = read_witness(&key.vk.relation, &columns, &public_inputs)?;
            let report = |round: usize| caller.report(&format!("round {round} of 5"), round as f64 / 6.0);
            let device = |found: Result<&str, &CudaError>| caller.report_device(found);
            let progress = Progress {
                report: Some(&report),
                cancel: Some(&caller.cancel),
                skip_check: !check,
                device: Some(&device),
                ..Progress::default()
            };
            Ok((prove(&key, &witness, progress).map_err(of_caller)?, started.elapsed().as_secs_f64()))
        })?;
        Ok((PyBytes::new(py, &proof), seconds))
    }
}

/// The proving key of a circuit: made, or rebuilt from `cached` bytes and refused where these are of another circuit or setup. Its
/// transcript is the one named, else that of the bytes, else Keccak. Raises Malformed, ConfigurationError.
#[pyfunction]
#[pyo3(signature = (circuit, setup, cached = None, transcript = None, progress = None))]
pub fn plonk_keys(
    py: Python<'_>,
    circuit: &Bound<'_, PyCircuit>,
    setup: &Bound<'_, PySetup>,
    cached: Option<Vec<u8>>,
    transcript: Option<&str>,
    progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<PyPlonkKey> {
    let transcript = transcript.map(read_transcript).transpose().map_err(|failure| failure.raise(py))?;
    let (relation, trace) = (Arc::clone(&circuit.get().relation), Arc::clone(&circuit.get().trace));
    let (srs, bases) = (Arc::clone(&setup.get().srs), Arc::clone(&setup.get().bases));
    interruptible(py, progress, move |caller| {
        let key = match cached {
            Some(bytes) => {
                caller.report("loading the key", 0.0);
                ProvingKey::from_cache_with(&relation, &trace, &srs, &TRANSCRIPTS, &bytes)
            }
            None => {
                caller.report("making the key", 0.0);
                let lagrange = bases.get(&srs, relation.n(), caller)?;
                keygen_over(&relation, &trace, &srs, lagrange.to_vec())
            }
        };
        let key = key.map_err(of_caller)?;
        let key = match transcript {
            Some(wanted) => key.with_transcript(wanted),
            None => key,
        };
        Ok(PyPlonkKey { key: Arc::new(key) })
    })
}
