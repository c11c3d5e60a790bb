//! The batch circuit on true chunks: every kind and outcome satisfies the relation, and all chunks have one structure.
//!
//! What this is not: the forgeries; see `src/circuit/forgeries/`.
#![allow(clippy::unwrap_used)]

mod common;

use std::sync::LazyLock;

use common::{every_kind, funded, seal_items, transfer, Wallet};
use l2rollup_core::batch::{Capacity, SealedChunk};
use l2rollup_core::bridge::{Body, Record};
use l2rollup_core::circuit::gates::{ADVICE, ROWS};
use l2rollup_core::circuit::{assign, compile, Finished};
use l2rollup_core::parameters::Kind;
use l2rollup_core::primitives::{Address, Fr};
use l2rollup_core::processor::Transaction;
use plonk::{check, keygen, prove, verify, Progress, Srs};
use std::time::Instant;

static COMPILED: LazyLock<Finished> = LazyLock::new(|| compile(&Capacity::leaf()).unwrap());

fn assert_proves(sealed: &SealedChunk) -> Finished {
    let finished = assign(&Capacity::leaf(), &sealed.witness, Fr::from(12_345u64)).unwrap();
    let violations = check(&COMPILED.relation, &COMPILED.fixed, &finished.witness, 5);
    let named: Vec<String> =
        violations.iter().map(|v| format!("{} at {}: {}", v.label, finished.labels.violation(&v.label, v.row), v.values)).collect();
    assert!(named.is_empty(), "{named:#?}");
    assert_eq!(finished.digest, COMPILED.digest);
    finished
}

/// Rows and cells by part.
fn sizes() -> String {
    let mut out =
        String::from("# regenerate: UPDATE_SIZES=1 cargo test --release -p l2rollup-core --test circuit_batch sizes\n");
    out += "part,rows,cells\n";
    let parts = COMPILED.parts();
    for part in &parts {
        out += &format!("{},{},{}\n", part.label, part.rows, part.cells);
    }
    // the pool has columns of its own
    let idle = 2 * ROWS - parts.iter().map(|part| part.rows).sum::<usize>();
    out + &format!("idle generic rows,{idle},{}\n", idle * 10)
}

#[test]
fn sizes_are_the_committed_ones() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/sizes.csv");
    if std::env::var_os("UPDATE_SIZES").is_some() {
        std::fs::write(path, sizes()).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap(), sizes());
    assert!(ROWS * ADVICE / Capacity::leaf().slots <= 8_000);
}

#[test]
fn every_kind_proves() {
    let (mut e, items) = every_kind();
    let sealed = seal_items(&mut e, &[(0, 3), (5, 2)], &items);
    let finished = assert_proves(&sealed);
    println!("hashes {:?}, poseidon5 {}", finished.hashes, finished.poseidon5);
}

#[test]
fn an_empty_chunk_proves() {
    // what a node finalises when nothing happens for long
    let mut e = funded(2);
    let sealed = seal_items(&mut e, &[(0, 3)], &[]);
    assert_eq!(sealed.old_root, sealed.new_root);
    assert_proves(&sealed);
}

#[test]
fn a_full_chunk_proves_and_verifies() {
    let mut e = funded(30);
    let items: Vec<Vec<u8>> = (0..Capacity::leaf().slots as u8)
        .map(|i| {
            let (from, to) = (Wallet(1 + i % 30), Wallet(1 + (i * 7 + 3) % 30));
            from.signed(&e, transfer(from, to.address(), 1_000_000 + u128::from(i), 0, u64::from(i / 30)))
        })
        .collect();
    let sealed = seal_items(&mut e, &[(0, 3)], &items);
    let finished = assert_proves(&sealed);
    println!("hashes {:?}, poseidon5 {}", finished.hashes, finished.poseidon5);
    let srs = Srs::from_compressed_bytes(include_bytes!("../../../python/l2rollup/data/srs/aztec-ignition-32768.srs"))
        .unwrap();
    let start = Instant::now();
    let pk = keygen(&COMPILED.relation, &COMPILED.fixed, &srs).unwrap();
    println!("keygen {:?}", start.elapsed());
    let start = Instant::now();
    let proof = prove(&pk, &finished.witness, Progress { skip_check: true, ..Progress::default() }).unwrap();
    println!("prove {:?}, {} bytes", start.elapsed(), proof.len());
    let start = Instant::now();
    verify(&pk.vk, &finished.witness.instance, &proof).unwrap();
    println!("verify {:?}", start.elapsed());
    // every public input and every message of the proof is bound
    for i in 0..finished.witness.instance.len() {
        let mut other = finished.witness.instance.clone();
        other[i] += Fr::from(1u64);
        assert!(verify(&pk.vk, &other, &proof).is_err(), "public input {i}");
    }
    for at in (0..proof.len()).step_by(32) {
        let mut other = proof.clone();
        other[at + 31] ^= 1;
        assert!(verify(&pk.vk, &finished.witness.instance, &other).is_err(), "word {}", at / 32);
    }
}

/// A wallet's deposit record for any address.
fn deposit_to(address: Address, token: u16, amount: u128) -> Vec<u8> {
    let body = Body::Recipient(Address([7; 20]));
    let record = Record { kind: Kind::Deposit, token, index: 0, nonce: 0, amount, fee_token: 0, address, body };
    record.to_bytes().to_vec()
}

#[test]
fn emptied_and_filled_again_and_the_highest_address() {
    let mut e = funded(2);
    let a = Wallet(2);
    let highest = Address([0xFF; 20]);
    let all = Transaction { kind: Kind::Withdraw, ..transfer(a, Address([9; 20]), 1 << 90, 5, 0) };
    let items = [
        a.signed(&e, all),
        a.deposit(5, 77),
        deposit_to(highest, 0, 5),
        a.signed(&e, transfer(a, highest, 3, 5, 1)),
        deposit_to(Address::from_low(1 << 16), 5, 1),
    ];
    assert_proves(&seal_items(&mut e, &[(0, 3)], &items));
    assert_eq!((e.balance(a.address(), 5), e.balance(highest, 5)), (74, 3));
}

#[test]
fn an_account_at_a_far_index() {
    let mut e = funded(2);
    // accounts in no order of address, so that list neighbours lie in other branches of the tree
    let address = |i: u32| {
        let mut bytes = [0x11; 20];
        bytes[..4].copy_from_slice(&i.wrapping_mul(0x9E37_79B1).to_be_bytes());
        Address(bytes)
    };
    let most = usize::MAX;
    e = e.with_capacity(Capacity {
        slots: most,
        account_leaves: most,
        balance_leaves: most,
        nodes: most,
        id_nodes: most,
        transaction_words: most,
        operations: most,
        changes: most,
        arguments: most,
        writes: most,
        kinds: u16::MAX,
    });
    for round in 0..4 {
        let items: Vec<Vec<u8>> = (0..5000).map(|i| deposit_to(address(round * 5000 + i), 0, 1)).collect();
        seal_items(&mut e, &[(0, 0)], &items);
    }
    let mut e = e.with_capacity(Capacity::leaf());
    let far = address(19_999);
    assert!(e.account(far).unwrap().0 > 20_000);
    let a = Wallet(2);
    let items = [
        a.signed(&e, transfer(a, far, 9, 0, 0)),
        a.signed(&e, transfer(a, far, 9, 5, 1)),
        deposit_to(address(30_000), 5, 4),
        Wallet(77).force(0),
    ];
    assert_proves(&seal_items(&mut e, &[(0, 3)], &items));
    assert_eq!((e.balance(far, 0), e.balance(far, 5)), (10, 9));
}
