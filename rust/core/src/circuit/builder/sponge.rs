//! Sponge rows: permutations in a chain, each fed by the inputs that stand beside the one before.
//!
//! What this is not: padding, tags or lengths; see `streams/digest.rs`.

use ark_bn254::Fr;

use super::super::gates::{sponge, LIMBS, WIRES};
use super::{Builder, Custom, Row, Var};
use crate::poseidon::permutation::permute;

/// What follows a permutation.
#[derive(Clone, Copy, Debug)]
pub enum After {
    /// Another one, of the state plus these inputs.
    Absorb([Var; WIRES - 1]),
    /// Nothing; the digest is told.
    Digest,
}

/// A permutation of a chain.
#[derive(Clone, Copy, Debug)]
pub struct Permutation {
    /// Boolean: the digest is lane 0 after this permutation, unless a later one says so too.
    pub active: Var,
    /// What follows.
    pub after: After,
}

impl Builder {
    /// Permutes `x`, and on as the steps say. Returns what follows the last: the state that absorbed its inputs, whose permutation
    /// is the caller's (a message must be the next row), or the digest in lane 0.
    pub fn sponge(&mut self, x: [Var; WIRES], steps: &[Permutation]) -> [Var; WIRES] {
        let mut x = x;
        let mut digest = self.witness(Fr::from(0u64));
        for (i, step) in steps.iter().enumerate() {
            let values = x.map(|v| self.value(v));
            let mut permuted = values;
            permute(&mut permuted);
            let hashes: [Fr; WIRES] = core::array::from_fn(|j| permuted[j] + values[j]);
            self.permuted.push(x);
            let told = hashes.map(|h| self.witness(h));
            self.push_custom(x.map(Some), sponge::start(i == 0), &[told[0], told[1], told[2], told[3], digest]);
            let state: [Fr; WIRES] = core::array::from_fn(|j| hashes[j] - values[j]);
            let before = self.value(digest);
            digest = self.witness(before + self.value(step.active) * (state[0] - before));
            let held = state.map(|s| self.witness(s));
            let cells = [held[0], held[1], held[2], held[3], digest];
            let last = i + 1 == steps.len();
            match step.after {
                After::Absorb(inputs) => {
                    let sum = |j: usize| state[j] + inputs.get(j).map_or(Fr::from(0u64), |v| self.value(*v));
                    let next: [Fr; WIRES] = core::array::from_fn(sum);
                    let [a, b, c] = inputs.map(Some);
                    self.push_custom([a, b, c, Some(step.active)], sponge::end(true, false), &cells);
                    x = next.map(|v| self.witness(v));
                }
                After::Digest => {
                    let value = self.value(digest);
                    let out = self.witness(value);
                    let wires = [Some(out), None, None, Some(step.active)];
                    self.push_custom(wires, sponge::end(!last, true), &cells);
                    x[0] = out;
                }
            }
        }
        x
    }

    fn push_custom(&mut self, wires: [Option<Var>; WIRES], fixed: Vec<(super::Fixed, Fr)>, cells: &[Var]) {
        let mut all = [None; LIMBS];
        for (cell, var) in all.iter_mut().zip(cells) {
            *cell = Some(*var);
        }
        self.push(Row { wires, custom: Some(Custom { fixed, cells: all }), ..Row::default() });
    }
}
