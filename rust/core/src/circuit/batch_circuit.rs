//! The batch circuit: one chunk of transactions and operations as a PLONK relation (docs/spec/proof.md).
//!
//! The program below runs once for a witness and once for the empty chunk; both give the same relation and fixed trace,
//! because nothing it lays out depends on a value. What this is not: the gates and regions (builder.rs), or the proof
//! system (crate plonk).

use std::collections::BTreeMap;

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, PrimeField};

use super::access::Memory;
use super::builder::{Assigned, Builder, CircuitError, Finished, Layout, Tag, Var};
use super::arguments;
use super::changes;
use super::expression::{e, Expr};
use super::facts::{static_words, ChunkFacts};
use super::fees::Header;
use super::leaves::{self, Pair};
use super::outcomes::{self, QUEUE_TALLY};
use super::public_inputs::{limbs, Input, COUNT};
use super::slots::{ranged, Carry, Chunk, Slot};
use super::streams::{digest, operations, transactions};
use super::tail;
use super::trees::{self, NO_CHILDREN};
use super::writes;
use crate::batch::{Capacity, ChunkWitness};
use crate::poseidon::Lane;
use crate::parameters::{balance_tree, storage_tree, ACCOUNT_DEPTH, ACCOUNT_TREE, HEADER_WORDS, ID_DEPTH, SUBTREE_DEPTH};

/// Public inputs as cells.
struct Inputs([Var; COUNT]);

impl Inputs {
    fn get(&self, input: Input) -> Var {
        self.0[input as usize]
    }
}

/// Where the outputs that a witness claims (roots, digests) come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Claims {
    /// The witness; what the cells say otherwise is a violation.
    Witness,
    /// The cells: what a prover does who wants a proof of something else. Tests of forgeries use it.
    #[cfg_attr(not(test), allow(dead_code))]
    Cells,
}

impl Claims {
    /// Sets an output to what the cells gave, if claims are made after them.
    fn settle(self, b: &mut Builder, input: Input, value: Fr) {
        if self == Self::Cells {
            b.public(input as usize, value);
        }
    }
}

/// Lays out the whole chunk: `facts` fill the cells.
pub(super) fn program(
    b: &mut Builder,
    capacity: &Capacity,
    witness: &ChunkWitness,
    z: Fr,
    facts: &ChunkFacts,
    claims: Claims,
) {
    let inputs = claimed(b, witness, z);
    let mut memory = Memory::default();
    let statics = static_words(&witness.accounts);
    for ((index, leaf), word) in witness.accounts.iter().zip(statics.values()) {
        memory.start_account(u64::from(*index), [*word, leaf.dynamic()]);
    }
    for ((index, token), value) in &witness.balances {
        memory.start_balance(u64::from(*index), u64::from(*token), Fr::from(*value));
    }
    for ((index, slot), value) in &witness.storage {
        memory.start_storage(u64::from(*index), u64::from(*slot), *value);
    }
    transactions::scales(b);
    outcomes::table(b);
    b.scope("record kinds", operations::kinds);
    let header = Header::layout(b, inputs.get(Input::Time), &facts.header);
    let first_position = (e(inputs.get(Input::SequenceIn)) - inputs.get(Input::BatchFirst)).cell(b);
    let chunk = Chunk { domain: inputs.get(Input::Domain), header, first_position };

    let mut carry = Carry::start();
    for (number, slot) in facts.slots.iter().enumerate() {
        carry = b.scope("slot", |b| Slot::layout(b, &chunk, &mut memory, number as u64, slot, carry));
    }
    b.scope("changes", |b| {
        for i in 0..capacity.changes {
            let end = carry.ends.get(i).copied().unwrap_or_default();
            changes::layout(b, &mut memory, facts.changes.get(i), end);
        }
    });
    let first_block = arguments::blocks(capacity.slots, 0);
    b.scope("arguments", |b| arguments::table(b, &carry.arguments, capacity.arguments, first_block));
    b.scope("writes", |b| writes::table(b, &mut memory, &carry.writes, capacity.writes));
    let counts = b.scope("positions", |b| Counts::of(b, &carry.tally));
    let slots = capacity.slots as u64;
    b.scope("tail", |b| tail::credit(b, &mut memory, &chunk.header, &carry, slots, &facts.tail));
    memory.settle(b);
    b.scope("positions", |b| positions(b, &inputs, &counts));
    b.scope("streams", |b| streams(b, capacity, &inputs, &chunk.header, (&carry, &counts.items), claims));
    b.scope("state tree", |b| state_tree(b, &inputs, witness, (&memory, &statics), claims));
    b.scope("id tree", |b| id_tree(b, &inputs, witness, &carry, claims));
}

/// Sets the public inputs that a witness claims; the rest are computed on the way.
fn claimed(b: &mut Builder, witness: &ChunkWitness, z: Fr) -> Inputs {
    let (tx_y, op_y) = (limbs(witness.tx_y_in), limbs(witness.op_y_in));
    let inputs = Inputs(core::array::from_fn(|i| b.public(i, Fr::ZERO)));
    let values = [
        (Input::Domain, witness.domain),
        (Input::Time, Fr::from(witness.time)),
        (Input::RootIn, witness.root_in),
        (Input::RootOut, witness.root_out),
        (Input::SequenceIn, Fr::from(witness.sequence_in)),
        (Input::QueueIn, Fr::from(witness.queue_in)),
        (Input::IdRootIn, witness.id_root_in),
        (Input::IdRootOut, witness.id_root_out),
        (Input::BatchFirst, Fr::from(witness.batch_first)),
        (Input::Z, z),
        (Input::TxCIn, witness.tx_c_in),
        (Input::TxCOut, witness.tx_c_out),
        (Input::TxYInLow, tx_y.0),
        (Input::TxYInHigh, tx_y.1),
        (Input::OpCIn, witness.op_c_in),
        (Input::OpCOut, witness.op_c_out),
        (Input::OpYInLow, op_y.0),
        (Input::OpYInHigh, op_y.1),
    ];
    for (input, value) in values {
        b.public(input as usize, value);
    }
    inputs
}

/// What is summed over all slots.
struct Counts {
    items: Expr,
    queue: Expr,
}

impl Counts {
    /// Takes the tally apart: both counts are below 2^7, so there is one way to.
    fn of(b: &mut Builder, tally: &Expr) -> Self {
        let total = tally.value(b).into_bigint().0[0];
        let [items, queue] = [total % QUEUE_TALLY, total / QUEUE_TALLY].map(|x| ranged(b, Fr::from(x), 16));
        (e(queue) * QUEUE_TALLY + items - tally).assert_zero(b);
        Self { items: e(items), queue: e(queue) }
    }
}

/// Sequence and queue advance by what the slots did.
fn positions(b: &mut Builder, inputs: &Inputs, counts: &Counts) {
    for (from, to, steps) in
        [(Input::SequenceIn, Input::SequenceOut, &counts.items), (Input::QueueIn, Input::QueueOut, &counts.queue)]
    {
        let after = e(inputs.get(from)) + steps;
        b.public(to as usize, after.value(b));
        (after - inputs.get(to)).assert_zero(b);
    }
}

/// Public inputs of one stream.
struct StreamInputs {
    words: Input,
    c: [Input; 2],
    y: [[Input; 2]; 2],
}

const TRANSACTIONS: StreamInputs = StreamInputs {
    words: Input::TxWords,
    c: [Input::TxCIn, Input::TxCOut],
    y: [[Input::TxYInLow, Input::TxYInHigh], [Input::TxYOutLow, Input::TxYOutHigh]],
};

const OPERATIONS: StreamInputs = StreamInputs {
    words: Input::OpWords,
    c: [Input::OpCIn, Input::OpCOut],
    y: [[Input::OpYInLow, Input::OpYInHigh], [Input::OpYOutLow, Input::OpYOutHigh]],
};

/// Both streams: their tables, words and digests.
fn streams(
    b: &mut Builder,
    capacity: &Capacity,
    inputs: &Inputs,
    header: &Header,
    (carry, items): (&Carry, &Expr),
    claims: Claims,
) {
    let one = Expr::from(1u64);
    let data_slots = (capacity.transaction_words - HEADER_WORDS) / 2 * 5;
    let mut words: Vec<(Expr, Expr)> = header.words(items).map(|w| (e(w.cell(b)), one.clone())).into();
    let (table, count) = b.scope("data slots", |b| transactions::table(b, &carry.posted, data_slots));
    words.extend(table);
    let count = count + HEADER_WORDS as u64;
    b.scope("transaction digests", |b| stream(b, inputs, &TRANSACTIONS, &words, count, claims));
    let (words, records) = b.scope("records", |b| operations::table(b, &carry.records, capacity.operations));
    let count = records * operations::WORDS as u64;
    b.scope("operation digests", |b| stream(b, inputs, &OPERATIONS, &words, count, claims));
}

/// The digests of one stream: C chains the sponge of the words, y continues the evaluation at z.
fn stream(b: &mut Builder, inputs: &Inputs, which: &StreamInputs, words: &[(Expr, Expr)], count: Expr, claims: Claims) {
    b.public(which.words as usize, count.value(b));
    let count = e(count.cell(b));
    (count.clone() - inputs.get(which.words)).assert_zero(b);
    let digest = digest::words(b, words, &count);
    let chained = digest::chain(b, inputs.get(which.c[0]), digest, &count);
    claims.settle(b, which.c[1], chained.value(b));
    (chained - inputs.get(which.c[1])).assert_zero(b);

    let [low, high] = which.y[0].map(|input| inputs.get(input));
    let start = digest::from_limbs(b, low, high);
    let y = digest::evaluate(b, start, inputs.get(Input::Z), words);
    let parts = limbs(y.value(b));
    let [low, high] = [(which.y[1][0], parts.0), (which.y[1][1], parts.1)].map(|(i, v)| b.public(i as usize, v));
    (digest::from_limbs(b, low, high) - y).assert_zero(b);
}

/// Leaf records, nodes and boundary of the account tree and of the balance trees below it.
fn state_tree(
    b: &mut Builder,
    inputs: &Inputs,
    witness: &ChunkWitness,
    (memory, statics): (&Memory, &BTreeMap<u32, Fr>),
    claims: Claims,
) {
    let children = |tree: u64| {
        move |level: u8, position: u64| witness.nodes.get(&(tree, level, position)).copied().unwrap_or(NO_CHILDREN)
    };
    let mut balances: BTreeMap<u32, BTreeMap<u64, Pair>> = BTreeMap::new();
    for ((index, token), value) in &witness.balances {
        let pair = leaves::balance(b, memory, (*index, *token, *value));
        balances.entry(*index).or_default().insert(u64::from(*token), pair);
    }
    let mut storage: BTreeMap<u32, BTreeMap<u64, Pair>> = BTreeMap::new();
    for ((index, slot), value) in &witness.storage {
        let pair = leaves::storage(b, memory, (*index, *slot, *value));
        storage.entry(*index).or_default().insert(u64::from(*slot), pair);
    }
    let mut records = Vec::with_capacity(witness.accounts.len());
    for ((index, leaf), word) in witness.accounts.iter().zip(statics.values()) {
        let below = [(balance_tree(*index), balances.get(index)), (storage_tree(*index), storage.get(index))];
        let roots = below.map(|(tree, touched)| {
            let (nodes, roots) = trees::update(tree, SUBTREE_DEPTH, Lane::Node, touched?, children(tree));
            nodes.into_iter().for_each(|node| b.node(node));
            roots
        });
        records.push(leaves::account(memory, (*index, leaf, *word), roots));
    }
    let accounts: BTreeMap<u64, Pair> =
        witness.accounts.keys().map(|i| u64::from(*i)).zip(leaves::accounts(b, records)).collect();
    let (nodes, roots) = trees::update(ACCOUNT_TREE, ACCOUNT_DEPTH, Lane::Node, &accounts, children(ACCOUNT_TREE));
    nodes.into_iter().for_each(|node| b.node(node));
    if let Some((_, after)) = roots {
        claims.settle(b, Input::RootOut, after);
    }
    let ends = [Input::RootIn, Input::RootOut].map(|input| inputs.get(input));
    leaves::boundary(b, Tag::Node, ends, roots.is_some());
}

/// The id tree of the batch: the slots have sent their leaves, here are nodes and boundary.
fn id_tree(b: &mut Builder, inputs: &Inputs, witness: &ChunkWitness, carry: &Carry, claims: Claims) {
    let first = witness.sequence_in.wrapping_sub(witness.batch_first);
    let placed = carry.ids.iter().enumerate().map(|(i, id)| (first.wrapping_add(i as u64), (Fr::ZERO, *id)));
    let children = |level: u8, position: u64| witness.id_nodes.get(&(level, position)).copied().unwrap_or(NO_CHILDREN);
    let (nodes, roots) = trees::update(0, ID_DEPTH, Lane::IdNode, &placed.collect(), children);
    nodes.into_iter().for_each(|node| b.id_node(node));
    if let Some((_, after)) = roots {
        claims.settle(b, Input::IdRootOut, after);
    }
    let ends = [Input::IdRootIn, Input::IdRootOut].map(|input| inputs.get(input));
    leaves::boundary(b, Tag::IdNode, ends, roots.is_some());
}

/// Regions of a shape: one EdDSA block and two circomlib Poseidon blocks a slot, and one for each hash of arguments; nodes and leaf
/// records.
fn layout(capacity: &Capacity) -> Layout {
    Layout {
        slots: capacity.slots,
        poseidon5: arguments::blocks(capacity.slots, capacity.arguments),
        nodes: capacity.nodes,
        id_nodes: capacity.id_nodes,
        accounts: capacity.account_leaves,
        balances: capacity.balance_leaves,
        publics: COUNT,
    }
}

/// Lays out a chunk with its witness; z is the point of evaluation that L1 will use. A wrong witness is laid out too and
/// violates constraints.
///
/// # Errors
/// [`CircuitError`] when the chunk does not fit the shape.
pub fn assign(capacity: &Capacity, witness: &ChunkWitness, z: Fr) -> Result<Finished, CircuitError> {
    assign_facts(capacity, witness, z, &ChunkFacts::replay(witness, capacity.slots), Claims::Witness)
}

/// The cells of [`assign`] alone, for a prover who has the structure: the checker compares them with that of the key.
///
/// # Errors
/// As [`assign`].
pub fn assign_cells(capacity: &Capacity, witness: &ChunkWitness, z: Fr) -> Result<Assigned, CircuitError> {
    let mut b = Builder::new(layout(capacity));
    program(&mut b, capacity, witness, z, &ChunkFacts::replay(witness, capacity.slots), Claims::Witness);
    b.finish_cells()
}

/// The same with other facts than the witness gives.
pub(super) fn assign_facts(
    capacity: &Capacity,
    witness: &ChunkWitness,
    z: Fr,
    facts: &ChunkFacts,
    claims: Claims,
) -> Result<Finished, CircuitError> {
    let mut b = Builder::new(layout(capacity));
    program(&mut b, capacity, witness, z, facts, claims);
    b.finish()
}

/// The circuit of a shape, from the chunk in which nothing happens: relation and fixed trace are those of every chunk.
///
/// # Errors
/// [`CircuitError`] when the shape does not fit the rows.
pub fn compile(capacity: &Capacity) -> Result<Finished, CircuitError> {
    assign(capacity, &ChunkWitness::empty(), Fr::ZERO)
}
