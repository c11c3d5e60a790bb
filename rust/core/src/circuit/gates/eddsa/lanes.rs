//! The points of EdDSA blocks on lanes: sixteen blocks at a time, as two groups of eight whose products interleave.
//!
//! Twin of `write_points`, equal to it by test: all points stay projective and are normalised with one inversion a block. Numbers are
//! in R = 2^260; coordinates are below 4 p, and bounds stand where they are used (`plonk::field`). A block in which a denominator
//! is zero (its key is off the curve, or of small order) is left to the twin. What it is not: the choice of path; see `fill_all`.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};
use plonk::field::{limbs260, Ifma, Kernel, Lanes, LimbRows, Scalar, LIMBS};

use super::{Input, Rows, CURVE_A, CURVE_D, DIGITS, KEY, SHARED, TABLE, WINDOWS};
use crate::poseidon::lanes::{add as wide_sum, factors, Element};
use crate::primitives::babyjubjub::BASE8;

type L = Lanes<Scalar>;
/// Groups of eight blocks.
const GROUPS: usize = 2;
/// Blocks that run together.
const BLOCKS: usize = 8 * GROUPS;
/// Points before the ladder: 2A, 4A, and three on each of four table rows.
const MULTIPLES: usize = 2 + 3 * DIGITS;
/// Points that are normalised: those, the start, and three a window.
const POINTS: usize = MULTIPLES + 1 + 3 * WINDOWS;
/// A coordinate in memory, in R = 2^260 and below 2^256.
type Words = [u64; 4];

/// Writes the points of blocks; returns those that are left to do.
pub(super) struct Points<'a> {
    pub(super) inputs: &'a [Input],
    /// Digits of S and h.
    pub(super) digits: &'a [[Vec<usize>; 2]],
    pub(super) out: &'a mut [Box<Rows>],
}

/// X/Z, Y/Z with T = XY/Z; normal numbers below 4 p.
#[derive(Clone, Copy)]
struct Point {
    x: Element,
    y: Element,
    z: Element,
    t: Element,
}

/// A point in memory, group by group, for reading without transposition.
type Kept = [[LimbRows; GROUPS]; 3];

impl Kernel for Points<'_> {
    type Output = Vec<usize>;
    #[inline(always)]
    fn run(self, l: Ifma) -> Vec<usize> {
        let mut left = Vec::new();
        let mut kept = vec![[[[[0; 8]; LIMBS]; GROUPS]; 3]; POINTS];
        let mut products = vec![[[[0; 8]; LIMBS]; GROUPS]; POINTS];
        for first in (0..self.inputs.len()).step_by(BLOCKS) {
            let end = (first + BLOCKS).min(self.inputs.len());
            // The last block fills what is missing.
            let block = |i: usize| (first + i).min(end - 1);
            let table = multiples(l, |i| self.inputs[block(i)].key, &mut kept);
            ladder(l, |i| &self.digits[block(i)], &table, &mut kept);
            let zero = invert(l, &mut kept, &mut products);
            for (at, point) in kept.iter().enumerate() {
                for (i, xy) in affine(l, point).into_iter().enumerate().take(end - first) {
                    write(&mut self.out[first + i], at, xy);
                }
            }
            left.extend((first..end).filter(|i| zero >> (i - first) & 1 == 1));
        }
        left
    }
}

/// The cells of a point.
#[inline(always)]
fn write(rows: &mut Rows, at: usize, xy: [Fr; 2]) {
    let (row, column) = match at {
        0 | 1 => (KEY, 4 + 2 * at),
        2..MULTIPLES => (TABLE + (at - 2) / 3, 2 * ((at - 2) % 3)),
        _ => ((at - MULTIPLES) / 3, [0, 4, 6][(at - MULTIPLES) % 3]),
    };
    rows[row][column..column + 2].copy_from_slice(&xy);
}

/// Keeps 2A, 4A and the table; returns the table for looking up: the points of the digits (j, k) at 4 j + k, block by block.
#[inline(always)]
fn multiples(l: Ifma, key: impl Fn(usize) -> [Fr; 2], kept: &mut [Kept]) -> Vec<[[Words; 4]; BLOCKS]> {
    let two = double(l, &from_affine(l, key));
    let four = double(l, &two);
    let eight = add(l, &four, &four);
    let sixteen = double(l, &eight);
    let base = from_affine(l, |_| [-BASE8.x, BASE8.y]);
    keep(l, &two, &mut kept[0]);
    keep(l, &four, &mut kept[1]);
    let mut row = [eight, sixteen, dual(l, &eight, &sixteen)];
    let mut table = Vec::with_capacity(DIGITS * DIGITS);
    for j in 0..DIGITS {
        // R = 2^256 times 16.
        let words = |x: Fr| (x * Fr::from(16u64)).0 .0;
        let [x, y] = SHARED[j];
        table.push([[x, y, Fr::ONE, x * y].map(words); BLOCKS]);
        for (k, point) in row.iter_mut().enumerate() {
            keep(l, point, &mut kept[2 + 3 * j + k]);
            table.push(negative(l, point));
            *point = add(l, point, &base);
        }
    }
    table
}

/// Keeps the ladder's points.
#[inline(always)]
fn ladder<'a>(
    l: Ifma,
    digits: impl Fn(usize) -> &'a [Vec<usize>; 2],
    table: &[[[Words; 4]; BLOCKS]],
    kept: &mut [Kept],
) {
    let mut p = look_up(l, table, |i| digits(i)[1][0]);
    keep(l, &p, &mut kept[MULTIPLES]);
    for w in 1..=WINDOWS {
        let d = double(l, &p);
        let q = double(l, &d);
        let s = look_up(l, table, |i| DIGITS * digits(i)[0][w] + digits(i)[1][w]);
        p = add(l, &q, &s);
        for (k, point) in [d, q, p].iter().enumerate() {
            keep(l, point, &mut kept[MULTIPLES + 3 * w - 2 + k]);
        }
    }
}

/// Puts 1/z in R = 2^256 in the place of each z; returns the blocks that have a z of zero, whose numbers mean nothing.
#[inline(always)]
fn invert(l: Ifma, kept: &mut [Kept], products: &mut [[LimbRows; GROUPS]]) -> u16 {
    let mut product = load(l, &kept[0][2]);
    store(l, &product, &mut products[0]);
    for i in 1..POINTS {
        product = factors(l, &l.mul_wide(product, load(l, &kept[i][2])));
        store(l, &product, &mut products[i]);
    }
    // One inversion for all: of the products in R = 2^256.
    let mut all: Vec<Fr> = elements(l, &product).to_vec();
    let zero = all.iter().enumerate().map(|(i, x)| u16::from(*x == Fr::ZERO) << i).sum();
    ark_ff::batch_inversion(&mut all);
    let mut rest = [l.zero(); GROUPS];
    for (x, inverses) in rest.iter_mut().zip(all.as_chunks::<8>().0) {
        *x = l.load(&inverses.map(|x| x.0 .0));
    }
    for i in (1..POINTS).rev() {
        let inverse = factors(l, &l.mul_wide(rest, load(l, &products[i - 1])));
        rest = factors(l, &l.mul_wide(rest, load(l, &kept[i][2])));
        store(l, &inverse, &mut kept[i][2]);
    }
    store(l, &rest, &mut kept[0][2]);
    zero
}

/// x and y over z of sixteen blocks, once z is inverted.
#[inline(always)]
fn affine(l: Ifma, point: &Kept) -> [[Fr; 2]; BLOCKS] {
    let z = load(l, &point[2]);
    let mut out = [[Fr::ZERO; 2]; BLOCKS];
    for c in 0..2 {
        let x = l.mul_wide(load(l, &point[c]), z);
        for (g, x) in x.into_iter().enumerate() {
            let mut words = [[0u64; 4]; 8];
            l.store(l.canonical_any(x), &mut words);
            for (to, w) in out[8 * g..8 * g + 8].iter_mut().zip(words) {
                to[c].0 .0 = w;
            }
        }
    }
    out
}

/// Canonical elements of sixteen blocks, from R = 2^260.
#[inline(always)]
fn elements(l: Ifma, x: &Element) -> [Fr; BLOCKS] {
    let one: L = l.splat(&Fr::ONE.0 .0);
    let mut out = [Fr::ZERO; BLOCKS];
    for (g, x) in l.mul_wide(*x, [one; GROUPS]).into_iter().enumerate() {
        let mut words = [[0u64; 4]; 8];
        l.store(l.canonical_any(x), &mut words);
        out[8 * g..8 * g + 8].iter_mut().zip(words).for_each(|(to, w)| to.0 .0 = w);
    }
    out
}

#[inline(always)]
fn from_affine(l: Ifma, point: impl Fn(usize) -> [Fr; 2]) -> Point {
    let mut coordinates = [[[[0u64; 4]; 8]; GROUPS]; 4];
    for i in 0..BLOCKS {
        let [x, y] = point(i);
        for (c, value) in [x, y, Fr::ONE, x * y].into_iter().enumerate() {
            coordinates[c][i / 8][i % 8] = value.0 .0;
        }
    }
    let [x, y, z, t] = &coordinates;
    Point { x: enter(l, x), y: enter(l, y), z: enter(l, z), t: enter(l, t) }
}

/// From R = 2^256.
#[inline(always)]
fn enter(l: Ifma, words: &[[Words; 8]; GROUPS]) -> Element {
    let mut out = [l.zero(); GROUPS];
    for (x, words) in out.iter_mut().zip(words) {
        *x = l.reduce_any(l.load_shifted(words));
    }
    out
}

/// Coordinates of -P in memory.
#[inline(always)]
fn negative(l: Ifma, p: &Point) -> [[Words; 4]; BLOCKS] {
    let mut out = [[[0; 4]; 4]; BLOCKS];
    for (c, (x, is_negated)) in [(&p.x, true), (&p.y, false), (&p.z, false), (&p.t, true)].into_iter().enumerate() {
        for (g, x) in x.iter().enumerate() {
            let mut words = [[0u64; 4]; 8];
            l.store(if is_negated { l.neg::<Scalar, 4>(*x) } else { *x }, &mut words);
            out[8 * g..8 * g + 8].iter_mut().zip(words).for_each(|(to, w)| to[c] = w);
        }
    }
    out
}

/// The point at a place of the table that each block has.
#[inline(always)]
fn look_up(l: Ifma, table: &[[[Words; 4]; BLOCKS]], place: impl Fn(usize) -> usize) -> Point {
    let mut points = [&table[0][0]; BLOCKS];
    for (i, point) in points.iter_mut().enumerate() {
        *point = &table[place(i)][i];
    }
    Point { x: gather(l, &points, 0), y: gather(l, &points, 1), z: gather(l, &points, 2), t: gather(l, &points, 3) }
}

#[inline(always)]
fn gather(l: Ifma, points: &[&[Words; 4]; BLOCKS], c: usize) -> Element {
    let mut out = [l.zero(); GROUPS];
    for (x, points) in out.iter_mut().zip(points.as_chunks::<8>().0) {
        let [a, b, c1, d, e, f, g, h] = points;
        *x = l.gather([&a[c], &b[c], &c1[c], &d[c], &e[c], &f[c], &g[c], &h[c]]);
    }
    out
}

#[inline(always)]
fn keep(l: Ifma, p: &Point, to: &mut Kept) {
    for (x, to) in [&p.x, &p.y, &p.z].into_iter().zip(to) {
        store(l, x, to);
    }
}

#[inline(always)]
fn store(l: Ifma, x: &Element, to: &mut [LimbRows; GROUPS]) {
    for (x, to) in x.iter().zip(to) {
        l.store_limbs(*x, to);
    }
}

#[inline(always)]
fn load(l: Ifma, from: &[LimbRows; GROUPS]) -> Element {
    [l.load_limbs(&from[0]), l.load_limbs(&from[1])]
}

/// A coordinate: a product of factors, normal.
#[inline(always)]
fn coordinate(l: Ifma, a: &Element, b: &Element) -> Element {
    let mut out = l.mul_wide(*a, *b);
    for x in &mut out {
        *x = l.carry(*x);
    }
    out
}

/// a - b + K p, wide, for b at most K p.
#[inline(always)]
fn difference<const K: u64>(l: Ifma, a: &Element, b: &Element) -> Element {
    let mut out = *a;
    for (x, b) in out.iter_mut().zip(b) {
        *x = l.wide_add(l.wide_sub(*x, *b), l.multiple::<Scalar, K>());
    }
    out
}

/// A wide number below 35 p times a constant: below 3 p, wide.
#[inline(always)]
fn times(l: Ifma, a: &Element, constant: &Fr) -> Element {
    l.mul_wide(factors(l, a), [l.splat_limbs(&limbs260(constant)); GROUPS])
}

/// Of wide numbers whose products, as they stand here, are at most 84 p^2: coordinates below 4 p.
#[inline(always)]
fn combine(l: Ifma, e: &Element, f: &Element, g: &Element, h: &Element) -> Point {
    let (e, f, g, h) = (factors(l, e), factors(l, f), factors(l, g), factors(l, h));
    Point { x: coordinate(l, &e, &f), y: coordinate(l, &g, &h), z: coordinate(l, &f, &g), t: coordinate(l, &e, &h) }
}

#[inline(always)]
fn add(l: Ifma, p: &Point, q: &Point) -> Point {
    // Of coordinates below 4 p: products below 3 p, that of the sums (64 p^2) below 4 p.
    let (a, b) = (l.mul_wide(p.x, q.x), l.mul_wide(p.y, q.y));
    let c = times(l, &l.mul_wide(p.t, q.t), &CURVE_D);
    let d = l.mul_wide(p.z, q.z);
    let both = l.mul_wide(factors(l, &wide_sum(l, &p.x, &p.y)), factors(l, &wide_sum(l, &q.x, &q.y)));
    // Below 10 p, 6 p, 6 p, 6 p.
    let e = difference::<6>(l, &both, &wide_sum(l, &a, &b));
    let h = difference::<3>(l, &b, &times(l, &a, &CURVE_A));
    combine(l, &e, &difference::<3>(l, &d, &c), &wide_sum(l, &d, &c), &h)
}

#[inline(always)]
fn double(l: Ifma, p: &Point) -> Point {
    let d = times(l, &l.sqr_wide(p.x), &CURVE_A);
    let (b, xy, zz) = (l.sqr_wide(p.y), l.mul_wide(p.x, p.y), l.sqr_wide(p.z));
    // Below 6 p, 6 p, 12 p, 6 p.
    let (e, g) = (wide_sum(l, &xy, &xy), wide_sum(l, &d, &b));
    let f = difference::<6>(l, &g, &wide_sum(l, &zz, &zz));
    combine(l, &e, &f, &g, &difference::<3>(l, &d, &b))
}

/// P + Q by the dual law: z is zero where it is not defined.
#[inline(always)]
fn dual(l: Ifma, p: &Point, q: &Point) -> Point {
    let (first, second) = (l.mul_wide(p.t, q.z), l.mul_wide(q.t, p.z));
    let straight = wide_sum(l, &l.mul_wide(p.y, q.y), &times(l, &l.mul_wide(p.x, q.x), &CURVE_A));
    let cross = difference::<3>(l, &l.mul_wide(p.x, q.y), &l.mul_wide(q.x, p.y));
    let (x, y) = (wide_sum(l, &first, &second), difference::<3>(l, &first, &second));
    // x over straight, y over cross; all below 6 p.
    combine(l, &x, &cross, &straight, &y)
}
