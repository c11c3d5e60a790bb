//! Fourier transforms of columns on the device, natural order in and out. Twin of `crate::fft`; see `cuda/transform.cu`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use ark_bn254::Fr;
use ark_ff::{FftField, Field};

use super::columns::Columns;
use super::kernels::{Device, Pass, LOG_TILE};
use super::memory::Buffer;
use crate::error::CudaError;
use crate::fft::Direction;

/// Plans by size, direction and coset.
pub(super) type Plans = Mutex<HashMap<(usize, Direction, Fr), Arc<Transform>>>;

/// A planned transform: tables on the device.
pub struct Transform {
    device: &'static Device,
    log_n: u32,
    /// w^0 ... w^(n/2 - 1) for the root w of order n of this direction, and the same of the order of a tile.
    roots: [Buffer<Fr>; 2],
    /// What multiplies element i before: shift^i.
    before: Option<Buffer<Fr>>,
    /// What multiplies element i after: shift^-i / n.
    after: Option<Buffer<Fr>>,
}

impl std::fmt::Debug for Transform {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Transform(2^{})", self.log_n)
    }
}

impl Transform {
    /// Plans a transform of n elements on the coset `shift` H of the group H of order n.
    ///
    /// # Errors
    /// `CudaError::Shape` when n is no power of two up to 2^28, or the shift is zero; `CudaError::Driver`.
    pub fn new(device: &'static Device, n: usize, direction: Direction, shift: Fr) -> Result<Self, CudaError> {
        let size = || CudaError::shape("transform", "a power of two up to 2^28", n);
        if !n.is_power_of_two() {
            return Err(size());
        }
        let log_n = n.trailing_zeros();
        let inverse = shift.inverse().ok_or_else(|| CudaError::shape("coset shift", "non-zero", shift))?;
        let root = |log: u32| -> Result<Fr, CudaError> {
            let w = Fr::get_root_of_unity(1 << log).ok_or_else(size)?;
            Ok(match direction {
                Direction::Forward => w,
                Direction::Inverse => w.inverse().unwrap_or(w),
            })
        };
        let powers = |base: Fr, scale: Fr, len: usize| {
            let mut out = Buffer::new(device, len.max(1))?;
            device.powers(&mut out, base, scale)?;
            Ok::<_, CudaError>(out)
        };
        let short = log_n.min(LOG_TILE);
        let roots = [powers(root(log_n)?, Fr::ONE, n / 2)?, powers(root(short)?, Fr::ONE, (1 << short) / 2)?];
        let scale = Fr::from(n as u64).inverse().ok_or_else(size)?;
        let (before, after) = match direction {
            Direction::Forward if shift == Fr::ONE => (None, None),
            Direction::Forward => (Some(powers(shift, Fr::ONE, n)?), None),
            Direction::Inverse => (None, Some(powers(inverse, scale, n)?)),
        };
        Ok(Self { device, log_n, roots, before, after })
    }

    /// `new` from a cache of the device: every distinct shift stays in its memory.
    ///
    /// # Errors
    /// As `new`.
    pub fn cached(device: &'static Device, n: usize, direction: Direction, shift: Fr) -> Result<Arc<Self>, CudaError> {
        let mut plans = device.plans.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(plan) = plans.get(&(n, direction, shift)) {
            return Ok(plan.clone());
        }
        let plan = Arc::new(Self::new(device, n, direction, shift)?);
        plans.insert((n, direction, shift), plan.clone());
        Ok(plan)
    }

    /// Transforms every column.
    ///
    /// # Errors
    /// `CudaError::Shape` for columns of another length; `CudaError::Driver`.
    pub fn apply(&self, columns: &Columns) -> Result<Columns, CudaError> {
        let n = 1usize << self.log_n;
        if columns.n != n {
            return Err(CudaError::shape("column", n, columns.n));
        }
        let passes = passes(self.log_n);
        let len = columns.values.len();
        let mut out = Buffer::new(self.device, len)?;
        let mut other = if passes.len() > 1 { Some(Buffer::new(self.device, len)?) } else { None };
        let mut log_l = 0;
        for (k, log_r) in passes.iter().enumerate() {
            let (first, last) = (k == 0, k + 1 == passes.len());
            let pass = Pass { log_n: self.log_n, log_l, log_r: *log_r };
            let before = self.before.as_ref().filter(|_| first);
            let after = self.after.as_ref().filter(|_| last);
            let roots = [&self.roots[0], &self.roots[1]];
            // Passes write to both in turn, the last one to `out`.
            let to_out = (passes.len() - 1 - k).is_multiple_of(2);
            match (&mut other, to_out) {
                (Some(other), true) => {
                    let from = if first { &columns.values } else { &*other };
                    self.device.transform_pass(from, &mut out, columns.count, roots, before, after, pass)?;
                }
                (Some(other), false) => {
                    let from = if first { &columns.values } else { &out };
                    self.device.transform_pass(from, other, columns.count, roots, before, after, pass)?;
                }
                (None, _) => {
                    self.device.transform_pass(&columns.values, &mut out, columns.count, roots, before, after, pass)?;
                }
            }
            log_l += log_r;
        }
        Ok(Columns { values: out, count: columns.count, n })
    }
}

/// log2 of the lengths of the short transforms, as even as they can be; one of length 1 for a column of one element.
fn passes(log_n: u32) -> Vec<u32> {
    let count = log_n.div_ceil(LOG_TILE).max(1);
    (0..count).map(|k| log_n / count + u32::from(k < log_n % count)).collect()
}

#[cfg(test)]
mod tests {
    use super::passes;

    #[test]
    fn passes_cover_every_size() {
        assert_eq!((passes(0), passes(7), passes(20), passes(21)), (vec![0], vec![7], vec![10, 10], vec![7, 7, 7]));
        for log_n in 0..=28 {
            assert_eq!(passes(log_n).iter().sum::<u32>(), log_n);
            assert!(passes(log_n).iter().all(|p| *p <= super::LOG_TILE));
        }
    }
}
