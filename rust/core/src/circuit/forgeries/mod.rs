//! Forgeries: for each clause of the batch circuit a witness that breaks only it, built by a prover who fills all other cells to
//! match; the engine refuses the same thing natively. One file a subject.
//!
//! What this is not: single cells changed alone; `tests/circuit_mutation.rs` does all of them.

#[path = "../../../tests/common/mod.rs"]
mod common;
mod arguments;
mod items;
mod memory;
mod outcomes;
mod signatures;
mod writes;

use std::sync::LazyLock;

use super::batch_circuit::{assign_facts, compile, Claims};
use super::builder::{Builder, CircuitError, Finished, Layout};
use super::facts::ChunkFacts;
use super::public_inputs::COUNT;
use crate::batch::{Capacity, ChunkWitness, Signature};
use crate::engine::Engine;
use crate::primitives::Fr;
use crate::processor::Transaction;
use common::Wallet;
use plonk::arithmetization::check::Checker;
use plonk::FixedTrace;

static COMPILED: LazyLock<Finished> = LazyLock::new(|| compile(&Capacity::leaf()).unwrap());

static CHECKER: LazyLock<Checker> = LazyLock::new(|| Checker::new(&COMPILED.relation));
static PART_CHECKER: LazyLock<Checker> = LazyLock::new(|| Checker::new(&part(|_| ()).unwrap().relation));

/// Where a circuit is violated: "label @ row label".
fn named(checker: &Checker, fixed: &FixedTrace, circuit: &Finished) -> Vec<String> {
    let all = checker.check(fixed, &circuit.witness, 1000);
    all.iter().map(|v| format!("{} @ {}", v.label, circuit.labels.violation(&v.label, v.row))).collect()
}

/// Violations of a [`part`].
fn violated_part(circuit: &Finished) -> Vec<String> {
    named(&PART_CHECKER, &circuit.fixed, circuit)
}

/// Violations of a chunk whose witness and facts were tampered with, all outputs claimed as the cells give them.
fn forge(
    witness: &ChunkWitness,
    slots: impl FnOnce(&mut ChunkWitness),
    facts: impl FnOnce(&mut ChunkFacts),
) -> Vec<String> {
    let mut witness = witness.clone();
    slots(&mut witness);
    let capacity = Capacity::leaf();
    let mut replayed = ChunkFacts::replay(&witness, capacity.slots);
    facts(&mut replayed);
    match assign_facts(&capacity, &witness, Fr::from(77u64), &replayed, Claims::Cells) {
        Ok(circuit) => {
            assert_eq!(circuit.digest, COMPILED.digest);
            named(&CHECKER, &COMPILED.fixed, &circuit)
        }
        Err(error) => vec![error.to_string()],
    }
}

/// All violations lie under one label: the forgery breaks that clause and no other.
#[track_caller]
fn only(violations: &[String], label: &str) {
    assert!(!violations.is_empty(), "accepted");
    let others: Vec<&String> = violations.iter().filter(|v| !v.contains(label)).collect();
    assert!(others.is_empty(), "{others:#?}");
}

/// A small layout for parts of the circuit.
fn part(program: impl Fn(&mut Builder)) -> Result<Finished, CircuitError> {
    let mut b = Builder::new(Layout { slots: 1, poseidon5: 4, nodes: 40, id_nodes: 1, accounts: 8, balances: 4, publics: COUNT });
    program(&mut b);
    b.finish()
}

/// A signature over a transaction as a slot's witness holds it.
fn signature(engine: &Engine, wallet: Wallet, transaction: &Transaction) -> (Signature, Fr) {
    let id = transaction.id(engine.chain());
    let form = crate::eddsa::sign(&wallet.seed(), &id);
    let r8 = form.r8();
    (Signature { r8: (r8.x, r8.y), s: form.s_field() }, id)
}
