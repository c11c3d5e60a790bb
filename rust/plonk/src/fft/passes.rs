//! The two passes of a transform on lanes.
//!
//! A short transform halves blocks level by level, two levels at a time: input in natural order, output bit-reversed, one
//! twiddle a block, the same for all lanes. Numbers stay wide: they grow by 3 p a level (a product is below 3 p), never beyond
//! 33 p with at most ten levels, which multiplication takes as a factor (`field/lanes.rs`: 35 p). Only block 0, whose
//! twiddles are one, doubles; its first two quarters are reduced as they come.
//! What it is not: the plan; see `tables.rs`.

use ark_bn254::Fr;
use ark_ff::AdditiveGroup;
use rayon::prelude::*;

use super::tables::{reversed, Factor, Tables};
use crate::field::{Ifma, Kernel, Lanes, Scalar};

type L = Lanes<Scalar>;
type Words = [u64; 4];

/// How many threads one transform may use.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Threads {
    /// The calling thread alone.
    One,
    /// All of the pool.
    All,
}

/// Columns below this many elements are not worth a second thread.
const PARALLEL_FROM: usize = 1 << 13;

/// Transforms one column into another.
pub(super) fn transform(tables: &Tables, lanes: Ifma, input: &[Fr], output: &mut [Fr], threads: Threads) {
    with_middle(input.len(), |middle| {
        first_pass(tables, lanes, input, middle, threads);
        second_pass(tables, lanes, middle, output, threads);
    });
}

/// Transforms one column where it is.
pub(super) fn transform_in_place(tables: &Tables, lanes: Ifma, column: &mut [Fr], threads: Threads) {
    with_middle(column.len(), |middle| {
        first_pass(tables, lanes, column, middle, threads);
        second_pass(tables, lanes, middle, column, threads);
    });
}

/// Tasks that a pass over n elements is cut into, by groups of eight columns of the n1 x n2 square that it goes over.
fn parts(n: usize, threads: Threads) -> usize {
    if threads == Threads::All && n >= PARALLEL_FROM {
        rayon::current_num_threads()
    } else {
        1
    }
}

fn first_pass(tables: &Tables, lanes: Ifma, input: &[Fr], middle: &mut [Words], threads: Threads) {
    let (n1, n2) = (1usize << tables.log[0], 1usize << tables.log[1]);
    let parts = parts(input.len(), threads);
    if parts == 1 {
        return lanes.run(First { tables, input, start: 0, middle });
    }
    let blocks = (n2 / 8).div_ceil(parts);
    middle.par_chunks_mut(blocks * 8 * n1).enumerate().for_each(|(i, middle)| {
        lanes.run(First { tables, input, start: i * blocks, middle });
    });
}

fn second_pass(tables: &Tables, lanes: Ifma, middle: &[Words], output: &mut [Fr], threads: Threads) {
    let (n1, n2) = (1usize << tables.log[0], 1usize << tables.log[1]);
    let parts = parts(output.len(), threads);
    if parts == 1 {
        let mut rows: Vec<&mut [Fr]> = output.chunks_exact_mut(n1).collect();
        return lanes.run(Second { tables, middle, start: 0, rows: &mut rows });
    }
    let width = 8 * (n1 / 8).div_ceil(parts);
    let mut strips: Vec<Vec<&mut [Fr]>> = (0..n1.div_ceil(width)).map(|_| Vec::with_capacity(n2)).collect();
    for row in output.chunks_exact_mut(n1) {
        for (strip, part) in strips.iter_mut().zip(row.chunks_mut(width)) {
            strip.push(part);
        }
    }
    strips.par_iter_mut().enumerate().for_each(|(i, rows)| {
        lanes.run(Second { tables, middle, start: i * width / 8, rows });
    });
}

/// Lends a buffer of n elements that stays with the thread: fresh memory costs a page fault each 128 elements.
fn with_middle(n: usize, use_it: impl FnOnce(&mut [Words])) {
    thread_local! {
        static MIDDLE: std::cell::RefCell<Vec<Words>> = const { std::cell::RefCell::new(Vec::new()) };
    }
    let mut middle = MIDDLE.with(|kept| std::mem::take(&mut *kept.borrow_mut()));
    middle.resize(middle.len().max(n), [0; 4]);
    use_it(&mut middle[..n]);
    MIDDLE.with(|kept| *kept.borrow_mut() = middle);
}

/// Pass 1: for blocks of eight j2 from `start` on, transforms over j1, times the factors between the passes. `middle` gets
/// block after block, k1 after k1, eight lanes.
struct First<'a> {
    tables: &'a Tables,
    input: &'a [Fr],
    start: usize,
    middle: &'a mut [Words],
}

impl Kernel for First<'_> {
    type Output = ();
    #[inline(always)]
    fn run(self, l: Ifma) {
        let t = self.tables;
        let (log, n1, n2) = (t.log[0], 1usize << t.log[0], 1usize << t.log[1]);
        let mut buffer = vec![l.zero::<Scalar>(); n1];
        for (i, out) in self.middle.chunks_exact_mut(8 * n1).enumerate() {
            let b = self.start + i;
            for (j1, x) in buffer.iter_mut().enumerate() {
                let from = n2 * j1 + 8 * b;
                *x = gather(l, &self.input[from..from + 8]);
                // The next block's piece of this row: rows are too far apart for the processor to guess it.
                for line in self.input.iter().skip(from + 8).take(8).step_by(2) {
                    l.prefetch(line);
                }
            }
            if !t.before.is_empty() {
                for (x, f) in buffer.chunks_exact_mut(2).zip(t.before.chunks_exact(2)) {
                    let product = l.mul_wide([l.splat_limbs(&f[0]), l.splat_limbs(&f[1])], [x[0], x[1]]);
                    x.copy_from_slice(&product);
                }
            }
            short(l, &mut buffer, log, &t.twiddles);
            let factors = &t.between[b * n1..(b + 1) * n1];
            for (pair, (x, f)) in buffer.chunks_exact(2).zip(factors.chunks_exact(2)).enumerate() {
                let f = [l.load_limbs(&f[0].0), l.load_limbs(&f[1].0)];
                let y = l.mul_many([l.factor(x[0]), l.factor(x[1])], f);
                for (h, y) in y.into_iter().enumerate() {
                    let k1 = reversed(2 * pair + h, log);
                    store(l, y, &mut out[8 * k1..8 * k1 + 8]);
                }
            }
        }
    }
}

/// Pass 2: for groups of eight k1 from `start` on, transforms over j2; row k2 of `rows` gets outputs k1 + n1 k2 of these groups.
struct Second<'a, 'b> {
    tables: &'a Tables,
    middle: &'a [Words],
    start: usize,
    rows: &'a mut [&'b mut [Fr]],
}

impl Kernel for Second<'_, '_> {
    type Output = ();
    #[inline(always)]
    fn run(self, l: Ifma) {
        let t = self.tables;
        let (log, n1, n2) = (t.log[1], 1usize << t.log[0], 1usize << t.log[1]);
        let mut buffer = vec![l.zero::<Scalar>(); n2];
        let groups = self.rows.first().map_or(0, |r| r.len() / 8);
        for i in 0..groups {
            let k1 = 8 * (self.start + i);
            for (j2, x) in buffer.iter_mut().enumerate() {
                let at = (j2 / 8) * 8 * n1 + 8 * k1 + j2 % 8;
                let m = &self.middle[at..at + 57];
                *x = l.gather([&m[0], &m[8], &m[16], &m[24], &m[32], &m[40], &m[48], &m[56]]);
                // Where this group's outputs will go: lines of rows that lie far apart.
                for line in self.rows[j2].iter().skip(8 * i).take(8).step_by(2) {
                    l.prefetch(line);
                }
            }
            short(l, &mut buffer, log, &t.twiddles);
            for (position, x) in buffer.iter().enumerate() {
                let k2 = reversed(position, log);
                let x = match t.after.get(k2) {
                    Some(f) => l.mul(l.factor(*x), l.splat_limbs(f)),
                    None => *x,
                };
                scatter(l, l.canonical_any(x), &mut self.rows[k2][8 * i..8 * i + 8]);
            }
        }
    }
}

#[inline(always)]
fn gather(l: Ifma, from: &[Fr]) -> L {
    let x: &[Fr; 8] = from.try_into().unwrap_or(&[Fr::ZERO; 8]);
    l.gather([&x[0].0 .0, &x[1].0 .0, &x[2].0 .0, &x[3].0 .0, &x[4].0 .0, &x[5].0 .0, &x[6].0 .0, &x[7].0 .0])
}

#[inline(always)]
fn store(l: Ifma, x: L, to: &mut [Words]) {
    if let Ok(to) = to.try_into() {
        l.store(x, to);
    }
}

#[inline(always)]
fn scatter(l: Ifma, x: L, to: &mut [Fr]) {
    if let [a, b, c, d, e, f, g, h] = to {
        let to =
            [&mut a.0 .0, &mut b.0 .0, &mut c.0 .0, &mut d.0 .0, &mut e.0 .0, &mut f.0 .0, &mut g.0 .0, &mut h.0 .0];
        l.scatter(x, to);
    }
}

/// Eight transforms of length 2^log; inputs below 3 p, outputs bit-reversed, wide, below 33 p.
#[inline(always)]
fn short(l: Ifma, x: &mut [L], log: u32, twiddles: &[Factor]) {
    let mut size = x.len();
    if log % 2 == 1 {
        // One block with twiddle one: below 6 p afterwards.
        let three = l.multiple::<Scalar, 3>();
        let (a, b) = x.split_at_mut(size / 2);
        for (a, b) in a.iter_mut().zip(b) {
            (*a, *b) = (l.wide_add(*a, *b), l.wide_sub_from(*a, *b, three));
        }
        size /= 2;
        if size > 1 {
            let (first, second) = x.split_at_mut(size);
            first_block(l, first, twiddles);
            later_block(l, second, twiddles, 1);
            size /= 4;
        }
    } else {
        first_block(l, x, twiddles);
        size /= 4;
    }
    while size > 1 {
        for (b, block) in x.chunks_exact_mut(size).enumerate() {
            if b == 0 {
                first_block(l, block, twiddles);
            } else {
                later_block(l, block, twiddles, b);
            }
        }
        size /= 4;
    }
}

/// Two levels of block 0: inputs below 6 p; the first two quarters come out below 1.01 p, the others below 15 p.
#[inline(always)]
fn first_block(l: Ifma, x: &mut [L], twiddles: &[Factor]) {
    let six = l.multiple::<Scalar, 6>();
    let twelve = l.multiple::<Scalar, 12>();
    let three = l.multiple::<Scalar, 3>();
    let i = l.splat_limbs::<Scalar>(&twiddles[1]);
    let (low, high) = x.split_at_mut(x.len() / 2);
    let (a, b) = low.split_at_mut(low.len() / 2);
    let (c, d) = high.split_at_mut(high.len() / 2);
    for (((a, b), c), d) in a.iter_mut().zip(b).zip(c).zip(d) {
        let (s, t) = (l.wide_add(*a, *c), l.wide_sub_from(*a, *c, six));
        let (u, v) = (l.wide_add(*b, *d), l.wide_sub_from(*b, *d, six));
        let [v] = l.mul_wide([l.factor(v)], [i]);
        *a = l.reduce_any(l.wide_add(s, u));
        *b = l.reduce_any(l.wide_sub_from(s, u, twelve));
        *c = l.wide_add(t, v);
        *d = l.wide_sub_from(t, v, three);
    }
}

/// Two levels of block b > 0: everything grows by 6 p.
#[inline(always)]
fn later_block(l: Ifma, x: &mut [L], twiddles: &[Factor], block: usize) {
    let three = l.multiple::<Scalar, 3>();
    let w = l.splat_limbs::<Scalar>(&twiddles[block]);
    let w2 = l.splat_limbs::<Scalar>(&twiddles[2 * block]);
    let w3 = l.splat_limbs::<Scalar>(&twiddles[2 * block + 1]);
    let (low, high) = x.split_at_mut(x.len() / 2);
    let (a, b) = low.split_at_mut(low.len() / 2);
    let (c, d) = high.split_at_mut(high.len() / 2);
    for (((a, b), c), d) in a.iter_mut().zip(b).zip(c).zip(d) {
        let [p, q] = l.mul_wide([l.factor(*c), l.factor(*d)], [w, w]);
        let (s, t) = (l.wide_add(*a, p), l.wide_sub_from(*a, p, three));
        let (u, v) = (l.wide_add(*b, q), l.wide_sub_from(*b, q, three));
        let [u, v] = l.mul_wide([l.factor(u), l.factor(v)], [w2, w3]);
        *a = l.wide_add(s, u);
        *b = l.wide_sub_from(s, u, three);
        *c = l.wide_add(t, v);
        *d = l.wide_sub_from(t, v, three);
    }
}
