//! Demand for facts about fixed functions: which blocks the Poseidon2 pool holds, and how often each fact is asked for.
//!
//! Blocks of the pool are bound to those who ask by messages alone, so their order may follow the witness and equal questions share a block.
//! What this is not: part of the structure.

use std::collections::HashMap;
use std::hash::Hash;

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field, Zero};

use super::super::gates::{arithmetic::PAYLOAD, eddsa, poseidon5, Tag};
use super::{Builder, CircuitError};

/// Questions in the order of their first asking, each with its number.
#[derive(Debug)]
pub(super) struct Demand<K> {
    known: HashMap<K, usize>,
    /// Question and how often it is asked.
    pub(super) list: Vec<(K, Fr)>,
}

impl<K> Default for Demand<K> {
    fn default() -> Self {
        Self { known: HashMap::new(), list: Vec::new() }
    }
}

impl<K: Hash + Eq + Clone> Demand<K> {
    pub(super) fn ask(&mut self, key: K, times: Fr) {
        if times.is_zero() {
            return;
        }
        let next = self.list.len();
        let at = *self.known.entry(key.clone()).or_insert(next);
        match self.list.get_mut(at) {
            Some(entry) => entry.1 += times,
            None => self.list.push((key, times)),
        }
    }

    pub(super) fn check(&self, what: &str, capacity: usize) -> Result<(), CircuitError> {
        if self.list.len() > capacity {
            return Err(CircuitError::new(what, format!("at most {capacity} blocks"), self.list.len()));
        }
        Ok(())
    }
}

/// All demand of a witness.
#[derive(Debug, Default)]
pub(super) struct Pool {
    /// By lane.
    pub(super) lanes: [Demand<[Fr; 4]>; 4],
}

impl Builder {
    /// Sets the free multiplicities of provided facts: minus the sum of what all other messages say of the same fact.
    pub(super) fn settle(&mut self) {
        let key = |tag: Fr, payload: [Fr; PAYLOAD]| (tag, payload);
        let mut asked: HashMap<(Fr, [Fr; PAYLOAD]), Fr> = HashMap::new();
        for (row, _) in &self.providers {
            if let Some((tag, payload, _)) = self.message_at(*row) {
                asked.insert(key(tag, payload), Fr::ZERO);
            }
        }
        let mut count = |tag: Fr, payload: [Fr; PAYLOAD], times: Fr| {
            if let Some(sum) = asked.get_mut(&key(tag, payload)) {
                *sum += times;
            }
        };
        for row in 0..self.rows.len() {
            if let Some((tag, payload, numerator)) = self.message_at(row) {
                count(tag, payload, numerator);
            }
        }
        let blocks: Vec<[u64; eddsa::DIGITS]> = self.eddsa.iter().flatten().map(eddsa::Input::asked).collect();
        for (j, [x, y]) in eddsa::shared_points().into_iter().enumerate() {
            let asked: u64 = blocks.iter().map(|asked| asked[j]).sum();
            let zero = Fr::ZERO;
            count(Tag::EddsaPoint.fr(), [zero, Fr::from(j as u64), zero, x, y, zero, zero], Fr::from(asked));
        }
        for (row, multiplicity) in self.providers.clone() {
            let Some((tag, payload, _)) = self.message_at(row) else { continue };
            // a fact provided twice is counted at its first mention
            let sum = asked.insert(key(tag, payload), Fr::ZERO).unwrap_or_default();
            self.values[multiplicity.index()] = sum;
        }
    }

    /// Everything that generic rows and nodes ask.
    pub(super) fn demand(&self) -> Pool {
        let mut pool = Pool::default();
        let lane_of = |tag: Fr| [0, 1, 2, 3].into_iter().find(|lane| Tag::hash(*lane).fr() == tag);
        for row in 0..self.rows.len() {
            let Some((tag, p, times)) = self.message_at(row) else { continue };
            if let Some(lane) = lane_of(tag) {
                pool.lanes[lane].ask([p[0], p[1], p[2], p[3]], times);
            }
        }
        for x in &self.permuted {
            let x = x.map(|v| self.value(v));
            pool.lanes.iter_mut().for_each(|lane| lane.ask(x, Fr::ONE));
        }
        for (lane, nodes) in [(0, &self.nodes), (3, &self.id_nodes)] {
            for node in nodes.iter().filter(|n| n.live) {
                pool.lanes[lane].ask(node.old, Fr::ONE);
                pool.lanes[lane].ask(node.new, Fr::ONE);
            }
        }
        for preimage in self.accounts.iter().flat_map(super::AccountRecord::preimages) {
            pool.lanes[1].ask(preimage, Fr::ONE);
        }
        for preimage in self.balances.iter().flat_map(super::BalanceRecord::preimages) {
            pool.lanes[2].ask(preimage, Fr::ONE);
        }
        pool
    }

    /// How often each circomlib Poseidon block is asked for its inputs, of EdDSA blocks with these cells.
    pub(super) fn poseidon5_demand(&self, signatures: &[Box<eddsa::Rows>]) -> Vec<Fr> {
        let start = |block: usize| poseidon5::tag(self.layout.poseidon5_row(block));
        let numbers: HashMap<Fr, usize> = (0..self.poseidon5.len()).map(|k| (start(k), k)).collect();
        let mut asked = vec![Fr::ZERO; self.poseidon5.len()];
        let mut ask = |block: usize, inputs: [Fr; 5], times: Fr| {
            if self.poseidon5.get(block).is_some_and(|known| known.unwrap_or_default() == inputs) {
                asked[block] += times;
            }
        };
        for row in 0..self.rows.len() {
            let Some((tag, [inputs @ .., a, b], times)) = self.message_at(row) else { continue };
            if let Some(block) = numbers.get(&tag).filter(|_| a.is_zero() && b.is_zero()) {
                ask(*block, inputs, times);
            }
        }
        for (slot, rows) in signatures.iter().enumerate() {
            let ([x, y, ..], [a, b, signed, message, ..]) = (rows[eddsa::RESULT], rows[eddsa::KEY]);
            ask(2 * slot + 1, [x, y, a, b, message], signed);
        }
        asked
    }
}
