//! Amounts, records, streams that must be read and streams that must not, digests, z and y.

use l2rollup_core::bridge::Record;
use l2rollup_core::da::{chain_digest, evaluate, words_of, Challenge};
use l2rollup_core::engine::Engine;
use l2rollup_core::primitives::amount::{pack, unpack, PackedAmount};
use l2rollup_core::primitives::field::{hex, to_bytes};
use l2rollup_core::primitives::keccak::keccak256;
use l2rollup_core::primitives::Fr;
use l2rollup_core::processor::Chain;
use serde_json::Value;

use crate::json::{address, array, bytes, decimal, element, integer, list, load, text};
use crate::transitions::genesis;

fn form(case: &Value) -> Option<PackedAmount> {
    let packed = u32::try_from(case["packed"].as_u64()?).unwrap();
    Some(PackedAmount { packed, extension: case["extension"].as_str().map(|x| x.parse().unwrap()) })
}

#[test]
fn amounts() {
    let v = load("data");
    for case in list(&v["amounts"]["cases"]) {
        let amount = decimal(&case["amount"]);
        assert_eq!(pack(amount), form(case), "{amount}");
        assert!(form(case).is_none_or(|f| unpack(f) == Some(amount)), "{amount}");
    }
    for case in list(&v["amounts"]["read"]) {
        let amount = decimal(&case["amount"]);
        assert_ne!(pack(amount), form(case), "{amount}");
        assert_eq!(form(case).and_then(unpack), Some(amount), "{amount}");
    }
    for case in list(&v["amounts"]["refused"]) {
        assert_eq!(unpack(form(case).unwrap()), None, "{}", case["why"]);
    }
}

#[test]
fn records() {
    let mut rolling = [0u8; 32];
    for case in list(&load("data")["records"]) {
        let raw = bytes(&case["record"]);
        let record = Record::from_bytes(&raw).unwrap();
        assert_eq!(record.to_bytes().to_vec(), raw);
        assert_eq!(
            record.words().map(|w| hex(&to_bytes(&w))).to_vec(),
            list(&case["words"]).iter().map(text).collect::<Vec<_>>()
        );
        if case["id"].is_null() {
            continue;
        }
        assert_eq!(record.id(), element(&case["id"]));
        assert_eq!(record.request().to_bytes().to_vec(), bytes(&case["request"]));
        assert_eq!(record.request_hash(), array::<32>(&case["requestHash"]));
        rolling = keccak256(&[&rolling, &record.request_hash(), &bytes(&case["blockHash"])]);
        rolling[28..].fill(0);
        assert_eq!(rolling, array::<32>(&case["queueHash"]));
    }
}

fn base(v: &Value) -> Engine {
    let mut e = genesis(&load("transitions"));
    let done = e.replay(&bytes(&v["transactions"]), &bytes(&v["operations"])).unwrap();
    assert_eq!(done.new_root, element(&v["newRoot"]));
    e
}

#[test]
fn streams() {
    let v = load("data");
    let start = base(&v["streams"]["base"]).snapshot().unwrap();
    for case in list(&v["streams"]["cases"]) {
        let why = text(&case["why"]);
        let mut e = Engine::restore(&start).unwrap();
        match e.replay(&bytes(&case["transactions"]), &bytes(&case["operations"])) {
            Err(fault) => {
                assert_eq!(fault.code, text(&case["code"]), "{why}: {fault:?}");
                assert!(e.snapshot().unwrap() == start, "{why}");
            }
            Ok(done) => {
                assert_eq!("ok", text(&case["code"]), "{why}");
                let fields = [done.new_root, done.tx_c, done.op_c];
                assert_eq!(fields, ["newRoot", "txC", "opC"].map(|n| element(&case[n])), "{why}");
                let numbers = [done.items, done.queue_entries, done.chunks, e.state().count()];
                assert_eq!(
                    numbers,
                    ["items", "queueEntries", "chunks", "accounts"].map(|n| integer(&case[n])),
                    "{why}"
                );
                let paid: Vec<_> = done.payments.iter().map(|p| (u64::from(p.token), p.amount, p.recipient)).collect();
                let expected: Vec<_> =
                    list(&case["payments"]).iter().map(|p| (integer(&p[0]), decimal(&p[1]), address(&p[2]))).collect();
                assert_eq!(paid, expected, "{why}");
            }
        }
        e.audit().unwrap();
    }
}

#[test]
fn digests() {
    let v = load("digests");
    for case in list(&v["chains"]) {
        let words = words_of(&bytes(&case["stream"])).unwrap();
        assert_eq!(chain_digest(&element(&case["before"]), &words), element(&case["after"]));
    }
    let chain = Chain::new(integer(&v["chainId"]), address(&v["rollup"]));
    assert_eq!(chain.domain, element(&v["domain"]));
    for case in list(&v["batches"]) {
        let (transactions, operations) = (bytes(&case["transactions"]), bytes(&case["operations"]));
        let (tx, op) = (words_of(&transactions).unwrap(), words_of(&operations).unwrap());
        let zero = Fr::from(0u64);
        let [tx_c, op_c] = [chain_digest(&zero, &tx), chain_digest(&zero, &op)];
        assert_eq!([tx_c, op_c], [element(&case["txC"]), element(&case["opC"])]);
        let (chain_id, rollup, batch_id) = (chain.chain_id, chain.rollup, integer(&case["batchId"]));
        let (transactions, operations) = (&transactions[..], &operations[..]);
        let z =
            Challenge { domain: chain.domain, chain_id, rollup, batch_id, tx_c, op_c, transactions, operations }.z();
        assert_eq!(z, element(&case["z"]));
        assert_eq!(
            [evaluate(&zero, &tx, &z), evaluate(&zero, &op, &z)],
            [element(&case["txY"]), element(&case["opY"])]
        );
    }
}
