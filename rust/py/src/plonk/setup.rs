//! A setup as a handle: read and checked once, then shared by every key made with it.
//!
//! The Lagrange basis of each number of rows is computed once a handle: it takes most of the time of a key, and whoever works on
//! a circuit makes many. What it is not: a choice of setups; Python passes bytes, and the name of what they hold follows from them.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use ::plonk::{G1Affine, Srs};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::{codec, wrong};
use crate::detach::{interruptible, Caller};
use crate::errors::Failure;
use crate::proof::{lagrange_beside, read_file, read_setup, Setup};

/// Most powers of a setup made here.
const MAX_UNSAFE: usize = 1 << 20;

/// A checked setup.
#[pyclass(frozen, name = "PlonkSetup", module = "l2rollup._native")]
pub struct PySetup {
    pub(super) srs: Arc<Srs>,
    digest: [u8; 32],
    pub(super) bases: Arc<Bases>,
}

/// Lagrange bases by number of rows, and the setup's file, beside which they are kept.
#[derive(Default)]
pub struct Bases {
    file: Option<PathBuf>,
    known: Mutex<HashMap<usize, Arc<Vec<G1Affine>>>>,
}

impl Bases {
    /// The basis for n rows, computed (or read from the file beside the setup's, and checked) when it is first asked for.
    pub fn get(&self, srs: &Srs, n: usize, caller: &Caller) -> Result<Arc<Vec<G1Affine>>, Failure> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(basis) = known.get(&n) {
            return Ok(Arc::clone(basis));
        }
        let basis = Arc::new(match &self.file {
            Some(file) if srs.powers.len() >= n => lagrange_beside(file, srs, n, caller)?,
            _ => srs.lagrange(n)?,
        });
        known.insert(n, Arc::clone(&basis));
        Ok(basis)
    }
}

#[pymethods]
impl PySetup {
    /// The ceremony; it begins with "unsafe-" unless a known one made the setup.
    #[getter]
    fn name(&self) -> &str {
        &self.srs.name
    }

    /// Number of G1 powers: the most rows of a circuit.
    #[getter]
    fn powers(&self) -> usize {
        self.srs.powers.len()
    }

    /// Keccak digest of the setup.
    #[getter]
    fn digest<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.digest)
    }
}

fn finish(srs: Srs, file: Option<PathBuf>) -> Result<PySetup, Failure> {
    let digest = srs.digest()?;
    let bases = Arc::new(Bases { file, ..Bases::default() });
    Ok(PySetup { srs: Arc::new(srs), digest, bases })
}

/// Reads a setup with every check: its bytes, or the first `powers` of a file of any format. Raises ConfigurationError.
#[pyfunction]
#[pyo3(signature = (setup, powers, progress = None))]
pub fn plonk_setup(
    py: Python<'_>,
    setup: Setup,
    powers: usize,
    progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<PySetup> {
    interruptible(py, progress, move |caller| {
        caller.report("checking the setup", 0.0);
        match setup {
            Setup::Bytes(bytes) => finish(read_setup(&bytes)?, None),
            Setup::File(file) => finish(read_file(&file, powers, caller)?, Some(file)),
        }
    })
}

/// Makes a setup whose tau (32 bytes, little endian) the caller knows, named "unsafe-...". Raises Malformed.
#[pyfunction]
pub fn plonk_dev_setup(py: Python<'_>, tau: Vec<u8>, powers: usize) -> PyResult<PySetup> {
    interruptible(py, None, move |_| {
        if !(2..=MAX_UNSAFE).contains(&powers) {
            return Err(wrong("powers", format!("2 to {MAX_UNSAFE}"), powers));
        }
        let tau = codec::read_element("tau", &tau)?;
        if tau == 0u64.into() || tau == 1u64.into() {
            return Err(wrong("tau", "neither 0 nor 1", tau));
        }
        finish(Srs::unsafe_dev(tau, powers), None)
    })
}
