//! Groups of linked transfers: all members or none, in their order, in one chunk; and what is refused otherwise.
#![allow(clippy::unwrap_used)]

mod common;

use common::{bytes, funded, signed_group, transfer, write, Wallet};
use l2rollup_core::batch::{Capacity, ChunkWitness, SealedChunk};
use l2rollup_core::engine::{Engine, Outcome};
use l2rollup_core::parameters::Kind;
use l2rollup_core::primitives::{Address, Fr};
use l2rollup_core::processor::{group, Transaction};
use proptest::prelude::*;

const PRICES: [(u16, u64); 2] = [(0, 3), (5, 2)];
const NEW: Address = Address([0xD7; 20]);

fn codes(outcomes: &[Outcome]) -> Vec<&'static str> {
    outcomes.iter().map(|o| o.fault.as_ref().map_or("ok", |f| f.code)).collect()
}

fn begin(e: &mut Engine) {
    e.begin_chunk(100, 1, &PRICES).unwrap();
}

fn copy(e: &Engine) -> Engine {
    Engine::restore(&e.snapshot().unwrap()).unwrap()
}

/// Wallets 2 and 3 exchange native units for units of token 5.
fn swap(e: &Engine, given: u128, taken: u128) -> Vec<Vec<u8>> {
    let (a, b) = (Wallet(2), Wallet(3));
    signed_group(e, vec![(a, transfer(a, b.address(), given, 0, 0)), (b, transfer(b, a.address(), taken, 5, 0))])
}

fn many(e: &Engine, members: u64, first_nonce: u64) -> Vec<Vec<u8>> {
    let a = Wallet(2);
    let member = |n| (a, transfer(a, Wallet(3).address(), u128::from(n) + 1, 0, first_nonce + n));
    signed_group(e, (0..members).map(member).collect())
}

/// A sealed chunk of accepted items alone, on a copy of the engine.
fn sealed_alone(start: &Engine, items: &[Vec<u8>]) -> SealedChunk {
    let mut e = copy(start);
    begin(&mut e);
    assert!(e.apply(&bytes(items)).unwrap().iter().all(|o| o.fault.is_none()));
    e.end_chunk(true).unwrap()
}

#[test]
fn a_swap_happens_in_either_order() {
    for order in [false, true] {
        let mut e = funded(3);
        let mut follower = copy(&e);
        let (a, b) = (Wallet(2), Wallet(3));
        let mut members = vec![(a, transfer(a, b.address(), 1000, 0, 0)), (b, transfer(b, a.address(), 70, 5, 0))];
        if order {
            members.reverse();
        }
        let items = signed_group(&e, members);
        let before = [a, b].map(|w| [0, 5].map(|token| e.balance(w.address(), token)));
        begin(&mut e);
        let outcomes = e.apply(&bytes(&items)).unwrap();
        assert_eq!(codes(&outcomes), ["ok", "ok"]);
        assert_eq!(outcomes[1].sequence, outcomes[0].sequence.map(|s| s + 1));
        let fee = 3 * 100;
        assert_eq!(e.balance(a.address(), 0), before[0][0] - 1000 - fee);
        assert_eq!(e.balance(a.address(), 5), before[0][1] + 70);
        assert_eq!(e.balance(b.address(), 0), before[1][0] + 1000 - fee);
        assert_eq!(e.balance(b.address(), 5), before[1][1] - 70);
        let sealed = e.end_chunk(true).unwrap();
        // a stranger who has the data alone sees two transfers, and the same state
        assert_eq!(follower.replay(&sealed.transactions, &sealed.operations).unwrap().new_root, sealed.new_root);
        assert!(follower.snapshot().unwrap() == e.snapshot().unwrap());
        e.audit().unwrap();
    }
}

#[test]
fn the_data_of_a_member_is_a_transfers_and_its_witness_names_the_group() {
    let e = funded(3);
    let items = many(&e, 2, 0);
    let linked = sealed_alone(&e, &items);
    let plain: Vec<Vec<u8>> = items
        .iter()
        .map(|item| Transaction::from_bytes(item).unwrap())
        .map(|t| Wallet(2).signed(&e, Transaction { kind: Kind::Transfer, data: [Fr::from(0u64); 2], ..t }))
        .collect();
    let plain = sealed_alone(&e, &plain);
    assert_eq!((linked.transactions, linked.new_root), (plain.transactions, plain.new_root));
    let group = Transaction::from_bytes(&items[0]).unwrap().data[0];
    for (slot, as_transfer) in linked.witness.slots.iter().zip(&plain.witness.slots) {
        assert_eq!((slot.kind, slot.data), (Kind::LinkedTransfer, [group, Fr::from(0u64)]));
        assert!(slot.signature.is_some());
        let parties = |s: &l2rollup_core::batch::SlotWitness| (s.sender, s.receiver, s.amount, s.to, s.nonce);
        assert_eq!(parties(slot), parties(as_transfer));
    }
    assert_eq!(ChunkWitness::from_bytes(&linked.witness.to_bytes()), Ok(linked.witness));
}

#[test]
fn one_member_that_fails_takes_all_with_it_and_leaves_no_trace() {
    let start = funded(4);
    let (a, b, c) = (Wallet(2), Wallet(3), Wallet(4));
    let good = |e: &Engine| c.signed(e, transfer(c, b.address(), 5, 5, 0));
    let fails: [(&str, usize, Transaction); 4] = [
        ("insufficient_balance", 2, transfer(b, a.address(), 1 << 100, 5, 0)),
        ("nonce_too_high", 2, transfer(b, a.address(), 1, 5, 1)),
        ("expired", 2, Transaction { valid_until: 99, ..transfer(b, a.address(), 1, 5, 0) }),
        ("fee_too_low", 2, Transaction { gas_limit: 1, gas_price: 1, ..transfer(b, a.address(), 1, 5, 0) }),
    ];
    for (code, place, failing) in fails {
        let mut e = copy(&start);
        // the members before it create an account, touch new leaves and use a run
        let members = vec![
            (a, transfer(a, NEW, 9, 0, 0)),
            (a, Transaction { fee_token: 5, ..transfer(a, b.address(), 1 << 70, 5, 1) }),
            (b, failing),
        ];
        let group = signed_group(&e, members);
        begin(&mut e);
        let first = [a.signed(&e, transfer(a, b.address(), 1, 0, 0))];
        let root = e.root();
        let outcomes = e.apply(&bytes(&group)).unwrap();
        let expected: Vec<&str> = (0..3).map(|k| if k == place { code } else { "group_failed" }).collect();
        assert_eq!(codes(&outcomes), expected);
        for other in outcomes.iter().take(place) {
            let got = other.fault.as_ref().unwrap().got.clone().unwrap_or_default();
            assert!(got.contains(code) && got.contains("member 3"), "{got}");
        }
        assert_eq!((e.root(), e.sequence()), (root, start.sequence()));
        assert_eq!(e.account(NEW), None);
        // the chunk goes on as if the group had never been offered
        let rest = [good(&e), first[0].clone()];
        assert_eq!(codes(&e.apply(&bytes(&rest)).unwrap()), ["ok", "ok"]);
        let sealed = e.end_chunk(true).unwrap();
        e.audit().unwrap();
        assert!(sealed.witness == sealed_alone(&start, &rest).witness, "{code}");
    }
}

#[test]
fn a_group_fails_after_items_that_stay() {
    let start = funded(4);
    let mut e = copy(&start);
    let (a, c) = (Wallet(2), Wallet(4));
    let before = [c.signed(&e, transfer(c, a.address(), 11, 5, 0)), c.signed(&e, write(c, 7, Fr::from(8u64), 1))];
    let failing = swap(&e, 1, 1 << 100);
    let after = [c.signed(&e, transfer(c, NEW, 12, 0, 2))];
    begin(&mut e);
    let items: Vec<Vec<u8>> = before.iter().chain(&failing).chain(&after).cloned().collect();
    let outcomes = e.apply(&bytes(&items)).unwrap();
    assert_eq!(codes(&outcomes), ["ok", "ok", "group_failed", "insufficient_balance", "ok"]);
    assert_eq!(outcomes[4].sequence, outcomes[1].sequence.map(|s| s + 1));
    let kept: Vec<Vec<u8>> = before.iter().chain(&after).cloned().collect();
    assert!(e.end_chunk(true).unwrap().witness == sealed_alone(&start, &kept).witness);
}

#[test]
fn what_is_no_whole_group_is_refused_and_changes_nothing() {
    let mut e = funded(3);
    let (a, b) = (Wallet(2), Wallet(3));
    let three = many(&e, 3, 0);
    let other = b.signed(&e, transfer(b, a.address(), 1, 0, 0));
    // signed over another group than the one they make up
    let named = |e: &Engine, t: Transaction| {
        let linked = Transaction { kind: Kind::LinkedTransfer, data: [Fr::from(7u64), Fr::from(0u64)], ..t };
        a.signed(e, linked)
    };
    let mismatch = [0, 1].map(|n| named(&e, transfer(a, b.address(), 1, 0, n)));
    let cases: [(&str, Vec<Vec<u8>>); 6] = [
        ("one of three", three[..1].to_vec()),
        ("the last is missing", three[..2].to_vec()),
        ("the first is missing", three[1..].to_vec()),
        ("in another order", vec![three[1].clone(), three[0].clone(), three[2].clone()]),
        ("another hash", mismatch.to_vec()),
        ("nine members", many(&e, 9, 0)),
    ];
    begin(&mut e);
    let root = e.root();
    for (why, items) in cases {
        let outcomes = e.apply(&bytes(&items)).unwrap();
        assert_eq!(codes(&outcomes), vec!["incomplete_group"; items.len()], "{why}");
        assert_eq!(e.root(), root, "{why}");
        let records = bytes(&items);
        assert_eq!(e.check_group(&records).unwrap_err().code, "incomplete_group", "{why}");
    }
    // somebody else in between: neither part is whole, and the one in between is served
    let between = [three[0].clone(), other, three[1].clone(), three[2].clone()];
    let expected = ["incomplete_group", "ok", "incomplete_group", "incomplete_group"];
    assert_eq!(codes(&e.apply(&bytes(&between)).unwrap()), expected);
    assert_eq!(e.check_group(&[]).unwrap_err().code, "incomplete_group");
    e.check_group(&bytes(&three)).unwrap();
    assert_eq!(codes(&e.apply(&bytes(&three)).unwrap()), ["ok"; 3]);
}

#[test]
fn a_changed_member_breaks_its_signature_not_only_the_group() {
    let mut e = funded(3);
    let mut items = swap(&e, 1000, 70);
    // the amount that the other party was promised, lowered after both signed
    let mut t = Transaction::from_bytes(&items[1]).unwrap();
    t.amount = 1;
    items[1] = t.to_bytes().to_vec();
    begin(&mut e);
    assert_eq!(codes(&e.apply(&bytes(&items)).unwrap()), ["incomplete_group"; 2]);
    // and with the hash made to fit, the members have not signed it
    let mut members: Vec<Transaction> = items.iter().map(|i| Transaction::from_bytes(i).unwrap()).collect();
    let fitting = group::hash(e.chain(), members.iter());
    members.iter_mut().for_each(|m| m.data[0] = fitting);
    let forged: Vec<Vec<u8>> = members.iter().map(|m| m.to_bytes().to_vec()).collect();
    assert_eq!(codes(&e.apply(&bytes(&forged)).unwrap()), ["bad_signature", "group_failed"]);
}

#[test]
fn two_to_eight_members() {
    for members in 2..=8 {
        let mut e = funded(3);
        let items = many(&e, members, 0);
        begin(&mut e);
        assert_eq!(codes(&e.apply(&bytes(&items)).unwrap()), vec!["ok"; members as usize]);
    }
    assert_eq!((*group::MEMBERS.start(), *group::MEMBERS.end()), (2, 8));
}

#[test]
fn later_members_see_what_earlier_ones_did() {
    let mut e = funded(3);
    let (a, b) = (Wallet(2), Wallet(3));
    // 9 has a key and nothing else: the first member funds the second
    let poor = Wallet(9);
    e.begin_chunk(1, 1, &[(0, 0)]).unwrap();
    assert_eq!(codes(&e.apply(&[&poor.register()]).unwrap()), ["ok"]);
    e.end_chunk(true).unwrap();
    let start = copy(&e);
    let items = signed_group(
        &e,
        vec![
            (a, transfer(a, poor.address(), 1_000_000, 0, 0)),
            (poor, transfer(poor, NEW, 5, 0, 0)),
            // the account that the second created receives again, at the price of a plain transfer
            (b, Transaction { gas_limit: 100, gas_price: 3, ..transfer(b, NEW, 6, 0, 0) }),
        ],
    );
    begin(&mut e);
    assert_eq!(codes(&e.apply(&bytes(&items)).unwrap()), ["ok"; 3]);
    assert_eq!(e.balance(NEW, 0), 11);
    assert_eq!(e.balance(poor.address(), 0), 1_000_000 - 5 - 250 * 3);
    let sealed = e.end_chunk(true).unwrap();
    assert_eq!(copy(&start).replay(&sealed.transactions, &sealed.operations).unwrap().new_root, sealed.new_root);
}

#[test]
fn a_group_without_room_waits_whole_for_the_next_chunk() {
    let arguments = Capacity::leaf().arguments as u64;
    let mut e = funded(3);
    let (a, b) = (Wallet(2), Wallet(3));
    // two hashes of arguments are left, and the group needs three
    let mut items: Vec<Vec<u8>> = Vec::new();
    items.extend(many(&e, 8, 0));
    items.extend(many(&e, arguments - 10, 8));
    let late = signed_group(&e, (0..3).map(|n| (b, transfer(b, a.address(), 1, 0, n))).collect());
    items.extend(late.clone());
    items.push(a.signed(&e, transfer(a, b.address(), 1, 0, arguments - 2)));
    begin(&mut e);
    let outcomes = e.apply(&bytes(&items)).unwrap();
    let taken = arguments as usize - 2;
    assert!(outcomes[..taken].iter().all(|o| o.fault.is_none()), "{outcomes:?}");
    // once an item does not fit, it and all that follow wait
    assert_eq!(codes(&outcomes[taken..]), ["chunk_full"; 4]);
    let nonce = e.account(b.address()).unwrap().1.nonce;
    assert_eq!(nonce, 0);
    assert_eq!(e.end_chunk(true).unwrap().items as usize, taken);
    begin(&mut e);
    assert_eq!(codes(&e.apply(&bytes(&late)).unwrap()), ["ok"; 3]);
    e.end_chunk(true).unwrap();
    e.audit().unwrap();
}

#[test]
fn a_replay_of_accepted_items_is_the_same_chunk() {
    let start = funded(4);
    let mut e = copy(&start);
    let c = Wallet(4);
    let items: Vec<Vec<u8>> =
        swap(&e, 1000, 70).into_iter().chain([c.signed(&e, transfer(c, NEW, 1, 5, 0))]).chain(many(&e, 2, 1)).collect();
    begin(&mut e);
    let mark = e.mark();
    assert_eq!(codes(&e.apply(&bytes(&items)).unwrap()), ["ok"; 5]);
    let sealed = e.end_chunk(true).unwrap();
    e.rewind(mark).unwrap();
    // as a node journals them: the items in order, a block at a time, groups never cut
    assert_eq!(codes(&e.apply(&bytes(&items[..3])).unwrap()), ["ok"; 3]);
    assert_eq!(codes(&e.apply(&bytes(&items[3..])).unwrap()), ["ok"; 2]);
    assert!(e.end_chunk(true).unwrap().witness == sealed.witness);
    assert!(sealed_alone(&start, &items).witness == sealed.witness);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// A group of any members is accepted exactly if they are accepted one after another as plain transfers, and leaves the same balances.
    #[test]
    fn a_group_does_what_its_transfers_do(members in prop::collection::vec((0u8..3, 0u8..4, any::<bool>(), 0u32..120), 2..8)) {
        let (mut linked, mut plain) = (funded(3), funded(3));
        [&mut linked, &mut plain].into_iter().for_each(begin);
        let mut nonces = [0u64; 3];
        let list: Vec<(Wallet, Transaction)> = members
            .iter()
            .map(|(from, to, native, bits)| {
                let wallet = Wallet(1 + from);
                let nonce = nonces[usize::from(*from)];
                nonces[usize::from(*from)] += 1;
                let to = if *to == 3 { Address([0xAB; 20]) } else { Wallet(1 + to).address() };
                (wallet, transfer(wallet, to, 1 << (bits / 2 + 40).min(119), if *native { 0 } else { 5 }, nonce))
            })
            .collect();
        let singles: Vec<Vec<u8>> = list.iter().map(|(w, t)| w.signed(&plain, t.clone())).collect();
        let group = signed_group(&linked, list);
        let root = linked.root();
        let whole = codes(&linked.apply(&bytes(&group)).unwrap());
        let alone = codes(&plain.apply(&bytes(&singles)).unwrap());
        if alone.iter().all(|code| *code == "ok") {
            prop_assert!(whole.iter().all(|code| *code == "ok"));
            prop_assert_eq!(linked.root(), plain.root());
        } else {
            let at = alone.iter().position(|code| *code != "ok").unwrap();
            prop_assert_eq!(whole[at], alone[at]);
            prop_assert!(whole.iter().enumerate().all(|(k, code)| k == at || *code == "group_failed"));
            prop_assert_eq!(linked.root(), root);
        }
        linked.audit().unwrap();
    }
}
