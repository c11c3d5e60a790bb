//! Multi-scalar multiplication on the device: many columns over the same bases. Twin of `crate::msm`; see `cuda/msm.cu`.
//!
//! The device leaves, of each window, the sum of its buckets and a sum for each bit of their index; what is added here, with a power of
//! two each, is a few hundred points a column.

use ark_bn254::{Fq, Fr, G1Affine, G1Projective};
use ark_ec::AffineRepr;
use ark_ff::{AdditiveGroup, BigInt};
use rayon::prelude::*;

use super::columns::Columns;
use super::kernels::{Device, Offsets, Rows};
use super::memory::{AffineWords, Buffer, XyzzWords};
use crate::error::CudaError;

/// Bits of a recoded scalar: its magnitude is below 2^253 and a window may carry one on.
const BITS: u32 = 254;
/// Digits that are sorted at once, at most: 12 bytes each.
const MOST_ENTRIES: usize = 1 << 26;
/// Buckets that are summed at once, at most: 128 bytes each, and as much for pieces.
const MOST_BUCKETS: usize = 1 << 22;
/// Threads that keep a large device busy.
const BUSY: usize = 1 << 17;
/// Sums of pieces that a bucket may have left for its own thread.
const FEW: u32 = 16;
/// Sums that a piece adds above the first level.
const PIECE: usize = 32;

/// Bases on the device.
pub struct Bases {
    device: &'static Device,
    points: Buffer<AffineWords>,
}

impl std::fmt::Debug for Bases {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Bases({})", self.points.len())
    }
}

impl Bases {
    /// Copies points to the device: 64 bytes each.
    ///
    /// # Errors
    /// `CudaError::Shape` for more than 2^27 points, whose digits would be too many to count; `CudaError::Driver`.
    pub fn new(device: &'static Device, points: &[G1Affine]) -> Result<Self, CudaError> {
        if points.len() > 1 << 27 {
            return Err(CudaError::shape("bases", "at most 2^27", points.len()));
        }
        let words: Vec<AffineWords> = points.par_iter().map(affine_words).collect();
        Ok(Self { device, points: Buffer::from_host(device, &words)? })
    }

    /// One sum per column of scalars on the host; each over the shorter of both lengths.
    ///
    /// # Errors
    /// `CudaError::Driver`.
    pub fn msm_columns(&self, columns: &[&[Fr]]) -> Result<Vec<G1Projective>, CudaError> {
        let columns: Vec<&[Fr]> = columns.iter().map(|c| &c[..c.len().min(self.points.len())]).collect();
        self.msm(&Columns::upload(self.device, &columns)?)
    }

    /// One sum per column of scalars on the device.
    ///
    /// # Errors
    /// `CudaError::Shape` for columns longer than the bases; `CudaError::Driver`.
    pub fn msm(&self, columns: &Columns) -> Result<Vec<G1Projective>, CudaError> {
        self.msm_with_width(columns, width(columns.n))
    }

    /// `msm` with windows of another width, 2 to 16 bits: for measurements.
    ///
    /// # Errors
    /// As `msm`, and `CudaError::Shape` for another width.
    pub fn msm_with_width(&self, columns: &Columns, width: u32) -> Result<Vec<G1Projective>, CudaError> {
        if columns.n > self.points.len() {
            return Err(CudaError::shape("scalars", format!("at most {}", self.points.len()), columns.n));
        }
        if !(2..=16).contains(&width) {
            return Err(CudaError::shape("window", "2 to 16 bits", width));
        }
        if columns.n == 0 {
            return Ok(vec![G1Projective::ZERO; columns.count]);
        }
        let windows = BITS.div_ceil(width) as usize;
        let most = (MOST_ENTRIES / (windows * columns.n)).min(MOST_BUCKETS / (windows << (width - 1))).max(1);
        let mut out = Vec::with_capacity(columns.count);
        for first in (0..columns.count).step_by(most) {
            let count = most.min(columns.count - first);
            let rows = Rows { n: columns.n, windows: windows * count, log_buckets: width - 1 };
            let sums = self.sums((&columns.values, first * columns.n), count, rows)?;
            out.par_extend(sums.par_chunks(windows * width as usize).map(|sums| weigh(sums, width as usize)));
        }
        Ok(out)
    }

    /// What is left of each window: see `gather_sums` in `cuda/msm.cu`.
    fn sums(&self, scalars: (&Buffer<Fr>, usize), columns: usize, rows: Rows) -> Result<Vec<XyzzWords>, CudaError> {
        let (device, buckets) = (self.device, rows.buckets());
        let mut entries = Buffer::new(device, rows.entries())?;
        let mut offsets = Buffer::zeroed(device, buckets + 1)?;
        {
            let mut codes = Buffer::new(device, rows.entries())?;
            let mut ranks = Buffer::new(device, rows.entries())?;
            let out = [&mut codes, &mut ranks, &mut offsets];
            device.digits(scalars, columns, rows.log_buckets + 1, rows, out)?;
            device.scan(&mut offsets)?;
            device.place(&codes, &ranks, &offsets, &mut entries, rows)?;
        }
        let piece = (rows.entries() / BUSY).clamp(8, 64);
        let (mut pieces, mut largest, total) = self.pieces(&offsets, piece)?;
        let mut sums = Buffer::new(device, total)?;
        device.sum_entries(&self.points, &entries, [&offsets, &pieces], piece, &mut sums)?;
        while largest > FEW {
            let (above, most, total) = self.pieces(&pieces, PIECE)?;
            let mut next = Buffer::new(device, total)?;
            device.sum_sums(&sums, [&pieces, &above], PIECE, &mut next)?;
            (pieces, largest, sums) = (above, most, next);
        }
        let mut points = Buffer::new(device, buckets)?;
        device.sum_buckets(&sums, &pieces, &mut points)?;
        for log_half in (0..rows.log_buckets).rev() {
            device.fold(&mut points, rows, log_half)?;
        }
        let mut left = Buffer::new(device, rows.windows * (rows.log_buckets as usize + 1))?;
        device.gather_sums(&points, rows, &mut left)?;
        let mut out = vec![[0; 16]; left.len()];
        left.read(0, &mut out)?;
        Ok(out)
    }

    /// Where the pieces of the buckets' items begin, the most that a bucket has, and how many there are.
    fn pieces(&self, items: &Offsets, piece: usize) -> Result<(Offsets, u32, usize), CudaError> {
        let mut offsets = Buffer::new(self.device, items.len())?;
        let mut most = Buffer::zeroed(self.device, 1)?;
        self.device.piece_counts(items, &mut offsets, &mut most, piece)?;
        self.device.scan(&mut offsets)?;
        let (mut largest, mut total) = ([0], [0]);
        most.read(0, &mut largest)?;
        offsets.read(items.len() - 1, &mut total)?;
        Ok((offsets, largest[0], total[0] as usize))
    }
}

/// Width of a window for so many scalars: about 32 digits a bucket, and never so few buckets that the device idles.
fn width(n: usize) -> u32 {
    n.max(1).ilog2().saturating_sub(4).clamp(4, 16)
}

fn affine_words(p: &G1Affine) -> AffineWords {
    let mut out = [0; 8];
    if !p.is_zero() {
        out[..4].copy_from_slice(&p.x.0 .0);
        out[4..].copy_from_slice(&p.y.0 .0);
    }
    out
}

/// x = X / ZZ and y = Y / ZZZ are x = (X ZZ) / ZZ^2 and y = (Y ZZZ) / ZZ^3, for ZZ^3 = ZZZ^2: Jacobian with Z = ZZ.
fn jacobian(p: &XyzzWords) -> G1Projective {
    let at = |k: usize| Fq::new_unchecked(BigInt([p[4 * k], p[4 * k + 1], p[4 * k + 2], p[4 * k + 3]]));
    let (x, y, zz, zzz) = (at(0), at(1), at(2), at(3));
    if zz == Fq::ZERO {
        return G1Projective::ZERO;
    }
    G1Projective::new_unchecked(x * zz, y * zzz, zz)
}

/// The sum over windows w of 2^(w width) (all buckets + sum over bits j of 2^j (buckets with bit j)): bucket b has the weight b + 1.
fn weigh(sums: &[XyzzWords], width: usize) -> G1Projective {
    let mut out = G1Projective::ZERO;
    for window in sums.chunks(width).rev() {
        out.double_in_place();
        for sum in window[1..].iter().rev() {
            out.double_in_place();
            out += jacobian(sum);
        }
        out += jacobian(&window[0]);
    }
    out
}
