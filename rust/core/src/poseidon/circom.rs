//! circomlib's Poseidon with five inputs: t = 6, x^5, 8 full and 60 partial rounds, lane 0 of the result.
//!
//! The constants are derived once from the Grain register, then brought into the sparse form of eprint 2019/458,
//! appendix B: in the partial rounds the constants of all lanes but the first are pushed forward, and the dense matrix
//! is factored into a sparse one, so that a partial round costs 11 multiplications beside its S-box instead of 36.
//! What it is not: the hash of the trees; that is Poseidon2.

use std::sync::LazyLock;

use ark_ff::{AdditiveGroup, Field};

use super::grain::Grain;
use super::permutation::sbox;
use crate::primitives::Fr;

/// Width.
pub const T: usize = 6;
/// Full rounds.
pub const FULL_ROUNDS: usize = 8;
/// Partial rounds.
pub const PARTIAL_ROUNDS: usize = 60;

/// A state of six elements.
pub type State = [Fr; T];
/// A matrix by rows.
pub type Matrix = [[Fr; T]; T];

/// The constants as published: round constants by round and the matrix.
pub struct Constants {
    /// Constants of each of the 68 rounds.
    pub rounds: Vec<State>,
    /// The MDS matrix: new\[i\] = sum over j of matrix\[i\]\[j\] old\[j\].
    pub matrix: Matrix,
}

/// circomlib's constants for five inputs.
pub static CONSTANTS: LazyLock<Constants> = LazyLock::new(|| {
    let mut grain = Grain::new(254, 6, 8, 60);
    let rounds = (0..FULL_ROUNDS + PARTIAL_ROUNDS).map(|_| core::array::from_fn(|_| grain.element())).collect();
    let xs: State = core::array::from_fn(|_| grain.reduced_element());
    let ys: State = core::array::from_fn(|_| grain.reduced_element());
    let matrix = core::array::from_fn(|i| core::array::from_fn(|j| inverse(xs[i] + ys[j])));
    Constants { rounds, matrix }
});

fn inverse(x: Fr) -> Fr {
    x.inverse().unwrap_or_default()
}

/// One partial round in sparse form: s0 := sbox(s0) + constant; then s0' = corner s0 + row . s, s_i += column_i s0.
pub(super) struct Sparse {
    pub(super) constant: Fr,
    pub(super) corner: Fr,
    pub(super) row: [Fr; T - 1],
    pub(super) column: [Fr; T - 1],
}

/// The permutation in its fast form.
pub(super) struct Fast {
    /// Constants of the full rounds before the partial ones, but the last of these.
    pub(super) first: Vec<State>,
    /// Constants of the last of them, whose matrix is `dense`.
    pub(super) entering: State,
    /// Constants added right before the partial rounds (all of them pushed to the front).
    pub(super) before_partial: State,
    /// Dense matrix of the last full round before the partial ones, with the factored blocks multiplied in.
    pub(super) dense: Matrix,
    pub(super) partial: Vec<Sparse>,
    pub(super) last: Vec<State>,
}

pub(super) static FAST: LazyLock<Fast> = LazyLock::new(|| Fast::derive(&CONSTANTS));

impl Fast {
    fn derive(constants: &Constants) -> Self {
        let half = FULL_ROUNDS / 2;
        let partial_rounds = &constants.rounds[half..half + PARTIAL_ROUNDS];
        let m = &constants.matrix;
        let inverse_m = invert(m);
        // Constants: from the last partial round backwards, c_{r-1} += M^-1 (0, c_r[1..]), keeping c_r[0] after the S-box
        // of round r - 1.
        let mut kept = vec![Fr::ZERO; PARTIAL_ROUNDS];
        let mut carry = partial_rounds[PARTIAL_ROUNDS - 1];
        for r in (1..PARTIAL_ROUNDS).rev() {
            let moved = multiply(&inverse_m, &carry);
            kept[r - 1] = moved[0];
            let mut earlier = partial_rounds[r - 1];
            for i in 1..T {
                earlier[i] += moved[i];
            }
            carry = earlier;
        }
        // Matrices: M = sparse * diag(1, block); the block commutes with the next lower S-box and joins the matrix before.
        let mut partial: Vec<Sparse> = Vec::with_capacity(PARTIAL_ROUNDS);
        let mut current = *m;
        let mut first_block = *m;
        for constant in kept.into_iter().rev() {
            let block = block_of(&current);
            let inverse_block = invert(&block);
            // current = sparse * block, hence sparse = current * block^-1: the first row changes, the rest is identity
            // but for the first column.
            let sparse = product(&current, &inverse_block);
            partial.push(Sparse {
                constant,
                corner: sparse[0][0],
                row: core::array::from_fn(|i| sparse[0][i + 1]),
                column: core::array::from_fn(|i| sparse[i + 1][0]),
            });
            current = product(&block, m);
            first_block = block;
        }
        partial.reverse();
        Self {
            first: constants.rounds[..half - 1].to_vec(),
            entering: constants.rounds[half - 1],
            before_partial: multiply(&first_block, &carry),
            dense: current,
            partial,
            last: constants.rounds[half + PARTIAL_ROUNDS..].to_vec(),
        }
    }
}

/// diag(1, lower right 5x5 block of the matrix).
fn block_of(m: &Matrix) -> Matrix {
    core::array::from_fn(|i| {
        core::array::from_fn(|j| match (i, j) {
            (0, 0) => Fr::ONE,
            (0, _) | (_, 0) => Fr::ZERO,
            _ => m[i][j],
        })
    })
}

pub(super) fn multiply(m: &Matrix, x: &State) -> State {
    core::array::from_fn(|i| m[i].iter().zip(x).map(|(a, b)| *a * b).sum())
}

fn product(a: &Matrix, b: &Matrix) -> Matrix {
    core::array::from_fn(|i| core::array::from_fn(|j| (0..T).map(|k| a[i][k] * b[k][j]).sum()))
}

/// Gauss-Jordan; the matrices here are invertible because the MDS matrix and its blocks are.
fn invert(m: &Matrix) -> Matrix {
    let mut left = *m;
    let mut right: Matrix = core::array::from_fn(|i| core::array::from_fn(|j| Fr::from(u64::from(i == j))));
    for column in 0..T {
        let pivot = (column..T).find(|r| left[*r][column] != Fr::ZERO).unwrap_or(column);
        left.swap(column, pivot);
        right.swap(column, pivot);
        let scale = inverse(left[column][column]);
        for j in 0..T {
            left[column][j] *= scale;
            right[column][j] *= scale;
        }
        for row in (0..T).filter(|r| *r != column) {
            let factor = left[row][column];
            for j in 0..T {
                let (l, r) = (left[column][j], right[column][j]);
                left[row][j] -= factor * l;
                right[row][j] -= factor * r;
            }
        }
    }
    right
}

fn full_round(state: &mut State, constants: &State, matrix: &Matrix) {
    for (x, c) in state.iter_mut().zip(constants) {
        *x += c;
        *x = sbox(x);
    }
    *state = multiply(matrix, state);
}

/// Poseidon of five inputs, as circomlib's `Poseidon(5)`.
#[must_use]
pub fn poseidon5(inputs: &[Fr; 5]) -> Fr {
    #[cfg(target_arch = "x86_64")]
    if let Some(adx) = plonk::field::Adx::detect() {
        return super::words::poseidon5(adx, inputs);
    }
    poseidon5_plainly(inputs)
}

/// The same on every processor.
#[must_use]
pub fn poseidon5_plainly(inputs: &[Fr; 5]) -> Fr {
    let fast = &*FAST;
    let matrix = &CONSTANTS.matrix;
    let mut state: State = core::array::from_fn(|i| if i == 0 { Fr::ZERO } else { inputs[i - 1] });
    let (entering, first) = (&fast.entering, &fast.first);
    first.iter().for_each(|constants| full_round(&mut state, constants, matrix));
    full_round(&mut state, entering, &fast.dense);
    for (x, c) in state.iter_mut().zip(&fast.before_partial) {
        *x += c;
    }
    fast.partial.iter().for_each(|round| partial_round(&mut state, round));
    fast.last.iter().for_each(|constants| full_round(&mut state, constants, matrix));
    state[0]
}

fn partial_round(state: &mut State, round: &Sparse) {
    let s0 = sbox(&state[0]) + round.constant;
    let mut top = s0 * round.corner;
    for i in 0..T - 1 {
        top += round.row[i] * state[i + 1];
        state[i + 1] += round.column[i] * s0;
    }
    state[0] = top;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::primitives::field::{hex, to_bytes};

    /// The definition, without any rearrangement.
    fn direct(inputs: &[Fr; 5]) -> Fr {
        let mut state: State = core::array::from_fn(|i| if i == 0 { Fr::ZERO } else { inputs[i - 1] });
        for (r, constants) in CONSTANTS.rounds.iter().enumerate() {
            let full = !(FULL_ROUNDS / 2..FULL_ROUNDS / 2 + PARTIAL_ROUNDS).contains(&r);
            for (i, (x, c)) in state.iter_mut().zip(constants).enumerate() {
                *x += c;
                if full || i == 0 {
                    *x = sbox(x);
                }
            }
            state = multiply(&CONSTANTS.matrix, &state);
        }
        state[0]
    }

    #[test]
    fn sparse_form_equals_the_definition() {
        for seed in 0..20u64 {
            let inputs = core::array::from_fn(|i| Fr::from(seed).pow([i as u64 + 3]) - Fr::from(7 * i as u64));
            assert_eq!(poseidon5_plainly(&inputs), direct(&inputs));
            assert_eq!(poseidon5(&inputs), direct(&inputs));
        }
    }

    #[test]
    fn equals_circomlib() {
        let inputs = core::array::from_fn(|i| Fr::from(i as u64 + 1));
        let expected = "0x0dab9449e4a1398a15224c0b15a49d598b2174d305a316c918125f8feeb123c0";
        assert_eq!(hex(&to_bytes(&poseidon5(&inputs))), expected);
    }
}
