//! Items that the engine refuses, each signed by its sender and executed all the same: the circuit refuses the clause.

use super::common::{bytes, every_kind, seal_items, transfer, Wallet};
use super::{forge, only, signature};
use crate::batch::{ChunkWitness, SlotWitness};
use crate::engine::Engine;
use crate::parameters::Kind;
use crate::primitives::{Address, Fr};
use crate::processor::Transaction;

const PRICES: [(u16, u64); 2] = [(0, 3), (5, 2)];
/// Places in [`every_kind`].
const NATIVE: usize = 0;
const CREATES: usize = 4;
const WITHDRAW: usize = 2;

struct Case {
    engine: Engine,
    witness: ChunkWitness,
}

fn case() -> Case {
    let (mut engine, items) = every_kind();
    let before = Engine::restore(&engine.snapshot().unwrap()).unwrap();
    let witness = seal_items(&mut engine, &PRICES, &items).witness;
    Case { engine: before, witness }
}

/// Puts a transaction into a slot: the fields that are signed, the signature, the id.
fn put(engine: &Engine, slot: &mut SlotWitness, wallet: Wallet, t: &Transaction) {
    let (s, id) = signature(engine, wallet, t);
    (slot.to, slot.token, slot.fee_token, slot.amount) = (t.to, t.token, t.fee_token, t.amount);
    (slot.gas_limit, slot.gas_price, slot.valid_until) = (t.gas_limit, t.gas_price, t.valid_until);
    (slot.signature, slot.id) = (Some(s), id);
}

/// What the engine says of it as the next item, after the items before its slot.
fn engine_code(t: &Transaction, wallet: Wallet, at: usize) -> &'static str {
    let (mut engine, items) = every_kind();
    engine.begin_chunk(100, 1, &PRICES).unwrap();
    engine.apply(&bytes(&items[..at])).unwrap();
    let signed = wallet.signed(&engine, t.clone());
    engine.apply(&bytes(&[signed])).unwrap()[0].fault.as_ref().map_or("ok", |f| f.code)
}

/// The transaction in place of the one in a slot: refused by both, by the circuit under one label only.
#[track_caller]
fn both_refuse(at: usize, wallet: Wallet, t: &Transaction, code: &str, label: &str) {
    assert_eq!(engine_code(t, wallet, at), code);
    let Case { engine, witness } = case();
    only(&forge(&witness, |w| put(&engine, &mut w.slots[at], wallet, t), |_| ()), label);
}

fn native() -> Transaction {
    transfer(Wallet(2), Wallet(3).address(), 1_000_000_007, 0, 0)
}

#[test]
fn the_honest_chunk_holds_with_claims_from_cells() {
    let Case { engine, witness } = case();
    assert_eq!(
        forge(&witness, |w| put(&engine, &mut w.slots[NATIVE], Wallet(2), &native()), |_| ()),
        Vec::<String>::new()
    );
}

#[test]
fn expired() {
    both_refuse(NATIVE, Wallet(2), &Transaction { valid_until: 99, ..native() }, "expired", "slot/fee");
    // the last second counts
    let Case { engine, witness } = case();
    let last = Transaction { valid_until: 100, ..native() };
    assert!(forge(&witness, |w| put(&engine, &mut w.slots[NATIVE], Wallet(2), &last), |_| ()).is_empty());
}

#[test]
fn fee_beyond_what_was_signed() {
    let cheap = Transaction { gas_limit: 100, gas_price: 2, ..native() };
    both_refuse(NATIVE, Wallet(2), &cheap, "fee_too_low", "slot/fee");
}

#[test]
fn more_than_the_balance() {
    // extended form: 2^101 has no decimal one
    both_refuse(
        NATIVE,
        Wallet(2),
        &Transaction { amount: 1 << 101, ..native() },
        "insufficient_balance",
        "slot/sender",
    );
}

#[test]
fn another_nonce() {
    let skipped = Transaction { nonce: 3, ..native() };
    both_refuse(NATIVE, Wallet(2), &skipped, "nonce_too_high", "bus");
}

#[test]
fn signed_by_another() {
    assert_eq!(engine_code(&native(), Wallet(3), NATIVE), "bad_signature");
    let Case { engine, witness } = case();
    only(&forge(&witness, |w| put(&engine, &mut w.slots[NATIVE], Wallet(3), &native()), |_| ()), "bus");
}

#[test]
fn what_is_signed_is_what_is_moved() {
    let Case { engine, witness } = case();
    for (name, other) in [
        ("amount", Transaction { amount: 1, ..native() }),
        ("recipient", Transaction { to: Wallet(1).address(), ..native() }),
        ("gas price", Transaction { gas_price: 999, ..native() }),
        ("kind", Transaction { kind: Kind::Withdraw, ..native() }),
    ] {
        let (s, _) = signature(&engine, Wallet(2), &other);
        let broken = forge(&witness, |w| w.slots[NATIVE].signature = Some(s), |_| ());
        assert!(!broken.is_empty(), "{name}");
        only(&broken, "bus");
    }
}

#[test]
fn what_l1_refuses_at_commit_the_circuit_leaves_to_it() {
    // Operations.sol refuses a withdrawal of nothing and so does the engine: a batch with one is never committed
    let nothing = Transaction { kind: Kind::Withdraw, ..transfer(Wallet(2), Address([9; 20]), 0, 5, 2) };
    assert_eq!(engine_code(&nothing, Wallet(2), WITHDRAW), "zero_amount");
    let Case { engine, witness } = case();
    assert!(forge(&witness, |w| put(&engine, &mut w.slots[WITHDRAW], Wallet(2), &nothing), |_| ()).is_empty());
}

#[test]
fn a_record_of_change_that_nobody_asked_for_posts_nothing() {
    // it would add data slots behind the last item's, and no reader could rebuild the batch
    let Case { witness, .. } = case();
    let stray = |f: &mut crate::circuit::facts::ChunkFacts| {
        f.changes.push(crate::circuit::facts::ChangeFacts { idle: true, posted: true, ..Default::default() });
    };
    let broken = forge(&witness, |_| (), stray);
    assert!(broken.iter().any(|v| v.starts_with("bilinear @ circuit/changes")), "{broken:#?}");
}

#[test]
fn a_record_has_a_recipient_or_a_key() {
    // both share the third word: what L1 reads as a recipient would be the recipient that was signed plus parts of a key, and a key
    // that the owner signed for L1 another one here
    let Case { witness, .. } = case();
    let high = crate::circuit::expression::pow2(136);
    only(&forge(&witness, |_| (), |f| f.slots[WITHDRAW].arguments = [high, Fr::from(0u64)]), "streams/records");
    let keyed: Vec<usize> =
        (0..witness.slots.len()).filter(|i| matches!(witness.slots[*i].kind, Kind::SetKey | Kind::RegisterKey)).collect();
    assert!(!keyed.is_empty());
    for at in keyed {
        only(&forge(&witness, |_| (), |f| f.slots[at].recipient = Fr::from(1u64 << 20)), "streams/records");
    }
}

#[test]
fn a_withdrawal_to_another_recipient() {
    let Case { witness, .. } = case();
    only(&forge(&witness, |_| (), |f| f.slots[WITHDRAW].recipient = Fr::from(0xBADu64 << 32)), "slot/kinds");
}

#[test]
fn an_account_at_a_reserved_address() {
    let t = transfer(Wallet(3), Address::from_low(12), 1, 0, 1);
    assert_eq!(engine_code(&t, Wallet(3), CREATES), "reserved_address");
    let Case { engine, witness } = case();
    let broken = forge(
        &witness,
        |w| {
            put(&engine, &mut w.slots[CREATES], Wallet(3), &t);
            w.slots[CREATES].predecessor = 0;
        },
        |_| (),
    );
    only(&broken, "circuit/changes");
}

#[test]
fn a_fee_token_that_is_not_listed() {
    let t = Transaction { fee_token: 7, ..native() };
    assert_eq!(engine_code(&t, Wallet(2), NATIVE), "fee_token_not_listed");
    let Case { witness, .. } = case();
    let broken = forge(&witness, |_| (), |f| f.slots[NATIVE].fee_choice = Some(2));
    assert!(broken.iter().any(|v| v.contains("slot/fee")), "{broken:#?}");
    // none at all
    let broken = forge(&witness, |_| (), |f| f.slots[NATIVE].fee_choice = None);
    assert!(broken.iter().any(|v| v.contains("slot/fee")), "{broken:#?}");
}

#[test]
fn the_posted_amount_is_the_moved_one() {
    let Case { witness, .. } = case();
    only(&forge(&witness, |_| (), |f| f.slots[NATIVE].packed.mantissa += 1), "slot/data");
    // an extension for a kind that posts no amount
    let broken = forge(&witness, |_| (), |f| f.slots[WITHDRAW].packed.extension = Some(9));
    assert!(broken.iter().any(|v| v.contains("slot/data")), "{broken:#?}");
}

#[test]
fn a_gap_between_active_slots() {
    let Case { witness, .. } = case();
    let broken = forge(&witness, |_| (), |f| f.slots[NATIVE].kind = None);
    assert!(broken.iter().any(|v| v.starts_with("bilinear @ circuit/slot (")), "{broken:#?}");
}

#[test]
fn an_outcome_that_is_none() {
    let Case { witness, .. } = case();
    // a withdrawal that creates an account, and a transfer whose account is absent
    let twists: [fn(&mut crate::circuit::facts::SlotFacts); 2] = [|f| f.created = true, |f| f.absent = true];
    for (at, twist) in [WITHDRAW, NATIVE].into_iter().zip(twists) {
        let broken = forge(&witness, |_| (), |f| twist(&mut f.slots[at]));
        assert!(broken.iter().any(|v| v.starts_with("bus") && v.contains("slot/flags")), "{broken:#?}");
    }
}

#[test]
fn an_account_without_a_key_sends_nothing() {
    // its head is its address, which reads as an address 2^160 lower with scheme 1
    let Case { witness, .. } = case();
    let broken = forge(
        &witness,
        |_| (),
        |f| {
            let sender = &mut f.slots[NATIVE].sender;
            sender.address -= crate::circuit::expression::pow2(160);
            sender.key = [Fr::from(0u64); 2];
        },
    );
    assert!(broken.iter().any(|v| v.contains("signature") || v.contains("eddsa")), "{broken:#?}");
}

#[test]
fn whatever_form_of_an_amount_proves_is_also_read() {
    let (mut engine, _) = every_kind();
    let mut follower = Engine::restore(&engine.snapshot().unwrap()).unwrap();
    let t = transfer(Wallet(2), Wallet(3).address(), 50, 0, 0);
    let items = [Wallet(2).signed(&engine, t)];
    let sealed = seal_items(&mut engine, &PRICES, &items);
    // 5 * 10^1 instead of 50
    let other =
        |f: &mut crate::circuit::facts::ChunkFacts| (f.slots[0].packed.mantissa, f.slots[0].packed.exponent) = (5, 1);
    assert_eq!(forge(&sealed.witness, |_| (), other), Vec::<String>::new());
    let mut stream = sealed.transactions.clone();
    assert_eq!(stream[68..72], 50u32.to_be_bytes());
    stream[68..72].copy_from_slice(&(5u32 | 1 << 27).to_be_bytes());
    assert_eq!(follower.replay(&stream, &sealed.operations).unwrap().new_root, sealed.new_root);
}

#[test]
fn a_run_that_repeats_the_pair_is_also_read() {
    let (mut engine, _) = every_kind();
    let mut follower = Engine::restore(&engine.snapshot().unwrap()).unwrap();
    let items = [0, 1].map(|nonce| Wallet(2).signed(&engine, transfer(Wallet(2), Wallet(3).address(), 50, 5, nonce)));
    let sealed = seal_items(&mut engine, &PRICES, &items);
    assert_eq!(forge(&sealed.witness, |_| (), |f| f.slots[1].repeats_run = true), Vec::<String>::new());
    // header 60, run 12, transfer 12: the same run again, and the second transfer behind it
    let mut stream = sealed.transactions.clone();
    let run: Vec<u8> = stream[60..72].to_vec();
    stream.splice(84..84, run);
    stream.truncate(60 + 60);
    assert_eq!(follower.replay(&stream, &sealed.operations).unwrap().new_root, sealed.new_root);
    // but none comes before what has no pair
    let broken = forge(&sealed.witness, |w| w.slots.clear(), |f| f.slots[0].repeats_run = true);
    assert!(broken.iter().any(|v| v.starts_with("bilinear @ circuit/slot/data")), "{broken:#?}");
}

#[test]
fn a_fee_account_that_enters_with_the_chunk_is_read() {
    let (mut engine, _) = every_kind();
    let mut follower = Engine::restore(&engine.snapshot().unwrap()).unwrap();
    let t = transfer(Wallet(2), Wallet(3).address(), 50, 0, 0);
    let items = [Wallet(2).signed(&engine, t), Wallet(9).deposit(0, 1)];
    let sealed = seal_items(&mut engine, &PRICES, &items);
    let mut stream = sealed.transactions.clone();
    let created = sealed.witness.slots[1].receiver;
    stream[10..14].copy_from_slice(&created.to_be_bytes());
    let count = follower.state().count();
    assert!(u64::from(created) == count && follower.replay(&stream, &sealed.operations).is_ok());
    assert_eq!(follower.balance(Wallet(9).address(), 0), 301);
    // an account that never enters refuses the whole batch
    stream[10..14].copy_from_slice(&(created + 1).to_be_bytes());
    let mut third = Engine::restore(&engine.snapshot().unwrap()).unwrap();
    assert!(third.replay(&stream, &sealed.operations).is_err());
}
