//! Both permutations one state at a time, or a few, on processors with ADX: numbers stay below 2 p between rounds and are compared
//! with p once, at the end.
//!
//! Twins of `permutation.rs` and `circom.rs`, equal to them by test. What it is not: the choice of path; see there.

use ark_ff::BigInt;
use plonk::field::{Adx, Scalar, Words};

use super::circom::{self, Sparse, CONSTANTS, FAST};
use super::constants::{DIAGONAL, FULL, FULL_ROUNDS, PARTIAL};
use super::permutation::State;
use crate::primitives::Fr;

type A = Adx<Scalar>;
type Numbers = [Words; 4];

/// Permutes N states step by step together: a partial round is a chain of four products, and the processor computes
/// another state's while it waits for one.
pub(super) fn permute<const N: usize>(a: A, states: &mut [State; N]) {
    let mut s = states.map(|state| state.map(|x| x.0 .0));
    s.iter_mut().for_each(|s| external(a, s));
    let (first, last) = FULL.split_at(FULL_ROUNDS / 2);
    first.iter().for_each(|constants| s.iter_mut().for_each(|s| full_round(a, s, constants)));
    for constant in &PARTIAL {
        // Below 3 p; a power of it below 2.4 p.
        let taken = s.each_ref().map(|s| a.add(&s[0], &constant.0 .0));
        let squares = taken.each_ref().map(|x| a.mul(x, x));
        let fourths = squares.each_ref().map(|x| a.mul(x, x));
        for (k, s) in s.iter_mut().enumerate() {
            s[0] = a.mul(&taken[k], &fourths[k]);
        }
        s.iter_mut().for_each(|s| internal(a, s));
    }
    last.iter().for_each(|constants| s.iter_mut().for_each(|s| full_round(a, s, constants)));
    for (state, s) in states.iter_mut().zip(&s) {
        *state = s.each_ref().map(|x| Fr::new_unchecked(BigInt(a.canonical(x))));
    }
}

/// Of numbers below 2 p.
#[inline(always)]
fn full_round(a: A, s: &mut Numbers, constants: &[Fr; 4]) {
    for (x, constant) in s.iter_mut().zip(constants) {
        *x = a.reduce(&a.fifth_power(&a.add(x, &constant.0 .0)));
    }
    external(a, s);
}

/// Of numbers below 2 p.
#[inline(always)]
fn external(a: A, s: &mut Numbers) {
    let double = |x: &Words| a.sum(x, x);
    let t0 = a.sum(&s[0], &s[1]);
    let t1 = a.sum(&s[2], &s[3]);
    let t2 = a.sum(&double(&s[1]), &t1);
    let t3 = a.sum(&double(&s[3]), &t0);
    let t4 = a.sum(&double(&double(&t1)), &t3);
    let t5 = a.sum(&double(&double(&t0)), &t2);
    *s = [a.sum(&t3, &t5), t5, a.sum(&t2, &t4), t4];
}

/// Of a number below 2.4 p and three below 2 p: the sum of all is below 2.4 p, a product below 1.5 p.
#[inline(always)]
fn internal(a: A, s: &mut Numbers) {
    let sum = a.sum(&s[0], &a.sum(&a.sum(&s[1], &s[2]), &s[3]));
    for (x, d) in s.iter_mut().zip(&DIAGONAL) {
        *x = a.sum(&a.mul(x, &d.0 .0), &sum);
    }
}

/// circomlib's Poseidon of five inputs.
pub(super) fn poseidon5(a: A, inputs: &[Fr; 5]) -> Fr {
    let (fast, matrix) = (&*FAST, &CONSTANTS.matrix);
    let [i0, i1, i2, i3, i4] = inputs.each_ref().map(|x| x.0 .0);
    let mut s = [[0; 4], i0, i1, i2, i3, i4];
    fast.first.iter().for_each(|constants| circom_full_round(a, &mut s, constants, matrix));
    circom_full_round(a, &mut s, &fast.entering, &fast.dense);
    for (x, constant) in s.iter_mut().zip(&fast.before_partial) {
        *x = a.sum(x, &constant.0 .0);
    }
    fast.partial.iter().for_each(|round| circom_partial_round(a, &mut s, round));
    fast.last.iter().for_each(|constants| circom_full_round(a, &mut s, constants, matrix));
    Fr::new_unchecked(BigInt(a.canonical(&s[0])))
}

/// Of numbers below 2 p.
fn circom_full_round(a: A, s: &mut [Words; circom::T], constants: &circom::State, matrix: &circom::Matrix) {
    let mut powers = *s;
    for (x, constant) in powers.iter_mut().zip(constants) {
        *x = a.fifth_power(&a.add(x, &constant.0 .0));
    }
    for (out, row) in s.iter_mut().zip(matrix) {
        // Products below 1.5 p.
        *out = a.mul(&powers[0], &row[0].0 .0);
        for (x, m) in powers.iter().zip(row).skip(1) {
            *out = a.sum(out, &a.mul(x, &m.0 .0));
        }
    }
}

/// Of numbers below 2 p: the S-box with its constant is below 3.4 p, products below 1.7 p.
fn circom_partial_round(a: A, s: &mut [Words; circom::T], round: &Sparse) {
    let x = a.add(&a.fifth_power(&s[0]), &round.constant.0 .0);
    let mut top = a.mul(&x, &round.corner.0 .0);
    for ((s, row), column) in s[1..].iter_mut().zip(&round.row).zip(&round.column) {
        top = a.sum(&top, &a.mul(s, &row.0 .0));
        *s = a.sum(s, &a.mul(&x, &column.0 .0));
    }
    s[0] = top;
}
