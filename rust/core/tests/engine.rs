//! The engine as a whole: sealing, replay from data, undo, conservation, capacity and refusals.

#![allow(clippy::unwrap_used)]

mod common;

use std::collections::HashMap;

use common::{bytes, engine, funded, rotation, signed_group, Wallet};
use l2rollup_core::batch::{Capacity, ChunkWitness};
use l2rollup_core::engine::Engine;
use l2rollup_core::parameters::Kind;
use l2rollup_core::primitives::{field, Address, Fr};
use l2rollup_core::processor::Transaction;
use proptest::prelude::*;

const PRICES: [(u16, u64); 2] = [(0, 3), (5, 2)];

fn transfer(from: Wallet, to: Address, amount: u128, token: u16, nonce: u64) -> Transaction {
    Transaction { to, amount, token, ..from.transaction(Kind::Transfer, nonce) }
}

fn codes(outcomes: &[l2rollup_core::engine::Outcome]) -> Vec<&'static str> {
    outcomes.iter().map(|o| o.fault.as_ref().map_or("ok", |f| f.code)).collect()
}

fn copy(engine: &Engine) -> Engine {
    let capacity = Capacity::leaf().with_all_kinds();
    Engine::restore(&engine.snapshot().unwrap()).unwrap().with_capacity(capacity)
}

#[test]
fn every_kind_seals_and_replays() {
    let mut e = funded(3);
    let mut follower = copy(&e);
    let before = e.state().totals();
    e.begin_chunk(100, 1, &PRICES).unwrap();
    let (a, b) = (Wallet(2), Wallet(3));
    let mut storage = a.transaction(Kind::SetStorage, 3);
    storage.data = [Fr::from(9u64), Fr::from(77u64)];
    storage.fee_token = 5;
    let mut out = transfer(a, Address([9; 20]), 12_345, 5, 2);
    out.kind = Kind::Withdraw;
    let items = [
        a.signed(&e, transfer(a, b.address(), 1_000_000_007, 0, 0)),
        a.signed(&e, transfer(a, Address([0xEE; 20]), (1 << 90) / 3, 5, 1)),
        a.signed(&e, out),
        a.signed(&e, storage),
        b.signed(&e, transfer(b, b.address(), 5, 0, 0)),
        Wallet(9).deposit(5, 1 << 27),
        b.force(5),
        b.force(6),
        Wallet(77).force(0),
    ];
    let outcomes = e.apply(&bytes(&items)).unwrap();
    assert_eq!(codes(&outcomes), vec!["ok"; 9], "{outcomes:?}");
    let sealed = e.end_chunk(true).unwrap();
    assert_eq!(sealed.items, 9);
    assert_eq!((sealed.payments.len(), sealed.end_queue - sealed.first_queue), (2, 4));
    e.audit().unwrap();
    let replayed = follower.replay(&sealed.transactions, &sealed.operations).unwrap();
    assert_eq!((replayed.old_root, replayed.new_root), (sealed.old_root, sealed.new_root));
    assert_eq!((replayed.tx_c, replayed.op_c, replayed.payments), (sealed.tx_c, sealed.op_c, sealed.payments.clone()));
    assert_eq!((follower.sequence(), follower.queue_position()), (e.sequence(), e.queue_position()));
    assert_eq!(e.storage(a.address(), 9), Fr::from(77u64));
    assert_eq!(e.snapshot().unwrap(), follower.snapshot().unwrap());
    // Conservation: what was paid out left, what was deposited came.
    let mut expected = before;
    for p in &sealed.payments {
        *expected.get_mut(&p.token).unwrap() -= p.amount;
    }
    *expected.get_mut(&5).unwrap() += 1 << 27;
    assert_eq!(e.state().totals(), expected);
    let witness = sealed.witness;
    assert_eq!(ChunkWitness::from_bytes(&witness.to_bytes()), Ok(witness));
}

#[test]
fn the_first_account_enters_a_chunk_that_names_it() {
    let mut e = engine();
    e.begin_chunk(5, 1, &[(0, 1)]).unwrap();
    let items = [Wallet(1).register(), Wallet(1).deposit(0, 1000)];
    assert_eq!(codes(&e.apply(&bytes(&items)).unwrap()), ["ok", "ok"]);
    let sealed = e.end_chunk(true).unwrap();
    assert_eq!(engine().replay(&sealed.transactions, &sealed.operations).unwrap().new_root, sealed.new_root);
}

#[test]
fn refusals_come_in_order_and_change_nothing() {
    let mut e = funded(2);
    e.begin_chunk(100, 1, &PRICES).unwrap();
    let (a, b) = (Wallet(2), Wallet(1));
    let base = transfer(a, b.address(), 10, 0, 0);
    let root = e.root();
    let sign = |t: &Transaction| a.signed(&e, t.clone());
    let mut forged = sign(&base);
    forged[60] ^= 1;
    let items = [
        Wallet(50).signed(&e, transfer(Wallet(50), b.address(), 1, 0, 0)),
        forged,
        sign(&Transaction { nonce: 4, ..base.clone() }),
        sign(&Transaction { valid_until: 99, ..base.clone() }),
        sign(&Transaction { fee_token: 7, ..base.clone() }),
        sign(&Transaction { gas_limit: 99, gas_price: 3, ..base.clone() }),
        sign(&Transaction { amount: 1 << 101, ..base.clone() }),
        sign(&Transaction { kind: Kind::Withdraw, amount: 0, ..base.clone() }),
        sign(&Transaction { to: Address::from_low(12), ..base.clone() }),
        vec![0; 10],
    ];
    let expected = [
        "unknown_account",
        "bad_signature",
        "nonce_too_high",
        "expired",
        "fee_token_not_listed",
        "fee_too_low",
        "insufficient_balance",
        "zero_amount",
        "reserved_address",
        "malformed",
    ];
    assert_eq!(codes(&e.apply(&bytes(&items)).unwrap()), expected);
    assert_eq!(e.root(), root);
    let accepted = [a.signed(&e, base.clone()), a.signed(&e, base)];
    assert_eq!(codes(&e.apply(&bytes(&accepted)).unwrap()), ["ok", "nonce_too_low"]);
}

/// A snapshot in which an account has another nonce; the layout is that of `engine/snapshot.rs` and `state/snapshot.rs`.
fn with_nonce(e: &Engine, index: usize, nonce: u64) -> Engine {
    let mut bytes = e.snapshot().unwrap();
    let at = (4 + 2 + 8 + 20 + 3 * 8 + 2 * 32 + 4) + 4 + 132 * index + 20 + 1 + 21 + 64 + 16;
    bytes[at..at + 6].copy_from_slice(&nonce.to_be_bytes()[2..]);
    Engine::restore(&bytes).unwrap().with_capacity(Capacity::leaf().with_all_kinds())
}

#[test]
fn the_last_nonce_is_held_and_never_used() {
    let a = Wallet(2);
    let mut e = with_nonce(&funded(2), 2, (1 << 48) - 2);
    assert_eq!(e.account(a.address()).unwrap().1.nonce, (1 << 48) - 2);
    e.begin_chunk(100, 1, &PRICES).unwrap();
    let items = [(1 << 48) - 2, (1 << 48) - 1].map(|n| a.signed(&e, transfer(a, a.address(), 1, 0, n)));
    assert_eq!(codes(&e.apply(&bytes(&items)).unwrap()), ["ok", "nonce_too_high"]);
    let sealed = e.end_chunk(true).unwrap();
    // The same data again would need the nonce after the last.
    let before = e.snapshot().unwrap();
    assert_eq!(e.replay(&sealed.transactions, &sealed.operations).unwrap_err().code, "unknown_account");
    assert!(e.snapshot().unwrap() == before);
}

#[test]
fn a_full_chunk_refuses_the_rest_and_still_seals() {
    let mut e = funded(4);
    e.begin_chunk(100, 1, &PRICES).unwrap();
    let a = Wallet(2);
    let slots = Capacity::leaf().slots;
    let count = slots as u64 + 6;
    let items: Vec<_> = (0..count).map(|n| a.signed(&e, transfer(a, Wallet(3).address(), n.into(), 0, n))).collect();
    let outcomes = e.apply(&bytes(&items)).unwrap();
    assert!(outcomes[..slots].iter().all(|o| o.fault.is_none()));
    assert!(outcomes[slots..].iter().all(|o| o.fault.as_ref().is_some_and(|f| f.code == "chunk_full")));
    let sealed = e.end_chunk(true).unwrap();
    assert_eq!(sealed.items as usize, slots);
    assert!(sealed.witness.nodes.len() <= Capacity::leaf().nodes);
    // Operations run out first here, and queue order is kept.
    e.begin_chunk(101, 1, &PRICES).unwrap();
    let operations = Capacity::leaf().operations;
    let items: Vec<_> = (0..operations + 5).map(|_| Wallet(3).deposit(0, 1)).collect();
    let outcomes = e.apply(&bytes(&items)).unwrap();
    assert_eq!(outcomes.iter().filter(|o| o.fault.is_none()).count(), operations);
}

#[test]
fn a_kind_that_the_shape_has_not_is_refused() {
    let without = Capacity { kinds: 0b11_1110_1111, ..Capacity::leaf() };
    let mut e = funded(2).with_capacity(without);
    let item = Wallet(2).signed(&e, Wallet(2).transaction(Kind::SetStorage, 0));
    assert_eq!(e.check(&[&item])[0].as_ref().unwrap_err().code, "unsupported_kind");
    e.begin_chunk(100, 1, &PRICES).unwrap();
    assert_eq!(codes(&e.apply(&[&item]).unwrap()), ["unsupported_kind"]);
}

#[test]
fn witness_paths_lead_to_the_roots() {
    let mut e = funded(3);
    e.begin_chunk(100, 1, &PRICES).unwrap();
    let a = Wallet(3);
    let items = [a.signed(&e, transfer(a, Address([0x55; 20]), 7, 5, 0)), Wallet(8).deposit(0, 4)];
    e.apply(&bytes(&items)).unwrap();
    let w = e.end_chunk(true).unwrap().witness;
    let hash = l2rollup_core::poseidon::hash_node;
    assert_eq!(hash(&w.nodes[&(0, 0, 0)]), w.root_in);
    for ((tree, level, position), children) in &w.nodes {
        if *level > 0 {
            let parent = w.nodes[&(*tree, level - 1, position / 4)];
            assert_eq!(parent[(position % 4) as usize], hash(children), "{tree} {level} {position}");
        }
    }
    for (index, leaf) in &w.accounts {
        let row = w.nodes[&(0, 15, u64::from(*index) / 4)];
        assert_eq!(row[*index as usize % 4], l2rollup_core::state::account::hash_leaf(leaf));
        if let Some(root) = w.nodes.get(&(2 + 4 * u64::from(*index), 0, 0)) {
            assert_eq!(hash(root), leaf.balances_root);
        }
    }
    for ((index, token), value) in &w.balances {
        let row = w.nodes[&(2 + 4 * u64::from(*index), 7, u64::from(*token) / 4)];
        assert_eq!(row[*token as usize % 4], l2rollup_core::poseidon::hash_value(Fr::from(*value)));
    }
}

#[test]
fn tampered_data_is_refused_and_changes_nothing() {
    let mut e = funded(3);
    let mut follower = copy(&e);
    e.begin_chunk(100, 1, &PRICES).unwrap();
    let a = Wallet(2);
    let items = [
        a.signed(&e, transfer(a, Wallet(3).address(), 1 << 80, 5, 0)),
        a.signed(&e, transfer(a, Address([0x55; 20]), 7, 5, 1)),
        Wallet(8).deposit(0, 4),
    ];
    e.apply(&bytes(&items)).unwrap();
    let sealed = e.end_chunk(true).unwrap();
    let root = follower.root();
    for i in 0..sealed.transactions.len() {
        let mut data = sealed.transactions.clone();
        data[i] ^= 1;
        let mut fork = copy(&follower);
        match fork.replay(&data, &sealed.operations) {
            // A bit of an amount, index or price may still make sense; then the digest differs.
            Ok(done) => assert_ne!(done.tx_c, sealed.tx_c),
            Err(_) => assert_eq!((fork.root(), fork.sequence()), (root, follower.sequence())),
        }
    }
    assert!(follower.replay(&sealed.transactions, &[]).is_err());
    assert!(follower.replay(&sealed.transactions[..60], &sealed.operations).is_err());
    assert_eq!(follower.root(), root);
    assert_eq!(follower.replay(&sealed.transactions, &sealed.operations).unwrap().new_root, sealed.new_root);
}

#[test]
fn proofs_of_presence_and_absence() {
    let mut e = funded(3);
    for w in 0..6u8 {
        let (root, proof) = e.prove(Wallet(w).address(), Some(5), Some(1));
        assert_eq!(proof.is_inclusion(), (1..=3).contains(&w));
        proof.check(&root).unwrap();
        let mut wrong = proof.clone();
        wrong.address = Wallet(if matches!(w, 2 | 5) { 3 } else { 2 }).address();
        assert!(wrong.check(&root).is_err());
        let mut wrong = proof;
        wrong.leaf.nonce += 1;
        assert!(wrong.check(&root).is_err());
    }
}

#[derive(Clone, Debug)]
enum Step {
    Transfer(u8, u8, u8, u16, u16),
    Withdraw(u8, u8, u16, u16),
    Deposit(u8, u8, u16),
    Register(u8),
    Force(u8, u16),
    Storage(u8, u16, u64),
    Rotate(u8, bool),
    /// Payers, one amount each; a payer may stand twice, and an amount may be too much.
    Group(Vec<(u8, u8, u8)>, u16),
}

fn step() -> impl Strategy<Value = Step> {
    let token = prop_oneof![Just(0u16), Just(5u16)];
    prop_oneof![
        (1..5u8, 1..12u8, 0..115u8, token.clone(), token.clone())
            .prop_map(|(a, b, x, t, f)| Step::Transfer(a, b, x, t, f)),
        (1..5u8, 0..110u8, token.clone(), token.clone()).prop_map(|(a, x, t, f)| Step::Withdraw(a, x, t, f)),
        (1..12u8, 0..100u8, token.clone()).prop_map(|(a, x, t)| Step::Deposit(a, x, t)),
        (1..12u8).prop_map(Step::Register),
        (1..12u8, token).prop_map(|(a, t)| Step::Force(a, t)),
        (1..5u8, 0..20u16, any::<u64>()).prop_map(|(a, s, v)| Step::Storage(a, s, v)),
        (1..5u8, any::<bool>()).prop_map(|(a, own)| Step::Rotate(a, own)),
        (prop::collection::vec((1..5u8, 1..14u8, 0..105u8), 1..9), prop_oneof![Just(0u16), Just(5u16)])
            .prop_map(|(members, t)| Step::Group(members, t)),
    ]
}

/// The wallet whose key an account has: its own, or the one that it rotates to.
fn signer(e: &Engine, a: u8) -> Wallet {
    let has = |w: &Wallet| {
        let key = l2rollup_core::eddsa::public_key(&w.seed());
        e.account(Wallet(a).address()).is_some_and(|(_, account)| account.key == (key.x, key.y))
    };
    [Wallet(a), Wallet(100 + a)].into_iter().find(has).unwrap_or(Wallet(a))
}

/// What a step offers: one item, or the members of a group.
fn offer(e: &Engine, step: &Step) -> Vec<Vec<u8>> {
    let nonce = |w: u8| e.account(Wallet(w).address()).map_or(0, |(_, a)| a.nonce);
    let signed = |a: u8, t: Transaction| vec![signer(e, a).signed(e, t)];
    match step.clone() {
        Step::Transfer(a, b, x, token, fee_token) => {
            let t = transfer(Wallet(a), Wallet(b).address(), (1 << x) - 1, token, nonce(a));
            signed(a, Transaction { fee_token, ..t })
        }
        Step::Withdraw(a, x, token, fee_token) => {
            let t = transfer(Wallet(a), Address([9; 20]), 1 << x, token, nonce(a));
            signed(a, Transaction { kind: Kind::Withdraw, fee_token, ..t })
        }
        Step::Deposit(a, x, token) => vec![Wallet(a).deposit(token, 1 << x)],
        Step::Register(a) => vec![Wallet(a).register()],
        Step::Force(a, token) => vec![Wallet(a).force(token)],
        Step::Storage(a, slot, value) => signed(
            a,
            Transaction {
                data: [Fr::from(slot), Fr::from(value)],
                ..Wallet(a).transaction(Kind::SetStorage, nonce(a))
            },
        ),
        Step::Rotate(a, own) => signed(a, rotation(Wallet(a), Wallet(if own { a } else { 100 + a }), nonce(a))),
        Step::Group(members, token) => {
            let mut used: HashMap<u8, u64> = HashMap::new();
            let member = |(a, b, x): (u8, u8, u8)| {
                let ahead = used.entry(a).or_default();
                *ahead += 1;
                (signer(e, a), transfer(Wallet(a), Wallet(b).address(), 1 << x, token, nonce(a) + *ahead - 1))
            };
            let members = members.into_iter().map(member).collect();
            signed_group(e, members)
        }
    }
}

fn flows(outcomes: &[l2rollup_core::engine::Outcome], totals: &mut HashMap<u16, i128>) {
    for record in outcomes.iter().filter_map(|o| o.record) {
        let r = l2rollup_core::bridge::Record::from_bytes(&record).unwrap();
        match r.kind {
            Kind::Deposit => *totals.entry(r.token).or_default() += r.amount as i128,
            Kind::Withdraw | Kind::ForcedExit => *totals.entry(r.token).or_default() -= r.amount as i128,
            _ => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_chunks_replay_conserve_and_rewind(chunks in prop::collection::vec(prop::collection::vec(step(), 0..30), 1..4), cut in 0..20usize) {
        let mut e = funded(4);
        let mut follower = copy(&e);
        for steps in &chunks {
            let start = e.snapshot().unwrap();
            let outside = e.mark();
            let mut totals: HashMap<u16, i128> = e.state().totals().into_iter().map(|(t, v)| (t, v as i128)).collect();
            e.begin_chunk(100, 1, &PRICES).unwrap();
            let mut inside = None;
            let mut items = Vec::new();
            for (i, step) in steps.iter().enumerate() {
                if i == cut {
                    inside = Some((e.mark(), e.root(), items.len()));
                }
                let offered = offer(&e, step);
                let outcomes = e.apply(&bytes(&offered)).unwrap();
                flows(&outcomes, &mut totals);
                // What was refused has changed nothing, so the accepted items alone make the same chunk; a group is all or nothing.
                let accepted = outcomes.iter().filter(|o| o.fault.is_none()).count();
                prop_assert!(accepted == 0 || accepted == offered.len());
                if accepted != 0 {
                    items.extend(offered);
                }
            }
            let sealed = e.end_chunk(true).unwrap();
            e.audit().unwrap();
            totals.retain(|_, v| *v != 0);
            let after: HashMap<u16, i128> = e.state().totals().into_iter().map(|(t, v)| (t, v as i128)).collect();
            prop_assert_eq!(&after, &totals);
            let snapshot = e.snapshot().unwrap();

            // From a mark inside the sealed chunk: the same items give the same chunk, witness included.
            if let Some((mark, root, at)) = inside {
                e.rewind(mark).unwrap();
                prop_assert_eq!(e.root(), root);
                e.apply(&bytes(&items[at..])).unwrap();
                let again = e.end_chunk(true).unwrap();
                prop_assert!(again.witness == sealed.witness);
                prop_assert!(e.snapshot().unwrap() == snapshot);
            }
            // From before the chunk, all items in one call.
            e.rewind(outside).unwrap();
            prop_assert!(e.snapshot().unwrap() == start);
            e.audit().unwrap();
            e.begin_chunk(100, 1, &PRICES).unwrap();
            e.apply(&bytes(&items)).unwrap();
            let again = e.end_chunk(true).unwrap();
            prop_assert!(again.witness == sealed.witness);
            e.forget(outside);

            let replayed = follower.replay(&sealed.transactions, &sealed.operations).unwrap();
            prop_assert_eq!(replayed.new_root, sealed.new_root);
            prop_assert_eq!(field::to_bytes(&follower.root()), field::to_bytes(&e.root()));
        }
    }
}
