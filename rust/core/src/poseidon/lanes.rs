//! Both permutations on lanes: sixteen states at a time, as two groups of eight whose products interleave.
//!
//! Numbers are in R = 2^260 and wide (`plonk::field`); a sum is reduced where a product could not take it. Twins of
//! `permutation.rs` and `circom.rs`, equal to them by test. What it is not: the choice of path; see `batch.rs`.

use std::sync::LazyLock;

use ark_ff::Field;
use plonk::field::{limbs260, Ifma, Kernel, Lanes, Scalar, LIMBS};

use super::circom::{self, CONSTANTS, FAST};
use super::constants::{DIAGONAL, FULL, FULL_ROUNDS, PARTIAL};
use super::trace::{held_before, Rounds, Row, Trace};
use crate::primitives::Fr;

type Limbs = [u64; LIMBS];
type L = Lanes<Scalar>;
/// Groups of eight states.
const GROUPS: usize = 2;
/// States of one call of a permutation.
const STATES: usize = 8 * GROUPS;
/// One element of sixteen states.
pub(crate) type Element = [L; GROUPS];

/// Permutes states by Poseidon2, any number of them; a rest of less than sixteen is filled up.
pub(super) struct Permute<'a>(pub(super) &'a mut [[Fr; 4]]);
/// Permutes states by circomlib's Poseidon with five inputs.
pub(super) struct PermuteCircom<'a>(pub(super) &'a mut [circom::State]);

/// Constants of Poseidon2 as factors and addends of numbers in R = 2^260.
struct Poseidon2 {
    full: Vec<[Limbs; 4]>,
    partial: Vec<Limbs>,
    diagonal: [Limbs; 4],
}

static POSEIDON2: LazyLock<Poseidon2> = LazyLock::new(|| Poseidon2 {
    full: FULL.iter().map(|round| round.each_ref().map(limbs260)).collect(),
    partial: PARTIAL.iter().map(limbs260).collect(),
    diagonal: DIAGONAL.each_ref().map(limbs260),
});

/// Constants of `circom::Fast`, likewise.
struct Circom {
    first: Vec<[Limbs; 6]>,
    entering: [Limbs; 6],
    before_partial: [Limbs; 6],
    matrix: [[Limbs; 6]; 6],
    dense: [[Limbs; 6]; 6],
    /// Constant, corner, row, column of each partial round.
    partial: Vec<(Limbs, Limbs, [Limbs; 5], [Limbs; 5])>,
    last: Vec<[Limbs; 6]>,
}

static CIRCOM: LazyLock<Circom> = LazyLock::new(|| {
    let state = |s: &circom::State| s.each_ref().map(limbs260);
    let matrix = |m: &circom::Matrix| m.each_ref().map(state);
    let sparse = |s: &circom::Sparse| {
        (limbs260(&s.constant), limbs260(&s.corner), s.row.each_ref().map(limbs260), s.column.each_ref().map(limbs260))
    };
    Circom {
        first: FAST.first.iter().map(state).collect(),
        entering: state(&FAST.entering),
        before_partial: state(&FAST.before_partial),
        matrix: matrix(&CONSTANTS.matrix),
        dense: matrix(&FAST.dense),
        partial: FAST.partial.iter().map(sparse).collect(),
        last: FAST.last.iter().map(state).collect(),
    }
});

impl Kernel for Permute<'_> {
    type Output = ();
    #[inline(always)]
    fn run(self, l: Ifma) {
        let constants = &*POSEIDON2;
        for chunk in self.0.chunks_mut(STATES) {
            let mut s = load(l, chunk);
            external(l, &mut s);
            let (first, last) = constants.full.split_at(FULL_ROUNDS / 2);
            for round in first {
                full_round(l, &mut s, round);
            }
            for constant in &constants.partial {
                partial_round(l, &mut s, constant, &constants.diagonal);
            }
            for round in last {
                full_round(l, &mut s, round);
            }
            store(l, &s, chunk);
        }
    }
}

/// Permutes states by Poseidon2 and keeps what a [`Trace`] holds.
pub(super) struct TracePoseidon2<'a> {
    pub(super) states: &'a [[Fr; 4]],
    pub(super) out: &'a mut [Trace],
}

impl Kernel for TracePoseidon2<'_> {
    type Output = ();
    #[inline(always)]
    fn run(self, l: Ifma) {
        let constants = &*POSEIDON2;
        let (first, last) = constants.full.split_at(FULL_ROUNDS / 2);
        for (states, out) in self.states.chunks(STATES).zip(self.out.chunks_mut(STATES)) {
            let mut s = load(l, states);
            external(l, &mut s);
            for (k, round) in first.iter().enumerate() {
                full_round(l, &mut s, round);
                for (i, x) in s.iter().enumerate() {
                    keep(l, x, out, |trace| &mut trace.full[k][i]);
                }
            }
            for (k, constant) in constants.partial.iter().enumerate() {
                if let Some(held) = held_before(k) {
                    for (i, x) in s[1..].iter().enumerate() {
                        keep(l, x, out, |trace| &mut trace.held[held][i]);
                    }
                }
                let output = partial_round(l, &mut s, constant, &constants.diagonal);
                keep(l, &output, out, |trace| &mut trace.partial[k]);
            }
            for (k, round) in last.iter().enumerate() {
                full_round(l, &mut s, round);
                for (i, x) in s.iter().enumerate() {
                    keep(l, x, out, |trace| &mut trace.full[FULL_ROUNDS / 2 + k][i]);
                }
            }
        }
    }
}

/// Runs circomlib's Poseidon and keeps what [`Row`]s hold.
pub(super) struct WalkCircom<'a> {
    pub(super) states: &'a [circom::State],
    pub(super) rows: &'a [Rounds],
    pub(super) out: &'a mut [Vec<Row>],
}

impl Kernel for WalkCircom<'_> {
    type Output = ();
    #[inline(always)]
    fn run(self, l: Ifma) {
        let matrix = &CIRCOM.matrix;
        for (states, out) in self.states.chunks(STATES).zip(self.out.chunks_mut(STATES)) {
            let mut s = load(l, states);
            for (r, rounds) in self.rows.iter().enumerate() {
                for (i, x) in s.iter().enumerate() {
                    keep(l, x, out, |rows| &mut rows[r].state[i]);
                }
                match rounds {
                    Rounds::Full(constants) => circom_full_round(l, &mut s, &constants.each_ref().map(limbs260), matrix),
                    Rounds::Partial(constants) => {
                        for (k, constant) in constants.iter().enumerate() {
                            s[0] = reduce(l, &sbox(l, &add_constant(l, &s[0], &limbs260(constant))));
                            let output = s[0];
                            keep(l, &output, out, |rows| &mut rows[r].outputs[k]);
                            let x = [0, 1, 2, 3, 4, 5].map(|i: usize| factors(l, &s[i]));
                            multiply(l, &mut s, &x, matrix);
                        }
                    }
                }
            }
            for (i, x) in s.iter().enumerate() {
                keep(l, x, out, |rows| &mut rows[self.rows.len()].state[i]);
            }
        }
    }
}

/// Writes one element of each state, canonical and in arkworks' form.
#[inline(always)]
fn keep<T>(l: Ifma, x: &Element, out: &mut [T], place: impl Fn(&mut T) -> &mut Fr) {
    let one: L = l.splat(&Fr::ONE.0 .0);
    let plain = l.mul_wide(factors(l, x), [one; GROUPS]);
    for (g, x) in plain.into_iter().enumerate() {
        let mut words = [[0u64; 4]; 8];
        l.store(l.canonical_any(x), &mut words);
        for (to, w) in out.iter_mut().skip(8 * g).zip(words) {
            place(to).0 .0 = w;
        }
    }
}

impl Kernel for PermuteCircom<'_> {
    type Output = ();
    #[inline(always)]
    fn run(self, l: Ifma) {
        let constants = &*CIRCOM;
        for chunk in self.0.chunks_mut(STATES) {
            let mut s = load(l, chunk);
            for round in &constants.first {
                circom_full_round(l, &mut s, round, &constants.matrix);
            }
            circom_full_round(l, &mut s, &constants.entering, &constants.dense);
            for (x, c) in s.iter_mut().zip(&constants.before_partial) {
                *x = add_constant(l, x, c);
            }
            for (i, round) in constants.partial.iter().enumerate() {
                circom_partial_round(l, &mut s, round);
                if i % 8 == 7 {
                    // Lanes 1 to 5 grow by 3 p a round: never beyond 26 p.
                    for x in s.iter_mut().skip(1) {
                        *x = reduce(l, x);
                    }
                }
            }
            for x in &mut s {
                *x = reduce(l, x);
            }
            for round in &constants.last {
                circom_full_round(l, &mut s, round, &constants.matrix);
            }
            store(l, &s, chunk);
        }
    }
}

/// States in R = 2^260, below 1.01 p; the last one fills what is missing.
#[inline(always)]
fn load<const T: usize>(l: Ifma, states: &[[Fr; T]]) -> [Element; T] {
    let mut out = [[l.zero::<Scalar>(); GROUPS]; T];
    let last = states.len() - 1;
    for (p, x) in out.iter_mut().enumerate() {
        for (g, x) in x.iter_mut().enumerate() {
            let mut words = [[0u64; 4]; 8];
            for (i, w) in words.iter_mut().enumerate() {
                *w = states[(8 * g + i).min(last)][p].0 .0;
            }
            *x = l.reduce_any(l.load_shifted(&words));
        }
    }
    out
}

/// Canonical states in arkworks' form.
#[inline(always)]
fn store<const T: usize>(l: Ifma, s: &[Element; T], states: &mut [[Fr; T]]) {
    let one: L = l.splat(&Fr::ONE.0 .0);
    for (p, x) in s.iter().enumerate() {
        let plain = l.mul_wide(factors(l, x), [one; GROUPS]);
        for (g, x) in plain.into_iter().enumerate() {
            let mut words = [[0u64; 4]; 8];
            l.store(l.canonical_any(x), &mut words);
            for (state, w) in states.iter_mut().skip(8 * g).zip(words) {
                state[p].0 .0 = w;
            }
        }
    }
}

/// Good as factors, and nothing else.
#[inline(always)]
pub(crate) fn factors(l: Ifma, x: &Element) -> Element {
    let mut out = *x;
    for x in &mut out {
        *x = l.factor(*x);
    }
    out
}

#[inline(always)]
fn reduce(l: Ifma, x: &Element) -> Element {
    let mut out = *x;
    for x in &mut out {
        *x = l.reduce_any(*x);
    }
    out
}

/// a + b, wide.
#[inline(always)]
pub(crate) fn add(l: Ifma, a: &Element, b: &Element) -> Element {
    let mut out = *a;
    for (x, b) in out.iter_mut().zip(b) {
        *x = l.wide_add(*x, *b);
    }
    out
}

#[inline(always)]
fn add_constant(l: Ifma, x: &Element, c: &Limbs) -> Element {
    add(l, x, &[l.splat_limbs(c); GROUPS])
}

#[inline(always)]
fn times(l: Ifma, factor: &Element, c: &Limbs) -> Element {
    l.mul_wide(*factor, [l.splat_limbs(c); GROUPS])
}

/// x^5 below 3 p, for x below 5.9 p.
#[inline(always)]
fn sbox(l: Ifma, x: &Element) -> Element {
    let x = factors(l, x);
    let square = l.sqr_wide(x);
    let fourth = l.sqr_wide(factors(l, &square));
    l.mul_wide(factors(l, &fourth), x)
}

/// The external matrix (`permutation::external`), of elements below 3 p: sums below 48 p, reduced.
#[inline(always)]
fn external(l: Ifma, s: &mut [Element; 4]) {
    let double = |x: &Element| add(l, x, x);
    let t0 = add(l, &s[0], &s[1]);
    let t1 = add(l, &s[2], &s[3]);
    let t2 = add(l, &double(&s[1]), &t1);
    let t3 = add(l, &double(&s[3]), &t0);
    let t4 = add(l, &double(&double(&t1)), &t3);
    let t5 = add(l, &double(&double(&t0)), &t2);
    *s = [reduce(l, &add(l, &t3, &t5)), reduce(l, &t5), reduce(l, &add(l, &t2, &t4)), reduce(l, &t4)];
}

#[inline(always)]
fn full_round(l: Ifma, s: &mut [Element; 4], constants: &[Limbs; 4]) {
    for (x, c) in s.iter_mut().zip(constants) {
        *x = sbox(l, &add_constant(l, x, c));
    }
    external(l, s);
}

/// Elements stay below 4.1 p: a product below 3 p and a reduced sum. Products that do not wait for the S-box stand between its
/// steps, where they fill the pauses. Returns the S-box output.
#[inline(always)]
fn partial_round(l: Ifma, s: &mut [Element; 4], constant: &Limbs, diagonal: &[Limbs; 4]) -> Element {
    let x = factors(l, &add_constant(l, &s[0], constant));
    let square = l.sqr_wide(x);
    let a = times(l, &factors(l, &s[1]), &diagonal[1]);
    let fourth = l.sqr_wide(factors(l, &square));
    let b = times(l, &factors(l, &s[2]), &diagonal[2]);
    let fifth = l.mul_wide(factors(l, &fourth), x);
    let c = times(l, &factors(l, &s[3]), &diagonal[3]);
    let sum = reduce(l, &add(l, &add(l, &fifth, &s[1]), &add(l, &s[2], &s[3])));
    let d = times(l, &factors(l, &fifth), &diagonal[0]);
    *s = [add(l, &d, &sum), add(l, &a, &sum), add(l, &b, &sum), add(l, &c, &sum)];
    fifth
}

/// Elements below 1.01 p before and after.
#[inline(always)]
fn circom_full_round(l: Ifma, s: &mut [Element; 6], constants: &[Limbs; 6], matrix: &[[Limbs; 6]; 6]) {
    for (x, c) in s.iter_mut().zip(constants) {
        *x = factors(l, &sbox(l, &add_constant(l, x, c)));
    }
    let x = *s;
    multiply(l, s, &x, matrix);
}

/// The matrix times factors; elements below 1.01 p after.
#[inline(always)]
fn multiply(l: Ifma, s: &mut [Element; 6], x: &[Element; 6], matrix: &[[Limbs; 6]; 6]) {
    for (out, row) in s.iter_mut().zip(matrix) {
        let mut sum = times(l, &x[0], &row[0]);
        for (x, m) in x.iter().zip(row).skip(1) {
            sum = add(l, &sum, &times(l, x, m));
        }
        *out = reduce(l, &sum);
    }
}

/// Element 0 below 2.1 p before, 1.01 p after; the others grow by 3 p.
#[inline(always)]
fn circom_partial_round(
    l: Ifma,
    s: &mut [Element; 6],
    (constant, corner, row, column): &(Limbs, Limbs, [Limbs; 5], [Limbs; 5]),
) {
    let s0 = factors(l, &add_constant(l, &sbox(l, &s[0]), constant));
    let mut top = times(l, &s0, corner);
    for ((x, r), c) in s.iter_mut().skip(1).zip(row).zip(column) {
        top = add(l, &top, &times(l, &factors(l, x), r));
        *x = add(l, x, &times(l, &s0, c));
    }
    s[0] = reduce(l, &top);
}
