//! `transcript*.dat` of Aztec Ignition (AztecProtocol/ignition-verification, Transcript_spec.md).
//!
//! 28 bytes of manifest (seven u32, big-endian), G1 points (x G first: the generator itself is not in the file), in the
//! first transcript two G2 points (the specification names the second as x h; both are tried, the pairing decides), 64 bytes of
//! checksum (blake2b of the rest). Transcripts follow each other; a prefix of them is a smaller setup.
//! What it is not: a check of the checksum or of participants' signatures; the caller has the hash, the pairing says the rest.

use std::io::Read;

use ark_bn254::{G1Affine, G2Affine};
use ark_ec::AffineRepr;

use super::points::{fill, read_g1, read_g2, read_points, Coding};
use super::{finish, is_first_power, Report, Srs};
use crate::error::PlonkError;

const MOST_POINTS: u32 = 1 << 28;

struct Manifest {
    number: u32,
    g1: u32,
    g2: u32,
    start: u32,
}

fn manifest(source: &mut impl Read) -> Result<Manifest, PlonkError> {
    let mut raw = [0u8; 28];
    fill(source, &mut raw, "manifest")?;
    let word = |i: usize| u32::from_be_bytes([raw[4 * i], raw[4 * i + 1], raw[4 * i + 2], raw[4 * i + 3]]);
    let found = Manifest { number: word(0), g1: word(4), g2: word(5), start: word(6) };
    if found.g1 == 0 || found.g1 > MOST_POINTS || found.g2 > 2 || word(1) <= found.number {
        let got = format!("transcript {} of {}, {} and {} points", found.number, word(1), found.g1, found.g2);
        return Err(PlonkError::srs("manifest", "points of a transcript among all", got));
    }
    Ok(found)
}

/// The first `limit` powers (all without) of transcripts given in order, with every check.
///
/// # Errors
/// `PlonkError::Srs` naming the property that fails.
pub fn read<S: Read>(sources: &mut [S], limit: Option<usize>, report: Report<'_>) -> Result<Srs, PlonkError> {
    let mut powers = vec![G1Affine::generator()];
    let mut candidates = Vec::new();
    for (i, source) in sources.iter_mut().enumerate() {
        let found = manifest(source)?;
        let (number, start) = (i as u32, powers.len() as u32 - 1);
        if (found.number, found.start) != (number, start) {
            let expected = format!("transcript {number} from point {start}");
            return Err(PlonkError::srs("transcript", expected, format!("{} from {}", found.number, found.start)));
        }
        let room = limit.map_or(usize::MAX, |limit| limit.saturating_sub(powers.len()));
        let wanted = if i == 0 { found.g1 as usize } else { room.min(found.g1 as usize) };
        let first = powers.len();
        powers.extend(read_points(source, wanted, 64, report, |b, at| read_g1(b, Coding::WordsBigEndian, first + at))?);
        if i == 0 {
            candidates = tau_h(source, found.g2)?;
        }
        if limit.is_some_and(|limit| powers.len() >= limit) {
            break;
        }
    }
    powers.truncate(limit.unwrap_or(usize::MAX));
    let second = powers.get(1).copied().ok_or_else(|| PlonkError::srs("points", "at least 2", powers.len()))?;
    let beta_h = candidates.into_iter().find(|g| is_first_power(&second, g));
    let beta_h = beta_h.ok_or_else(|| PlonkError::srs("tau h", "x h for the first point x G", "points of another tau"))?;
    finish(powers, G2Affine::generator(), beta_h, report)
}

/// The G2 points behind the G1 points, the likelier one first.
fn tau_h(source: &mut impl Read, count: u32) -> Result<Vec<G2Affine>, PlonkError> {
    let mut raw = vec![0u8; 128 * count as usize];
    fill(source, &mut raw, "G2 points")?;
    raw.chunks_exact(128).rev().map(|bytes| read_g2(bytes, Coding::WordsBigEndian, "G2 point")).collect()
}
