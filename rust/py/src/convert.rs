//! Bytes to field elements, points and addresses, and back.
//!
//! A field element is 32 bytes, big endian, below r; anything else raises `Malformed` with what was expected and got.

use l2rollup_core::circuit::transcript;
use l2rollup_core::primitives::babyjubjub::Affine;
use l2rollup_core::primitives::{field, Address, DecodeError, Fr};
use l2rollup_core::processor::Fault;
use plonk::transcript::TranscriptHash;
use plonk::PlonkError;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::PyBytes;

use crate::errors::{from_fault, malformed, Failure};

/// Two field elements as bytes: the coordinates of a point.
pub type Point<'py> = (Bound<'py, PyBytes>, Bound<'py, PyBytes>);

/// The error of a wrong length.
pub fn length(what: &'static str, expected: usize, got: usize) -> DecodeError {
    DecodeError::Length { what, expected, got }
}

/// Exactly N bytes.
pub fn fixed<const N: usize>(py: Python<'_>, what: &'static str, bytes: &[u8]) -> PyResult<[u8; N]> {
    <[u8; N]>::try_from(bytes).map_err(|_| malformed(py, length(what, N, bytes.len())))
}

/// A field element of 32 bytes.
pub fn read_element(py: Python<'_>, bytes: &[u8]) -> PyResult<Fr> {
    field::from_bytes(&fixed::<32>(py, "field element", bytes)?).map_err(|error| malformed(py, error))
}

/// Exactly N field elements.
pub fn read_elements<const N: usize>(py: Python<'_>, list: &[PyBackedBytes]) -> PyResult<[Fr; N]> {
    let all: Vec<Fr> = list.iter().map(|bytes| read_element(py, bytes)).collect::<PyResult<_>>()?;
    <[Fr; N]>::try_from(all).map_err(|all| malformed(py, length("list of field elements", 32 * N, 32 * all.len())))
}

/// A field element as 32 bytes.
pub fn element<'py>(py: Python<'py>, x: &Fr) -> Bound<'py, PyBytes> {
    PyBytes::new(py, &field::to_bytes(x))
}

/// Coordinates as bytes.
pub fn point<'py>(py: Python<'py>, point: &Affine) -> Point<'py> {
    (element(py, &point.x), element(py, &point.y))
}

/// An address of 20 bytes.
pub fn address(py: Python<'_>, bytes: &[u8]) -> PyResult<Address> {
    let array = <[u8; 20]>::try_from(bytes).map_err(|_| {
        from_fault(py, &Fault::compared("malformed_address", "an address has another length", "20 bytes", bytes.len()))
    })?;
    Ok(Address(array))
}

/// A transcript by its name.
pub fn read_transcript(name: &str) -> Result<TranscriptHash, Failure> {
    transcript::by_name(name).ok_or_else(|| {
        let expected = transcript::TRANSCRIPTS.map(|known| known.name()).join(" or ");
        PlonkError::Shape { what: "transcript".into(), expected, got: name.into() }.into()
    })
}

/// Borrowed views of a list of bytes.
pub fn slices(list: &[PyBackedBytes]) -> Vec<&[u8]> {
    list.iter().map(|bytes| &**bytes).collect()
}
