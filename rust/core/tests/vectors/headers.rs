//! Batch headers, withdrawal trees, block headers, receipts, and the digest of SetKey.

use l2rollup_core::batch::block::receipt_leaf;
use l2rollup_core::batch::{BatchHeader, BlockHeader};
use l2rollup_core::bridge::{Withdrawal, WithdrawalTree};
use l2rollup_core::parameters::Kind;
use l2rollup_core::primitives::field::hex;
use l2rollup_core::processor::ownership::{check_owner, set_key_digest};
use l2rollup_core::processor::{Chain, Transaction};
use serde_json::Value;

use crate::json::{address, array, bytes, decimal, element, elements, integer, list, load, text};

fn chain(v: &Value) -> Chain {
    let chain = Chain::new(integer(&v["chainId"]), address(&v["rollup"]));
    assert_eq!((chain.domain, chain.separator), (element(&v["domain"]), array(&v["separator"])));
    chain
}

fn number(value: &Value) -> u64 {
    decimal(value).try_into().unwrap()
}

fn compare_tree(tree: &WithdrawalTree, v: &Value) {
    assert_eq!(hex(&tree.root()), text(&v["root"]));
    for (i, path) in list(&v["paths"]).iter().enumerate() {
        let got: Vec<String> = tree.path(i).unwrap().iter().map(|node| hex(node)).collect();
        assert_eq!(got, list(path).iter().map(text).collect::<Vec<_>>());
    }
}

#[test]
fn batch_headers() {
    let v = load("headers");
    for case in list(&v["batches"]) {
        let h = &case["header"];
        let header = BatchHeader {
            batch_id: number(&h["batchId"]),
            time: number(&h["time"]),
            old_root: element(&h["oldRoot"]),
            new_root: element(&h["newRoot"]),
            first_sequence: number(&h["firstSequence"]),
            end_sequence: number(&h["endSequence"]),
            first_queue: number(&h["firstQueue"]),
            end_queue: number(&h["endQueue"]),
            id_root: element(&h["idRoot"]),
            tx_c: element(&h["txC"]),
            op_c: element(&h["opC"]),
            z: field_of(&h["z"]),
            tx_y: field_of(&h["txY"]),
            op_y: field_of(&h["opY"]),
            tx_words: number(&h["txWords"]),
            op_words: number(&h["opWords"]),
            data_mode: number(&h["dataMode"]) as u8,
            chunks: number(&h["chunks"]),
            block_hash: array(&h["blockHash"]),
            withdrawals_root: array(&h["withdrawalsRoot"]),
        };
        assert_eq!((header.encode(), header.hash()), (bytes(&case["encoded"]), array(&case["hash"])));
    }
}

/// A field element in decimal.
fn field_of(value: &Value) -> l2rollup_core::primitives::Fr {
    text(value).parse().ok().unwrap()
}

#[test]
fn withdrawal_trees() {
    for case in list(&load("headers")["withdrawals"]) {
        let read = |w: &Value| Withdrawal {
            token: address(&w["token"]),
            amount: decimal(&w["amount"]),
            recipient: address(&w["recipient"]),
        };
        let listed: Vec<Withdrawal> = list(&case["withdrawals"]).iter().map(read).collect();
        compare_tree(&WithdrawalTree::new(integer(&case["batchId"]), &listed), case);
    }
}

#[test]
fn block_headers_and_receipts() {
    let v = load("headers");
    for case in list(&v["blocks"]) {
        let h = &case["header"];
        let header = BlockHeader {
            number: number(&h["number"]),
            parent: array(&h["parent"]),
            first_sequence: number(&h["firstSequence"]),
            count: number(&h["count"]) as u32,
            leaves_root: array(&h["leavesRoot"]),
            outstanding_cover: decimal(&h["outstandingCover"]),
            queue_index: number(&h["queueIndex"]),
            queue_hash: array(&h["queueHash"]),
            time: number(&h["time"]),
            include_by: number(&h["includeBy"]),
            chunk_ends: list(&h["chunkEnds"]).iter().map(number).collect(),
            batch_id: number(&h["batchId"]),
            state_root: element(&h["stateRoot"]),
        };
        assert_eq!(header.digest(&chain(&v)), array::<32>(&case["digest"]));
        let leaf = |r: &Value| receipt_leaf(integer(&r["sequence"]), &element(&r["id"]), decimal(&r["cover"]));
        let leaves: Vec<[u8; 32]> = list(&case["receipts"]).iter().map(leaf).collect();
        assert_eq!(
            leaves.iter().map(|l| hex(l)).collect::<Vec<_>>(),
            list(&case["leaves"]).iter().map(text).collect::<Vec<_>>()
        );
        let tree = WithdrawalTree::from_leaves(leaves);
        compare_tree(&tree, case);
        assert_eq!(tree.root(), header.leaves_root);
    }
}

#[test]
fn set_key() {
    let v = load("headers");
    let s = &v["setKey"];
    let [x, y] = elements(&Value::Array(vec![s["ax"].clone(), s["ay"].clone()]));
    let account = address(&s["account"]);
    let transaction = Transaction {
        kind: Kind::SetKey,
        from: account,
        to: account,
        token: 0,
        fee_token: 0,
        amount: 0,
        nonce: integer(&s["nonce"]),
        gas_limit: 0,
        gas_price: 0,
        valid_until: 0,
        data: [x, y],
        signature: array(&s["signature"]),
    };
    assert_eq!(set_key_digest(&chain(&v), &transaction), array::<32>(&s["digest"]));
    check_owner(&chain(&v), &transaction).unwrap();
    assert!(check_owner(&chain(&v), &Transaction { nonce: transaction.nonce + 1, ..transaction }).is_err());
}
