//! The local form: one file a setup, one beside it for each size of Lagrange basis. Fixed places, so that a program can map
//! a file and take point i from byte 4096 + 64 i without reading what comes before.
//!
//! Header of 4096 bytes: magic (8), number of points (u64, little-endian), Keccak digest of the points' bytes (32), h and tau h
//! as EIP-197 words (256), zeros. A point is x and y, each four little-endian words of the Montgomery form (x 2^256 mod q).
//! A reader may take a prefix: every check of a setup holds for it alone. The digest is compared when all is read.
//! What it is not: trusted. Whatever is read is checked like a stranger's file.

use std::io::{Read, Write};

use ark_bn254::{Fq, Fq2, Fr, G1Affine, G2Affine};
use ark_ff::{PrimeField, UniformRand};
use ark_poly::EvaluationDomain;
use ark_std::rand::SeedableRng;
use sha3::{Digest, Keccak256};

use super::points::{fill, read_g1, read_points, write_coordinate, Coding};
use super::{finish, Report, Srs};
use crate::error::PlonkError;
use crate::keys::domain;

/// First bytes of a setup.
pub const SETUP_MAGIC: &[u8; 8] = b"l2r-srs2";
/// First bytes of a Lagrange basis.
pub const LAGRANGE_MAGIC: &[u8; 8] = b"l2r-lag1";
/// Bytes before the first point.
pub const HEADER_BYTES: usize = 4096;
const MOST_POINTS: u64 = 1 << 29;

/// What a header says.
struct Header {
    count: usize,
    digest: [u8; 32],
    g2: [G2Affine; 2],
}

fn digest_of(points: &[G1Affine]) -> [u8; 32] {
    let mut hasher = Keccak256::new();
    let mut bytes = Vec::with_capacity(64);
    for p in points {
        bytes.clear();
        write_point(p, &mut bytes);
        hasher.update(&bytes);
    }
    hasher.finalize().into()
}

fn write_point(p: &G1Affine, out: &mut Vec<u8>) {
    write_coordinate(&p.x, out);
    write_coordinate(&p.y, out);
}

fn write(out: &mut impl Write, magic: &[u8; 8], srs: &Srs, points: &[G1Affine]) -> Result<(), PlonkError> {
    let mut header = magic.to_vec();
    header.extend((points.len() as u64).to_le_bytes());
    header.extend(digest_of(points));
    srs.g2_words().iter().for_each(|word| header.extend(word));
    header.resize(HEADER_BYTES, 0);
    let unwritable = |error| PlonkError::srs("file", "one that can be written", error);
    out.write_all(&header).map_err(unwritable)?;
    for part in points.chunks(1 << 12) {
        let mut bytes = Vec::with_capacity(64 * part.len());
        part.iter().for_each(|p| write_point(p, &mut bytes));
        out.write_all(&bytes).map_err(unwritable)?;
    }
    out.flush().map_err(unwritable)
}

fn read_header(source: &mut impl Read, magic: &[u8; 8]) -> Result<Header, PlonkError> {
    let mut raw = vec![0u8; HEADER_BYTES];
    fill(source, &mut raw, "header")?;
    if &raw[..8] != magic {
        let got = String::from_utf8_lossy(&raw[..8]).into_owned();
        return Err(PlonkError::srs("file", String::from_utf8_lossy(magic), got));
    }
    let mut count = [0u8; 8];
    count.copy_from_slice(&raw[8..16]);
    let count = u64::from_le_bytes(count);
    if !(1..=MOST_POINTS).contains(&count) || raw[304..].iter().any(|b| *b != 0) {
        return Err(PlonkError::srs("header", format!("1 to {MOST_POINTS} points, zeros behind"), count));
    }
    let mut digest = [0u8; 32];
    digest.copy_from_slice(&raw[16..48]);
    Ok(Header { count: count as usize, digest, g2: [read_g2(&raw[48..176], "h")?, read_g2(&raw[176..304], "tau h")?] })
}

/// x.c1, x.c0, y.c1, y.c0, big-endian.
fn read_g2(bytes: &[u8], what: &str) -> Result<G2Affine, PlonkError> {
    let mut c = [Fq::from(0u64); 4];
    for (c, word) in c.iter_mut().zip(bytes.chunks_exact(32)) {
        *c = Fq::from_be_bytes_mod_order(word);
    }
    let point = G2Affine::new_unchecked(Fq2::new(c[1], c[0]), Fq2::new(c[3], c[2]));
    if super::g2_words(&point).concat() != bytes || !point.is_on_curve() {
        return Err(PlonkError::srs(what, "a point on the twist", "none"));
    }
    Ok(point)
}

/// Reads the first `limit` points (all without); all of them must give the header's digest and end the file.
fn read_body(source: &mut impl Read, header: &Header, limit: Option<usize>, report: Report<'_>) -> Result<Vec<G1Affine>, PlonkError> {
    let count = limit.map_or(header.count, |limit| limit.min(header.count));
    let points = read_points(source, count, 64, report, |bytes, i| read_g1(bytes, Coding::Montgomery, i))?;
    if count == header.count {
        if digest_of(&points) != header.digest {
            return Err(PlonkError::srs("digest of the points", "the header's", "another"));
        }
        if source.read(&mut [0u8]).ok() != Some(0) {
            return Err(PlonkError::srs("length", format!("{} bytes", HEADER_BYTES + 64 * count), "more"));
        }
    }
    Ok(points)
}

/// Name and number of powers that the header of a setup states; nothing of it is checked.
///
/// # Errors
/// `PlonkError::Srs` for what is no such file.
pub fn read_info(source: &mut impl Read) -> Result<(String, usize), PlonkError> {
    let header = read_header(source, SETUP_MAGIC)?;
    Ok((super::ceremony::name_of(&header.g2[1]), header.count))
}

impl Srs {
    /// Writes the local form.
    ///
    /// # Errors
    /// `PlonkError::Srs` when it cannot be written.
    pub fn write_local(&self, out: &mut impl Write) -> Result<(), PlonkError> {
        write(out, SETUP_MAGIC, self, &self.powers)
    }

    /// Reads the local form: the first `limit` powers (all without), with every check.
    ///
    /// # Errors
    /// `PlonkError::Srs` naming the property that fails.
    pub fn read_local(source: &mut impl Read, limit: Option<usize>, report: Report<'_>) -> Result<Self, PlonkError> {
        let header = read_header(source, SETUP_MAGIC)?;
        let powers = read_body(source, &header, limit, report)?;
        finish(powers, header.g2[0], header.g2[1], report)
    }

    /// Writes a Lagrange basis of this setup.
    ///
    /// # Errors
    /// `PlonkError::Srs` when it cannot be written.
    pub fn write_lagrange(&self, basis: &[G1Affine], out: &mut impl Write) -> Result<(), PlonkError> {
        write(out, LAGRANGE_MAGIC, self, basis)
    }

    /// Reads the Lagrange basis of size n and compares it with the powers: for random values, the commitment by the basis is
    /// the commitment to the interpolated coefficients.
    ///
    /// # Errors
    /// `PlonkError::Srs` naming the property that fails.
    pub fn read_lagrange(&self, source: &mut impl Read, n: usize, report: Report<'_>) -> Result<Vec<G1Affine>, PlonkError> {
        let header = read_header(source, LAGRANGE_MAGIC)?;
        if header.count != n || self.powers.len() < n {
            return Err(PlonkError::srs("Lagrange basis", format!("{n} points and powers"), header.count.min(self.powers.len())));
        }
        if header.g2 != [self.h, self.beta_h] {
            let name = super::ceremony::name_of(&header.g2[1]);
            return Err(PlonkError::srs("Lagrange basis", format!("one of {}", self.name), format!("one of {name}")));
        }
        let basis = read_body(source, &header, None, report)?;
        // The digest covers every point, so no basis can be fitted to the values.
        let mut rng = ark_std::rand::rngs::StdRng::from_seed(header.digest);
        let values: Vec<Fr> = (0..n).map(|_| Fr::rand(&mut rng)).collect();
        let coefficients = domain(n)?.ifft(&values);
        if super::msm(&basis, &values) != super::msm(&self.powers[..n], &coefficients) {
            return Err(PlonkError::srs("Lagrange basis", "that of the powers", "another"));
        }
        Ok(basis)
    }
}
