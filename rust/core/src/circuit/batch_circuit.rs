//! The batch circuit: one chunk of transactions and operations as a PLONK relation (docs/spec/proof.md).
//!
//! The program below runs once for a witness and once for the empty chunk; both give the same relation and fixed trace,
//! because nothing it lays out depends on a value. What this is not: the gates and regions (builder.rs), or the proof
//! system (crate plonk).

use std::collections::BTreeMap;

use ark_bn254::Fr;
use ark_ff::AdditiveGroup;

use super::access::Memory;
use super::builder::{Builder, Tag, Var};
use super::changes;
use super::expression::{e, range, Expr};
use super::facts::{static_word, ChunkFacts};
use super::fees::Header;
use super::leaves::{self, Pair};
use super::public_inputs::{limbs, Input, COUNT};
use super::slots::{Carry, Chunk, Slot};
use super::streams::{digest, operations, transactions};
use super::tail;
use super::trees::{self, NodeFacts, NO_CHILDREN};
use crate::batch::{Capacity, ChunkWitness};
use crate::parameters::{balance_tree, ACCOUNT_DEPTH, ACCOUNT_TREE, HEADER_WORDS, ID_DEPTH, SUBTREE_DEPTH};

/// Public inputs as cells.
struct Inputs([Var; COUNT]);

impl Inputs {
    fn get(&self, input: Input) -> Var {
        self.0[input as usize]
    }
}

/// Lays out the whole chunk.
pub(super) fn program(b: &mut Builder, capacity: &Capacity, witness: &ChunkWitness, z: Fr) {
    let facts = ChunkFacts::replay(witness, capacity.slots);
    let inputs = claimed(b, witness, z);
    let mut memory = Memory::default();
    for (index, leaf) in &witness.accounts {
        memory.start_account(u64::from(*index), [static_word(leaf), leaf.dynamic()]);
    }
    for ((index, token), value) in &witness.balances {
        memory.start_balance(u64::from(*index), u64::from(*token), Fr::from(*value));
    }
    let header = Header::layout(b, inputs.get(Input::Time), &facts.header);
    let first_position = (e(inputs.get(Input::SequenceIn)) - inputs.get(Input::BatchFirst)).cell(b);
    let chunk = Chunk { domain: inputs.get(Input::Domain), header, first_position };

    let mut carry = Carry::start();
    for (number, slot) in facts.slots.iter().enumerate() {
        carry = Slot::layout(b, &chunk, &mut memory, number as u64, slot, carry);
    }
    for i in 0..CHANGES {
        changes::layout(b, &mut memory, facts.changes.get(i));
    }
    tail::credit(b, &mut memory, &chunk.header, &carry, capacity.slots as u64, &facts.tail);
    positions(b, &inputs, &carry);
    streams(b, capacity, &inputs, &chunk.header, &carry);
    state_tree(b, capacity, &inputs, witness, &memory);
    id_tree(b, capacity, &inputs, witness, &carry);
}
