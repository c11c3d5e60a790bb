//! `UniversalParams` as arkworks writes them uncompressed (ark-poly-commit, kzg10): count (u64, little-endian), points of 64
//! bytes, an empty map (u64 zero), h and tau h of 128 bytes, an empty map. Aztec Ignition is published so.

use std::io::Read;

use ark_bn254::{G1Affine, G2Affine};
use ark_serialize::CanonicalDeserialize;

use super::points::{fill, read_points};
use super::{finish, Report, Srs, MOST_POWERS};
use crate::error::PlonkError;

/// Reads the form with every check. The whole file is needed: tau h stands at its end.
///
/// # Errors
/// `PlonkError::Srs` naming the property that fails.
pub fn read(source: &mut impl Read, limit: Option<usize>, report: Report<'_>) -> Result<Srs, PlonkError> {
    let count = read_count(source)?;
    let mut powers = read_points(source, count, 64, report, |bytes, i| {
        let what = format!("G1 point {i}");
        G1Affine::deserialize_uncompressed_unchecked(bytes).map_err(|e| PlonkError::srs(&what, "64 bytes", e))
    })?;
    powers.truncate(limit.unwrap_or(usize::MAX));
    read_zero(source)?;
    let (h, beta_h) = (read_g2(source, "h")?, read_g2(source, "tau h")?);
    read_zero(source)?;
    if source.read(&mut [0u8]).ok() != Some(0) {
        return Err(PlonkError::srs("length", "an end after the second map", "more bytes"));
    }
    finish(powers, h, beta_h, report)
}

/// Number of points, of which a file has at least two and not more than the curve's two-adicity can use.
pub(super) fn read_count(source: &mut impl Read) -> Result<usize, PlonkError> {
    let mut raw = [0u8; 8];
    fill(source, &mut raw, "point count")?;
    let count = u64::from_le_bytes(raw);
    if count == 0 || count > MOST_POWERS {
        return Err(PlonkError::srs("point count", format!("1 to {MOST_POWERS}"), count));
    }
    Ok(count as usize)
}

fn read_zero(source: &mut impl Read) -> Result<(), PlonkError> {
    let mut raw = [0u8; 8];
    fill(source, &mut raw, "length of a map")?;
    match u64::from_le_bytes(raw) {
        0 => Ok(()),
        got => Err(PlonkError::srs("length of a map", 0, got)),
    }
}

/// A G2 point as arkworks writes it.
pub(super) fn read_g2(source: &mut impl Read, what: &str) -> Result<G2Affine, PlonkError> {
    let mut raw = [0u8; 128];
    fill(source, &mut raw, what)?;
    G2Affine::deserialize_uncompressed_unchecked(&raw[..]).map_err(|e| PlonkError::srs(what, "128 bytes", e))
}
