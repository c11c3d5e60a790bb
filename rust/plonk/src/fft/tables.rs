//! The constants of a planned transform.
//!
//! With n = n1 n2, input j = n2 j1 + j2 and output k = k1 + n1 k2, the sum over j of x_j g^j w^(jk) is
//! sum over j2 of w2^(j2 k2) [ w^(j2 k1) g^j2 ] sum over j1 of w1^(j1 k1) (g^n2)^j1 x_j: two passes of short transforms, between
//! them one factor an element (in brackets). An inverse transform multiplies output k by g^-k / n instead: g^-k1 / n goes
//! between the passes, (g^-n1)^k2 after them. What it is not: the passes; see `passes.rs`.

use ark_bn254::Fr;
use ark_ff::Field;
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};

use super::Direction;
use crate::field::{limbs260, LimbRows, LIMBS};

/// An element in R = 2^260 as limbs: a factor for data in any form.
pub(super) type Factor = [u64; LIMBS];
/// The same for eight lanes, limb by limb, where no load crosses a cache line.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub(super) struct Factors(pub(super) LimbRows);

/// Everything the passes read.
#[derive(Debug)]
pub(super) struct Tables {
    /// log2 of n1 and of n2; both at least 3.
    pub(super) log: [u32; 2],
    /// Twiddles of the short transforms by block (`twiddles`), enough for the longer one.
    pub(super) twiddles: Vec<Factor>,
    /// (g^n2)^j1, or empty.
    pub(super) before: Vec<Factor>,
    /// Factors between the passes, in the order in which pass 1 writes: block of eight j2, then k1 bit-reversed.
    pub(super) between: Vec<Factors>,
    /// (g^-n1)^k2, or empty.
    pub(super) after: Vec<Factor>,
}

impl Tables {
    /// For a coset domain; every output is multiplied by `scale` too.
    pub(super) fn new(domain: &Radix2EvaluationDomain<Fr>, direction: Direction, scale: Fr) -> Self {
        let log_n = domain.size().trailing_zeros();
        let log = [log_n.div_ceil(2), log_n / 2];
        let (n1, n2) = (1usize << log[0], 1usize << log[1]);
        let (g, shifted) = (domain.coset_offset(), domain.coset_offset() != Fr::ONE);
        let forward = direction == Direction::Forward;
        let root = if forward { domain.group_gen() } else { domain.group_gen_inv() };
        let g_inverse = domain.coset_offset_inv();
        let (scale, by_row, by_lane) =
            if forward { (scale, Fr::ONE, g) } else { (scale * domain.size_inv(), g_inverse, Fr::ONE) };
        let powers = |x: Fr, count: usize| powers(x, Fr::ONE, count).map(|x| limbs260(&x)).collect();
        Self {
            log,
            twiddles: twiddles(root.pow([1u64 << log[1]]), log[0]),
            before: if shifted && forward { powers(g.pow([n2 as u64]), n1) } else { Vec::new() },
            between: between(log, root, scale, by_row, by_lane),
            after: if shifted && !forward { powers(g_inverse.pow([n1 as u64]), n2) } else { Vec::new() },
        }
    }
}

/// start, start x, start x^2, ...
fn powers(x: Fr, start: Fr, count: usize) -> impl Iterator<Item = Fr> {
    std::iter::successors(Some(start), move |p| Some(*p * x)).take(count)
}

/// The low `bits` bits in reverse.
pub(super) fn reversed(i: usize, bits: u32) -> usize {
    if bits == 0 {
        0
    } else {
        i.reverse_bits() >> (usize::BITS - bits)
    }
}

/// Twiddle of block b at any level: a block holds the input modulo X^m - c, and its two halves are X^(m/2) -+ sqrt(c). With
/// c = e(t), e(1/N) the root of order N: t of block 0 is 0, t of the halves of b is t_b / 2 and t_b / 2 + 1/2; the twiddle
/// of b is e(t_b / 2), which is e(reversed(b) / 2 N') where N' is the number of blocks of b's level.
fn twiddles(root: Fr, log: u32) -> Vec<Factor> {
    let half = 1usize << (log - 1);
    let by_exponent: Vec<Fr> = powers(root, Fr::ONE, half).collect();
    (0..half).map(|b| limbs260(&by_exponent[reversed(b, log - 1)])).collect()
}

/// root^(j2 k1) scale by_row^k1 by_lane^j2, as `Tables::between` is ordered.
fn between(log: [u32; 2], root: Fr, scale: Fr, by_row: Fr, by_lane: Fr) -> Vec<Factors> {
    use rayon::prelude::*;
    let (n1, n2) = (1usize << log[0], 1usize << log[1]);
    let block = |b: usize| {
        // For each lane's j2 the powers over k1, written where pass 1 finds k1.
        let mut out = vec![Factors([[0; 8]; LIMBS]); n1];
        for lane in 0..8 {
            let j2 = (8 * b + lane) as u64;
            let start = scale * by_lane.pow([j2]);
            for (k1, factor) in powers(root.pow([j2]) * by_row, start, n1).enumerate() {
                let limbs = limbs260(&factor);
                for (row, limb) in out[reversed(k1, log[0])].0.iter_mut().zip(limbs) {
                    row[lane] = limb;
                }
            }
        }
        out
    };
    (0..n2 / 8).into_par_iter().flat_map_iter(block).collect()
}
