//! circomlib's Poseidon with five inputs: blocks of 32 rows, columns 15..25.
//!
//! | rows | R0..R5 | R6, R7 | R8 | R9 |
//! |---|---|---|---|---|
//! | 0..3, 24..27 (full) | state | unused | out | m on row 0 |
//! | 4..23 (three partial rounds a row) | state | first two S-box outputs | out | unused |
//! | 28 | final state | unused | out | unused |
//!
//! Row 0 starts with lane 0 at zero and provides (POSEIDON, in1..in5, out) m times; out is carried from row 28, lane 0. Constants of
//! the partial rounds are pushed forward through the matrix, so that only lane 0 has one; what is left joins the next full round.
//! Rows 29..31 are unused. Twin of `poseidon/circom.rs`. What this is not: other arities.

use std::sync::LazyLock;

use ark_bn254::Fr;
use ark_ff::AdditiveGroup;
use plonk::Expr;

use super::{cur, message, next, Assembly, Fixed, Tag, R_WIDTH};
use crate::poseidon::circom::{CONSTANTS, FULL_ROUNDS, PARTIAL_ROUNDS, T};
use crate::poseidon::permutation::sbox;

/// Rows of a block.
pub const BLOCK: usize = 32;
/// Partial rounds on one row.
const STEP: usize = 3;
/// First row of the partial rounds.
const PARTIAL_START: usize = FULL_ROUNDS / 2;
/// First row of the last full rounds.
const LAST_START: usize = PARTIAL_START + PARTIAL_ROUNDS / STEP;
/// Row of the final state.
pub const END: usize = LAST_START + FULL_ROUNDS / 2;
/// Column (in the group) of the carried result.
pub const OUTPUT: usize = 8;
/// Column (in the group) of the multiplicity.
pub const MULTIPLICITY: usize = 9;

/// Round constants after folding: full rounds in order, and lane 0 of the partial rounds.
struct Folded {
    full: Vec<[Fr; T]>,
    partial: Vec<Fr>,
}

fn multiply(x: &[Fr; T]) -> [Fr; T] {
    core::array::from_fn(|i| CONSTANTS.matrix[i].iter().zip(x).map(|(a, b)| *a * b).sum())
}

static FOLDED: LazyLock<Folded> = LazyLock::new(|| {
    let half = FULL_ROUNDS / 2;
    let (first, rest) = CONSTANTS.rounds.split_at(half);
    let (middle, last) = rest.split_at(PARTIAL_ROUNDS);
    let mut carry = [Fr::ZERO; T];
    let mut partial = Vec::with_capacity(PARTIAL_ROUNDS);
    for constants in middle {
        let mut all: [Fr; T] = core::array::from_fn(|i| constants[i] + carry[i]);
        partial.push(all[0]);
        all[0] = Fr::ZERO;
        carry = multiply(&all);
    }
    let mut full: Vec<[Fr; T]> = first.iter().chain(last).copied().collect();
    for (x, c) in full[half].iter_mut().zip(carry) {
        *x += c;
    }
    Folded { full, partial }
});

/// The full round that stands on a row of the block.
fn full_round_of(row: usize) -> Option<usize> {
    match row {
        r if r < PARTIAL_START => Some(r),
        r if (LAST_START..END).contains(&r) => Some(r - LAST_START + FULL_ROUNDS / 2),
        _ => None,
    }
}

/// Constant of lane `i` on a row: of its full round, or of its i-th partial round.
fn constant(row: usize, i: usize) -> Fr {
    match full_round_of(row) {
        Some(round) => FOLDED.full[round][i],
        None if i < STEP && (PARTIAL_START..LAST_START).contains(&row) => {
            FOLDED.partial[STEP * (row - PARTIAL_START) + i]
        }
        None => Fr::ZERO,
    }
}

/// Selector values (full, partial) on a row of the block.
#[must_use]
pub fn selectors(row: usize) -> (bool, bool) {
    (full_round_of(row).is_some(), (PARTIAL_START..LAST_START).contains(&row))
}

/// Linear forms of a row's partial rounds over (s1..s5, o1, o2, o3): the S-box inputs of rounds 2 and 3 and the state after.
fn forms() -> ([Vec<Fr>; STEP - 1], [Vec<Fr>; T]) {
    let width = T - 1 + STEP;
    let unit = |k: usize| (0..width).map(|i| Fr::from(u64::from(i == k))).collect::<Vec<Fr>>();
    let mut state: [Vec<Fr>; T] = core::array::from_fn(|i| if i == 0 { vec![Fr::ZERO; width] } else { unit(i - 1) });
    let mut inputs: [Vec<Fr>; STEP - 1] = Default::default();
    for round in 0..STEP {
        state[0] = unit(T - 1 + round);
        let before = state.clone();
        for (row, out) in CONSTANTS.matrix.iter().zip(state.iter_mut()) {
            *out = (0..width).map(|k| (0..T).map(|j| row[j] * before[j][k]).sum()).collect();
        }
        if let Some(input) = inputs.get_mut(round) {
            input.clone_from(&state[0]);
        }
    }
    (inputs, state)
}

fn apply(form: &[Fr], cells: &[Expr]) -> Expr {
    Expr::sum(form.iter().zip(cells).map(|(c, x)| x.clone() * *c))
}

/// Adds constraints and the provided message.
pub(crate) fn constrain(a: &mut Assembly) {
    let (full, partial) = (Fixed::SelFull.expr(), Fixed::SelPartial.expr());
    let constants: Vec<Expr> = (0..T).map(|i| a.periodic((0..BLOCK).map(|row| constant(row, i)).collect())).collect();
    let added: Vec<Expr> = (0..T).map(|i| cur(i) + constants[i].clone()).collect();
    let powers: Vec<Expr> = added.iter().map(Expr::pow5).collect();
    for (i, row) in CONSTANTS.matrix.iter().enumerate() {
        a.constrain("poseidon5 full round", &full, next(i) - apply(row, &powers));
    }

    let (inputs, after) = forms();
    let mut cells: Vec<Expr> = (1..T).map(cur).chain([cur(T), cur(T + 1)]).collect();
    a.constrain("poseidon5 first S-box", &partial, cur(T) - powers[0].clone());
    let second = apply(&inputs[0], &cells) + constants[1].clone();
    a.constrain("poseidon5 second S-box", &partial, cur(T + 1) - second.pow5());
    let third = apply(&inputs[1], &cells) + constants[2].clone();
    cells.push(third.pow5());
    for (i, form) in after.iter().enumerate() {
        a.constrain("poseidon5 partial rounds", &partial, next(i) - apply(form, &cells));
    }

    let first = full.clone() * a.indicator(BLOCK, 0);
    let last = full.clone() * a.indicator(BLOCK, END - 1);
    a.constrain("poseidon5 start", &first, cur(0));
    a.constrain("poseidon5 carry", &(full + partial), next(OUTPUT) - cur(OUTPUT));
    a.constrain("poseidon5 output", &last, next(0) - next(OUTPUT));
    let payload = (1..T).map(cur).chain([cur(OUTPUT)]);
    a.first("poseidon5", first, vec![message(-cur(MULTIPLICITY), Tag::Poseidon, payload)]);
}

/// The cells of a block: 32 rows of ten.
pub type Block = [[Fr; R_WIDTH]; BLOCK];

/// Fills a block.
#[must_use]
pub fn fill(inputs: &[Fr; 5], multiplicity: Fr) -> Block {
    let mut rows = [[Fr::ZERO; R_WIDTH]; BLOCK];
    let mut state: [Fr; T] = core::array::from_fn(|i| if i == 0 { Fr::ZERO } else { inputs[i - 1] });
    for (r, row) in rows.iter_mut().enumerate().take(END) {
        row[..T].copy_from_slice(&state);
        if full_round_of(r).is_some() {
            state = multiply(&core::array::from_fn(|i| sbox(&(state[i] + constant(r, i)))));
        } else {
            for k in 0..STEP {
                state[0] = sbox(&(state[0] + constant(r, k)));
                if k + 1 < STEP {
                    row[T + k] = state[0];
                }
                state = multiply(&state);
            }
        }
    }
    rows[END][..T].copy_from_slice(&state);
    for row in &mut rows[..=END] {
        row[OUTPUT] = state[0];
    }
    rows[0][MULTIPLICITY] = multiplicity;
    rows
}
