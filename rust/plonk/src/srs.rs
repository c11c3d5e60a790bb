//! The KZG setup: G1 powers of tau and two G2 elements, loaded with every check that a stranger's file needs.
//!
//! Layouts: arkworks uncompressed `UniversalParams` (as published for Aztec Ignition) and our compressed form: magic, u64 LE count,
//! 32 bytes a point (x big endian, top bit of byte 0 = y is the larger root), then h and beta h uncompressed (128 bytes each).

use ark_bn254::{Bn254, Fq, Fr, G1Affine, G1Projective, G2Affine};
use ark_ec::{pairing::Pairing, AffineRepr, CurveGroup, PrimeGroup};
use ark_ff::{BigInteger, Field, PrimeField, UniformRand, Zero};
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use ark_serialize::{CanonicalDeserialize, CanonicalSerialize};
use ark_std::rand::SeedableRng;
use rayon::prelude::*;
use sha3::{Digest, Keccak256};

use crate::error::PlonkError;
use crate::msm::msm;

const MAGIC: &[u8; 8] = b"l2r-srs1";
/// First eight bytes of the digest of the Aztec Ignition ceremony's tau h.
const AZTEC_IGNITION: &str = "e9a6818e299fcd54";

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

impl Srs {
    /// Parses the arkworks-uncompressed layout and checks everything.
    ///
    /// # Errors
    /// `PlonkError::Srs` naming the property that fails.
    pub fn from_arkworks_bytes(bytes: &[u8]) -> Result<Self, PlonkError> {
        let count = read_count(bytes, 0)?;
        let expected = 8 + 64 * count + 8 + 128 + 128 + 8;
        if bytes.len() != expected {
            return Err(PlonkError::srs("length", expected, bytes.len()));
        }
        let powers = bytes[8..8 + 64 * count]
            .par_chunks(64)
            .map(|c| G1Affine::deserialize_uncompressed_unchecked(c).map_err(|e| PlonkError::srs("point", "64 bytes", e)))
            .collect::<Result<Vec<_>, _>>()?;
        let at = 8 + 64 * count + 8;
        let h = read_g2(&bytes[at..at + 128])?;
        let beta_h = read_g2(&bytes[at + 128..at + 256])?;
        let srs = Self { powers, h, beta_h, name: ceremony(&beta_h) };
        srs.check()?;
        Ok(srs)
    }

    /// Parses the compressed form and checks everything.
    ///
    /// # Errors
    /// `PlonkError::Srs` naming the property that fails.
    pub fn from_compressed_bytes(bytes: &[u8]) -> Result<Self, PlonkError> {
        if bytes.len() < 16 || &bytes[..8] != MAGIC {
            return Err(PlonkError::srs("magic", "l2r-srs1", format!("{} bytes", bytes.len())));
        }
        let count = read_count(bytes, 8)?;
        let expected = 16 + 32 * count + 256;
        if bytes.len() != expected {
            return Err(PlonkError::srs("length", expected, bytes.len()));
        }
        let powers =
            bytes[16..16 + 32 * count].par_chunks(32).map(decompress).collect::<Result<Vec<_>, _>>()?;
        let at = 16 + 32 * count;
        let h = read_g2(&bytes[at..at + 128])?;
        let beta_h = read_g2(&bytes[at + 128..])?;
        let srs = Self { powers, h, beta_h, name: ceremony(&beta_h) };
        srs.check()?;
        Ok(srs)
    }

    /// The compressed form.
    ///
    /// # Errors
    /// `PlonkError::Srs` when a point cannot be written.
    pub fn to_compressed(&self) -> Result<Vec<u8>, PlonkError> {
        let mut out = MAGIC.to_vec();
        out.extend((self.powers.len() as u64).to_le_bytes());
        for p in &self.powers {
            let (x, y) = p.xy().ok_or_else(|| PlonkError::srs("point", "finite", "infinity"))?;
            let mut word = x.into_bigint().to_bytes_be();
            if y > -y {
                word[0] |= 0x80;
            }
            out.extend(word);
        }
        for g in [self.h, self.beta_h] {
            g.serialize_uncompressed(&mut out).map_err(|e| PlonkError::srs("G2", "128 bytes", e))?;
        }
        Ok(out)
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
        let g = G1Projective::generator();
        let powers: Vec<G1Projective> = scalars.par_iter().map(|s| g * s).collect();
        Self {
            powers: G1Projective::normalize_batch(&powers),
            h: G2Affine::generator(),
            beta_h: (G2Affine::generator() * tau).into_affine(),
            name: "unsafe-dev-tau".into(),
        }
    }

    /// On curve, generators, subgroup, and e(sum r_i P_{i+1}, h) = e(sum r_i P_i, beta h) for random r_i.
    ///
    /// # Errors
    /// `PlonkError::Srs` naming the property that fails.
    pub fn check(&self) -> Result<(), PlonkError> {
        if self.powers.len() < 2 {
            return Err(PlonkError::srs("points", "at least 2", self.powers.len()));
        }
        if let Some(i) = self.powers.iter().position(|p| p.is_zero() || !p.is_on_curve()) {
            return Err(PlonkError::srs("point", "a finite point on the curve", format!("index {i} is not")));
        }
        if self.powers[0] != G1Affine::generator() {
            return Err(PlonkError::srs("first point", "the G1 generator", self.powers[0]));
        }
        if self.h != G2Affine::generator() {
            return Err(PlonkError::srs("h", "the G2 generator", self.h));
        }
        if !self.beta_h.is_on_curve() || !self.beta_h.is_in_correct_subgroup_assuming_on_curve() || self.beta_h.is_zero() {
            return Err(PlonkError::srs("beta h", "a point of the G2 subgroup", self.beta_h));
        }
        if self.beta_h == self.h {
            return Err(PlonkError::srs("beta h", "a tau other than one", "h itself"));
        }
        // Fiat-Shamir: the coefficients follow from every point, so no file can be fitted to them.
        let seed = self.digest()?;
        let mut rng = ark_std::rand::rngs::StdRng::from_seed(seed);
        let r: Vec<Fr> = (1..self.powers.len()).map(|_| Fr::from(u128::rand(&mut rng))).collect();
        let last = self.powers.len() - 1;
        let low = msm(&self.powers[..last], &r);
        let high = msm(&self.powers[1..], &r);
        let product = Bn254::multi_pairing([high.into_affine(), (-low).into_affine()], [self.h, self.beta_h]);
        if product.is_zero() {
            Ok(())
        } else {
            Err(PlonkError::srs("powers", "consecutive powers of one tau", "the pairing check fails"))
        }
    }

    /// EIP-197 words of h and tau h: they bind a key to its ceremony.
    #[must_use]
    pub fn g2_words(&self) -> [[u8; 32]; 8] {
        words_of(&[self.h, self.beta_h])
    }

    /// Commitments to the Lagrange polynomials of the domain of size n: the inverse FFT of the powers in the exponent.
    ///
    /// # Errors
    /// `PlonkError::Srs` when the setup has fewer than n powers.
    pub fn lagrange(&self, n: usize) -> Result<Vec<G1Affine>, PlonkError> {
        if self.powers.len() < n {
            return Err(PlonkError::srs("powers", format!("at least {n}"), self.powers.len()));
        }
        let domain = Radix2EvaluationDomain::<Fr>::new(n).ok_or_else(|| PlonkError::srs("rows", "a power of two", n))?;
        let mut points: Vec<G1Projective> = self.powers[..n].iter().map(|p| p.into_group()).collect();
        domain.ifft_in_place(&mut points);
        Ok(G1Projective::normalize_batch(&points))
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

/// Name of a setup, told by its tau h alone: the checks make every power follow from it.
pub(crate) fn ceremony(beta_h: &G2Affine) -> String {
    let mut hasher = Keccak256::new();
    for word in g2_words(beta_h) {
        hasher.update(word);
    }
    let digest: [u8; 32] = hasher.finalize().into();
    let hex: String = digest.iter().take(8).map(|b| format!("{b:02x}")).collect();
    if hex == AZTEC_IGNITION { "aztec-ignition".into() } else { format!("unsafe-unrecognised-{hex}") }
}

fn read_count(bytes: &[u8], at: usize) -> Result<usize, PlonkError> {
    let word = bytes.get(at..at + 8).ok_or_else(|| PlonkError::srs("length", "a point count", bytes.len()))?;
    let mut raw = [0u8; 8];
    raw.copy_from_slice(word);
    let count = u64::from_le_bytes(raw);
    if count == 0 || count > 1 << 28 {
        return Err(PlonkError::srs("point count", "1 to 2^28", count));
    }
    Ok(count as usize)
}

fn read_g2(bytes: &[u8]) -> Result<G2Affine, PlonkError> {
    G2Affine::deserialize_uncompressed_unchecked(bytes).map_err(|e| PlonkError::srs("G2 point", "128 bytes", e))
}

fn decompress(word: &[u8]) -> Result<G1Affine, PlonkError> {
    let larger = word[0] & 0x80 != 0;
    let mut x_bytes = [0u8; 32];
    x_bytes.copy_from_slice(word);
    x_bytes[0] &= 0x7f;
    let x = Fq::from_be_bytes_mod_order(&x_bytes);
    if x.into_bigint().to_bytes_be() != x_bytes {
        return Err(PlonkError::srs("point", "x below q", "x not canonical"));
    }
    let y2 = x.square() * x + Fq::from(3u64);
    let y = y2.sqrt().ok_or_else(|| PlonkError::srs("point", "x of a curve point", x))?;
    let y = if (y > -y) == larger { y } else { -y };
    if y.is_zero() {
        return Err(PlonkError::srs("point", "a finite point", "y = 0"));
    }
    Ok(G1Affine::new_unchecked(x, y))
}
