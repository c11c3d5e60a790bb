//! Blocks that have regions of their own: EdDSA, circomlib Poseidon and tree nodes.
//!
//! What this is not: the meaning of their cells and messages; see `gates/`.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};

use super::super::gates::eddsa::{self, Input, PARTS};
use super::super::gates::{poseidon5, Tag, R};
use super::{AccountRecord, BalanceRecord, Builder, CircuitError, Node, Var};
use crate::primitives::babyjubjub::BASE8;

/// What an EdDSA block is run on.
#[derive(Clone, Copy, Debug)]
pub struct EddsaInput {
    /// The key A: shown to be on the curve and not of small order.
    pub key: [Var; 2],
    /// A boolean: h is circomlib's Poseidon of R8, A and the message; shown by inputs of block 2 slot + 1 of that region, so h must be
    /// that block's result.
    pub signed: Var,
    /// The message.
    pub message: Var,
    /// h.
    pub h: Var,
}

/// What an EdDSA block tells.
#[derive(Clone, Copy, Debug)]
pub struct EddsaCells {
    /// S, below 2^252.
    pub s: Var,
    /// Highest 86 and 170 of the 254 bits of h that the block uses: canonical only with a check of its own.
    pub parts: [Var; PARTS.len()],
}

impl Builder {
    /// Ties a cell of a block to a variable.
    pub(super) fn tie(&mut self, row: usize, column: usize, var: Var) {
        self.block_wires.push(((R + column, row), var));
    }

    /// Runs the EdDSA block of a slot: S B8 - 8h A = R8, not the identity. A slot's block runs once.
    pub fn eddsa_block(&mut self, slot: u64, input: &EddsaInput, s: Fr) -> EddsaCells {
        let [signed, message, h] = [input.signed, input.message, input.h].map(|v| self.value(v));
        let block = Input { key: input.key.map(|v| self.value(v)), signed, message, s, h };
        let [s, parts @ ..] = block.told().map(|x| self.witness(x));
        match usize::try_from(slot).ok().and_then(|k| self.eddsa.get_mut(k)) {
            Some(place @ None) => {
                *place = Some(block);
                self.tie_eddsa(slot as usize * eddsa::BLOCK, input, s, parts);
            }
            Some(_) => self.fail(CircuitError::new("EdDSA block", "one call a slot", format!("slot {slot} twice"))),
            None => self.fail(CircuitError::new("EdDSA block", format!("a slot below {}", self.layout.slots), slot)),
        }
        EddsaCells { s, parts }
    }

    fn tie_eddsa(&mut self, first: usize, input: &EddsaInput, s: Var, parts: [Var; PARTS.len()]) {
        let [x, y] = input.key;
        let key = [(0, x), (1, y), (2, input.signed), (3, input.message)].map(|(i, v)| (eddsa::KEY, i, v));
        let result = [(2, s), (3, input.h)].map(|(i, v)| (eddsa::RESULT, i, v));
        let told = PARTS.into_iter().zip(parts).map(|(row, v)| (row, 3, v));
        key.into_iter().chain(result).chain(told).for_each(|(row, i, v)| self.tie(first + row, i, v));
    }

    /// Blocks of slots that the program did not use run on the base point with S = 1 and h = 0.
    pub(super) fn idle_eddsa(&mut self) {
        for slot in 0..self.eddsa.len() {
            if self.eddsa[slot].is_none() {
                let [x, y, zero] = [BASE8.x, BASE8.y, Fr::ZERO].map(|x| self.constant(x));
                let input = EddsaInput { key: [x, y], signed: zero, message: zero, h: zero };
                self.scope("idle eddsa", |b| b.eddsa_block(slot as u64, &input, Fr::ONE));
            }
        }
    }

    /// Provides j B8, the points of the digits (j, 0) of every slot.
    pub(super) fn shared_points(&mut self) {
        self.scope("shared points", |b| {
            let zero = b.constant(Fr::ZERO);
            for (j, point) in (0u64..).zip(eddsa::shared_points()) {
                let [j, x, y] = [Fr::from(j), point[0], point[1]].map(|c| b.constant(c));
                b.provide(Tag::EddsaPoint, &[zero, j, zero, x, y]);
            }
        });
    }

    /// Runs a block of circomlib's Poseidon on these values; its result. A block runs once.
    pub fn poseidon5(&mut self, block: usize, inputs: [Fr; 5]) -> Var {
        let out = self.witness(crate::poseidon::poseidon5(&inputs));
        match self.poseidon5.get_mut(block) {
            Some(place @ None) => {
                *place = Some(inputs);
                self.tie(self.layout.poseidon5_row(block) + poseidon5::END, 0, out);
            }
            Some(_) => self.fail(CircuitError::new("circomlib Poseidon", "one call a block", format!("block {block} twice"))),
            None => {
                let expected = format!("a block below {}", self.layout.poseidon5);
                self.fail(CircuitError::new("circomlib Poseidon", expected, block));
            }
        }
        out
    }

    /// Asserts, where the boolean flag is 1, that the inputs of a block are `x`, and zero beyond.
    pub fn poseidon5_inputs(&mut self, block: usize, flag: Var, x: &[Var]) {
        let tag = poseidon5::tag(self.layout.poseidon5_row(block));
        self.message(tag, x, Fr::ONE, flag);
    }

    /// A node of an account, balance or storage tree. Nodes may come in any order, and fewer than the layout has: the rest is idle.
    pub fn node(&mut self, node: Node) {
        if self.nodes.len() == self.layout.nodes {
            return self.fail(CircuitError::new("nodes", format!("at most {}", self.layout.nodes), "one more"));
        }
        self.nodes.push(node);
    }

    /// The record of a balance. Records may come in any order, and fewer than the layout has: the rest is unused.
    pub fn balance_record(&mut self, record: BalanceRecord) {
        if self.balances.len() == self.layout.balances {
            let most = format!("at most {}", self.layout.balances);
            return self.fail(CircuitError::new("balance records", most, "one more"));
        }
        self.balances.push(record);
    }

    /// The record of an account. Records may come in any order, and fewer than the layout has: the rest is unused.
    pub fn account_record(&mut self, record: AccountRecord) {
        if self.accounts.len() == self.layout.accounts {
            let most = format!("at most {}", self.layout.accounts);
            return self.fail(CircuitError::new("account records", most, "one more"));
        }
        self.accounts.push(record);
    }

    /// A node of the id tree of the batch; its tree identifier is 0.
    pub fn id_node(&mut self, node: Node) {
        if self.id_nodes.len() == self.layout.id_nodes {
            return self.fail(CircuitError::new(
                "id-tree nodes",
                format!("at most {}", self.layout.id_nodes),
                "one more",
            ));
        }
        self.id_nodes.push(node);
    }
}
