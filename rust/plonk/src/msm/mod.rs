//! Multi-scalar multiplication over G1: sums of scalar times base, for one column of scalars or many over the same bases.
//!
//! Pippenger's buckets (signed digits, windows chosen by the sizes of the scalars) filled by affine additions on eight lanes,
//! where the processor has them; arkworks' `msm` elsewhere. Both give the same group element.
//! `scalars.rs` recodes, `lines.rs` keeps points, `affine.rs` adds them, `buckets.rs` fills, `reduce.rs` weighs. `transform.rs` is the Fourier transform of points,
//! out of the same additions. What it is not: constant time.
//!
//! Sources: Pippenger (SIAM J. Comput. 1980); batches of affine additions as in Aztec's and gnark's MSM (ePrint 2022/1396).

use ark_bn254::{Fr, G1Affine, G1Projective};
use ark_ec::{AffineRepr, CurveGroup, VariableBaseMSM};
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use rayon::prelude::*;

#[cfg(target_arch = "x86_64")]
mod affine;
#[cfg(target_arch = "x86_64")]
mod buckets;
#[cfg(target_arch = "x86_64")]
mod lanes;
#[cfg(target_arch = "x86_64")]
mod lines;
#[cfg(target_arch = "x86_64")]
mod reduce;
#[cfg(target_arch = "x86_64")]
mod scalars;
#[cfg(target_arch = "x86_64")]
mod transform;

/// Below this many scalars the fixed work of lanes costs more than it saves.
#[cfg(target_arch = "x86_64")]
const SMALLEST: usize = 256;

/// Bases packed for lanes, where there are lanes: for several multiplications over the same points.
pub struct Bases<'a> {
    points: &'a [G1Affine],
    #[cfg(target_arch = "x86_64")]
    packed: Option<lanes::Packed>,
}

impl<'a> Bases<'a> {
    /// Packs points: 64 bytes each.
    #[must_use]
    pub fn new(points: &'a [G1Affine]) -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            let lanes = crate::field::Ifma::detect().filter(|_| points.len() >= SMALLEST);
            Self { points, packed: lanes.map(|l| lanes::Packed::new(l, points)) }
        }
        #[cfg(not(target_arch = "x86_64"))]
        Self { points }
    }

    /// The sum of `scalars[i]` times the i-th point, over the shorter of both.
    pub fn msm(&self, scalars: &[Fr]) -> G1Projective {
        self.msm_columns(&[scalars]).swap_remove(0)
    }

    /// One sum per column of scalars; each over the shorter of both lengths.
    #[must_use]
    pub fn msm_columns(&self, columns: &[&[Fr]]) -> Vec<G1Projective> {
        let columns: Vec<&[Fr]> = columns.iter().map(|c| &c[..c.len().min(self.points.len())]).collect();
        #[cfg(target_arch = "x86_64")]
        if let Some(packed) = &self.packed {
            return packed.msm(&columns);
        }
        columns.iter().map(|c| G1Projective::msm_unchecked(&self.points[..c.len()], c)).collect()
    }
}

/// The sum of `scalars[i]` times `bases[i]`, over the shorter of both.
pub fn msm(bases: &[G1Affine], scalars: &[Fr]) -> G1Projective {
    let n = bases.len().min(scalars.len());
    Bases::new(&bases[..n]).msm(scalars)
}

/// Inverse Fourier transform of points: from commitments to the powers of the variable, those to the Lagrange polynomials of the
/// domain, whose size is the number of points.
#[must_use]
pub fn interpolate(points: &[G1Affine], domain: &Radix2EvaluationDomain<Fr>) -> Vec<G1Affine> {
    assert_eq!(points.len(), domain.size(), "one point for each element of the domain");
    #[cfg(target_arch = "x86_64")]
    if let Some(l) = crate::field::Ifma::detect().filter(|_| points.len() >= SMALLEST) {
        return transform::inverse(l, points, domain);
    }
    let mut points: Vec<G1Projective> = points.iter().map(|p| p.into_group()).collect();
    domain.ifft_in_place(&mut points);
    G1Projective::normalize_batch(&points)
}

/// Every point times its own scalar, over the shorter of both.
#[must_use]
pub fn products(points: &[G1Affine], scalars: &[Fr]) -> Vec<G1Affine> {
    let n = points.len().min(scalars.len());
    let (points, scalars) = (&points[..n], &scalars[..n]);
    #[cfg(target_arch = "x86_64")]
    if let Some(l) = crate::field::Ifma::detect().filter(|_| n >= SMALLEST) {
        return transform::products(l, points, scalars);
    }
    let products: Vec<G1Projective> = points.par_iter().zip(scalars).map(|(p, s)| *p * s).collect();
    G1Projective::normalize_batch(&products)
}
