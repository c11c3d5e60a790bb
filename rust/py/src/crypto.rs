//! Hashes, keys and signatures for Python: field elements are 32-byte big-endian strings below r.
//!
//! What it is not: a second implementation; everything is `l2rollup_core`.

use l2rollup_core::da::{evaluate, words_of, Challenge};
use l2rollup_core::eddsa::{self, SignatureError, SignatureForm};
use l2rollup_core::poseidon;
use l2rollup_core::primitives::babyjubjub::Affine;
use l2rollup_core::primitives::{field, Address, DecodeError, Fr};
use l2rollup_core::processor::Fault;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::PyBytes;

use crate::convert::{
    element as out, fixed, point as point_out, read_element as element, read_elements as elements, Point,
};
use crate::errors::{from_fault, malformed};

/// circomlib's Poseidon of five elements. Raises Malformed.
#[pyfunction(name = "poseidon")]
fn poseidon5<'py>(py: Python<'py>, inputs: Vec<PyBackedBytes>) -> PyResult<Bound<'py, PyBytes>> {
    let inputs = elements::<5>(py, &inputs)?;
    Ok(out(py, &poseidon::poseidon5(&inputs)))
}

/// The Poseidon2 permutation of four elements. Raises Malformed.
#[pyfunction]
fn poseidon2_permute<'py>(py: Python<'py>, state: Vec<PyBackedBytes>) -> PyResult<Vec<Bound<'py, PyBytes>>> {
    let mut state = elements::<4>(py, &state)?;
    poseidon::permute(&mut state);
    Ok(state.iter().map(|x| out(py, x)).collect())
}

/// The public key (x, y) of a seed, as circomlibjs derives it.
#[pyfunction]
fn eddsa_public_key<'py>(py: Python<'py>, seed: PyBackedBytes) -> Point<'py> {
    point_out(py, &py.detach(|| eddsa::public_key(&seed)))
}

/// Signs a message element; 64 bytes, R8 packed and S little endian. Raises Malformed.
#[pyfunction]
fn eddsa_sign<'py>(py: Python<'py>, seed: PyBackedBytes, message: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
    let message = element(py, message)?;
    let signature = py.detach(|| eddsa::sign(&seed, &message));
    Ok(PyBytes::new(py, &signature.to_bytes()))
}

/// Verifies; returns True or raises Malformed (form) or Refused (`bad_signature`). It never returns False.
#[pyfunction]
fn eddsa_verify(py: Python<'_>, x: &[u8], y: &[u8], message: &[u8], signature: &[u8]) -> PyResult<bool> {
    let key = Affine { x: element(py, x)?, y: element(py, y)? };
    let message = element(py, message)?;
    let bytes = fixed::<64>(py, "signature", signature)?;
    let result = py.detach(|| {
        let signature = SignatureForm::from_bytes(&bytes)?;
        eddsa::verify(&key, &message, &signature)
    });
    match result {
        Ok(()) => Ok(true),
        Err(SignatureError::Malformed(error)) => Err(from_fault(
            py,
            &Fault::compared("malformed_signature", error.to_string(), "an accepted form", "another"),
        )),
        Err(error @ SignatureError::Rejected) => Err(from_fault(
            py,
            &Fault::compared("bad_signature", error.to_string(), "equal points", "different points"),
        )),
    }
}

/// circomlib's packPoint. Raises Malformed for a point off the curve.
#[pyfunction]
fn pack_point<'py>(py: Python<'py>, x: &[u8], y: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
    let point = Affine { x: element(py, x)?, y: element(py, y)? };
    if !point.is_on_curve() {
        let got = field::hex(&point.pack());
        return Err(malformed(py, DecodeError::value("point", "a point of BabyJubJub", got)));
    }
    Ok(PyBytes::new(py, &point.pack()))
}

/// Reads a packed point. Raises Malformed.
#[pyfunction]
fn unpack_point<'py>(py: Python<'py>, packed: &[u8]) -> PyResult<Point<'py>> {
    let bytes = fixed::<32>(py, "packed point", packed)?;
    Ok(point_out(py, &Affine::unpack(&bytes).map_err(|error| malformed(py, error))?))
}

/// The challenge z of a batch. Raises Malformed.
#[pyfunction]
#[pyo3(signature = (domain, chain_id, rollup, batch_id, tx_c, op_c, transactions, operations))]
#[expect(clippy::too_many_arguments, reason = "the list is the definition of z")]
fn data_challenge<'py>(
    py: Python<'py>,
    domain: &[u8],
    chain_id: u64,
    rollup: &[u8],
    batch_id: u64,
    tx_c: &[u8],
    op_c: &[u8],
    transactions: PyBackedBytes,
    operations: PyBackedBytes,
) -> PyResult<Bound<'py, PyBytes>> {
    let rollup = fixed::<20>(py, "rollup", rollup)?;
    let (domain, tx_c, op_c) = (element(py, domain)?, element(py, tx_c)?, element(py, op_c)?);
    for stream in [&transactions, &operations] {
        words_of(stream).map_err(|error| malformed(py, error))?;
    }
    let (transactions, operations) = (&*transactions, &*operations);
    let challenge =
        Challenge { domain, chain_id, rollup: Address(rollup), batch_id, tx_c, op_c, transactions, operations };
    Ok(out(py, &challenge.z()))
}

/// y of a stream at z, starting from 0. Raises Malformed.
#[pyfunction]
fn data_evaluation<'py>(py: Python<'py>, words: PyBackedBytes, z: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
    let z = element(py, z)?;
    let y = py.detach(|| words_of(&words).map(|words| evaluate(&Fr::default(), &words, &z)));
    Ok(out(py, &y.map_err(|error| malformed(py, error))?))
}

/// Adds the functions to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(poseidon5, module)?)?;
    module.add_function(wrap_pyfunction!(poseidon2_permute, module)?)?;
    module.add_function(wrap_pyfunction!(eddsa_public_key, module)?)?;
    module.add_function(wrap_pyfunction!(eddsa_sign, module)?)?;
    module.add_function(wrap_pyfunction!(eddsa_verify, module)?)?;
    module.add_function(wrap_pyfunction!(pack_point, module)?)?;
    module.add_function(wrap_pyfunction!(unpack_point, module)?)?;
    module.add_function(wrap_pyfunction!(data_challenge, module)?)?;
    module.add_function(wrap_pyfunction!(data_evaluation, module)?)
}
