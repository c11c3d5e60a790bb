//! Blocks that have regions of their own: EdDSA and tree nodes.
//!
//! What this is not: the meaning of their messages; see `gates/eddsa.rs` and `gates/node.rs`.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};

use super::super::gates::eddsa::{self, Block};
use super::super::gates::{Tag, R_WIDTH};
use super::{AccountRecord, Builder, CircuitError, Node, Var};
use crate::primitives::babyjubjub::BASE8;

/// Rows of an EdDSA block.
#[derive(Clone, Debug)]
pub(super) struct Eddsa {
    pub(super) rows: Vec<[Fr; R_WIDTH]>,
}

/// What an EdDSA block tells.
#[derive(Clone, Copy, Debug)]
pub struct EddsaCells {
    /// x of S B8 + h Q.
    pub x: Var,
    /// y of S B8 + h Q.
    pub y: Var,
    /// S, below 2^251.
    pub s: Var,
    /// h, from 254 bits: canonical only with a check of its own.
    pub h: Var,
    /// The high 127 of these bits.
    pub middle: Var,
}

impl Builder {
    /// Runs the EdDSA block of a slot over Q and B8 + Q, which the caller must show to be on the curve. A slot's block runs once.
    pub fn eddsa_block(&mut self, slot: u64, points: [[Var; 2]; 2], s: Fr, h: Fr) -> EddsaCells {
        let [q, sum] = points.map(|p| p.map(|v| self.value(v)));
        let values = [[Fr::ZERO, Fr::ONE], [BASE8.x, BASE8.y], q, sum];
        let Block { rows, point, s, h, middle } = eddsa::fill(&values, s, h);
        match usize::try_from(slot).ok().and_then(|k| self.eddsa.get_mut(k)) {
            Some(place @ None) => *place = Some(Box::new(Eddsa { rows })),
            Some(_) => self.fail(CircuitError::new("EdDSA block", "one call a slot", format!("slot {slot} twice"))),
            None => self.fail(CircuitError::new("EdDSA block", format!("a slot below {}", self.layout.slots), slot)),
        }
        let number = self.constant(Fr::from(slot));
        for (digit, point) in [2u64, 3].into_iter().zip(points) {
            let digit = self.constant(Fr::from(digit));
            self.provide(Tag::EddsaPoint, &[number, digit, point[0], point[1]]);
        }
        let [x, y, s, h, middle] = [point[0], point[1], s, h, middle].map(|value| self.witness(value));
        let one = self.constant(Fr::ONE);
        self.receive(Tag::EddsaResult, &[number, x, y, s, h], one);
        self.receive(Tag::EddsaMiddle, &[number, middle], one);
        EddsaCells { x, y, s, h, middle }
    }

    /// Blocks of slots that the program did not use run on the identity.
    pub(super) fn idle_eddsa(&mut self) {
        for slot in 0..self.eddsa.len() {
            if self.eddsa[slot].is_none() {
                let identity = [Fr::ZERO, Fr::ONE].map(|x| self.constant(x));
                self.scope("idle eddsa", |b| b.eddsa_block(slot as u64, [identity; 2], Fr::ZERO, Fr::ZERO));
            }
        }
    }

    /// Provides O and B8, the points of digits 0 and 1 of every slot.
    pub(super) fn shared_points(&mut self) {
        self.scope("shared points", |b| {
            for (digit, point) in [(0u64, [Fr::ZERO, Fr::ONE]), (1, [BASE8.x, BASE8.y])] {
                let [x, y] = point.map(|c| b.constant(c));
                let [zero, digit] = [0, digit].map(|c| b.constant(Fr::from(c)));
                b.provide(Tag::EddsaPoint, &[zero, digit, x, y]);
            }
        });
    }

    /// A node of an account, balance or storage tree. Nodes may come in any order, and fewer than the layout has: the rest is idle.
    pub fn node(&mut self, node: Node) {
        if self.nodes.len() == self.layout.nodes {
            return self.fail(CircuitError::new("nodes", format!("at most {}", self.layout.nodes), "one more"));
        }
        self.nodes.push(node);
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
