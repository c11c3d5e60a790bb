//! Scalars made ready for buckets: signed magnitudes, classes of size, windows, digits.
//!
//! A scalar s above (r - 1) / 2 is taken as -(r - s), so small negative values are small. Zeros disappear; the rest is grouped
//! by size with the largest first, so that a window at bit b reads only scalars that reach b: a column of 16-bit values
//! with a few full ones costs what its values cost. Windows are chosen by dynamic programming over the counted sizes.
//! Digits are signed without carries: adding 2^(c-1) to every window but the last first makes digit = window - 2^(c-1);
//! the last window, whose digit is at most 2^(c-1), stays as it is.
//! What it is not: constant time; scalars here are public to the prover that holds them.

use ark_bn254::Fr;
use ark_ff::{BigInteger, PrimeField};

use super::affine::NEGATIVE;

/// Upper bounds of the classes, in bits; the last holds every magnitude (below 2^253).
const CLASSES: [u32; 7] = [1, 8, 16, 32, 64, 128, 253];
/// Widest window: buckets of a window of 16 bits fill 2 MiB.
const WIDEST: u32 = 16;

/// A window: bits `start..start + width` of the first `active` scalars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub start: u32,
    pub width: u32,
    pub active: usize,
}

impl Window {
    /// Buckets: digits 1..=2^(width-1) in absolute value; eight at least, a block.
    pub(super) fn buckets(self) -> usize {
        (1usize << (self.width - 1)).max(8)
    }
}

/// Scalars of one column, recoded for its windows.
pub(super) struct Scalars {
    /// Magnitude plus 2^(width-1) in every window but the last.
    recoded: Vec<[u64; 4]>,
    /// Index of the base; the top bit says that the scalar is negative.
    origin: Vec<u32>,
    /// Windows from the lowest bit up.
    pub windows: Vec<Window>,
}

impl Scalars {
    /// Reads a column.
    pub(super) fn new(column: &[Fr]) -> Self {
        let magnitudes: Vec<([u64; 4], bool)> = column.iter().map(magnitude).collect();
        let mut counts = [0usize; CLASSES.len()];
        for (m, _) in &magnitudes {
            if let Some(class) = class(m) {
                counts[class] += 1;
            }
        }
        let windows = plan(&counts);
        let offset = offset(&windows);
        let total = counts.iter().sum();
        let mut scalars = Self { recoded: vec![[0; 4]; total], origin: vec![0; total], windows };
        let mut at = starts(&counts);
        for (i, (m, negative)) in magnitudes.iter().enumerate() {
            if let Some(class) = class(m) {
                scalars.recoded[at[class]] = add(m, &offset);
                scalars.origin[at[class]] = i as u32 | if *negative { NEGATIVE } else { 0 };
                at[class] += 1;
            }
        }
        scalars
    }

    /// Bases of the scalars, with the sign in the top bit; parallel to `digits`.
    pub(super) fn origin(&self) -> &[u32] {
        &self.origin
    }

    /// Signed digits of a window: zero, or a bucket from 1 on with the sign of its point.
    pub(super) fn digits(&self, window: Window, digits: &mut Vec<i32>) {
        digits.clear();
        let last = self.windows.last() == Some(&window);
        let half = if last { 0 } else { 1i64 << (window.width - 1) };
        let (word, shift) = ((window.start / 64) as usize, window.start % 64);
        let mask = (1u64 << window.width) - 1;
        digits.extend(self.recoded[..window.active].iter().map(|w| {
            let high = if word < 3 { w[word + 1] } else { 0 };
            // Shifting twice keeps the amount below 64.
            let bits = (w[word] >> shift | (high << 1) << (63 - shift)) & mask;
            (bits as i64 - half) as i32
        }));
    }
}

/// |s| and whether s counts as negative.
fn magnitude(s: &Fr) -> ([u64; 4], bool) {
    let plain = s.into_bigint();
    if plain.0[3] < Fr::MODULUS.0[3] / 2 {
        return (plain.0, false);
    }
    let mut negated = Fr::MODULUS;
    negated.sub_with_borrow(&plain);
    if negated < plain {
        (negated.0, true)
    } else {
        (plain.0, false)
    }
}

fn class(m: &[u64; 4]) -> Option<usize> {
    let high = m.iter().rposition(|w| *w != 0)?;
    let bits = 64 * high as u32 + 64 - m[high].leading_zeros();
    CLASSES.iter().position(|c| bits <= *c)
}

/// First place of every class, the largest class first.
fn starts(counts: &[usize; CLASSES.len()]) -> [usize; CLASSES.len()] {
    let mut at = [0; CLASSES.len()];
    for class in (0..CLASSES.len() - 1).rev() {
        at[class] = at[class + 1] + counts[class + 1];
    }
    at
}

/// Scalars that may have a digit other than zero in a window at `start`. A magnitude of b bits can carry out of a window
/// that ends at bit b or b + 1, never out of a later one of two bits or more.
fn active(counts: &[usize; CLASSES.len()], start: u32) -> usize {
    CLASSES.iter().zip(counts).filter(|(bits, _)| **bits + 1 >= start).map(|(_, n)| n).sum()
}

/// Additions that a window costs: points into buckets, buckets into one, and a share of fixed work.
fn cost(points: usize, width: u32) -> f64 {
    let (n, b) = (points as f64, f64::from(1u32 << (width - 1)));
    1.15 * n - b * (1.0 - (-n / b).exp()) + 2.1 * b.max(8.0) + 100.0
}

/// Windows of least cost that cover every bit and the last carry.
fn plan(counts: &[usize; CLASSES.len()]) -> Vec<Window> {
    let Some(largest) = (0..CLASSES.len()).rev().find(|c| counts[*c] > 0) else { return Vec::new() };
    let end = CLASSES[largest] + 1;
    let mut best = vec![(0.0, 0u32); end as usize + 1];
    for start in (0..end).rev() {
        let points = active(counts, start);
        let after = |width: u32| best[(start + width).min(end) as usize].0;
        // One bit alone would carry for ever, but for the last.
        let narrowest = (end - start).min(2);
        let choice = (narrowest..=WIDEST.min(end - start)).map(|w| (cost(points, w) + after(w), w));
        best[start as usize] = choice.fold((f64::INFINITY, narrowest), |a, b| if b.0 < a.0 { b } else { a });
    }
    let mut windows = Vec::new();
    let mut start = 0;
    while start < end {
        let width = best[start as usize].1;
        windows.push(Window { start, width, active: active(counts, start) });
        start += width;
    }
    windows
}

/// 2^(width-1) in every window but the last.
fn offset(windows: &[Window]) -> [u64; 4] {
    let mut out = [0u64; 4];
    for w in windows.split_last().map_or(&[][..], |(_, rest)| rest) {
        let bit = w.start + w.width - 1;
        out[(bit / 64) as usize] |= 1 << (bit % 64);
    }
    out
}

fn add(a: &[u64; 4], b: &[u64; 4]) -> [u64; 4] {
    let mut out = ark_ff::BigInt(*a);
    out.add_with_carry(&ark_ff::BigInt(*b));
    out.0
}
