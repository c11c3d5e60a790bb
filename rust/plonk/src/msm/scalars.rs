//! Scalars made ready for buckets: signed magnitudes, classes of size, windows, digits.
//!
//! A scalar s above (r - 1) / 2 is taken as -(r - s), so small negative values are small. Zeros disappear; the rest is grouped
//! by size with the largest first, so that a window at bit b reads only scalars that reach b: a column of 16-bit values
//! with a few full ones costs what its values cost. Windows are chosen by dynamic programming over the counted sizes.
//! Digits are signed without carries: adding 2^(c-1) to every window but the last first makes digit = window - 2^(c-1);
//! the last window, whose digit is at most 2^(c-1), stays as it is.
//! What it is not: constant time; scalars here are public to the prover that holds them.

use ark_bn254::Fr;
use ark_ff::BigInteger;
use rayon::prelude::*;

use super::lines::NEGATIVE;
use crate::field::{Ifma, Kernel, Scalar};

/// Upper bounds of the classes, in bits, as `class` tells them; the last holds every magnitude (below 2^253).
const CLASSES: [u32; 7] = [1, 8, 16, 32, 64, 128, 253];
/// Widest window: buckets of a window of 18 bits fill 8 MiB.
const WIDEST: u32 = 18;

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

/// Scalars of one column, recoded for its windows. Kept for its memory from one column to the next.
#[derive(Default)]
pub(super) struct Scalars {
    /// Plain magnitudes in the order of the column; bit 255 says that the scalar is negative.
    magnitudes: Vec<[u64; 4]>,
    /// Magnitude plus 2^(width-1) in every window but the last, word by word: word k of scalar i at `k total + i`.
    recoded: Vec<u64>,
    /// Index of the base; the top bit says that the scalar is negative.
    origin: Vec<u32>,
    /// Windows from the lowest bit up.
    pub windows: Vec<Window>,
}

impl Scalars {
    /// Reads a column.
    pub(super) fn read(&mut self, l: Ifma, column: &[Fr]) {
        self.magnitudes.resize(column.len(), [0; 4]);
        let chunks = self.magnitudes.par_chunks_mut(CHUNK).zip(column.par_chunks(CHUNK));
        chunks.for_each(|(out, scalars)| l.run(Magnitudes { scalars, out }));
        let mut counts = [0usize; CLASSES.len()];
        for m in &self.magnitudes {
            if let Some(class) = class(m) {
                counts[class] += 1;
            }
        }
        self.windows = plan(&counts);
        let offset = offset(&self.windows);
        let total: usize = counts.iter().sum();
        self.recoded.resize(4 * total, 0);
        self.origin.resize(total, 0);
        let (low, high) = self.recoded.split_at_mut(2 * total);
        let ((w0, w1), (w2, w3)) = (low.split_at_mut(total), high.split_at_mut(total));
        let mut at = starts(&counts);
        for (i, m) in self.magnitudes.iter().enumerate() {
            if let Some(class) = class(m) {
                let k = at[class];
                [w0[k], w1[k], w2[k], w3[k]] = add(&[m[0], m[1], m[2], m[3] & !SIGN], &offset);
                self.origin[k] = i as u32 | (m[3] >> 32) as u32 & NEGATIVE;
                at[class] += 1;
            }
        }
    }

    /// Bases of the scalars, with the sign in the top bit; parallel to `digits`.
    pub(super) fn origin(&self) -> &[u32] {
        &self.origin
    }

    /// Signed digits of a window: zero, or a bucket from 1 on with the sign of its point.
    pub(super) fn digits(&self, window: Window, digits: &mut Vec<i32>) {
        digits.clear();
        let last = self.windows.last() == Some(&window);
        let half = if last { 0 } else { 1i32 << (window.width - 1) };
        let (word, shift) = ((window.start / 64) as usize, window.start % 64);
        let mask = (1u64 << window.width) - 1;
        let plane = |k: usize| &self.recoded[k * self.origin.len()..][..window.active];
        if shift + window.width <= 64 {
            digits.extend(plane(word).iter().map(|w| (w >> shift & mask) as i32 - half));
        } else {
            let both = plane(word).iter().zip(plane(word + 1));
            digits.extend(both.map(|(low, high)| ((low >> shift | high << (64 - shift)) & mask) as i32 - half));
        }
    }
}

/// Scalars converted by one task.
const CHUNK: usize = 8192;
/// The sign of a magnitude, in its highest word.
const SIGN: u64 = 1 << 63;

/// |s| of every scalar, where those above (r - 1) / 2 count as negative.
struct Magnitudes<'a> {
    scalars: &'a [Fr],
    out: &'a mut [[u64; 4]],
}

impl Kernel for Magnitudes<'_> {
    type Output = ();
    #[inline(always)]
    fn run(self, l: Ifma) {
        let sixteen = l.splat_words::<Scalar>([16, 0, 0, 0]);
        for (scalars, out) in self.scalars.chunks(8).zip(self.out.chunks_mut(8)) {
            let mut words = [[0u64; 4]; 8];
            for (w, s) in words.iter_mut().zip(scalars) {
                *w = s.0 .0;
            }
            // s 2^256 times 16 over 2^260 is s.
            let plain = l.canonical(l.mul(l.load(&words), sixteen));
            let opposite = l.neg::<Scalar, 1>(plain);
            let negative = l.negative(l.wide_sub(opposite, plain));
            l.store(l.select(negative, plain, opposite), &mut words);
            for (j, (to, w)) in out.iter_mut().zip(words).enumerate() {
                *to = [w[0], w[1], w[2], w[3] | u64::from(negative >> j & 1) << 63];
            }
        }
    }
}

/// The smallest class that holds a magnitude; none for zero.
fn class(m: &[u64; 4]) -> Option<usize> {
    if m[2] | (m[3] & !SIGN) != 0 {
        return Some(6);
    }
    if m[1] != 0 {
        return Some(5);
    }
    match 64 - m[0].leading_zeros() {
        0 => None,
        1 => Some(0),
        2..=8 => Some(1),
        9..=16 => Some(2),
        17..=32 => Some(3),
        _ => Some(4),
    }
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

/// What a window costs, in additions, as fitted to measurements from 2^15 to 2^20: points into buckets, with sorting and
/// gathering; buckets into one, more where they leave the second cache; and fixed work.
fn cost(points: usize, width: u32) -> f64 {
    let (n, b) = (points as f64, f64::from(1u32 << (width - 1)));
    1.5 * n - b * (1.0 - (-n / b).exp()) + 3.5 * b.max(8.0) + 4.0 * (b - 8192.0).max(0.0) + 400.0
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
