//! Bytes from anybody: every reader answers with a value or an error, never a panic, and accepts only its own form.
#![allow(clippy::unwrap_used)]

mod common;

use common::{bytes, funded, Wallet};
use l2rollup_core::batch::ChunkWitness;
use l2rollup_core::bridge::Record;
use l2rollup_core::engine::Engine;
use l2rollup_core::parameters::Kind;
use l2rollup_core::primitives::Address;
use l2rollup_core::processor::{decode, Item, Transaction};
use proptest::prelude::*;
use std::sync::LazyLock;

struct Samples {
    snapshot: Vec<u8>,
    witness: Vec<u8>,
    transactions: Vec<u8>,
    operations: Vec<u8>,
}

static SAMPLES: LazyLock<Samples> = LazyLock::new(|| {
    let mut e = funded(2);
    let snapshot = e.snapshot().unwrap();
    e.begin_chunk(9, 1, &[(0, 1), (5, 1)]).unwrap();
    let a = Wallet(1);
    let new = Transaction { to: Address([0x77; 20]), token: 5, amount: 3, ..a.transaction(Kind::Transfer, 0) };
    let mut storage = a.transaction(Kind::SetStorage, 1);
    storage.fee_token = 5;
    let items = [a.signed(&e, new), a.signed(&e, storage), a.force(0), Wallet(4).register()];
    assert!(e.apply(&bytes(&items)).unwrap().iter().all(|o| o.fault.is_none()));
    let sealed = e.end_chunk(true).unwrap();
    let witness = sealed.witness.to_bytes();
    Samples { snapshot, witness, transactions: sealed.transactions, operations: sealed.operations }
});

fn read_all(data: &[u8]) {
    if let Ok(witness) = ChunkWitness::from_bytes(data) {
        assert_eq!(witness.to_bytes(), data);
    }
    if let Ok(engine) = Engine::restore(data) {
        assert_eq!(engine.snapshot().unwrap(), data);
    }
    if let Ok(record) = Record::from_bytes(data) {
        assert_eq!(record.to_bytes()[..], *data);
    }
    if let Ok(Item::Transaction(t)) = Item::from_bytes(data) {
        assert_eq!(t.to_bytes()[..], *data);
    }
    let _ = decode(data, &[Address::ZERO]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn noise(data in prop::collection::vec(any::<u8>(), 0..400)) {
        read_all(&data);
        let mut e = Engine::restore(&SAMPLES.snapshot).unwrap();
        prop_assert!(e.replay(&data, &data).is_err() || data.is_empty());
    }

    #[test]
    fn text(data in r#"[{}":, 0-9a-zA-Z.\\]{0,200}"#) {
        read_all(data.as_bytes());
    }

    #[test]
    fn records(data in prop::collection::vec(any::<u8>(), 150), kind in 0..9u8) {
        let mut data = data;
        data[0] = kind;
        read_all(&data);
        data.resize(221, 0);
        read_all(&data);
    }

    #[test]
    fn one_changed_byte(at in any::<prop::sample::Index>(), flip in 1..=255u8, cut in any::<prop::sample::Index>()) {
        for sample in [&SAMPLES.snapshot, &SAMPLES.witness, &SAMPLES.operations] {
            let mut data = sample.clone();
            let i = at.index(data.len());
            data[i] ^= flip;
            read_all(&data);
            read_all(&sample[..cut.index(sample.len())]);
        }
        for first in [true, false] {
            let (mut transactions, mut operations) = (SAMPLES.transactions.clone(), SAMPLES.operations.clone());
            let data = if first { &mut transactions } else { &mut operations };
            let i = at.index(data.len());
            data[i] ^= flip;
            let mut e = Engine::restore(&SAMPLES.snapshot).unwrap();
            let root = e.root();
            if e.replay(&transactions, &operations).is_err() {
                prop_assert_eq!(e.root(), root);
                e.audit().unwrap();
            }
        }
    }
}
