//! circomlib's Poseidon with five inputs: blocks of 21 rows, columns 14..24.
//!
//! | rows | R0..R5 | R6 | R7..R9 |
//! |---|---|---|---|
//! | 0..4, 16..20 (full) | state | m | unused |
//! | 4..16 (five partial rounds a row) | state | first four S-box outputs | |
//! | 20 | final state | unused | unused |
//!
//! Constants stand in the fixed columns q0..q3, qm, qk, which the region has no other use for. Those of the partial rounds are pushed
//! forward through the matrix, so that only lane 0 has one; what is left joins the next full round.
//! A full row tells, m times, the state it starts from, under a tag made of its own row number: who asks row 0 of a block for lanes 1
//! to 5, with nothing for lane 0, asks for the block's inputs. The result, lane 0 of row 20, is in a copy column.
//! Twin of `poseidon/circom.rs`. What this is not: other arities.

use std::sync::LazyLock;

use ark_bn254::Fr;
use ark_ff::AdditiveGroup;
use plonk::Expr;

use super::{cur, message, next, Assembly, Fixed, Tag, R_WIDTH};
use crate::poseidon::circom::{CONSTANTS, FULL_ROUNDS, PARTIAL_ROUNDS, T};
use crate::poseidon::trace::{walk, walk_all, Rounds, Row};

/// Partial rounds on one row.
const STEP: usize = 5;
/// First row of the partial rounds.
const PARTIAL_START: usize = FULL_ROUNDS / 2;
/// First row of the last full rounds.
const LAST_START: usize = PARTIAL_START + PARTIAL_ROUNDS / STEP;
/// Row of the final state.
pub const END: usize = LAST_START + FULL_ROUNDS / 2;
/// Rows of a block.
pub const BLOCK: usize = END + 1;
/// Column (in the group) of the multiplicity, on full rows.
pub const MULTIPLICITY: usize = T;
/// Fixed columns of the constants, by lane or by partial round.
const CONSTANT: [Fixed; T] = [Fixed::Q0, Fixed::Q1, Fixed::Q2, Fixed::Q3, Fixed::Qm, Fixed::Qk];
/// Tags are below this, so that a row number times this makes another tag.
const TAGS: u64 = 1 << 16;

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

/// The fixed columns of a row of the block.
#[must_use]
pub fn fixed(row: usize) -> Vec<(Fixed, Fr)> {
    let (full, partial) = selectors(row);
    let mut out: Vec<(Fixed, Fr)> = (0..T).map(|i| (CONSTANT[i], constant(row, i))).collect();
    out.extend(
        [(Fixed::SelFull, full), (Fixed::SelPartial, partial)].map(|(column, on)| (column, Fr::from(u64::from(on)))),
    );
    out
}

/// Tag under which a full row of the trace tells its state.
#[must_use]
pub fn tag(row: usize) -> Fr {
    Tag::Poseidon.fr() + Fr::from(TAGS) * Fr::from(row as u64)
}

/// Selector values (full, partial) on a row of the block.
#[must_use]
pub fn selectors(row: usize) -> (bool, bool) {
    (full_round_of(row).is_some(), (PARTIAL_START..LAST_START).contains(&row))
}

/// Linear forms of a row's partial rounds over (s1..s5, o1..o5): the S-box inputs of rounds 2 to 5 and the state after.
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
    let powers: [Expr; T] = core::array::from_fn(|i| (cur(i) + CONSTANT[i].expr()).pow5());
    for (i, row) in CONSTANTS.matrix.iter().enumerate() {
        a.constrain("poseidon5 full round", &full, next(i) - apply(row, &powers));
    }

    let (inputs, after) = forms();
    a.constrain("poseidon5 first S-box", &partial, cur(T) - powers[0].clone());
    let mut cells: Vec<Expr> = (1..T).map(cur).chain([cur(T)]).collect();
    for (i, input) in inputs.iter().enumerate() {
        let power = (apply(input, &cells) + CONSTANT[i + 1].expr()).pow5();
        if T + 1 + i < R_WIDTH {
            a.constrain("poseidon5 S-box", &partial, cur(T + 1 + i) - power);
            cells.push(cur(T + 1 + i));
        } else {
            // the last output has no cell
            cells.push(power);
        }
    }
    for (i, form) in after.iter().enumerate() {
        a.constrain("poseidon5 partial rounds", &partial, next(i) - apply(form, &cells));
    }
    let number = Fixed::Table.expr() * TAGS + Tag::Poseidon;
    let state = (1..T).chain([0]).map(cur);
    a.first("poseidon5", full, vec![message(-cur(MULTIPLICITY), number, state)]);
}

/// The cells of a block: 21 rows of ten.
pub type Block = [[Fr; R_WIDTH]; BLOCK];

/// Fills a block, whose inputs are asked for `multiplicity` times.
#[must_use]
pub fn fill(inputs: &[Fr; 5], multiplicity: Fr) -> Block {
    fill_from(core::array::from_fn(|i| if i == 0 { Fr::ZERO } else { inputs[i - 1] }), multiplicity)
}

/// The same from any state; lane 0 of a hash is zero.
#[must_use]
pub fn fill_from(state: [Fr; T], multiplicity: Fr) -> Block {
    place(&walk(&state, &ROUNDS), multiplicity)
}

/// [`fill`] of many blocks: inputs and multiplicity of each.
#[must_use]
pub fn fill_all(blocks: &[([Fr; 5], Fr)]) -> Vec<Block> {
    let states: Vec<[Fr; T]> = blocks.iter().map(|([a, b, c, d, e], _)| [Fr::ZERO, *a, *b, *c, *d, *e]).collect();
    let walks = walk_all(&states, &ROUNDS);
    walks.iter().zip(blocks).map(|(rows, (_, multiplicity))| place(rows, *multiplicity)).collect()
}

/// The rounds of each row but the last.
static ROUNDS: LazyLock<Vec<Rounds>> = LazyLock::new(|| {
    let rounds = |row: usize| match full_round_of(row) {
        Some(_) => Rounds::Full(core::array::from_fn(|i| constant(row, i))),
        None => Rounds::Partial((0..STEP).map(|k| constant(row, k)).collect()),
    };
    (0..END).map(rounds).collect()
});

/// The output of the last partial round of a row has no cell.
fn place(walked: &[Row], multiplicity: Fr) -> Block {
    let mut rows = [[Fr::ZERO; R_WIDTH]; BLOCK];
    for (row, Row { state, outputs }) in rows.iter_mut().zip(walked) {
        row[..T].copy_from_slice(state);
        row[T..].iter_mut().zip(outputs).for_each(|(cell, output)| *cell = *output);
    }
    rows[0][MULTIPLICITY] = multiplicity;
    rows
}
