//! Hashes of arguments: a group is whole and in order, and what is set or written is what was signed.

use ark_ff::AdditiveGroup;

use super::super::arguments::{record, table, ArgumentFacts};
use super::super::builder::{Builder, Tag};
use super::super::expression::{e, Expr};
use super::common::{every_kind, seal_items, transfer, Wallet};
use super::{forge, only, part, signature, violated_part};
use crate::batch::ChunkWitness;
use crate::engine::Engine;
use crate::parameters::Kind;
use crate::poseidon::circom::poseidon5;
use crate::primitives::Fr;
use crate::processor::Transaction;

/// Places in [`every_kind`].
const WRITE: usize = 12;
const ROTATE: usize = 16;
const GROUP: usize = 17;
const SET_KEY: usize = 23;

fn f(x: u64) -> Fr {
    Fr::from(x)
}

/// Members of one group in slots 3, 4, .., and the hash that each of them but the first has.
fn group(members: u64) -> (Vec<ArgumentFacts>, Vec<Fr>) {
    let parts = |k: u64| [f(100 + k), f(200 + k), f(300 + k)];
    let mut hashes = vec![Fr::ZERO];
    for k in (0..members).rev() {
        let [m2, m3, m4] = parts(k);
        hashes.push(poseidon5(&[m2, m3, m4, hashes[hashes.len() - 1], Fr::ZERO]));
    }
    hashes.reverse();
    let facts = (0..members).map(|k| {
        let [m2, m3, m4] = parts(k);
        ArgumentFacts { slot: 3 + k, linked: true, message: [m2, m3, m4, hashes[0]], pair: [Fr::ZERO; 2] }
    });
    (facts.collect(), hashes[1..members as usize].to_vec())
}

/// What the slots of these facts send.
fn send(b: &mut Builder, facts: &[ArgumentFacts]) {
    let one = b.constant(f(1));
    for x in facts {
        let name = f(2 * x.slot + u64::from(x.linked));
        let payload: Vec<_> = [name].into_iter().chain(x.message).chain(x.pair).map(|x| b.witness(x)).collect();
        b.send(Tag::Arguments, &payload, one);
    }
}

/// Records of these facts, each saying that the hash given comes next; what is violated.
fn records(facts: &[ArgumentFacts], announced: &[Option<Fr>]) -> Vec<String> {
    let circuit = part(|b| {
        send(b, facts);
        let mut before = None;
        for (k, (x, next)) in facts.iter().zip(announced).enumerate() {
            before = Some(record(b, Some(x), *next, before.as_ref(), k));
        }
        before.map_or_else(Expr::default, |last| e(last.goes)).assert_zero(b);
    })
    .unwrap();
    violated_part(&circuit)
}

#[test]
fn a_whole_group_holds() {
    let (facts, next) = group(3);
    assert_eq!(records(&facts, &[Some(next[0]), Some(next[1]), None]), Vec::<String>::new());
}

#[test]
fn a_group_stands_in_slots_one_after_another() {
    let (mut facts, next) = group(3);
    facts[2].slot += 1;
    only(&records(&facts, &[Some(next[0]), Some(next[1]), None]), "bilinear");
    // two members of one slot number, and back
    let (mut facts, next) = group(2);
    facts[1].slot = 3;
    only(&records(&facts, &[Some(next[0]), None]), "bilinear");
}

#[test]
fn every_member_signed_the_group() {
    let (mut facts, next) = group(3);
    facts[1].message[3] += f(1);
    only(&records(&facts, &[Some(next[0]), Some(next[1]), None]), "bus");
}

#[test]
fn a_group_does_not_stop_before_its_end() {
    let (facts, next) = group(3);
    let two = &facts[..2];
    // the second's hash is not the one that was announced, or the first's not the one that was signed
    only(&records(two, &[Some(next[0]), None]), "bilinear");
    let [m2, m3, m4, _] = two[1].message;
    let alone = poseidon5(&[m2, m3, m4, Fr::ZERO, Fr::ZERO]);
    only(&records(two, &[Some(alone), None]), "bus");
    // the first by itself
    only(&records(&facts[..1], &[None]), "bus");
    // nor does it begin with its second
    only(&records(&facts[1..], &[Some(next[1]), None]), "bus");
}

#[test]
fn members_keep_their_order() {
    let (mut facts, next) = group(2);
    let [first, second] = [facts[0].message, facts[1].message];
    (facts[0].message, facts[1].message) = (second, first);
    assert!(!records(&facts, &[Some(next[0]), None]).is_empty());
    let [m2, m3, m4, _] = first;
    only(&records(&facts, &[Some(poseidon5(&[m2, m3, m4, Fr::ZERO, Fr::ZERO])), None]), "bus");
}

#[test]
fn nothing_goes_on_behind_the_table() {
    let (facts, _) = group(3);
    let circuit = part(|b| {
        send(b, &facts[..2]);
        table(b, &facts, 2, 0);
    });
    only(&violated_part(&circuit.unwrap()), "bilinear");
}

#[test]
fn a_pair_has_nothing_behind_it() {
    // else what comes behind could take over the hash of the pair as its group's
    let pair = [f(7), f(8)];
    let hash = poseidon5(&[pair[0], pair[1], Fr::ZERO, Fr::ZERO, Fr::ZERO]);
    let first = ArgumentFacts { slot: 2, linked: false, message: [f(1), f(2), f(3), hash], pair };
    let [m2, m3, m4] = [f(4), f(5), f(6)];
    let second = ArgumentFacts { slot: 3, linked: false, message: [m2, m3, m4, hash], pair: [f(9), f(9)] };
    let announced = poseidon5(&[f(9), f(9), Fr::ZERO, Fr::ZERO, Fr::ZERO]);
    assert_eq!(records(std::slice::from_ref(&first), &[None]), Vec::<String>::new());
    let broken = records(&[first, second], &[Some(announced), None]);
    assert!(broken.iter().any(|v| v.starts_with("bilinear")), "{broken:#?}");
}

fn case() -> (Engine, ChunkWitness) {
    let (mut engine, items) = every_kind();
    let before = Engine::restore(&engine.snapshot().unwrap()).unwrap();
    let witness = seal_items(&mut engine, &[(0, 3), (5, 2)], &items).witness;
    (before, witness)
}

#[test]
fn a_member_is_not_replaced_by_a_transfer_of_its_own() {
    // the last of three takes its part back, and the others happen without it
    let (engine, witness) = case();
    let at = GROUP + 2;
    let slot = &witness.slots[at];
    assert!(slot.kind == Kind::LinkedTransfer && slot.created && slot.sender_address == Wallet(3).address());
    let plain = Transaction { ..transfer(Wallet(3), slot.to, slot.amount, slot.token, slot.nonce) };
    let (s, id) = signature(&engine, Wallet(3), &plain);
    let replace = |w: &mut ChunkWitness| {
        let slot = &mut w.slots[at];
        (slot.kind, slot.data, slot.signature, slot.id) = (Kind::Transfer, [Fr::ZERO; 2], Some(s), id);
    };
    only(&forge(&witness, replace, |_| ()), "bus");
}

#[test]
fn what_is_written_or_set_is_what_was_signed() {
    let (_, witness) = case();
    for (at, kind) in [(WRITE, Kind::SetStorage), (ROTATE, Kind::RotateKey), (SET_KEY, Kind::SetKey)] {
        assert_eq!(witness.slots[at].kind, kind);
        let other = |f: &mut crate::circuit::facts::ChunkFacts| {
            let key = crate::eddsa::public_key(&[99; 32]);
            f.slots[at].arguments = if kind == Kind::SetStorage { [Fr::from(7u64), key.x] } else { [key.x, key.y] };
        };
        let broken = forge(&witness, |_| (), other);
        assert!(broken.iter().any(|v| v.starts_with("bus") && v.contains("slot/message")), "{kind:?} {broken:#?}");
        // with another hash it is another message: nobody signed that
        let unsigned = |f: &mut crate::circuit::facts::ChunkFacts| f.slots[at].arguments_hash += Fr::from(1u64);
        only(&forge(&witness, |_| (), unsigned), "bus");
    }
    // a transfer has no arguments
    let broken = forge(&witness, |_| (), |f| f.slots[0].arguments_hash = Fr::from(1u64));
    assert!(broken.iter().any(|v| v.starts_with("bilinear @ circuit/slot/message")), "{broken:#?}");
}

#[test]
fn a_key_is_replaced_under_the_one_before() {
    let (engine, witness) = case();
    let own = &witness.slots[ROTATE];
    let key = crate::eddsa::public_key(&Wallet(40).seed());
    let t = Transaction { data: [key.x, key.y], ..Wallet(2).transaction(Kind::RotateKey, own.nonce) };
    // signed with the new key
    let (s, id) = signature(&engine, Wallet(40), &t);
    only(&forge(&witness, |w| (w.slots[ROTATE].signature, w.slots[ROTATE].id) = (Some(s), id), |_| ()), "bus");
    // of another account: the signer is not the account whose key changes
    let foreign = Transaction { to: Wallet(3).address(), ..t };
    let (s, id) = signature(&engine, Wallet(2), &foreign);
    let broken = forge(
        &witness,
        |w| {
            let slot = &mut w.slots[ROTATE];
            (slot.to, slot.signature, slot.id) = (Wallet(3).address(), Some(s), id);
        },
        |_| (),
    );
    assert!(broken.iter().any(|v| v.starts_with("bilinear @ circuit/slot/message")), "{broken:#?}");
}

#[test]
fn the_record_of_a_key_has_the_nonce_of_the_account() {
    // L1 checks the owner's signature over the nonce in the record
    let (_, witness) = case();
    only(&forge(&witness, |_| (), |f| f.slots[SET_KEY].sender.nonce += 1), "slot/message");
    // and over the address in it
    let other = Wallet(3).address().to_field();
    only(&forge(&witness, |_| (), |f| f.slots[SET_KEY].sender.address = other), "slot/message");
}
