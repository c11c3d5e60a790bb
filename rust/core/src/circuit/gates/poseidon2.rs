//! The Poseidon2 pool: columns 0..14, blocks of 8 rows, one permutation a block, on every row of the trace.
//!
//! | row | c0..c2 | c3 | c4..c7 | c8..c11 | c12 |
//! |---|---|---|---|---|---|
//! | 0 | x0..x2 | x3 | s1 | s2 | m |
//! | 1 | s3, lanes 0..3 | lane 3 | s4 | o0..o3 | o4 |
//! | 2..7 | lanes 1..4 of the state | nine S-box outputs in c3..c11 | | | the S-box output before them |
//! | 7 | f1 | f1, lane 3 | f2 | f3 | o55 |
//!
//! s_k and f_k are the states after full round k of either half (s1 counts the first linear layer in), o_k are outputs of the
//! partial rounds' S-boxes. A row of partial rounds starts from a state whose lane 0 has no cell: its S-box output stands in c12.
//! c13 = y, constant in the block: lane j of the permutation's output. Row 0 provides (HASHj, x, y + x_j) m times. The lane j of a
//! block follows from its number alone (`LANES`); every selector is a sum of indicators, which have a closed form at the verifier.
//! Every cell of a block is in use: 16 + 56 + 12 of states and S-boxes, 4 of x, 15 carried, 8 of y, 1 multiplicity.
//! Twin of `poseidon/permutation.rs`. What this is not: it does not know who asks.

use ark_bn254::Fr;
use ark_ff::AdditiveGroup;
use plonk::Expr;

use super::{message, Assembly, Tag};
use crate::poseidon::constants::{DIAGONAL, FULL, PARTIAL};
use crate::poseidon::trace::{Trace, BODY, HEAD};

/// Rows of a block.
pub const BLOCK: usize = 8;
/// Columns.
pub const COLUMNS: usize = 14;
/// Column of the multiplicity, on row 0.
pub const MULTIPLICITY: usize = 12;
/// Column of the carried output.
pub const OUTPUT: usize = 13;
/// Blocks after which the lanes repeat.
const PATTERN: usize = 16;
/// Column of the first S-box output of a row of partial rounds.
const FIRST: usize = 12;

/// Lane of a block.
#[must_use]
pub const fn lane_of(block: usize) -> usize {
    match block % PATTERN {
        1 | 5 | 9 => 1,
        3 => 2,
        7 => 3,
        _ => 0,
    }
}

/// The k-th block of a lane.
#[must_use]
pub const fn block_of(lane: usize, k: usize) -> usize {
    const FIRST: [usize; 11] = [0, 2, 4, 6, 8, 10, 11, 12, 13, 14, 15];
    match lane {
        0 => PATTERN * (k / FIRST.len()) + FIRST[k % FIRST.len()],
        1 => PATTERN * (k / 3) + 4 * (k % 3) + 1,
        2 => PATTERN * k + 3,
        _ => PATTERN * k + 7,
    }
}

/// Blocks of a lane in `blocks` blocks.
#[must_use]
pub const fn capacity(lane: usize, blocks: usize) -> usize {
    let share = match lane {
        0 => 11,
        1 => 3,
        _ => 1,
    };
    blocks / PATTERN * share
}

type State = [Expr; 4];

fn cells(first: usize) -> State {
    [0, 1, 2, 3].map(|i| Expr::cur(first + i))
}

fn next_cells() -> State {
    [0, 1, 2, 3].map(Expr::next)
}

/// The external matrix, as in `permutation::external`.
pub(crate) fn mix(s: &State) -> State {
    let double = |x: &Expr| x.clone() + x.clone();
    let t0 = s[0].clone() + s[1].clone();
    let t1 = s[2].clone() + s[3].clone();
    let t2 = double(&s[1]) + t1.clone();
    let t3 = double(&s[3]) + t0.clone();
    let t4 = double(&double(&t1)) + t3.clone();
    let t5 = double(&double(&t0)) + t2.clone();
    [t3 + t5.clone(), t5, t2 + t4.clone(), t4]
}

fn round(s: &State, constants: &[Fr; 4]) -> State {
    let powers: Vec<Expr> = s.iter().zip(constants).map(|(x, c)| (x.clone() + *c).pow5()).collect();
    mix(&[0, 1, 2, 3].map(|i: usize| powers[i].clone()))
}

/// The internal matrix after lane 0 was replaced by an S-box output.
pub(crate) fn inner(s: &State, output: &Expr) -> State {
    let s = [output.clone(), s[1].clone(), s[2].clone(), s[3].clone()];
    let sum = Expr::sum(s.iter().cloned());
    [0, 1, 2, 3].map(|i: usize| s[i].clone() * DIAGONAL[i] + sum.clone())
}

/// Runs partial rounds with these S-box outputs; calls `check` with output - input^5 of each.
fn partial(start: State, outputs: &[Expr], constants: &[Expr], mut check: impl FnMut(Expr)) -> State {
    let mut state = start;
    for (output, constant) in outputs.iter().zip(constants) {
        check(output.clone() - (state[0].clone() + constant.clone()).pow5());
        state = inner(&state, output);
    }
    state
}

fn equal(a: &mut Assembly, label: &str, selector: &Expr, left: State, right: State) {
    for (l, r) in left.into_iter().zip(right) {
        a.constrain(label, selector, l - r);
    }
}

/// Adds constraints and the provided message.
pub(crate) fn constrain(a: &mut Assembly) {
    let [on0, on1, on6, on7] = [0, 1, 6, 7].map(|row| a.indicator(BLOCK, row));
    equal(a, "poseidon2 s1", &on0, cells(4), round(&mix(&cells(0)), &FULL[0]));
    equal(a, "poseidon2 s2", &on0, cells(8), round(&cells(4), &FULL[1]));
    equal(a, "poseidon2 s3", &on0, next_cells(), round(&cells(8), &FULL[2]));
    equal(a, "poseidon2 s4", &on1, cells(4), round(&cells(0), &FULL[3]));
    let constants: Vec<Expr> = PARTIAL[..HEAD].iter().map(|c| Expr::from(*c)).collect();
    let outputs: Vec<Expr> = (0..HEAD).map(|k| Expr::cur(8 + k)).collect();
    let state = partial(cells(4), &outputs, &constants, |expr| a.constrain("poseidon2 partial head", &on1, expr));
    // rows 1 to 6 hand a state on; its next S-box has its constant where the state ends
    let value = |row: usize| if (1..7).contains(&row) { PARTIAL[HEAD + BODY * (row - 1)] } else { Fr::ZERO };
    let constant = a.periodic((0..BLOCK).map(value).collect());
    hand_on(a, &on1, &on1, &state, &constant);

    let body = Expr::one() - on0.clone() - on1 - on7.clone();
    let constants: Vec<Expr> = (1..BODY)
        .map(|k| {
            let value =
                |row: usize| if (2..7).contains(&row) { PARTIAL[HEAD + BODY * (row - 2) + k] } else { Fr::ZERO };
            a.periodic((0..BLOCK).map(value).collect())
        })
        .collect();
    // lane 0 of the start is the S-box output itself
    let start = inner(&[Expr::zero(), Expr::cur(0), Expr::cur(1), Expr::cur(2)], &Expr::cur(FIRST));
    let outputs: Vec<Expr> = (3..FIRST).map(Expr::cur).collect();
    let state = partial(start, &outputs, &constants, |expr| a.constrain("poseidon2 partial", &body, expr));
    hand_on(a, &body, &(body.clone() - on6.clone()), &state, &constant);
    let last = inner(&state, &Expr::next(FIRST));
    equal(a, "poseidon2 f1", &on6, next_cells(), round(&last, &FULL[4]));
    equal(a, "poseidon2 f2", &on7, cells(4), round(&cells(0), &FULL[5]));
    equal(a, "poseidon2 f3", &on7, cells(8), round(&cells(4), &FULL[6]));
    output(a, &on0, &on7);
}

/// The S-box output of lane 0 of a row's last state stands in the next row; and where `lanes` is 1 the other lanes do.
fn hand_on(a: &mut Assembly, on: &Expr, lanes: &Expr, state: &State, constant: &Expr) {
    let [first, rest @ ..] = state;
    a.constrain("poseidon2 next S-box", on, Expr::next(FIRST) - (first.clone() + constant.clone()).pow5());
    for (i, lane) in rest.iter().enumerate() {
        a.constrain("poseidon2 state", lanes, Expr::next(i) - lane.clone());
    }
}

/// y is the block's lane of the output, carried to row 0, where the block provides its fact.
fn output(a: &mut Assembly, on0: &Expr, on7: &Expr) {
    let y = Expr::cur(OUTPUT);
    a.constrain("poseidon2 carry", &(Expr::one() - on7.clone()), Expr::next(OUTPUT) - y.clone());
    // one row of each block of lanes 1, 2, 3; the others are of lane 0
    let mut places = |row: usize| {
        let mut of = |blocks: usize, block: usize| a.indicator(blocks * BLOCK, block * BLOCK + row);
        // 1 mod 4 without 13 mod 16
        [of(4, 1) - of(PATTERN, 13), of(PATTERN, 3), of(PATTERN, 7)]
    };
    let (last, first) = (places(7), places(0));
    let out = round(&cells(8), &FULL[7]);
    let mut chosen = on7.clone() * (y.clone() - out[0].clone());
    let mut fed = y + Expr::cur(0);
    let mut tag = Expr::from(Tag::Hash0);
    for lane in 1..4 {
        chosen = chosen - last[lane - 1].clone() * (out[lane].clone() - out[0].clone());
        fed = fed + first[lane - 1].clone() * (Expr::cur(lane) - Expr::cur(0));
        tag = tag + first[lane - 1].clone() * lane as u64;
    }
    a.constrain("poseidon2 output", &Expr::one(), chosen);
    let numerator = -(on0.clone() * Expr::cur(MULTIPLICITY));
    let payload = cells(0).into_iter().chain([fed]);
    a.everywhere(message(numerator, tag, payload));
}

/// The cells of a block: 8 rows of 14.
pub type Block = [[Fr; COLUMNS]; BLOCK];

/// Fills a block of the given lane.
#[must_use]
pub fn fill(lane: usize, x: &[Fr; 4], multiplicity: Fr) -> Block {
    fill_from(lane, x, &Trace::of(x), multiplicity)
}

/// The same where the permutation of x has run.
#[must_use]
pub fn fill_from(lane: usize, x: &[Fr; 4], trace: &Trace, multiplicity: Fr) -> Block {
    let mut rows = [[Fr::ZERO; COLUMNS]; BLOCK];
    rows[0][..4].copy_from_slice(x);
    rows[0][MULTIPLICITY] = multiplicity;
    let places = [(0, 4), (0, 8), (1, 0), (1, 4), (7, 0), (7, 4), (7, 8)];
    for ((row, column), state) in places.into_iter().zip(&trace.full) {
        rows[row][column..column + 4].copy_from_slice(state);
    }
    let (head, rest) = trace.partial.split_at(HEAD);
    rows[1][8..8 + HEAD].copy_from_slice(head);
    for ((row, held), outputs) in rows[2..].iter_mut().zip(&trace.held).zip(rest.chunks(BODY)) {
        row[..3].copy_from_slice(held);
        row[FIRST] = outputs[0];
        row[3..FIRST].copy_from_slice(&outputs[1..]);
    }
    rows[7][FIRST] = trace.partial[PARTIAL.len() - 1];
    for row in &mut rows {
        row[OUTPUT] = trace.full[7][lane];
    }
    rows
}

/// The compression of a lane: P(x)\[j\] + x\[j\].
#[must_use]
pub fn hash(lane: usize, x: &[Fr; 4]) -> Fr {
    let mut state = *x;
    crate::poseidon::permutation::permute(&mut state);
    state[lane] + x[lane]
}
