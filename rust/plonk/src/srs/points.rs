//! Coordinates and points as files hold them, read strictly: canonical, on the curve, finite.
//!
//! What it is not: a check of a setup. That the points are powers of one tau is for `Srs::check`.

use std::io::Read;

use ark_bn254::{Fq, Fq2, G1Affine, G2Affine};
use ark_ff::{BigInt, Field, PrimeField, Zero};
use rayon::prelude::*;

use super::Report;
use crate::error::PlonkError;

/// Points read and parsed at a time.
const PART: usize = 1 << 15;

/// How a file writes a coordinate of 32 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    /// Four words, least significant first, each little-endian, times 2^256 mod q: snarkjs and the local form.
    Montgomery,
    /// Four words, least significant first, each big-endian: Ignition transcripts.
    WordsBigEndian,
}

fn words(bytes: &[u8], read: impl Fn([u8; 8]) -> u64) -> BigInt<4> {
    let mut out = [0u64; 4];
    for (word, chunk) in out.iter_mut().zip(bytes.chunks_exact(8)) {
        let mut raw = [0u8; 8];
        raw.copy_from_slice(chunk);
        *word = read(raw);
    }
    BigInt(out)
}

/// A coordinate below q, or None.
pub(super) fn read_coordinate(bytes: &[u8], coding: Coding) -> Option<Fq> {
    match coding {
        Coding::WordsBigEndian => Fq::from_bigint(words(bytes, u64::from_be_bytes)),
        Coding::Montgomery => {
            let value = words(bytes, u64::from_le_bytes);
            (value < Fq::MODULUS).then(|| Fq::new_unchecked(value))
        }
    }
}

/// The Montgomery form, as [`Coding::Montgomery`] reads it.
pub(super) fn write_coordinate(x: &Fq, out: &mut Vec<u8>) {
    x.0 .0.iter().for_each(|word| out.extend(word.to_le_bytes()));
}

/// A point of 64 bytes: x then y.
pub(super) fn read_g1(bytes: &[u8], coding: Coding, index: usize) -> Result<G1Affine, PlonkError> {
    let what = || format!("G1 point {index}");
    let below = |part: &[u8]| {
        read_coordinate(part, coding).ok_or_else(|| PlonkError::srs(&what(), "coordinates below q", "one that is not"))
    };
    let point = G1Affine::new_unchecked(below(&bytes[..32])?, below(&bytes[32..64])?);
    let null = point.x.is_zero() && point.y.is_zero();
    if null || !point.is_on_curve() {
        return Err(PlonkError::srs(&what(), "a finite point on the curve", "none"));
    }
    Ok(point)
}

/// A point of 128 bytes: x.c0, x.c1, y.c0, y.c1.
pub(super) fn read_g2(bytes: &[u8], coding: Coding, what: &str) -> Result<G2Affine, PlonkError> {
    let mut part = bytes.chunks_exact(32).map(|chunk| read_coordinate(chunk, coding));
    let mut next = || part.next().flatten().ok_or_else(|| PlonkError::srs(what, "coordinates below q", "one that is not"));
    let point = G2Affine::new_unchecked(Fq2::new(next()?, next()?), Fq2::new(next()?, next()?));
    if !point.is_on_curve() {
        return Err(PlonkError::srs(what, "a point on the twist", "none"));
    }
    Ok(point)
}

/// What the top two bits of a gnark-crypto compressed point say.
fn gnark_sign(first: u8, what: &str) -> Result<bool, PlonkError> {
    match first >> 6 {
        0b10 => Ok(false),
        0b11 => Ok(true),
        bits => Err(PlonkError::srs(what, "flag bits 10 or 11 (a compressed finite point)", format!("{bits:02b}"))),
    }
}

fn big_endian(bytes: &[u8], mask: u8) -> Option<Fq> {
    let mut raw = [0u8; 32];
    raw.copy_from_slice(&bytes[..32]);
    raw[0] &= mask;
    raw.reverse();
    Fq::from_bigint(words(&raw, u64::from_le_bytes))
}

/// A G1 point of 32 bytes as gnark-crypto compresses it: x big-endian, the top two bits say which y.
pub(super) fn read_g1_gnark(bytes: &[u8], index: usize) -> Result<G1Affine, PlonkError> {
    let what = format!("G1 point {index}");
    let larger = gnark_sign(bytes[0], &what)?;
    let x = big_endian(bytes, 0x3f).ok_or_else(|| PlonkError::srs(&what, "x below q", "one that is not"))?;
    lift(x, larger).ok_or_else(|| PlonkError::srs(&what, "x of a curve point", x))
}

/// The curve point of an x, with the larger or the smaller y.
pub(super) fn lift(x: Fq, larger: bool) -> Option<G1Affine> {
    let y = (x.square() * x + Fq::from(3u64)).sqrt()?;
    // q is prime and x^3 + 3 has no root on this curve of odd order, so y is never its own negative.
    Some(G1Affine::new_unchecked(x, if (y > -y) == larger { y } else { -y }))
}

/// A G2 point of 64 bytes as gnark-crypto compresses it: x.c1 then x.c0, big-endian; y is compared by c1, then c0.
pub(super) fn read_g2_gnark(bytes: &[u8], what: &str) -> Result<G2Affine, PlonkError> {
    let larger = gnark_sign(bytes[0], what)?;
    let x = big_endian(bytes, 0x3f).zip(big_endian(&bytes[32..], 0xff)).map(|(c1, c0)| Fq2::new(c0, c1));
    let x = x.ok_or_else(|| PlonkError::srs(what, "x below q", "one that is not"))?;
    let (small, large) = G2Affine::get_ys_from_x_unchecked(x)
        .ok_or_else(|| PlonkError::srs(what, "x of a point on the twist", x))?;
    Ok(G2Affine::new_unchecked(x, if larger { large } else { small }))
}

/// Fills a buffer; a file that ends too early has another length than its header says.
pub(super) fn fill(source: &mut impl Read, buffer: &mut [u8], what: &str) -> Result<(), PlonkError> {
    let mut at = 0;
    while at < buffer.len() {
        match source.read(&mut buffer[at..]) {
            Ok(0) => return Err(PlonkError::srs(what, format!("{} bytes", buffer.len()), format!("the file ends after {at}"))),
            Ok(n) => at += n,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(PlonkError::srs(what, "a readable file", error)),
        }
    }
    Ok(())
}

/// Reads `count` points of `size` bytes each, a part at a time, and parses every part on all threads.
pub(super) fn read_points(
    source: &mut impl Read,
    count: usize,
    size: usize,
    report: Report<'_>,
    parse: impl Fn(&[u8], usize) -> Result<G1Affine, PlonkError> + Sync,
) -> Result<Vec<G1Affine>, PlonkError> {
    // The header is not believed: memory grows with what the file really holds.
    let mut out = Vec::new();
    let mut buffer = Vec::new();
    while out.len() < count {
        report("reading points", out.len() as f64 / count as f64)?;
        let first = out.len();
        buffer.resize(size * PART.min(count - first), 0);
        fill(source, &mut buffer, &format!("G1 points from {first}"))?;
        let read = buffer.par_chunks(size).enumerate().map(|(i, bytes)| parse(bytes, first + i));
        out.extend(read.collect::<Result<Vec<_>, _>>()?);
    }
    Ok(out)
}
