//! The multiplication on lanes: bases packed once, then windows as tasks of the thread pool.
//!
//! What it is not: the choice between lanes and arkworks (`mod.rs`).

use std::sync::Mutex;

use ark_bn254::{Fr, G1Affine, G1Projective};
use ark_ec::AffineRepr;
use rayon::prelude::*;

use super::buckets::{accumulate, Workspace};
use super::lines::{Line, INFINITY};
use super::reduce::{horner, Tails};
use super::scalars::{Scalars, Window};
use crate::field::{Base, Ifma, Kernel, Modulus};

/// Scratch memory not in use; as many as were ever in use at once.
static IDLE: Mutex<Vec<Workspace>> = Mutex::new(Vec::new());
/// The same for recoded columns.
static IDLE_SCALARS: Mutex<Vec<Scalars>> = Mutex::new(Vec::new());

/// Longer columns give their memory (68 bytes a scalar) back at once.
const LARGEST_KEPT: usize = 1 << 18;

fn take<T: Default>(idle: &Mutex<Vec<T>>) -> T {
    idle.lock().map_or_else(|_| None, |mut idle| idle.pop()).unwrap_or_default()
}

fn give<T>(idle: &Mutex<Vec<T>>, scratch: T) {
    if let Ok(mut idle) = idle.lock() {
        idle.push(scratch);
    }
}

/// Bases on lines of 64 bytes in R = 2^260, infinity behind the last.
pub(super) struct Packed {
    lanes: Ifma,
    lines: Vec<Line>,
}

/// Converts coordinates to R = 2^260.
struct Pack<'a> {
    bases: &'a [G1Affine],
    lines: &'a mut [Line],
}

impl Kernel for Pack<'_> {
    type Output = ();
    #[inline(always)]
    fn run(self, l: Ifma) {
        // x 2^256 times 2^264 over 2^260 is x 2^260.
        let shift = l.splat_words::<Base>(Base::SHIFT);
        for (bases, lines) in self.bases.chunks(8).zip(self.lines.chunks_mut(8)) {
            let (mut x, mut y) = ([[0u64; 4]; 8], [[0u64; 4]; 8]);
            for (j, p) in bases.iter().enumerate() {
                (x[j], y[j]) = (p.x.0 .0, p.y.0 .0);
            }
            let product = l.mul_many([l.load(&x), l.load(&y)], [shift; 2]);
            l.store_canonical(product[0], &mut x);
            l.store_canonical(product[1], &mut y);
            for (j, (line, p)) in lines.iter_mut().zip(bases).enumerate() {
                *line = if p.is_zero() { INFINITY } else { Line([x[j], y[j]]) };
            }
        }
    }
}

/// Lines of points, infinity behind the last.
pub(super) fn pack(l: Ifma, bases: &[G1Affine]) -> Vec<Line> {
    let mut lines = vec![INFINITY; bases.len() + 1];
    let chunk = 4096;
    lines.par_chunks_mut(chunk).zip(bases.par_chunks(chunk)).for_each(|(lines, bases)| l.run(Pack { bases, lines }));
    lines
}

impl Packed {
    pub(super) fn new(l: Ifma, bases: &[G1Affine]) -> Self {
        let mut lines = vec![INFINITY; bases.len() + 1];
        let chunk = 4096;
        lines
            .par_chunks_mut(chunk)
            .zip(bases.par_chunks(chunk))
            .for_each(|(lines, bases)| l.run(Pack { bases, lines }));
        Self { lanes: l, lines }
    }

    /// One sum per column.
    pub(super) fn msm(&self, columns: &[&[Fr]]) -> Vec<G1Projective> {
        // Columns alone keep the threads busy if there are many; windows are shared out if there are few.
        let shares =
            (2 * rayon::current_num_threads()).div_ceil(columns.len().max(1)).min(rayon::current_num_threads());
        columns.par_iter().map(|column| self.column(column, shares)).collect()
    }

    fn column(&self, column: &[Fr], shares: usize) -> G1Projective {
        let mut scalars = take(&IDLE_SCALARS);
        scalars.read(self.lanes, column);
        let share = scalars.windows.len().div_ceil(shares).max(1);
        let terms =
            scalars.windows.par_chunks(share).flat_map_iter(|windows| self.windows(&scalars, windows)).collect();
        if column.len() <= LARGEST_KEPT {
            give(&IDLE_SCALARS, scalars);
        }
        horner(terms)
    }

    /// Weighted sums of some windows, by bit.
    fn windows(&self, scalars: &Scalars, windows: &[Window]) -> Vec<(u32, G1Affine)> {
        let l = self.lanes;
        let mut ws = take(&IDLE);
        let mut tails = Tails::default();
        let mut digits = std::mem::take(&mut ws.digits);
        for window in windows {
            scalars.digits(*window, &mut digits);
            accumulate(l, &mut ws, &self.lines, scalars.origin(), &digits, window.buckets());
            tails.reduce(l, &mut ws, *window);
        }
        ws.digits = digits;
        let terms = tails.sums(l, &mut ws);
        give(&IDLE, ws);
        terms
    }
}
