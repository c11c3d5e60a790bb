//! `.point` of EigenDA (Layr-Labs/eigenda, tools/srs-utils): compressed points of gnark-crypto one after the other, no header.
//!
//! `g1.point`: the generator, tau G, ..: 32 bytes each. tau h comes from `g2.point` (h, tau h, ..) or `g2.point.powerOf2`
//! (tau h, tau^2 h, tau^4 h, ..), 64 bytes each, or, without either, is that of EigenDA's mainnet.

use std::io::{Read, Seek, SeekFrom};

use ark_bn254::G2Affine;
use ark_ec::AffineRepr;

use super::ceremony::{CEREMONIES, EIGENDA};
use super::points::{fill, read_g1_gnark, read_g2_gnark, read_points};
use super::{finish, is_first_power, Report, Srs};
use crate::error::PlonkError;

const G1_BYTES: u64 = 32;
const G2_BYTES: usize = 64;

/// The first `limit` powers (all without), with every check.
///
/// # Errors
/// `PlonkError::Srs` naming the property that fails.
pub fn read<S: Read + Seek>(
    g1: &mut S,
    g2: Option<&mut S>,
    limit: Option<usize>,
    report: Report<'_>,
) -> Result<Srs, PlonkError> {
    let unreadable = |error| PlonkError::srs("file", "one that can be read anywhere", error);
    let length = g1.seek(SeekFrom::End(0)).map_err(unreadable)?;
    if length == 0 || length % G1_BYTES != 0 {
        return Err(PlonkError::srs("length", format!("a multiple of {G1_BYTES} bytes"), length));
    }
    g1.seek(SeekFrom::Start(0)).map_err(unreadable)?;
    let all = usize::try_from(length / G1_BYTES).unwrap_or(usize::MAX);
    let count = limit.map_or(all, |limit| limit.min(all));
    let powers = read_points(g1, count, G1_BYTES as usize, report, read_g1_gnark)?;
    let beta_h = match g2 {
        Some(source) => tau_h(source)?,
        None => CEREMONIES
            .iter()
            .find(|c| c.name == EIGENDA)
            .and_then(|c| c.tau_h())
            .ok_or_else(|| PlonkError::srs("tau h", "that of a known ceremony", "none"))?,
    };
    let second = powers.get(1).ok_or_else(|| PlonkError::srs("points", "at least 2", powers.len()))?;
    if !is_first_power(second, &beta_h) {
        let of = super::ceremony::name_of(&beta_h);
        return Err(PlonkError::srs("ceremony", format!("powers of {of}"), "powers of another tau"));
    }
    finish(powers, G2Affine::generator(), beta_h, report)
}

/// tau h is the first point of a file of powers of two, and the second one after the generator.
fn tau_h(source: &mut impl Read) -> Result<G2Affine, PlonkError> {
    let mut raw = [0u8; G2_BYTES];
    fill(source, &mut raw, "first G2 point")?;
    let first = read_g2_gnark(&raw, "first G2 point")?;
    if first != G2Affine::generator() {
        return Ok(first);
    }
    fill(source, &mut raw, "tau h")?;
    read_g2_gnark(&raw, "tau h")
}
