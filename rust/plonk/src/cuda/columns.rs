//! Columns of field elements on the device, all of one length.

use ark_bn254::Fr;

use super::kernels::Device;
use super::memory::Buffer;
use crate::error::CudaError;

/// `count` columns of `n` elements, one behind the other in the memory of the device.
pub struct Columns {
    pub(super) values: Buffer<Fr>,
    pub(super) count: usize,
    pub(super) n: usize,
}

impl std::fmt::Debug for Columns {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Columns({} of {})", self.count, self.n)
    }
}

impl Columns {
    /// Copies columns to the device; those shorter than the longest are filled with zeros.
    ///
    /// # Errors
    /// `CudaError::Driver`.
    pub fn upload<C: AsRef<[Fr]>>(device: &'static Device, columns: &[C]) -> Result<Self, CudaError> {
        let n = columns.iter().map(|c| c.as_ref().len()).max().unwrap_or(0);
        let whole = columns.iter().all(|c| c.as_ref().len() == n);
        let len = n * columns.len();
        let mut values = if whole { Buffer::new(device, len) } else { Buffer::zeroed(device, len) }?;
        for (i, column) in columns.iter().enumerate() {
            values.write(i * n, column.as_ref())?;
        }
        Ok(Self { values, count: columns.len(), n })
    }

    /// One column: scale base^i in element i.
    ///
    /// # Errors
    /// `CudaError::Driver`.
    pub fn powers(device: &'static Device, base: Fr, scale: Fr, n: usize) -> Result<Self, CudaError> {
        let mut values = Buffer::new(device, n)?;
        device.powers(&mut values, base, scale)?;
        Ok(Self { values, count: 1, n })
    }

    /// Copies every column to the host.
    ///
    /// # Errors
    /// `CudaError::Driver`.
    pub fn download(&self) -> Result<Vec<Vec<Fr>>, CudaError> {
        let column = |i: usize| {
            let mut out = vec![Fr::from(0u64); self.n];
            self.values.read(i * self.n, &mut out)?;
            Ok(out)
        };
        (0..self.count).map(column).collect()
    }

    /// Number of columns.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// Elements of a column.
    #[must_use]
    pub fn n(&self) -> usize {
        self.n
    }
}
