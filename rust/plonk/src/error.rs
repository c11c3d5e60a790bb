//! What can go wrong, with what was expected and what came. Malformed and false are different types.

use thiserror::Error;

/// Errors of building, keying and proving.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
pub enum PlonkError {
    /// A relation that this system cannot prove.
    #[error("relation: {what}: expected {expected}, got {got}")]
    Relation {
        /// Which part of the relation.
        what: String,
        /// What was expected.
        expected: String,
        /// What came.
        got: String,
    },
    /// A setup that is malformed, too small or of another ceremony.
    #[error("setup: {what}: expected {expected}, got {got}")]
    Srs {
        /// Which property of the setup.
        what: String,
        /// What was expected.
        expected: String,
        /// What came.
        got: String,
    },
    /// A key or witness of another shape.
    #[error("shape: {what}: expected {expected}, got {got}")]
    Shape {
        /// Which dimension.
        what: String,
        /// What was expected.
        expected: String,
        /// What came.
        got: String,
    },
    /// The witness does not satisfy the relation.
    #[error("witness violates {label}: {detail}")]
    Unsatisfied {
        /// Label of the first violated constraint.
        label: String,
        /// Row and values.
        detail: String,
    },
    /// A challenge hit a zero denominator; prove again with another witness order or refuse.
    #[error("zero denominator in {0}")]
    ZeroDenominator(String),
    /// The caller asked to stop.
    #[error("cancelled")]
    Cancelled,
}

impl PlonkError {
    pub(crate) fn relation(what: &str, expected: impl ToString, got: impl ToString) -> Self {
        Self::Relation { what: what.into(), expected: expected.to_string(), got: got.to_string() }
    }
    pub(crate) fn srs(what: &str, expected: impl ToString, got: impl ToString) -> Self {
        Self::Srs { what: what.into(), expected: expected.to_string(), got: got.to_string() }
    }
    pub(crate) fn shape(what: &str, expected: impl ToString, got: impl ToString) -> Self {
        Self::Shape { what: what.into(), expected: expected.to_string(), got: got.to_string() }
    }
}

/// Errors of verification.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
pub enum VerifyError {
    /// Not a proof at all: wrong length, a scalar not below r, a coordinate not below q, a point off the curve.
    #[error("malformed proof: {what}: expected {expected}, got {got}")]
    Malformed {
        /// Which field.
        what: String,
        /// What was expected.
        expected: String,
        /// What came.
        got: String,
    },
    /// Well-formed, and false.
    #[error("proof rejected: {0}")]
    Rejected(String),
}

impl VerifyError {
    pub(crate) fn malformed(what: &str, expected: impl ToString, got: impl ToString) -> Self {
        Self::Malformed { what: what.into(), expected: expected.to_string(), got: got.to_string() }
    }
}

/// Errors of computing on a GPU. `NoDevice` is a fact about the machine or the build; the processor does the work then.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
pub enum CudaError {
    /// No driver, no GPU, or one that cannot run the kernels.
    #[error("no device: {0}")]
    NoDevice(String),
    /// The driver refused a call: memory is short, or the device is broken.
    #[error("driver: {call}: expected success, got {code} ({name})")]
    Driver {
        /// The function of the driver.
        call: &'static str,
        /// Its result.
        code: i32,
        /// The driver's name for it.
        name: String,
    },
    /// Columns or points of another size.
    #[error("shape: {what}: expected {expected}, got {got}")]
    Shape {
        /// Which dimension.
        what: &'static str,
        /// What was expected.
        expected: String,
        /// What came.
        got: String,
    },
}

#[cfg(feature = "cuda")]
impl CudaError {
    pub(crate) fn shape(what: &'static str, expected: impl ToString, got: impl ToString) -> Self {
        Self::Shape { what, expected: expected.to_string(), got: got.to_string() }
    }
}
