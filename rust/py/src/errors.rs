//! The one table from Rust's errors to the exceptions of `l2rollup.errors`.
//!
//! Faults carry stable codes, so their table is data; the errors of the proof system are matched arm by arm, so a new
//! one does not compile until it has a class here. A test reads every code of the Rust sources and wants
//! it in the table. What it is not: a definition of classes; Python owns them.

use l2rollup_core::circuit::CircuitError;
use l2rollup_core::primitives::DecodeError;
use l2rollup_core::processor::Fault;
use plonk::{PlonkError, VerifyError};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Code of what should not happen.
pub const INTERNAL: &str = "internal_error";

const BASE: &str = "L2Error";
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
    ("incomplete_group", REFUSED),
    ("group_failed", REFUSED),
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
    let class = TABLE.iter().find(|(code, _)| *code == fault.code).map_or(BASE, |(_, class)| class);
    raise(py, class, Some(fault.code), &fault.message, [fault.expected.as_deref(), fault.got.as_deref()])
}

/// A malformed argument as an exception.
pub fn malformed(py: Python<'_>, error: impl Into<Failure>) -> PyErr {
    error.into().raise(py)
}

/// Whatever a computation outside the interpreter can end with.
pub enum Failure {
    /// A refusal of the engine.
    Fault(Fault),
    /// Bytes of another form.
    Decode(DecodeError),
    /// Keys, setup or proving.
    Plonk(PlonkError),
    /// Verification.
    Verify(VerifyError),
    /// A chunk that does not fit the circuit.
    Circuit(CircuitError),
    /// A file: what, expected, got.
    File(String, &'static str, String),
    /// Ours: what, why.
    Internal(String, String),
}

impl Failure {
    /// An error that is nobody's fault but ours, or the machine's.
    pub fn internal(what: &str, why: impl ToString) -> Self {
        Self::Internal(what.to_owned(), why.to_string())
    }

    /// The exception.
    pub fn raise(&self, py: Python<'_>) -> PyErr {
        match self {
            Self::Fault(fault) => from_fault(py, fault),
            Self::Decode(error) => from_decode(py, error),
            Self::Plonk(error) => from_plonk(py, error),
            Self::Verify(error) => from_verify(py, error),
            Self::Circuit(CircuitError { what, expected, got }) => {
                raise(py, MALFORMED, None, &format!("circuit: {what}"), [Some(expected), Some(got)])
            }
            Self::File(what, expected, got) => raise(py, CONFIGURATION, None, what, [Some(expected), Some(got)]),
            Self::Internal(what, why) => raise(py, BASE, Some(INTERNAL), what, [None, Some(why)]),
        }
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<DecodeError> for Failure {
    fn from(error: DecodeError) -> Self {
        Self::Decode(error)
    }
}

impl From<PlonkError> for Failure {
    fn from(error: PlonkError) -> Self {
        Self::Plonk(error)
    }
}

impl From<VerifyError> for Failure {
    fn from(error: VerifyError) -> Self {
        Self::Verify(error)
    }
}

impl From<CircuitError> for Failure {
    fn from(error: CircuitError) -> Self {
        Self::Circuit(error)
    }
}

fn from_decode(py: Python<'_>, error: &DecodeError) -> PyErr {
    let (what, expected, got) = match error {
        DecodeError::Length { what, expected, got } => (*what, format!("{expected} bytes"), got.to_string()),
        DecodeError::Field { got } => ("field element", "an integer below r".to_owned(), got.clone()),
        DecodeError::Value { what, expected, got } => (*what, expected.clone(), got.clone()),
    };
    raise(py, MALFORMED, None, &format!("malformed {what}"), [Some(&expected), Some(&got)])
}

fn from_plonk(py: Python<'_>, error: &PlonkError) -> PyErr {
    let (class, message, sides) = match error {
        PlonkError::Relation { what, expected, got } => {
            (BASE, format!("relation: {what}"), [Some(expected), Some(got)])
        }
        PlonkError::Srs { what, expected, got } => {
            (CONFIGURATION, format!("setup: {what}"), [Some(expected), Some(got)])
        }
        PlonkError::Shape { what, expected, got } => (MALFORMED, format!("shape: {what}"), [Some(expected), Some(got)]),
        PlonkError::Unsatisfied { label, detail } => {
            ("WitnessRejected", format!("the witness violates {label}"), [None, Some(detail)])
        }
        PlonkError::ZeroDenominator(place) => ("Retryable", format!("zero denominator in {place}"), [None, None]),
        PlonkError::Cancelled => ("Cancelled", "proving was cancelled".to_owned(), [None, None]),
    };
    raise(py, class, None, &message, sides.map(|side| side.map(String::as_str)))
}

/// Malformed and false are different classes.
fn from_verify(py: Python<'_>, error: &VerifyError) -> PyErr {
    match error {
        VerifyError::Malformed { what, expected, got } => {
            raise(py, "ProofMalformed", None, &format!("malformed proof: {what}"), [Some(expected), Some(got)])
        }
        VerifyError::Rejected(why) => raise(py, "ProofRejected", None, why, [Some("a proof that holds"), None]),
    }
}
