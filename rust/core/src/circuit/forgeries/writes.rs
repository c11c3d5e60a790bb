//! Writes of storage: what is written, by whom, where, and what is posted of it.

use ark_ff::AdditiveGroup;

use super::super::access::Memory;
use super::super::expression::pow2;
use super::super::facts::{MessageParts, PackedFacts};
use super::super::writes::{table, WriteFacts};
use super::common::{every_kind, seal_items, write, Wallet};
use super::{forge, only, part, signature, violated_part};
use crate::batch::ChunkWitness;
use crate::engine::Engine;
use crate::parameters::Kind;
use crate::primitives::Fr;
use crate::processor::Transaction;

/// Places in [`every_kind`].
const WRITE: usize = 12;
const SECOND: usize = 15;

fn case() -> (Engine, ChunkWitness) {
    let (mut engine, items) = every_kind();
    let before = Engine::restore(&engine.snapshot().unwrap()).unwrap();
    let witness = seal_items(&mut engine, &[(0, 3), (5, 2)], &items).witness;
    (before, witness)
}

/// A write signed by wallet 2 in the place of its first.
fn put(t: &Transaction) -> Vec<String> {
    let (engine, witness) = case();
    assert!(witness.slots[WRITE].kind == Kind::SetStorage);
    let (s, id) = signature(&engine, Wallet(2), t);
    forge(
        &witness,
        |w| {
            let slot = &mut w.slots[WRITE];
            (slot.to, slot.token, slot.amount, slot.data) = (t.to, t.token, t.amount, t.data);
            (slot.signature, slot.id) = (Some(s), id);
        },
        |f| f.slots[WRITE].packed = PackedFacts::of(t.amount),
    )
}

fn honest() -> Transaction {
    write(Wallet(2), 7, Fr::from(5u64), 3)
}

#[test]
fn the_honest_write_holds_with_claims_from_cells() {
    assert_eq!(put(&honest()), Vec::<String>::new());
    assert_eq!(put(&Transaction { data: [Fr::from(7u64), pow2(240) - Fr::from(1u64)], ..honest() }), Vec::<String>::new());
}

#[test]
fn a_value_has_240_bits_and_a_slot_16() {
    for data in [[Fr::from(7u64), pow2(240)], [Fr::from(7u64), -Fr::from(1u64)], [pow2(16), Fr::from(5u64)]] {
        let broken = put(&Transaction { data, ..honest() });
        // the engine refuses the form
        assert!(Transaction { data, ..honest() }.check_form().is_err());
        assert!(broken.iter().any(|v| v.contains("circuit/writes")), "{broken:#?}");
    }
}

#[test]
fn a_write_moves_nothing_and_is_the_senders_own() {
    let amount = Transaction { amount: 5, ..honest() };
    let token = Transaction { token: 5, ..honest() };
    let other = Transaction { to: Wallet(3).address(), ..honest() };
    for t in [&amount, &token, &other] {
        assert!(t.check_form().is_err());
    }
    only(&put(&amount), "bus");
    let broken = put(&token);
    assert!(broken.iter().all(|v| v.contains("circuit/writes")) && !broken.is_empty(), "{broken:#?}");
    only(&put(&other), "slot/message");
}

#[test]
fn what_was_there_is_what_the_tree_had() {
    let (_, witness) = case();
    only(&forge(&witness, |_| (), |f| f.slots[WRITE].storage_before = Fr::from(1u64)), "bus");
    // the last write of a slot reads the first one's value
    only(&forge(&witness, |_| (), |f| f.slots[SECOND].storage_before = Fr::ZERO), "bus");
}

/// Two writes in slots 1 and 2, which post from these positions on; what is violated beside the bus, on which nobody answers.
fn positions(at: [u64; 2]) -> Vec<String> {
    let facts = [(1u64, at[0]), (2, at[1])].map(|(slot, position)| WriteFacts {
        slot,
        position: Fr::from(position),
        message: MessageParts { code: Fr::from(Kind::SetStorage.code()), ..MessageParts::default() },
        indices: [Fr::from(2u64); 2],
        fee_token: Fr::ZERO,
        recipient: Fr::ZERO,
        place: Fr::from(slot),
        value: Fr::from(9u64),
        old: Fr::ZERO,
        own: Fr::ZERO,
    });
    let circuit = part(|b| {
        let mut memory = Memory::default();
        table(b, &mut memory, &facts, 3);
        memory.settle(b);
    });
    violated_part(&circuit.unwrap()).into_iter().filter(|v| !v.starts_with("bus")).collect()
}

#[test]
fn writes_are_posted_in_the_order_of_their_slots() {
    // else each of two writes of one storage slot could be posted in the place of the other, and a reader would end with the first
    assert_eq!(positions([3, 7]), Vec::<String>::new());
    assert!(positions([7, 3]).iter().any(|v| v.starts_with("arithmetic")));
    assert!(positions([3, 3]).iter().any(|v| v.starts_with("arithmetic")));
}
