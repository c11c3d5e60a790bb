//! Poseidon2 in the exit circuit: four columns, 24 rows a permutation.
//!
//! | rows | cells |
//! |---|---|
//! | 0 | the input |
//! | 1..4 | what the S-boxes of full rounds 1..4 take, constants included |
//! | 5..18 | what the S-boxes of partial rounds 1..56 take, four rounds a row |
//! | 19..22 | what the S-boxes of full rounds 5..8 take |
//! | 23 | the output |
//!
//! Between partial rounds only lane 0 passes an S-box, and the internal matrix is a diagonal plus ones: the other lanes can be
//! eliminated, and lane 0 follows a recurrence of order four (below). So a round costs one cell instead of four.
//! Twin of `poseidon/permutation.rs`. What this is not: it does not know what is hashed.
//!
//! With d = D0 + 1, lanes a_i (i = 1..3), s = the S-box's output of a round and e = a_1 + a_2 + a_3: a_i' = D_i a_i + s + e and
//! y' = d s + e + P', P' the next round's constant. The elementary symmetric polynomials s1, s2, s3 of D_1..D_3 give, by
//! Cayley-Hamilton, e_3 = s1 e_2 - s2 e_1 + s3 e_0 + s2 (s_0 + e_0) - 2 s1 (s_1 + e_1) + 3 (s_2 + e_2).

use ark_ff::{AdditiveGroup, Field, Zero};
use plonk::Expr;

use super::super::gates::poseidon2::{inner, mix};
use super::relation::Parts;
use crate::poseidon::constants::{DIAGONAL, FULL, PARTIAL};
use crate::poseidon::permutation::{external, full_round, partial_round, State};
use crate::primitives::Fr;

/// Rows of a block.
pub const BLOCK: usize = 32;
/// Row of the output.
pub const OUT: usize = 23;
/// First row of partial rounds.
const PARTIAL_AT: usize = 5;
/// Row of the last four.
const LAST: usize = 18;
/// Rows on which full rounds lead to the next row.
const FULL_ROWS: [(usize, usize); 6] = [(1, 1), (2, 2), (3, 3), (19, 5), (20, 6), (21, 7)];

fn cells(read: fn(usize) -> Expr) -> [Expr; 4] {
    [0, 1, 2, 3].map(read)
}

/// The numbers of the recurrence: y4 = sum y_k YS[k] + sum s_k SS[k] + its constant, over k = 0..3.
struct Recurrence {
    ys: [Fr; 4],
    ss: [Fr; 4],
}

impl Recurrence {
    fn new() -> Self {
        let [d0, d1, d2, d3] = DIAGONAL;
        let (d, s1, s2, s3) = (d0 + Fr::ONE, d1 + d2 + d3, d1 * d2 + d1 * d3 + d2 * d3, d1 * d2 * d3);
        let three = Fr::from(3u64);
        // coefficients of e_0, e_1, e_2
        let [k0, k1, k2] = [s3 + s2, -(s2 + s1.double()), s1 + three];
        Self { ys: [Fr::zero(), k0, k1, k2], ss: [s2 - d * k0, -s1.double() - d * k1, three - d * k2, d] }
    }

    /// The constant of the step that leads to round `round`.
    fn constant(&self, round: usize) -> Fr {
        (1..4).fold(PARTIAL[round], |acc, k| acc - self.ys[k] * PARTIAL[round - 4 + k])
    }
}

/// The constants that a row adds to the next one, by column.
fn constants() -> [Vec<Fr>; 4] {
    let recurrence = Recurrence::new();
    let mut out = [0; 4].map(|_| vec![Fr::zero(); BLOCK]);
    for (i, column) in out.iter_mut().enumerate() {
        column[0] = FULL[0][i];
        for (row, round) in FULL_ROWS {
            column[row] = FULL[round][i];
        }
        for (row, value) in column.iter_mut().enumerate().take(LAST).skip(PARTIAL_AT) {
            *value = recurrence.constant(4 * (row + 1 - PARTIAL_AT) + i);
        }
    }
    out
}

fn equal(p: &mut Parts, label: &str, selector: &Expr, wanted: [Expr; 4]) {
    for (i, value) in wanted.into_iter().enumerate() {
        p.constrain(label, selector, Expr::next(i) - value);
    }
}

/// Adds the constraints of a permutation in every block.
pub(super) fn constrain(p: &mut Parts) {
    let constant = constants().map(|values| p.periodic(values));
    let with = |state: [Expr; 4]| {
        let mut constants = constant.iter();
        state.map(|x| x + constants.next().cloned().unwrap_or_else(Expr::zero))
    };
    let rows = |from: &[usize]| (0..BLOCK).map(|row| Fr::from(u64::from(from.contains(&row)))).collect::<Vec<_>>();
    let (cur, next) = (cells(Expr::cur), cells(Expr::next));
    let powers = |state: &[Expr; 4]| [0, 1, 2, 3].map(|i: usize| state[i].pow5());

    let first = p.indicator(BLOCK, 0);
    equal(p, "exit hash input", &first, with(mix(&cur)));
    let full = p.periodic(rows(&[1, 2, 3, 19, 20, 21, 22]));
    equal(p, "exit hash full", &full, with(mix(&powers(&cur))));

    let enter = p.indicator(BLOCK, PARTIAL_AT - 1);
    let mut state = mix(&powers(&cur));
    let wanted = [0, 1, 2, 3].map(|i: usize| {
        let value = state[0].clone() + PARTIAL[i];
        state = inner(&state, &next[i].pow5());
        value
    });
    equal(p, "exit hash enter", &enter, wanted);

    let partial = p.periodic(rows(&(PARTIAL_AT..LAST).collect::<Vec<_>>()));
    let recurrence = Recurrence::new();
    let eight: Vec<Expr> = cur.iter().chain(&next).cloned().collect();
    let wanted = [0, 1, 2, 3].map(|i: usize| {
        Expr::sum((0..4).map(|k| {
            eight[i + k].clone() * recurrence.ys[k] + eight[i + k].pow5() * recurrence.ss[k]
        }))
    });
    equal(p, "exit hash partial", &partial, with(wanted));

    let leave = p.indicator(BLOCK, LAST);
    let mut state = before_last(&cur);
    for y in &cur {
        state = inner(&state, &y.pow5());
    }
    equal(p, "exit hash leave", &leave, [0, 1, 2, 3].map(|i: usize| state[i].clone() + FULL[4][i]));
}

/// Lanes 1 to 3 before the last four partial rounds, from what their S-boxes take (lane 0 is not used).
fn before_last(y: &[Expr; 4]) -> [Expr; 4] {
    let [d0, d1, d2, d3] = DIAGONAL;
    let (d, s1, three) = (d0 + Fr::ONE, d1 + d2 + d3, Fr::from(3u64));
    let s: Vec<Expr> = y.iter().map(Expr::pow5).collect();
    let e: Vec<Expr> =
        (0..3).map(|k| y[k + 1].clone() - PARTIAL[52 + k + 1] - s[k].clone() * d).collect();
    let sums: Vec<Expr> = (0..3).map(|k| s[k].clone() + e[k].clone()).collect();
    // sums of a_i, D_i a_i, D_i^2 a_i
    let w1 = e[1].clone() - sums[0].clone() * three;
    let w2 = e[2].clone() - sums[1].clone() * three - sums[0].clone() * s1;
    let lane = |i: Fr, j: Fr, k: Fr| {
        // Lagrange over the three distinct D: (D^2 - (j + k) D + j k) / ((i - j)(i - k))
        let scale = ((i - j) * (i - k)).inverse().unwrap_or_default();
        w2.clone() * scale - w1.clone() * (scale * (j + k)) + e[0].clone() * (scale * j * k)
    };
    [Expr::zero(), lane(d1, d2, d3), lane(d2, d1, d3), lane(d3, d1, d2)]
}

/// The 24 rows of a permutation, and its output.
#[must_use]
pub fn fill(x: &State) -> ([State; OUT + 1], State) {
    let mut rows = [[Fr::zero(); 4]; OUT + 1];
    let mut state = *x;
    rows[0] = *x;
    external(&mut state);
    let mut full = |state: &mut State, round: usize, row: usize| {
        rows[row] = core::array::from_fn(|i| state[i] + FULL[round][i]);
        full_round(state, &FULL[round]);
    };
    (0..4).for_each(|round| full(&mut state, round, round + 1));
    let mut taken = Vec::with_capacity(PARTIAL.len());
    for constant in &PARTIAL {
        taken.push(state[0] + constant);
        partial_round(&mut state, constant);
    }
    (4..8).for_each(|round| full(&mut state, round, round + 15));
    for (row, four) in taken.chunks_exact(4).enumerate() {
        rows[PARTIAL_AT + row].copy_from_slice(four);
    }
    rows[OUT] = state;
    (rows, state)
}
