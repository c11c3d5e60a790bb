//! Headers, typed digests and Keccak trees against answers computed with eth-abi and eth-account.

mod common;

use common::Wallet;
use l2rollup_core::batch::block::receipt_leaf;
use l2rollup_core::batch::{BatchHeader, BlockHeader};
use l2rollup_core::bridge::{Withdrawal, WithdrawalTree};
use l2rollup_core::parameters::Kind;
use l2rollup_core::primitives::field::{hex, to_bytes};
use l2rollup_core::primitives::{Address, Fr};
use l2rollup_core::processor::ownership::set_key_digest;
use l2rollup_core::processor::{Chain, Transaction};

fn chain() -> Chain {
    Chain::new(31337, Address([0x42; 20]))
}

#[test]
fn domain() {
    let expected = "0x000cf819c3c1f45ee65e4c0712abf5e0156cad5bf98ef1088394415e02736018";
    assert_eq!(hex(&to_bytes(&chain().domain)), expected);
}

#[test]
fn block_header_digest() {
    let header = BlockHeader {
        number: 1,
        parent: [2; 32],
        first_sequence: 3,
        count: 4,
        leaves_root: [5; 32],
        outstanding_cover: 6,
        queue_index: 7,
        queue_hash: [8; 32],
        time: 9,
        include_by: 10,
        chunk_ends: vec![11, 12],
        batch_id: 13,
        state_root: Fr::from(14u64),
    };
    let expected = "0xb147481655226e391f5d8684ce37caca79b89839717c33b111958079446e4f1c";
    assert_eq!(hex(&header.digest(&chain())), expected);
}

#[test]
fn set_key_digest_is_eip_712() {
    let from = Address([0x11; 20]);
    let data = [Fr::from(1u64), Fr::from(2u64)];
    let transaction = Transaction { from, to: from, data, ..Wallet(1).transaction(Kind::SetKey, 3) };
    let expected = "0x7c7dfd6b3f3259cdb7461583530b6e89fb460abd769b7294c881a19418729fef";
    assert_eq!(hex(&set_key_digest(&chain(), &transaction)), expected);
}

#[test]
fn batch_header_hash() {
    let word = |x: u8| {
        let mut out = [0u8; 32];
        out[31] = x;
        out
    };
    let header = BatchHeader {
        batch_id: 1,
        time: 2,
        old_root: Fr::from(3u64),
        new_root: Fr::from(4u64),
        first_sequence: 5,
        end_sequence: 6,
        first_queue: 7,
        end_queue: 8,
        id_root: Fr::from(9u64),
        tx_c: Fr::from(10u64),
        op_c: Fr::from(11u64),
        z: Fr::from(12u64),
        tx_y: Fr::from(13u64),
        op_y: Fr::from(14u64),
        tx_words: 15,
        op_words: 16,
        data_mode: 17,
        chunks: 18,
        block_hash: word(19),
        withdrawals_root: word(20),
    };
    let expected = "0xa3eda9b5c7373277edaac486a3112021c4940b8eff87f3db5d8bad6aa3d22638";
    assert_eq!(hex(&header.hash()), expected);
}

#[test]
fn withdrawals_and_receipts() {
    let pay = |token: u8, amount: u128, to: u8| Withdrawal {
        token: Address([token; 20]),
        amount,
        recipient: Address([to; 20]),
    };
    let list = [pay(0, 5, 0x11), pay(0x33, 6, 0x22), pay(0x33, 7, 0x11)];
    let tree = WithdrawalTree::new(9, &list);
    assert_eq!(hex(&tree.root()), "0x6acd9f3e68fb5eb581056c7efac1a1cd526abe8d342f8587f469b4828c37a268");
    let single = WithdrawalTree::new(9, &list[..1]);
    assert_eq!(hex(&single.root()), "0x704ba93b08213cebbbe989109b5151b7a76813236e908a4963f4aa0c904a60cf");
    assert_eq!(single.path(0), Some(Vec::new()));
    let path: Vec<String> = tree.path(2).into_iter().flatten().map(|word| hex(&word)).collect();
    assert_eq!(
        path,
        [
            "0x0000000000000000000000000000000000000000000000000000000000000000",
            "0xf06ef5464f0b0ec4a8af19fa7d419bc8a0c30cdd5c82ae27654139b8abac81ad"
        ]
    );
    assert_eq!((WithdrawalTree::new(9, &[]).root(), tree.path(4)), ([0; 32], None));
    let receipt = receipt_leaf(1, &Fr::from(2u64), 3);
    assert_eq!(hex(&receipt), "0x6e0c627900b24bd432fe7b1f713f1b0744091a646a9fe4a65a18dfed21f2949c");
}
