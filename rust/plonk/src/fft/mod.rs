//! Fast Fourier transforms over the scalar field, natural order in and out, equal to arkworks bit for bit.
//!
//! A [`Transform`] is a plan for one size, direction and coset: its tables are computed once. Sizes 2^6 to 2^20 run on lanes
//! in two passes (D. H. Bailey, "FFTs in external or hierarchical memory", 1990): n = n1 n2, each pass does eight short
//! transforms at once, one a lane, in a buffer that stays in the caches, and the twiddles between the passes carry the coset
//! shift and the scaling too. Other sizes, and processors without lanes, run arkworks' transform.
//! What it is not: a transform of curve points (`srs.rs`).

#[cfg(target_arch = "x86_64")]
mod passes;
#[cfg(target_arch = "x86_64")]
mod tables;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use rayon::prelude::*;

use crate::error::PlonkError;

/// Smallest and largest log2 of a size that runs on lanes.
#[cfg(target_arch = "x86_64")]
const ON_LANES: std::ops::RangeInclusive<u32> = 6..=20;

/// Which way a transform goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Coefficients to values on the coset.
    Forward,
    /// Values on the coset to coefficients.
    Inverse,
}

/// A planned transform.
#[derive(Debug)]
pub struct Transform {
    domain: Radix2EvaluationDomain<Fr>,
    direction: Direction,
    #[cfg(target_arch = "x86_64")]
    tables: Option<tables::Tables>,
}

type Key = (usize, Direction, Fr);
static PLANS: LazyLock<Mutex<HashMap<Key, Arc<Transform>>>> = LazyLock::new(Mutex::default);

impl Transform {
    /// Plans a transform of n elements on the coset `shift` H of the group H of order n.
    ///
    /// # Errors
    /// `PlonkError::Shape` when n is no power of two up to 2^28, or the shift is zero.
    pub fn new(n: usize, direction: Direction, shift: Fr) -> Result<Self, PlonkError> {
        let domain = Radix2EvaluationDomain::new(n)
            .filter(|d: &Radix2EvaluationDomain<Fr>| d.size() == n)
            .ok_or_else(|| PlonkError::shape("transform", "a power of two up to 2^28", n))?;
        let domain = domain.get_coset(shift).ok_or_else(|| PlonkError::shape("coset shift", "non-zero", shift))?;
        Ok(Self {
            #[cfg(target_arch = "x86_64")]
            tables: ON_LANES.contains(&n.trailing_zeros()).then(|| tables::Tables::new(&domain, direction, Fr::ONE)),
            domain,
            direction,
        })
    }

    /// The transform on H itself, from a cache of the process: one copy a size and direction.
    ///
    /// # Errors
    /// As `new`.
    pub fn cached(n: usize, direction: Direction) -> Result<Arc<Self>, PlonkError> {
        Self::cached_coset(n, direction, Fr::ONE)
    }

    /// `new` from the same cache. Every distinct shift stays in memory (about 40 bytes an element).
    ///
    /// # Errors
    /// As `new`.
    pub fn cached_coset(n: usize, direction: Direction, shift: Fr) -> Result<Arc<Self>, PlonkError> {
        let key = (n, direction, shift);
        let mut plans = PLANS.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(plan) = plans.get(&key) {
            return Ok(plan.clone());
        }
        let plan = Arc::new(Self::new(n, direction, shift)?);
        plans.insert(key, plan.clone());
        Ok(plan)
    }

    /// Elements a column has.
    #[must_use]
    pub fn size(&self) -> usize {
        self.domain.size()
    }

    /// Transforms one column of `size` elements, on all threads.
    #[must_use]
    pub fn apply(&self, column: &[Fr]) -> Vec<Fr> {
        debug_assert_eq!(column.len(), self.size());
        #[cfg(target_arch = "x86_64")]
        if let (Some(tables), Some(lanes)) = (&self.tables, crate::field::Ifma::detect()) {
            let mut out = vec![Fr::ZERO; column.len()];
            passes::transform(tables, lanes, column, &mut out, passes::Threads::All);
            return out;
        }
        self.scalar(column)
    }

    /// Transforms one column of `size` elements where it is, on all threads.
    pub fn apply_in_place(&self, column: &mut [Fr]) {
        debug_assert_eq!(column.len(), self.size());
        #[cfg(target_arch = "x86_64")]
        if let (Some(tables), Some(lanes)) = (&self.tables, crate::field::Ifma::detect()) {
            return passes::transform_in_place(tables, lanes, column, passes::Threads::All);
        }
        let values = self.scalar(column);
        column.copy_from_slice(&values);
    }

    /// Transforms columns, each on one thread.
    #[must_use]
    pub fn apply_all<C: AsRef<[Fr]> + Sync>(&self, columns: &[C]) -> Vec<Vec<Fr>> {
        if let [one] = columns {
            return vec![self.apply(one.as_ref())];
        }
        let mut out = Vec::new();
        self.apply_all_to(columns, &mut out);
        out
    }

    /// `apply_all` into columns whose memory is used again.
    pub fn apply_all_to<C: AsRef<[Fr]> + Sync>(&self, columns: &[C], out: &mut Vec<Vec<Fr>>) {
        out.resize_with(columns.len(), Vec::new);
        columns.par_iter().zip(out).for_each(|(column, out)| {
            out.resize(self.size(), Fr::ZERO);
            self.apply_alone(column.as_ref(), out);
        });
    }

    /// Transforms one column on the calling thread.
    fn apply_alone(&self, column: &[Fr], out: &mut [Fr]) {
        #[cfg(target_arch = "x86_64")]
        if let (Some(tables), Some(lanes)) = (&self.tables, crate::field::Ifma::detect()) {
            return passes::transform(tables, lanes, column, out, passes::Threads::One);
        }
        out.copy_from_slice(&self.scalar(column));
    }

    fn scalar(&self, column: &[Fr]) -> Vec<Fr> {
        match self.direction {
            Direction::Forward => self.domain.fft(column),
            Direction::Inverse => self.domain.ifft(column),
        }
    }
}
