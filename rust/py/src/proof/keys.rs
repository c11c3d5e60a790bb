//! Prover keys: made on first use from the circuit and a setup, cached in a file, and never believed without a check.
//!
//! A cache file is named by circuit and setup; its checksum, its digest and a random combination of its commitments are
//! compared on every load. A file that fails is made again.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use l2rollup_core::primitives::field::hex;
use plonk::{keygen_over, ProvingKey, Srs};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::circuit::Circuit;
use super::srs::{lagrange_beside, read_file};
use crate::convert::read_transcript;
use crate::detach::{interruptible, Caller};
use crate::errors::Failure;

/// What a prover needs.
#[pyclass(frozen, name = "ProverKey", module = "l2rollup._native")]
pub struct PyProverKey {
    pub(super) key: Arc<ProvingKey>,
    cached: bool,
}

#[pymethods]
impl PyProverKey {
    /// Bytes of the verifying key.
    fn vk<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let bytes = self.key.vk.to_bytes().map_err(|error| Failure::from(error).raise(py))?;
        Ok(PyBytes::new(py, &bytes))
    }

    /// Digest of the verifying key, `vkDigest()` on L1.
    #[getter]
    fn vk_digest<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
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

    /// True when it came from the cache.
    #[getter]
    fn cached(&self) -> bool {
        self.cached
    }

    fn __repr__(&self) -> String {
        format!("ProverKey({}, setup={:?})", hex(&self.key.vk.digest), self.key.vk.setup)
    }
}

/// Reads a setup in our compressed form or as arkworks writes it, with every check.
pub fn read_setup(bytes: &[u8]) -> Result<Srs, Failure> {
    let compressed = bytes.starts_with(b"l2r-srs1");
    Ok(if compressed { Srs::from_compressed_bytes(bytes) } else { Srs::from_arkworks_bytes(bytes) }?)
}

fn cache_file(folder: &Path, circuit: &Circuit, srs: &Srs) -> Result<PathBuf, Failure> {
    let name = |digest: &[u8; 32]| hex(&digest[..8]).trim_start_matches("0x").to_owned();
    Ok(folder.join(format!("leaf-{}-{}.key", name(&circuit.digest), name(&srs.digest()?))))
}

/// Writes beside and renames, so that no reader ever sees half a file.
fn store(file: &Path, content: &[u8]) -> Result<(), Failure> {
    let part = file.with_extension(format!("{}.part", std::process::id()));
    let written = std::fs::write(&part, content).and_then(|()| std::fs::rename(&part, file));
    written.map_err(|error| {
        let _ = std::fs::remove_file(&part);
        Failure::File(format!("the key cache {}", file.display()), "a folder that can be written", error.to_string())
    })
}

/// A setup as Python names it: its bytes, or a file.
#[derive(FromPyObject)]
pub enum Setup {
    Bytes(Vec<u8>),
    File(PathBuf),
}

/// The key with Keccak, which the cache holds, and whether it came from there.
fn open(folder: &Path, setup: &Setup, caller: &Caller) -> Result<(ProvingKey, bool), Failure> {
    caller.report("compiling the circuit", 0.0);
    let circuit = Circuit::get()?;
    caller.report("checking the setup", 0.1);
    let n = circuit.relation.n();
    let srs = match setup {
        Setup::Bytes(bytes) => read_setup(bytes)?,
        Setup::File(file) => read_file(file, n, caller)?,
    };
    let file = cache_file(folder, circuit, &srs)?;
    if let Ok(bytes) = std::fs::read(&file) {
        caller.report("loading the cached key", 0.3);
        match ProvingKey::from_cache(&circuit.relation, &circuit.fixed, &srs, &bytes) {
            Ok(key) => return Ok((key, true)),
            Err(error) => caller.report(&format!("the cached key is refused ({error}) and made again"), 0.3),
        }
    }
    caller.report("making the key", 0.3);
    let basis = match setup {
        Setup::Bytes(_) => srs.lagrange(n)?,
        Setup::File(file) => lagrange_beside(file, &srs, n, caller)?,
    };
    let key = keygen_over(&circuit.relation, &circuit.fixed, &srs, basis)?;
    caller.report("storing the key", 0.9);
    store(&file, &key.to_cache()?)?;
    Ok((key, false))
}

/// The prover key of the leaf circuit: from the cache when it passes every check, else made now and cached.
/// The setup comes as bytes or as a file, of which only as many powers are read as the circuit has rows. `transcript` is "keccak" or
/// "poseidon2". `progress(step, part)` is called between steps. Raises ConfigurationError for a bad setup or folder, Malformed for another
/// transcript.
#[pyfunction]
#[pyo3(signature = (cache_dir, srs, transcript = "keccak", progress = None))]
pub fn keys(
    py: Python<'_>,
    cache_dir: PathBuf,
    srs: Setup,
    transcript: &str,
    progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<PyProverKey> {
    let transcript = read_transcript(transcript).map_err(|failure| failure.raise(py))?;
    interruptible(py, progress, move |caller| {
        let (key, cached) = open(&cache_dir, &srs, caller)?;
        Ok(PyProverKey { key: Arc::new(key.with_transcript(transcript)), cached })
    })
}

/// Checks a setup; returns its name, its number of G1 powers and its Keccak digest. Raises ConfigurationError.
#[pyfunction]
pub fn check_setup(py: Python<'_>, srs: Vec<u8>) -> PyResult<(String, usize, Bound<'_, PyBytes>)> {
    let (name, powers, digest) = interruptible(py, None, move |_| {
        let srs = read_setup(&srs)?;
        Ok((srs.name.clone(), srs.powers.len(), srs.digest()?))
    })?;
    Ok((name, powers, PyBytes::new(py, &digest)))
}
