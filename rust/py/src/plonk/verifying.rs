//! Verifying keys of Python's circuits: from the bytes of relation and key alone, no circuit and no setup needed.
//!
//! What it is not: an answer. Verification raises; it never returns False.

use std::sync::Arc;

use ::plonk::{generate, verify, VerifyingKey};
use l2rollup_core::circuit::transcript::TRANSCRIPTS;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::PyBytes;

use super::{codec, of_caller, read_packed};
use crate::detach::interruptible;
use crate::errors::Failure;

/// What a verifier needs.
#[pyclass(frozen, name = "PlonkVerifyingKey", module = "l2rollup._native")]
pub struct PyVerifyingKey {
    key: Arc<VerifyingKey>,
}

/// (file, source) of each Solidity contract.
type Sources = Vec<(String, String)>;

#[pymethods]
impl PyVerifyingKey {
    /// Digest of the key: relation, fixed commitments, ceremony.
    #[getter]
    fn digest<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.key.digest)
    }

    /// Name of the setup; it begins with "unsafe-" unless a known ceremony made it.
    #[getter]
    fn setup(&self) -> &str {
        &self.key.setup
    }

    /// The hash that draws its challenges: "keccak" or "poseidon2".
    #[getter]
    fn transcript(&self) -> &str {
        self.key.transcript.name()
    }

    /// Bytes of a proof.
    #[getter]
    fn proof_bytes(&self) -> usize {
        self.key.schema.proof_bytes()
    }

    /// Number of public inputs.
    #[getter]
    fn public_inputs(&self) -> usize {
        self.key.relation.instance_len
    }

    /// Verifies; returns None, or raises Malformed for the inputs, ProofMalformed or ProofRejected for the proof.
    fn verify(&self, py: Python<'_>, public_inputs: PyBackedBytes, proof: PyBackedBytes) -> PyResult<()> {
        let check = || -> Result<(), Failure> {
            let instance = read_packed("public input", &public_inputs)?;
            Ok(verify(&self.key, &instance, &proof)?)
        };
        py.detach(check).map_err(|failure| failure.raise(py))
    }

    /// The messages of a proof in order: (name, bytes).
    fn messages(&self) -> Vec<(String, usize)> {
        self.key.schema.messages().map(|message| (message.name(), message.bytes())).collect()
    }

    /// (file, source) of the Solidity verifier and then of its constraint contracts, and the code of its data contract.
    /// Raises Malformed.
    fn export_solidity<'py>(&self, py: Python<'py>, name: &str) -> PyResult<(Sources, Bound<'py, PyBytes>)> {
        let (key, name) = (Arc::clone(&self.key), name.to_owned());
        let written = interruptible(py, None, move |_| generate(&key, &name).map_err(of_caller))?;
        Ok((written.files, PyBytes::new(py, &written.key_data)))
    }
}

/// A verifying key from its relation and its bytes. Raises Malformed for damaged ones and for those of another relation.
#[pyfunction]
pub fn plonk_verifying_key(py: Python<'_>, relation: Vec<u8>, vk: Vec<u8>) -> PyResult<PyVerifyingKey> {
    interruptible(py, None, move |_| {
        let relation = codec::decode(&relation)?;
        let key = VerifyingKey::from_bytes_with(&relation, &TRANSCRIPTS, &vk).map_err(of_caller)?;
        Ok(PyVerifyingKey { key: Arc::new(key) })
    })
}
