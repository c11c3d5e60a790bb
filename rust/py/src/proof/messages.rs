//! A proof as its messages, in the order and under the names of the one message schema.
//!
//! What it is not: a check. Splitting and joining look at lengths only, so that an examiner can put any bytes in any
//! field; what a field may hold is the verifier's business.

use plonk::schema::Message;
use plonk::verifier::{challenges, Proof};
use plonk::{VerifyError, VerifyingKey};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::PyBytes;

use super::circuit::Circuit;
use super::read_public_inputs;
use crate::errors::Failure;

type Field<'py> = (String, Bound<'py, PyBytes>);

fn wrong(what: &str, expected: impl ToString, got: impl ToString) -> Failure {
    let (expected, got) = (expected.to_string(), got.to_string());
    VerifyError::Malformed { what: what.to_owned(), expected, got }.into()
}

fn split(key: &VerifyingKey, snark: &[u8]) -> Result<Vec<(Message, Vec<u8>)>, Failure> {
    if snark.len() != key.schema.proof_bytes() {
        return Err(wrong("length", key.schema.proof_bytes(), snark.len()));
    }
    let mut rest = snark;
    let take = |message: Message| {
        let (part, after) = rest.split_at(message.bytes());
        rest = after;
        (message, part.to_vec())
    };
    Ok(key.schema.messages().map(take).collect())
}

fn join(key: &VerifyingKey, fields: &[(String, PyBackedBytes)]) -> Result<Vec<u8>, Failure> {
    let messages: Vec<Message> = key.schema.messages().collect();
    if fields.len() != messages.len() {
        return Err(wrong("messages", messages.len(), fields.len()));
    }
    let mut out = Vec::with_capacity(key.schema.proof_bytes());
    for (message, (name, bytes)) in messages.into_iter().zip(fields) {
        if *name != message.name() {
            return Err(wrong("message", message.name(), name));
        }
        if bytes.len() != message.bytes() {
            return Err(wrong(name, format!("{} bytes", message.bytes()), bytes.len()));
        }
        out.extend_from_slice(bytes);
    }
    Ok(out)
}

/// The messages of a proof as (name, bytes): 64 a point, 32 a scalar. Raises ProofMalformed for another length.
#[pyfunction]
pub fn decode_proof<'py>(py: Python<'py>, vk: PyBackedBytes, snark: PyBackedBytes) -> PyResult<Vec<Field<'py>>> {
    let read = || split(&*Circuit::get()?.verifying_key(&vk)?, &snark);
    let parts = py.detach(read).map_err(|failure| failure.raise(py))?;
    Ok(parts.into_iter().map(|(message, bytes)| (message.name(), PyBytes::new(py, &bytes))).collect())
}

/// The bytes of a proof from its messages; every name in its place and every length right, or ProofMalformed.
#[pyfunction]
pub fn encode_proof<'py>(
    py: Python<'py>,
    vk: PyBackedBytes,
    fields: Vec<(String, PyBackedBytes)>,
) -> PyResult<Bound<'py, PyBytes>> {
    let write = || join(&*Circuit::get()?.verifying_key(&vk)?, &fields);
    let bytes = py.detach(write).map_err(|failure| failure.raise(py))?;
    Ok(PyBytes::new(py, &bytes))
}

/// The challenges of a proof as (name, 32 bytes), in the order in which they are drawn. Raises ProofMalformed.
#[pyfunction]
pub fn transcript<'py>(
    py: Python<'py>,
    vk: PyBackedBytes,
    public_inputs: PyBackedBytes,
    snark: PyBackedBytes,
) -> PyResult<Vec<Field<'py>>> {
    let replay = || -> Result<_, Failure> {
        let key = Circuit::get()?.verifying_key(&vk)?;
        let instance = read_public_inputs(&key, &public_inputs)?;
        let drawn = challenges(&key, &instance, &Proof::decode(&key, &snark)?);
        let mut bus: Vec<_> = drawn.bus.iter().map(|(name, x)| (format!("{name:?}").to_lowercase(), *x)).collect();
        bus.sort_by_key(|(name, _)| ["alpha", "gamma", "beta", "delta"].iter().position(|known| known == name));
        bus.extend([("y", drawn.y), ("zeta", drawn.zeta), ("v", drawn.v), ("u", drawn.u)].map(|(n, x)| (n.into(), x)));
        Ok(bus)
    };
    let drawn = py.detach(replay).map_err(|failure| failure.raise(py))?;
    Ok(drawn.into_iter().map(|(name, x)| (name, crate::convert::element(py, &x))).collect())
}
