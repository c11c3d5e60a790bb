//! Proofs of the exit circuit: balances under one root, for forceExit and forceExits on L1.
//!
//! The key is made from circuit and setup each time (a second); nothing is cached. What it is not: a statement about who may leave.

use l2rollup_core::circuit::exit::{assign, fixed, relation, Exit, ExitError, SLOTS};
use l2rollup_core::engine::Engine;
use l2rollup_core::primitives::{Address, Fr};
use l2rollup_core::processor::Fault;
use plonk::{keygen, prove, Progress};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::keys::{read_setup, Setup};
use super::srs::read_file;
use crate::detach::Caller;
use crate::errors::Failure;

/// A proof of balances: what it is of, in order, and under which key.
#[pyclass(frozen, name = "ExitProof", module = "l2rollup._native", skip_from_py_object)]
pub struct PyExitProof {
    balances: Vec<(u32, u16, u128)>,
    snark: Vec<u8>,
    vk_digest: [u8; 32],
}

#[pymethods]
impl PyExitProof {
    /// Account index, token index and amount of each balance.
    #[getter]
    fn balances(&self) -> Vec<(u32, u16, u128)> {
        self.balances.clone()
    }

    /// Bytes of the proof.
    #[getter]
    fn snark<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.snark)
    }

    /// Digest of the verifying key, `vkDigest()` of the exit verifier on L1.
    #[getter]
    fn vk_digest<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.vk_digest)
    }
}

fn refused(error: ExitError) -> Failure {
    let what = format!("exit does not hold: {}", error.what);
    Fault::compared("malformed", &what, error.expected, error.got).into()
}

/// An account's balance of a token as the circuit takes it.
pub fn read_exit(engine: &mut Engine, address: Address, token: u16) -> Result<Exit, Failure> {
    let (_, proof) = engine.prove(address, None, None);
    Exit::new(&proof, &engine.prove_balance(proof.index, token)).map_err(refused)
}

/// Checks the exits natively, then proves them.
pub fn prove_exits(exits: &[Exit], root: Fr, setup: &Setup, caller: &Caller) -> Result<PyExitProof, Failure> {
    for exit in exits {
        exit.check(&root).map_err(refused)?;
    }
    // One balance has a layout of its own, which L1 verifies for less.
    let slots = if exits.len() == 1 { 1 } else { SLOTS };
    let (relation, fixed) = (relation(slots), fixed(slots));
    let witness = assign(slots, exits, root).map_err(refused)?;
    caller.report("checking the setup", 0.0);
    let srs = match setup {
        Setup::Bytes(bytes) => read_setup(bytes)?,
        Setup::File(file) => read_file(file, relation.n(), caller)?,
    };
    caller.report("making the key", 0.2);
    let key = keygen(&relation, &fixed, &srs)?;
    let report = |round: usize| caller.report(&format!("round {round} of 5"), 0.5 + round as f64 / 10.0);
    let progress = Progress { report: Some(&report), cancel: Some(&caller.cancel), ..Progress::default() };
    let snark = prove(&key, &witness, progress)?;
    let balances = exits.iter().map(|exit| (exit.index, exit.token, exit.amount())).collect();
    Ok(PyExitProof { balances, snark, vk_digest: key.vk.digest })
}
