//! Our compressed form, which ships: magic, count (u64, little-endian), 32 bytes a point (x big-endian, the top bit of byte 0
//! says that y is the larger root), then h and tau h as arkworks writes them (128 bytes each).

use std::io::Read;

use ark_bn254::{Fq, G1Affine};
use ark_ec::AffineRepr;
use ark_ff::{BigInteger, PrimeField};
use ark_serialize::CanonicalSerialize;

use super::arkworks::{read_count, read_g2};
use super::points::{fill, lift, read_points};
use super::{finish, Report, Srs};
use crate::error::PlonkError;

/// First bytes.
pub const MAGIC: &[u8; 8] = b"l2r-srs1";

/// Reads the form with every check. The whole file is needed: tau h stands at its end.
///
/// # Errors
/// `PlonkError::Srs` naming the property that fails.
pub fn read(source: &mut impl Read, limit: Option<usize>, report: Report<'_>) -> Result<Srs, PlonkError> {
    let mut magic = [0u8; 8];
    fill(source, &mut magic, "magic")?;
    if &magic != MAGIC {
        return Err(PlonkError::srs("magic", "l2r-srs1", String::from_utf8_lossy(&magic)));
    }
    let count = read_count(source)?;
    let mut powers = read_points(source, count, 32, report, decompress)?;
    powers.truncate(limit.unwrap_or(usize::MAX));
    let (h, beta_h) = (read_g2(source, "h")?, read_g2(source, "tau h")?);
    if source.read(&mut [0u8]).ok() != Some(0) {
        return Err(PlonkError::srs("length", "an end after tau h", "more bytes"));
    }
    finish(powers, h, beta_h, report)
}

/// Writes the form.
pub(super) fn write(srs: &Srs) -> Result<Vec<u8>, PlonkError> {
    let mut out = MAGIC.to_vec();
    out.extend((srs.powers.len() as u64).to_le_bytes());
    for p in &srs.powers {
        let (x, y) = p.xy().ok_or_else(|| PlonkError::srs("point", "finite", "infinity"))?;
        let mut word = x.into_bigint().to_bytes_be();
        if y > -y {
            word[0] |= 0x80;
        }
        out.extend(word);
    }
    for g in [srs.h, srs.beta_h] {
        g.serialize_uncompressed(&mut out).map_err(|e| PlonkError::srs("G2", "128 bytes", e))?;
    }
    Ok(out)
}

fn decompress(word: &[u8], index: usize) -> Result<G1Affine, PlonkError> {
    let what = format!("G1 point {index}");
    let mut x_bytes = [0u8; 32];
    x_bytes.copy_from_slice(word);
    x_bytes[0] &= 0x7f;
    let x = Fq::from_be_bytes_mod_order(&x_bytes);
    if x.into_bigint().to_bytes_be() != x_bytes {
        return Err(PlonkError::srs(&what, "x below q", "x not canonical"));
    }
    lift(x, word[0] & 0x80 != 0).ok_or_else(|| PlonkError::srs(&what, "x of a curve point", x))
}
