//! The state transition: every item of every scenario has the specification's outcome, and every chunk its bytes, roots,
//! digests, payments and totals; a follower that sees only the data arrives at the same state.

use std::collections::BTreeMap;

use l2rollup_core::batch::{Capacity, ChunkWitness, SealedChunk};
use l2rollup_core::engine::{Engine, Outcome};
use l2rollup_core::primitives::field::{hex, to_bytes};
use l2rollup_core::primitives::Fr;
use serde_json::Value;

use crate::json::{address, bytes, decimal, element, integer, list, load, text};

/// Wide enough for every scenario: the specification has no capacity.
const WIDE: Capacity = Capacity {
    slots: 256,
    account_leaves: 4096,
    balance_leaves: 4096,
    nodes: 1 << 16,
    id_nodes: 4096,
    transaction_words: 4096,
    operations: 256,
    changes: 256,
    arguments: 256,
    writes: 256,
    kinds: u16::MAX,
};

pub fn genesis(v: &Value) -> Engine {
    Engine::genesis(integer(&v["chainId"]), address(&v["rollup"])).with_capacity(WIDE)
}

pub fn begin(e: &mut Engine, chunk: &Value) {
    let price = |p: &Value| (integer(&p[0]) as u16, decimal(&p[1]) as u64);
    let prices: Vec<(u16, u64)> = list(&chunk["prices"]).iter().map(price).collect();
    e.begin_chunk(integer(&chunk["time"]), integer(&chunk["feeAccount"]) as u32, &prices).unwrap();
}

/// Items with what is said of them, as they are offered: in calls of one, or of as many as the first of them says.
pub fn calls(chunk: &Value) -> Vec<(Vec<Vec<u8>>, &[Value])> {
    let mut rest = list(&chunk["items"]).as_slice();
    let mut calls = Vec::new();
    while let Some(first) = rest.first() {
        let (call, after) = rest.split_at(first["together"].as_u64().unwrap_or(1) as usize);
        calls.push((call.iter().map(|item| bytes(&item["item"])).collect(), call));
        rest = after;
    }
    calls
}

/// Offers the items of a call.
pub fn offer(e: &mut Engine, items: &[Vec<u8>]) -> Vec<Outcome> {
    e.apply(&items.iter().map(Vec::as_slice).collect::<Vec<_>>()).unwrap()
}

fn compare_outcome(got: &Outcome, item: &Value) {
    let what = format!("{}: {:?}", text(&item["why"]), got.fault);
    assert_eq!(got.fault.as_ref().map_or("ok", |f| f.code), text(&item["code"]), "{what}");
    assert_eq!(got.sequence, item["sequence"].as_u64(), "{what}");
    assert_eq!(got.id, element(&item["id"]), "{what}");
    assert_eq!(got.record.map(|r| hex(&r)).as_deref(), item["record"].as_str(), "{what}");
}

fn compare_sealed(got: &SealedChunk, v: &Value) {
    assert_eq!(hex(&got.transactions), text(&v["transactions"]));
    assert_eq!(hex(&got.operations), text(&v["operations"]));
    let fields = [&got.tx_c, &got.op_c, &got.old_root, &got.new_root, &got.id_root].map(|x: &Fr| hex(&to_bytes(x)));
    assert_eq!(
        fields.each_ref().map(String::as_str),
        ["txC", "opC", "oldRoot", "newRoot", "idRoot"].map(|n| text(&v[n]))
    );
    let places = [got.first_sequence, got.end_sequence, got.first_queue, got.end_queue];
    assert_eq!(places, ["firstSequence", "endSequence", "firstQueue", "endQueue"].map(|n| integer(&v[n])));
    let payments: Vec<_> = got.payments.iter().map(|p| (u64::from(p.token), p.amount, p.recipient)).collect();
    let expected: Vec<_> =
        list(&v["payments"]).iter().map(|p| (integer(&p[0]), decimal(&p[1]), address(&p[2]))).collect();
    assert_eq!(payments, expected);
    assert_eq!(ChunkWitness::from_bytes(&got.witness.to_bytes()).as_ref(), Ok(&got.witness));
}

fn compare_totals(e: &Engine, v: &Value) {
    assert_eq!(e.state().count(), integer(&v["accounts"]));
    let got: BTreeMap<String, String> =
        e.state().totals().into_iter().map(|(t, x)| (t.to_string(), x.to_string())).collect();
    // The engine's sums stop at 2^128 - 1; only the deposits of a test without an L1 reach that.
    let total = |x: &Value| text(x).parse::<u128>().unwrap_or(u128::MAX).to_string();
    let expected = v["totals"].as_object().unwrap().iter().map(|(t, x)| (t.clone(), total(x))).collect();
    assert_eq!(got, expected);
}

fn play(e: &mut Engine, chunk: &Value, one_call: bool) -> SealedChunk {
    begin(e, chunk);
    if one_call {
        // Whatever was refused changed nothing, so the accepted items alone make the same chunk.
        let items = list(&chunk["items"]).iter().filter(|item| text(&item["code"]) == "ok");
        let accepted: Vec<Vec<u8>> = items.map(|item| bytes(&item["item"])).collect();
        assert!(offer(e, &accepted).iter().all(|o| o.fault.is_none()));
    } else {
        for (items, expected) in calls(chunk) {
            let got = offer(e, &items);
            assert_eq!(got.len(), expected.len());
            got.iter().zip(expected).for_each(|(outcome, item)| compare_outcome(outcome, item));
        }
    }
    e.end_chunk(chunk["endsBatch"].as_bool().unwrap()).unwrap()
}

/// The engine after all chunks of a scenario.
pub fn after(name: &str) -> Engine {
    let v = load("transitions");
    let scenario = list(&v["scenarios"]).iter().find(|s| text(&s["name"]) == name).unwrap();
    let mut e = genesis(&v);
    list(&scenario["chunks"]).iter().for_each(|chunk| _ = play(&mut e, chunk, false));
    e
}

#[test]
fn scenarios() {
    let v = load("transitions");
    let mut counts = (0, 0);
    for scenario in list(&v["scenarios"]) {
        let (mut e, mut follower) = (genesis(&v), genesis(&v));
        let (mut transactions, mut operations) = (Vec::new(), Vec::new());
        for chunk in list(&scenario["chunks"]) {
            let mark = e.mark();
            let sealed = play(&mut e, chunk, false);
            compare_sealed(&sealed, &chunk["sealed"]);
            compare_totals(&e, &chunk["sealed"]);
            e.audit().unwrap();
            counts = (counts.0 + list(&chunk["items"]).len(), counts.1 + sealed.items);
            // Back to the start of the chunk, and all accepted items in one call: the same chunk, witness included.
            e.rewind(mark).unwrap();
            assert_eq!(e.root(), sealed.old_root);
            let again = play(&mut e, chunk, true);
            assert!(again.witness == sealed.witness && again.transactions == sealed.transactions);
            e.forget(mark);
            transactions.extend_from_slice(&sealed.transactions);
            operations.extend_from_slice(&sealed.operations);
            if chunk["endsBatch"].as_bool().unwrap() {
                let done = follower.replay(&transactions, &operations).unwrap();
                assert_eq!((done.new_root, done.tx_c, done.op_c), (sealed.new_root, sealed.tx_c, sealed.op_c));
                assert_eq!(follower.snapshot().unwrap(), e.snapshot().unwrap());
                (transactions, operations) = (Vec::new(), Vec::new());
            }
        }
    }
    assert!(counts.0 > 400 && counts.1 > 200, "{counts:?}");
}
