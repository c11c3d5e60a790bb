//! The typed refusal of an item. Codes are stable names shared with the API and the Python specification.

use thiserror::Error;

/// Why an item or a request was refused; nothing has changed.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{code}: {message}")]
pub struct Fault {
    /// Stable name, such as `nonce_too_low`.
    pub code: &'static str,
    /// One sentence.
    pub message: String,
    /// What would have been accepted.
    pub expected: Option<String>,
    /// What came.
    pub got: Option<String>,
}

impl Fault {
    /// A fault that has nothing to compare.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), expected: None, got: None }
    }

    /// A fault with both sides of what was compared.
    pub fn compared(
        code: &'static str,
        message: impl Into<String>,
        expected: impl ToString,
        got: impl ToString,
    ) -> Self {
        Self { code, message: message.into(), expected: Some(expected.to_string()), got: Some(got.to_string()) }
    }
}

impl From<crate::primitives::DecodeError> for Fault {
    fn from(error: crate::primitives::DecodeError) -> Self {
        Self::new("malformed", error.to_string())
    }
}
