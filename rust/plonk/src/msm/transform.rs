//! The inverse Fourier transform of points on lanes: powers of tau become commitments to Lagrange polynomials.
//!
//! Radix-2 butterflies, a level at a time; what costs is a point times a root of unity, n / 2 times a level. Thousands of such
//! products run side by side in affine form: the scalar is split by the endomorphism of BN254 (GLV, CRYPTO 2001) into halves
//! of about 127 bits, each read in signed windows of four bits, so every step is one batch of doublings or additions.
//! The same products stand alone as `products`. What it is not: a transform of field elements, nor a multiplication for one
//! point (its batches would be empty).

use ark_bn254::{g1, Fr, G1Affine};
use ark_ec::scalar_mul::glv::GLVConfig;
use ark_ff::{BigInt, BigInteger, Field, PrimeField};
use ark_poly::Radix2EvaluationDomain;
use rayon::prelude::*;

use super::affine::{add_batch, double_batch, Addition};
use super::lanes::pack;
use super::lines::{Block, Endomorphism, Gather, Line, Scatter, INFINITY, NEGATIVE};
use super::reduce::point;
use crate::field::{Ifma, LimbRows};

/// Butterflies of one task: its tables fill 2 MiB.
const CHUNK: usize = 2048;
/// Windows of four bits that cover half a scalar and its last carry.
const WINDOWS: usize = 33;
/// Multiples of a point in its table: 1 to 8, as digits lie in -8..8.
const MULTIPLES: usize = 8;

/// Signed digits of both halves of a scalar, the lowest first.
struct Digits([[i8; WINDOWS]; 2]);

impl Digits {
    fn new(scalar: Fr) -> Self {
        let (first, second) = g1::Config::scalar_decomposition(scalar);
        Self([first, second].map(|(positive, half)| {
            // Eight in every window first makes digit = window - 8, without carries.
            let mut recoded = half.into_bigint();
            recoded.add_with_carry(&BigInt([0x8888_8888_8888_8888, 0x8888_8888_8888_8888, 8, 0]));
            std::array::from_fn(|w| {
                let digit = (recoded.0[w / 16] >> (4 * (w % 16)) & 15) as i8 - 8;
                if positive {
                    digit
                } else {
                    -digit
                }
            })
        }))
    }
}

/// Inverse transform of a power of two of points over the domain of that size.
pub(super) fn inverse(l: Ifma, points: &[G1Affine], domain: &Radix2EvaluationDomain<Fr>) -> Vec<G1Affine> {
    let n = points.len();
    let bits = n.trailing_zeros();
    let reversed: Vec<G1Affine> = (0..n).map(|i| points[i.reverse_bits() >> (usize::BITS - bits)]).collect();
    let mut lines = pack(l, &reversed);
    let mut root = Fr::from(1u64);
    let roots: Vec<Fr> = (0..n / 2)
        .map(|_| {
            let now = root;
            root *= domain.group_gen_inv;
            now
        })
        .collect();
    let roots: Vec<Digits> = roots.into_par_iter().map(Digits::new).collect();
    let mut length = 2;
    while length <= n {
        level(l, &mut lines, &roots, length);
        length *= 2;
    }
    let scale = Digits::new(Fr::from(n as u64).inverse().unwrap_or_default());
    lines[..n].par_chunks_mut(CHUNK).for_each(|chunk| {
        let product = multiply(l, chunk, |_| &scale);
        chunk.copy_from_slice(&product);
    });
    lines[..n].par_iter().map(point).collect()
}

/// Every point times its own scalar.
pub(super) fn products(l: Ifma, points: &[G1Affine], scalars: &[Fr]) -> Vec<G1Affine> {
    let chunks = points.par_chunks(CHUNK).zip(scalars.par_chunks(CHUNK));
    let product = |(points, scalars): (&[G1Affine], &[Fr])| -> Vec<G1Affine> {
        let digits: Vec<Digits> = scalars.iter().copied().map(Digits::new).collect();
        let lines = pack(l, points);
        multiply(l, &lines[..points.len()], |i| &digits[i]).iter().map(point).collect()
    };
    chunks.flat_map_iter(product).collect()
}

/// Butterflies of blocks of `length` points: (u, v) becomes (u + w v, u - w v).
fn level(l: Ifma, lines: &mut [Line], roots: &[Digits], length: usize) {
    let half = length / 2;
    let stride = roots.len() / half;
    let upper = |b: usize| b / half * length + b % half;
    let starts: Vec<usize> = (0..roots.len()).step_by(CHUNK).collect();
    let done: Vec<Vec<Line>> = starts
        .par_iter()
        .map(|start| {
            let range = *start..(start + CHUNK).min(roots.len());
            let u: Vec<Line> = range.clone().map(|b| lines[upper(b)]).collect();
            let mut v: Vec<Line> = range.map(|b| lines[upper(b) + half]).collect();
            if half > 1 {
                v = multiply(l, &v, |i| &roots[(start + i) % half * stride]);
            }
            sums(l, u, &v)
        })
        .collect();
    for (start, out) in starts.iter().zip(done) {
        let (sums, differences) = out.split_at(out.len() / 2);
        for (i, (sum, difference)) in sums.iter().zip(differences).enumerate() {
            lines[upper(start + i)] = *sum;
            lines[upper(start + i) + half] = *difference;
        }
    }
}

/// Blocks that are added to, blocks that are added, and scratch for as many.
struct Arena {
    blocks: Vec<Block>,
    prefix: Vec<LimbRows>,
    /// Half the blocks, an even number.
    half: usize,
}

impl Arena {
    fn new(points: usize) -> Self {
        let half = points.div_ceil(16) * 2;
        Self { blocks: vec![Block::INFINITY; 2 * half], prefix: vec![[[0; 8]; 5]; half], half }
    }

    /// Fills one half with lines named by `index`, for every place in order.
    fn gather(&mut self, l: Ifma, lines: &[Line], into: usize, index: impl Fn(usize) -> u32) {
        let index: Vec<[u32; 8]> = (0..self.half).map(|k| std::array::from_fn(|j| index(8 * k + j))).collect();
        l.run(Gather { lines, index: &index, out: &mut self.blocks[into * self.half..(into + 1) * self.half] });
    }

    /// The first half plus the second.
    fn add(&mut self, l: Ifma) {
        let half = self.half as u32;
        let additions: Vec<Addition> = (0..half).map(|k| Addition { a: k, b: half + k, out: k }).collect();
        add_batch(l, &mut self.blocks, &additions, &mut self.prefix);
    }

    /// Twice the first half.
    fn double(&mut self, l: Ifma) {
        let doublings: Vec<Addition> = (0..self.half as u32).map(|k| Addition { a: k, b: k, out: k }).collect();
        double_batch(l, &mut self.blocks, &doublings, &mut self.prefix);
    }

    /// Writes the first half.
    fn scatter(&self, l: Ifma, lines: &mut [Line]) {
        let to: Vec<[u32; 8]> = (0..self.half).map(|k| std::array::from_fn(|j| (8 * k + j) as u32)).collect();
        l.run(Scatter { blocks: &self.blocks[..self.half], to: &to, lines });
    }
}

/// Sums and then differences of two lists of points.
fn sums(l: Ifma, u: Vec<Line>, v: &[Line]) -> Vec<Line> {
    let m = u.len();
    let mut lines = u;
    lines.extend_from_slice(v);
    lines.push(INFINITY);
    let mut arena = Arena::new(m);
    let mut out = vec![INFINITY; 2 * m];
    for (sign, out) in [0, NEGATIVE].into_iter().zip(out.chunks_mut(m)) {
        arena.gather(l, &lines, 0, |i| if i < m { i } else { 2 * m } as u32);
        arena.gather(l, &lines, 1, |i| if i < m { (m + i) as u32 | sign } else { 2 * m as u32 });
        arena.add(l);
        arena.scatter(l, out);
    }
    out
}

/// Every point times its scalar.
fn multiply<'a>(l: Ifma, points: &[Line], scalar: impl Fn(usize) -> &'a Digits) -> Vec<Line> {
    let m = points.len();
    let mut arena = Arena::new(m);
    let table = table(l, &mut arena, points);
    let infinity = 2 * MULTIPLES * m;
    let scalars: Vec<&Digits> = (0..m).map(scalar).collect();
    arena.blocks[..arena.half].fill(Block::INFINITY);
    let mut started = false;
    for w in (0..WINDOWS).rev() {
        for _ in 0..if started { 4 } else { 0 } {
            arena.double(l);
        }
        for half in 0..2 {
            if scalars.iter().all(|s| s.0[half][w] == 0) {
                continue;
            }
            started = true;
            arena.gather(l, &table, 1, |i| match scalars.get(i).map_or(0, |s| s.0[half][w]) {
                0 => infinity as u32,
                d => {
                    let multiple = half * MULTIPLES + usize::from(d.unsigned_abs()) - 1;
                    (multiple * m + i) as u32 | if d < 0 { NEGATIVE } else { 0 }
                }
            });
            arena.add(l);
        }
    }
    let mut out = vec![INFINITY; m];
    arena.scatter(l, &mut out);
    out
}

/// Multiples 1 to 8 of every point, then of its image under the endomorphism; infinity last. Multiple k of point i stands at
/// `(k - 1) m + i`.
fn table(l: Ifma, arena: &mut Arena, points: &[Line]) -> Vec<Line> {
    let m = points.len();
    let mut lines = vec![INFINITY; 2 * MULTIPLES * m + 1];
    lines[..m].copy_from_slice(points);
    let place = |i: usize| if i < m { i } else { 2 * MULTIPLES * m } as u32;
    arena.gather(l, &lines, 0, place);
    arena.gather(l, &lines, 1, place);
    for k in 1..MULTIPLES {
        if k == 1 {
            arena.double(l);
        } else {
            arena.add(l);
        }
        arena.scatter(l, &mut lines[k * m..(k + 1) * m]);
    }
    let (own, images) = lines.split_at_mut(MULTIPLES * m);
    l.run(Endomorphism { from: own, to: &mut images[..MULTIPLES * m] });
    lines
}
