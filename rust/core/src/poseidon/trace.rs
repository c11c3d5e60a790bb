//! Permutations with what happens inside them: what a circuit's cells hold of one. Many at once run on lanes, with equal results.
//!
//! What it is not: a layout; a gate decides which value stands where.

use ark_ff::AdditiveGroup;

use super::circom;
use super::constants::{FULL, FULL_ROUNDS, PARTIAL, PARTIAL_ROUNDS};
use super::permutation::{external, full_round, internal, sbox, State};
use crate::primitives::Fr;

/// Partial rounds before the first state that a [`Trace`] holds, and between two.
pub const HEAD: usize = 5;
/// The same between two of them.
pub const BODY: usize = 10;
/// States that a [`Trace`] holds in the partial rounds.
pub const HELD: usize = (PARTIAL_ROUNDS - HEAD) / BODY;

/// A Poseidon2 permutation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trace {
    /// The state after each full round.
    pub full: [State; FULL_ROUNDS],
    /// The S-box output of each partial round.
    pub partial: [Fr; PARTIAL_ROUNDS],
    /// Lanes 1 to 3 after `HEAD` partial rounds, and after every `BODY` more but the last.
    pub held: [[Fr; 3]; HELD],
}

impl Trace {
    pub(super) const EMPTY: Self =
        Self { full: [[Fr::ZERO; 4]; FULL_ROUNDS], partial: [Fr::ZERO; PARTIAL_ROUNDS], held: [[Fr::ZERO; 3]; HELD] };

    /// Permutes a state.
    #[must_use]
    pub fn of(x: &State) -> Self {
        let mut trace = Self::EMPTY;
        let mut state = *x;
        external(&mut state);
        let (first, last) = FULL.split_at(FULL_ROUNDS / 2);
        for (constants, out) in first.iter().zip(&mut trace.full) {
            full_round(&mut state, constants);
            *out = state;
        }
        for (k, constant) in PARTIAL.iter().enumerate() {
            if let Some(held) = held_before(k) {
                trace.held[held].copy_from_slice(&state[1..]);
            }
            state[0] = sbox(&(state[0] + constant));
            trace.partial[k] = state[0];
            internal(&mut state);
        }
        for (constants, out) in last.iter().zip(&mut trace.full[FULL_ROUNDS / 2..]) {
            full_round(&mut state, constants);
            *out = state;
        }
        trace
    }
}

/// The place in `Trace::held` of the state before partial round `k`, if it is held.
pub(super) const fn held_before(k: usize) -> Option<usize> {
    if k >= HEAD && (k - HEAD).is_multiple_of(BODY) && (k - HEAD) / BODY < HELD {
        return Some((k - HEAD) / BODY);
    }
    None
}

/// [`Trace::of`] of every state.
#[must_use]
pub fn trace_all(states: &[State]) -> Vec<Trace> {
    #[cfg(target_arch = "x86_64")]
    if let Some(l) = plonk::field::Ifma::detect() {
        let mut out = vec![Trace::EMPTY; states.len()];
        l.run(super::lanes::TracePoseidon2 { states, out: &mut out });
        return out;
    }
    states.iter().map(Trace::of).collect()
}

/// Rounds of circomlib's Poseidon that a row of cells holds: one full round with its constants, or partial rounds with lane 0's.
#[derive(Clone, Debug)]
pub enum Rounds {
    /// A full round.
    Full(circom::State),
    /// Partial rounds.
    Partial(Vec<Fr>),
}

/// A row of cells: the state before its rounds, and the S-box outputs of its partial rounds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// The state before.
    pub state: circom::State,
    /// S-box outputs.
    pub outputs: Vec<Fr>,
}

/// Runs circomlib's Poseidon row by row; the last row has only a state.
#[must_use]
pub fn walk(state: &circom::State, rows: &[Rounds]) -> Vec<Row> {
    let mut state = *state;
    let mut out = Vec::with_capacity(rows.len() + 1);
    for rounds in rows {
        let mut row = Row { state, outputs: Vec::new() };
        match rounds {
            Rounds::Full(constants) => {
                state = circom::multiply(&circom::CONSTANTS.matrix, &core::array::from_fn(|i| sbox(&(state[i] + constants[i]))));
            }
            Rounds::Partial(constants) => {
                for constant in constants {
                    state[0] = sbox(&(state[0] + constant));
                    row.outputs.push(state[0]);
                    state = circom::multiply(&circom::CONSTANTS.matrix, &state);
                }
            }
        }
        out.push(row);
    }
    out.push(Row { state, outputs: Vec::new() });
    out
}

/// [`walk`] of every state.
#[must_use]
pub fn walk_all(states: &[circom::State], rows: &[Rounds]) -> Vec<Vec<Row>> {
    #[cfg(target_arch = "x86_64")]
    if let Some(l) = plonk::field::Ifma::detect() {
        let row = |rounds: &Rounds| Row {
            state: [Fr::ZERO; circom::T],
            outputs: vec![Fr::ZERO; if let Rounds::Partial(constants) = rounds { constants.len() } else { 0 }],
        };
        let blank: Vec<Row> = rows.iter().map(row).chain([Row::default()]).collect();
        let mut out = vec![blank; states.len()];
        l.run(super::lanes::WalkCircom { states, rows, out: &mut out });
        return out;
    }
    states.iter().map(|state| walk(state, rows)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::poseidon::permutation::permute;
    use ark_ff::Field;

    fn element(seed: u64) -> Fr {
        match seed {
            0 => Fr::ZERO,
            1..8 => -Fr::from(seed),
            _ => Fr::from(seed).pow([1_000 + 13 * seed]),
        }
    }

    #[test]
    fn a_trace_ends_as_the_permutation() {
        let states: Vec<State> = (0..37u64).map(|i| core::array::from_fn(|j| element(i * 3 + j as u64))).collect();
        let traces = trace_all(&states);
        for (state, trace) in states.iter().zip(&traces) {
            assert_eq!(*trace, Trace::of(state));
            let mut out = *state;
            permute(&mut out);
            assert_eq!(trace.full[FULL_ROUNDS - 1], out);
        }
        assert!(trace_all(&[]).is_empty());
    }

    #[test]
    fn a_walk_ends_as_the_hash() {
        let half = circom::FULL_ROUNDS / 2;
        let rounds = &circom::CONSTANTS.rounds;
        // as published every lane has its constant in the partial rounds too; folded forward lane 0 alone has
        let full = |list: &[circom::State]| list.iter().map(|c| Rounds::Full(*c)).collect::<Vec<_>>();
        let rows: Vec<Rounds> = full(&rounds[..half])
            .into_iter()
            .chain([Rounds::Partial(vec![element(5), element(9), element(3)])])
            .chain(full(&rounds[..half]))
            .collect();
        let states: Vec<circom::State> = (0..19u64).map(|i| core::array::from_fn(|j| element(i * 5 + j as u64))).collect();
        let walks = walk_all(&states, &rows);
        for (state, got) in states.iter().zip(&walks) {
            assert_eq!(*got, walk(state, &rows));
        }
    }
}
