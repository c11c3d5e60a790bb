//! What can go wrong on a device. `NoDevice` is a fact about the machine; the caller goes on without.

use thiserror::Error;

/// Errors of the device.
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

impl CudaError {
    pub(super) fn shape(what: &'static str, expected: impl ToString, got: impl ToString) -> Self {
        Self::Shape { what, expected: expected.to_string(), got: got.to_string() }
    }
}
