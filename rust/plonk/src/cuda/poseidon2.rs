//! Permutations of Poseidon2 with t = 4 in numbers, on the device. The caller has the constants: this crate knows no hash.

use ark_bn254::Fr;

use super::columns::Columns;
use super::kernels::Device;
use super::memory::Buffer;
use crate::error::CudaError;

/// The constants of a permutation, on the device.
pub struct Poseidon2 {
    device: &'static Device,
    constants: Buffer<Fr>,
    half_full: usize,
    partial: usize,
}

impl std::fmt::Debug for Poseidon2 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Poseidon2({} full rounds, {} partial)", 2 * self.half_full, self.partial)
    }
}

impl Poseidon2 {
    /// Diagonal of the internal matrix less the all-ones matrix, constants of the full rounds (half of them before the partial
    /// ones, half behind) and of the partial rounds.
    ///
    /// # Errors
    /// `CudaError::Shape` for an odd number of full rounds; `CudaError::Driver`.
    pub fn new(
        device: &'static Device,
        diagonal: &[Fr; 4],
        full: &[[Fr; 4]],
        partial: &[Fr],
    ) -> Result<Self, CudaError> {
        if !full.len().is_multiple_of(2) {
            return Err(CudaError::shape("full rounds", "an even number", full.len()));
        }
        let (first, last) = full.split_at(full.len() / 2);
        let constants = [&diagonal[..], first.as_flattened(), partial, last.as_flattened()].concat();
        let constants = Buffer::from_host(device, &constants)?;
        Ok(Self { device, constants, half_full: full.len() / 2, partial: partial.len() })
    }

    /// Permutes every state.
    ///
    /// # Errors
    /// `CudaError::Driver`.
    pub fn permute_all(&self, states: &mut [[Fr; 4]]) -> Result<(), CudaError> {
        let flat = states.as_flattened_mut();
        let mut values = Buffer::from_host(self.device, flat)?;
        self.device.poseidon2(&mut values, &self.constants, self.half_full, self.partial)?;
        values.read(0, flat)
    }

    /// Permutes states that are on the device: columns of four elements each.
    ///
    /// # Errors
    /// `CudaError::Shape` for columns of another length; `CudaError::Driver`.
    pub fn permute(&self, states: &mut Columns) -> Result<(), CudaError> {
        if states.n != 4 && states.count != 0 {
            return Err(CudaError::shape("state", 4, states.n));
        }
        self.device.poseidon2(&mut states.values, &self.constants, self.half_full, self.partial)
    }
}
