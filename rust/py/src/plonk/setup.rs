//! A setup as a handle: read and checked once, then shared by every key made with it.
//!
//! What it is not: a choice of setups; Python passes bytes, and the name of what they hold follows from them.

use std::sync::Arc;

use ::plonk::Srs;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::{codec, wrong};
use crate::detach::interruptible;
use crate::errors::Failure;
use crate::proof::read_setup;

/// Most powers of a setup made here.
const MAX_UNSAFE: usize = 1 << 20;

/// A checked setup.
#[pyclass(frozen, name = "PlonkSetup", module = "l2rollup._native")]
pub struct PySetup {
    pub(super) srs: Arc<Srs>,
    digest: [u8; 32],
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

fn finish(srs: Srs) -> Result<PySetup, Failure> {
    let digest = srs.digest()?;
    Ok(PySetup { srs: Arc::new(srs), digest })
}

/// Reads a setup with every check. Raises ConfigurationError.
#[pyfunction]
#[pyo3(signature = (data, progress = None))]
pub fn plonk_setup(py: Python<'_>, data: Vec<u8>, progress: Option<&Bound<'_, PyAny>>) -> PyResult<PySetup> {
    interruptible(py, progress, move |caller| {
        caller.report("checking the setup", 0.0);
        finish(read_setup(&data)?)
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
        finish(Srs::unsafe_dev(tau, powers))
    })
}
