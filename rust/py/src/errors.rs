//! The one table from Rust's errors to the exceptions of `l2rollup.errors`.
//!
//! Faults carry stable codes, so their table is data; the errors of the proof system are matched arm by arm, so a new one
//! does not compile until it has a class here. A test reads every code of the Rust sources and wants it in the table.
//! What it is not: a definition of classes; Python owns them.

use l2rollup_core::processor::Fault;
use plonk::{PlonkError, VerifyError};
use pyo3::prelude::*;
use pyo3::types::PyDict;

const MALFORMED: &str = "Malformed";
const REFUSED: &str = "Refused";
const NOT_FOUND: &str = "NotFound";
const NOT_READY: &str = "NotReady";
const CONFIGURATION: &str = "ConfigurationError";
const CORRUPT: &str = "StorageCorrupt";

/// Class of each fault code.
const TABLE: &[(&str, &str)] = &[
    ("malformed", MALFORMED),
    ("malformed_json", MALFORMED),
    ("malformed_address", MALFORMED),
    ("malformed_hex", MALFORMED),
    ("malformed_data", MALFORMED),
    ("malformed_signature", MALFORMED),
    ("unknown_field", MALFORMED),
    ("missing_field", MALFORMED),
    ("not_an_integer", MALFORMED),
    ("out_of_range", MALFORMED),
    ("too_large", MALFORMED),
    ("reserved_address", REFUSED),
    ("unknown_token", REFUSED),
    ("unknown_call", REFUSED),
    ("unknown_account", REFUSED),
    ("no_key", REFUSED),
    ("bad_signature", REFUSED),
    ("bad_key", REFUSED),
    ("nonce_too_low", REFUSED),
    ("nonce_too_high", REFUSED),
    ("expired", REFUSED),
    ("fee_token_not_listed", REFUSED),
    ("fee_too_low", REFUSED),
    ("insufficient_balance", REFUSED),
    ("zero_amount", REFUSED),
    ("amount_too_large", REFUSED),
    ("chunk_full", REFUSED),
    ("state_full", REFUSED),
    ("queue_order", REFUSED),
    ("unsupported_kind", REFUSED),
    ("not_found", NOT_FOUND),
    ("not_ready", NOT_READY),
    ("storage_corrupt", CORRUPT),
];

/// The table as a dict from code to class name.
pub fn classes(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let out = PyDict::new(py);
    for (code, class) in TABLE {
        out.set_item(code, class)?;
    }
    Ok(out)
}

/// An exception of `l2rollup.errors`; the import error instead when that module cannot be had.
fn raise(py: Python<'_>, class: &str, code: Option<&str>, message: &str, sides: [Option<&str>; 2]) -> PyErr {
    let made = || -> PyResult<PyErr> {
        let details = PyDict::new(py);
        if let Some(code) = code {
            details.set_item("code", code)?;
        }
        details.set_item("expected", sides[0])?;
        details.set_item("got", sides[1])?;
        let class = py.import("l2rollup.errors")?.getattr(class)?;
        Ok(PyErr::from_value(class.call((message,), Some(&details))?))
    };
    made().unwrap_or_else(|error| error)
}

/// A fault as an exception of its class.
pub fn from_fault(py: Python<'_>, fault: &Fault) -> PyErr {
    let class = TABLE.iter().find(|(code, _)| *code == fault.code).map_or("L2Error", |(_, class)| class);
    raise(py, class, Some(fault.code), &fault.message, [fault.expected.as_deref(), fault.got.as_deref()])
}

/// A malformed argument as an exception.
pub fn malformed(py: Python<'_>, error: impl Into<Fault>) -> PyErr {
    from_fault(py, &error.into())
}

/// An error of keys, setups and proving. A cancelled call has its own exception already: what cancelled it.
pub fn from_plonk(py: Python<'_>, error: &PlonkError) -> PyErr {
    let both = |expected: &str, got: &str| [Some(expected.to_owned()), Some(got.to_owned())];
    let (class, message, sides) = match error {
        PlonkError::Relation { what, expected, got } => ("L2Error", format!("relation: {what}"), both(expected, got)),
        PlonkError::Srs { what, expected, got } => (CONFIGURATION, format!("setup: {what}"), both(expected, got)),
        PlonkError::Shape { what, expected, got } => (MALFORMED, format!("shape: {what}"), both(expected, got)),
        PlonkError::Unsatisfied { label, detail } => {
            ("WitnessRejected", format!("the witness violates {label}"), both("every clause holds", detail))
        }
        PlonkError::ZeroDenominator(place) => ("Retryable", format!("zero denominator in {place}"), [None, None]),
        PlonkError::Cancelled => ("Cancelled", "proving was cancelled".to_owned(), [None, None]),
    };
    raise(py, class, None, &message, [sides[0].as_deref(), sides[1].as_deref()])
}

/// What a verifier says: malformed and false are different classes.
pub fn from_verify(py: Python<'_>, error: &VerifyError) -> PyErr {
    match error {
        VerifyError::Malformed { what, expected, got } => {
            raise(py, "ProofMalformed", None, &format!("malformed proof: {what}"), [Some(expected), Some(got)])
        }
        VerifyError::Rejected(why) => raise(py, "ProofRejected", None, why, [Some("a proof that holds"), None]),
    }
}
