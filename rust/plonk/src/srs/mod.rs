//! The KZG setup: G1 powers of tau and two G2 elements, loaded with every check that a stranger's file needs.
//!
//! One file a format (`arkworks`, `compressed`, `ptau`, `ignition`, `eigenda`, `local`), one check for all of them. Readers
//! take any `Read` (and `Seek` where the format needs it): what opens files is for the caller.

use std::io::Cursor;

use ark_bn254::{Bn254, Fr, G1Affine, G1Projective, G2Affine};
use ark_ec::{pairing::Pairing, AffineRepr, CurveGroup};
use ark_ff::{BigInteger, PrimeField, UniformRand, Zero};
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use ark_std::rand::SeedableRng;
use rayon::prelude::*;
use sha3::{Digest, Keccak256};

use crate::error::PlonkError;
use crate::msm::{interpolate, msm, products};

pub mod arkworks;
pub mod ceremony;
pub mod compressed;
pub mod eigenda;
pub mod ignition;
pub mod local;
mod points;
pub mod ptau;

pub(crate) use ceremony::name_of as ceremony;

/// Hears each step of a long reading and which part of it is done (0 to 1); an error ends the reading.
pub type Report<'a> = &'a dyn Fn(&str, f64) -> Result<(), PlonkError>;

/// Most powers of a file: twice what the largest domain of the scalar field can use.
const MOST_POWERS: u64 = 1 << 29;
/// Points in one multi-scalar multiplication of the check.
const PART: usize = 1 << 16;

/// A [`Report`] for who does not listen.
///
/// # Errors
/// Never.
pub fn silent(_: &str, _: f64) -> Result<(), PlonkError> {
    Ok(())
}

/// A checked setup.
#[derive(Clone, Debug)]
pub struct Srs {
    /// tau^i G for i in 0..len.
    pub powers: Vec<G1Affine>,
    /// G2 generator.
    pub h: G2Affine,
    /// tau times the G2 generator.
    pub beta_h: G2Affine,
    /// "unsafe-" prefixed when tau is known to whoever made it.
    pub name: String,
}

/// A setup of these points, checked and named.
fn finish(powers: Vec<G1Affine>, h: G2Affine, beta_h: G2Affine, report: Report<'_>) -> Result<Srs, PlonkError> {
    let srs = Srs { powers, h, beta_h, name: ceremony(&beta_h) };
    srs.check_with(report)?;
    Ok(srs)
}

/// Whether a G1 point is tau G for the tau of tau h.
fn is_first_power(point: &G1Affine, tau_h: &G2Affine) -> bool {
    let pairs = ([*point, -G1Affine::generator()], [G2Affine::generator(), *tau_h]);
    point.is_on_curve() && tau_h.is_on_curve() && Bn254::multi_pairing(pairs.0, pairs.1).is_zero()
}

impl Srs {
    /// Parses the arkworks-uncompressed layout and checks everything.
    ///
    /// # Errors
    /// `PlonkError::Srs` naming the property that fails.
    pub fn from_arkworks_bytes(bytes: &[u8]) -> Result<Self, PlonkError> {
        arkworks::read(&mut Cursor::new(bytes), None, &silent)
    }

    /// Parses the compressed form and checks everything.
    ///
    /// # Errors
    /// `PlonkError::Srs` naming the property that fails.
    pub fn from_compressed_bytes(bytes: &[u8]) -> Result<Self, PlonkError> {
        compressed::read(&mut Cursor::new(bytes), None, &silent)
    }

    /// The compressed form.
    ///
    /// # Errors
    /// `PlonkError::Srs` when a point cannot be written.
    pub fn to_compressed(&self) -> Result<Vec<u8>, PlonkError> {
        compressed::write(self)
    }

    /// A setup whose tau the caller knows: for tests and the dev profile only. Its name begins with "unsafe-".
    #[must_use]
    pub fn unsafe_dev(tau: Fr, len: usize) -> Self {
        let mut power = Fr::from(1u64);
        let mut scalars = Vec::with_capacity(len);
        for _ in 0..len {
            scalars.push(power);
            power *= tau;
        }
        Self {
            powers: products(&vec![G1Affine::generator(); len], &scalars),
            h: G2Affine::generator(),
            beta_h: (G2Affine::generator() * tau).into_affine(),
            name: "unsafe-dev-tau".into(),
        }
    }

    /// Whether tau may be known: no ceremony that this system knows made it.
    #[must_use]
    pub fn is_unsafe(&self) -> bool {
        self.name.starts_with("unsafe-")
    }

    /// On curve, generators, subgroup, and e(sum r_i P_{i+1}, h) = e(sum r_i P_i, tau h) for random r_i.
    ///
    /// # Errors
    /// `PlonkError::Srs` naming the property that fails.
    pub fn check(&self) -> Result<(), PlonkError> {
        self.check_with(&silent)
    }

    /// [`Srs::check`], heard by `report`.
    ///
    /// # Errors
    /// As `check`, and what `report` ends it with.
    pub fn check_with(&self, report: Report<'_>) -> Result<(), PlonkError> {
        report("checking points", 0.0)?;
        self.check_points()?;
        // Fiat-Shamir: the coefficients follow from every point, so no file can be fitted to them.
        let mut rng = ark_std::rand::rngs::StdRng::from_seed(self.digest()?);
        let last = self.powers.len() - 1;
        let (mut low, mut high) = (G1Projective::zero(), G1Projective::zero());
        for start in (0..last).step_by(PART) {
            report("checking powers", start as f64 / last as f64)?;
            let end = last.min(start + PART);
            let r: Vec<Fr> = (start..end).map(|_| Fr::from(u128::rand(&mut rng))).collect();
            low += msm(&self.powers[start..end], &r);
            high += msm(&self.powers[start + 1..=end], &r);
        }
        let product = Bn254::multi_pairing([high.into_affine(), (-low).into_affine()], [self.h, self.beta_h]);
        if product.is_zero() {
            Ok(())
        } else {
            Err(PlonkError::srs("powers", "consecutive powers of one tau", "the pairing check fails"))
        }
    }

    fn check_points(&self) -> Result<(), PlonkError> {
        if self.powers.len() < 2 {
            return Err(PlonkError::srs("points", "at least 2", self.powers.len()));
        }
        let bad = self.powers.par_iter().position_first(|p| p.is_zero() || !p.is_on_curve());
        if let Some(i) = bad {
            return Err(PlonkError::srs(&format!("G1 point {i}"), "a finite point on the curve", "none"));
        }
        if self.powers[0] != G1Affine::generator() {
            return Err(PlonkError::srs("first point", "the G1 generator", self.powers[0]));
        }
        if self.h != G2Affine::generator() {
            return Err(PlonkError::srs("h", "the G2 generator", self.h));
        }
        let tau_h = &self.beta_h;
        if tau_h.is_zero() || !tau_h.is_on_curve() || !tau_h.is_in_correct_subgroup_assuming_on_curve() {
            return Err(PlonkError::srs("tau h", "a point of the G2 subgroup", tau_h));
        }
        if self.beta_h == self.h {
            return Err(PlonkError::srs("tau h", "a tau other than one", "h itself"));
        }
        Ok(())
    }

    /// EIP-197 words of h and tau h: they bind a key to its ceremony.
    #[must_use]
    pub fn g2_words(&self) -> [[u8; 32]; 8] {
        words_of(&[self.h, self.beta_h])
    }

    /// Commitments to the Lagrange polynomials of the domain of size n: the inverse FFT of the powers in the exponent.
    ///
    /// # Errors
    /// `PlonkError::Srs` when the setup has fewer than n powers or n is no power of two.
    pub fn lagrange(&self, n: usize) -> Result<Vec<G1Affine>, PlonkError> {
        if self.powers.len() < n {
            return Err(PlonkError::srs("powers", format!("at least {n}"), self.powers.len()));
        }
        let domain = Radix2EvaluationDomain::<Fr>::new(n)
            .filter(|domain| domain.size() == n)
            .ok_or_else(|| PlonkError::srs("rows", "a power of two", n))?;
        Ok(interpolate(&self.powers[..n], &domain))
    }

    /// Keccak digest of the whole setup in compressed form.
    ///
    /// # Errors
    /// As `to_compressed`.
    pub fn digest(&self) -> Result<[u8; 32], PlonkError> {
        Ok(Keccak256::digest(self.to_compressed()?).into())
    }
}

/// EIP-197 words of two G2 elements, in order.
pub(crate) fn words_of(pair: &[G2Affine; 2]) -> [[u8; 32]; 8] {
    let mut out = [[0u8; 32]; 8];
    out[..4].copy_from_slice(&g2_words(&pair[0]));
    out[4..].copy_from_slice(&g2_words(&pair[1]));
    out
}

/// x then y, the imaginary part of each first (EIP-197); zeros for infinity.
fn g2_words(g: &G2Affine) -> [[u8; 32]; 4] {
    let mut out = [[0u8; 32]; 4];
    if let Some((x, y)) = g.xy() {
        for (word, c) in out.iter_mut().zip([x.c1, x.c0, y.c1, y.c0]) {
            word.copy_from_slice(&c.into_bigint().to_bytes_be());
        }
    }
    out
}
