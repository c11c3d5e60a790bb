//! rotate_key: an account replaces its key by a signature under the present one.
#![allow(clippy::unwrap_used)]

mod common;

use common::{bytes, funded, rotation, transfer, Wallet};
use l2rollup_core::bridge::{Body, Record};
use l2rollup_core::eddsa::public_key;
use l2rollup_core::engine::{Engine, Outcome};
use l2rollup_core::parameters::Kind;
use l2rollup_core::primitives::{Address, Fr};
use l2rollup_core::processor::Transaction;

const PRICES: [(u16, u64); 2] = [(0, 3), (5, 2)];

fn codes(outcomes: &[Outcome]) -> Vec<&'static str> {
    outcomes.iter().map(|o| o.fault.as_ref().map_or("ok", |f| f.code)).collect()
}

fn begin(e: &mut Engine) {
    e.begin_chunk(100, 1, &PRICES).unwrap();
}

fn key(w: Wallet) -> (Fr, Fr) {
    let key = public_key(&w.seed());
    (key.x, key.y)
}

#[test]
fn the_new_key_signs_what_follows_and_the_old_one_nothing() {
    let mut e = funded(3);
    let mut follower = Engine::restore(&e.snapshot().unwrap()).unwrap();
    let (a, new) = (Wallet(2), Wallet(40));
    let (native, token) = (e.balance(a.address(), 0), e.balance(a.address(), 5));
    let t = Transaction { fee_token: 5, ..rotation(a, new, 0) };
    let items = [
        a.signed(&e, t),
        // verified ahead of execution under the key that the account has no more
        a.signed(&e, transfer(a, Wallet(3).address(), 1, 0, 1)),
        new.signed(&e, transfer(a, Wallet(3).address(), 2, 0, 1)),
    ];
    begin(&mut e);
    let outcomes = e.apply(&bytes(&items)).unwrap();
    assert_eq!(codes(&outcomes), ["ok", "bad_signature", "ok"]);
    let account = e.account(a.address()).unwrap().1;
    assert_eq!((account.scheme, account.nonce, account.key), (1, 2, key(new)));
    assert_eq!(e.balance(a.address(), 5), token - 400 * 2);
    assert_eq!(e.balance(a.address(), 0), native - 2 - 100 * 3);
    let record = Record::from_bytes(&outcomes[0].record.unwrap()).unwrap();
    let expected = Record {
        kind: Kind::RotateKey,
        token: 0,
        index: 2,
        nonce: 0,
        amount: 0,
        fee_token: 5,
        address: a.address(),
        body: Body::Key(key(new).0, key(new).1),
    };
    assert_eq!((record, record.to_bytes()[0]), (expected, 9));
    let sealed = e.end_chunk(true).unwrap();
    assert_eq!(sealed.operations, record.to_bytes());
    assert!(sealed.payments.is_empty());
    let slot = &sealed.witness.slots[0];
    assert_eq!((slot.key, slot.data, slot.fee_token, slot.amount), (key(new), [Fr::from(0u64); 2], 5, 0));
    assert!(slot.signature.is_some() && slot.sender == 2 && slot.to == a.address());
    assert_eq!(follower.replay(&sealed.transactions, &sealed.operations).unwrap().new_root, sealed.new_root);
    assert!(follower.snapshot().unwrap() == e.snapshot().unwrap());
}

#[test]
fn rules_in_their_order() {
    let mut e = funded(3);
    let (a, new) = (Wallet(2), Wallet(40));
    let base = rotation(a, new, 0);
    let off_curve = Transaction { data: [Fr::from(1u64), Fr::from(1u64)], ..base.clone() };
    let identity = Transaction { data: [Fr::from(0u64), Fr::from(1u64)], ..base.clone() };
    let keyless = Wallet(60);
    let cases = [
        ("unknown_account", new.signed(&e, rotation(new, new, 0))),
        ("no_key", keyless.signed(&e, rotation(keyless, new, 0))),
        // the owner of the new key is not who signs
        ("bad_signature", new.signed(&e, base.clone())),
        ("nonce_too_high", a.signed(&e, Transaction { nonce: 1, ..base.clone() })),
        ("expired", a.signed(&e, Transaction { valid_until: 99, ..base.clone() })),
        ("fee_token_not_listed", a.signed(&e, Transaction { fee_token: 7, ..base.clone() })),
        ("fee_too_low", a.signed(&e, Transaction { gas_limit: 399, gas_price: 3, ..base.clone() })),
        ("fee_too_low", a.signed(&e, Transaction { gas_limit: 399, gas_price: 3, ..off_curve.clone() })),
        ("bad_key", a.signed(&e, off_curve)),
        ("bad_key", a.signed(&e, identity.clone())),
    ];
    e.begin_chunk(1, 1, &[(0, 0)]).unwrap();
    assert_eq!(codes(&e.apply(&[&keyless.deposit(0, 1 << 60)]).unwrap()), ["ok"]);
    e.end_chunk(true).unwrap();
    begin(&mut e);
    let root = e.root();
    for (code, item) in &cases {
        assert_eq!(codes(&e.apply(&[item]).unwrap()), [*code]);
    }
    assert_eq!(e.root(), root);
    assert_eq!(e.check(&[&a.signed(&e, identity)])[0].as_ref().unwrap_err().code, "bad_key");
    // the exact fee is enough
    let exact = a.signed(&e, Transaction { gas_limit: 400, gas_price: 3, ..base });
    assert_eq!(codes(&e.apply(&[&exact]).unwrap()), ["ok"]);
}

#[test]
fn a_queued_key_and_a_rotation_override_each_other_by_order() {
    let (a, b, new) = (Wallet(2), Wallet(3), Wallet(40));
    for rotates_last in [false, true] {
        let mut e = funded(3);
        let rotated = a.signed(&e, rotation(a, new, 0));
        let items = if rotates_last { [a.register(), rotated] } else { [rotated, a.register()] };
        begin(&mut e);
        assert_eq!(codes(&e.apply(&bytes(&items)).unwrap()), ["ok", "ok"]);
        let expected = if rotates_last { key(new) } else { key(a) };
        assert_eq!(e.account(a.address()).unwrap().1.key, expected);
        assert_eq!(e.account(b.address()).unwrap().1.key, key(b));
    }
}

#[test]
fn a_record_of_it_is_read_strictly_and_replayed_strictly() {
    let mut e = funded(3);
    let (a, new) = (Wallet(2), Wallet(40));
    let item = a.signed(&e, rotation(a, new, 0));
    let before = e.snapshot().unwrap();
    begin(&mut e);
    e.apply(&[&item]).unwrap();
    let sealed = e.end_chunk(true).unwrap();
    let record = Record::from_bytes(&sealed.operations).unwrap();
    for wrong in [
        Record { amount: 1, ..record },
        Record { token: 1, ..record },
        Record { kind: Kind::SetKey, fee_token: 5, ..record },
        Record { kind: Kind::RegisterKey, ..record },
    ] {
        assert!(Record::from_bytes(&wrong.to_bytes()).is_err(), "{wrong:?}");
    }
    // a stranger's replay: another account, another nonce, a fee token that is not listed, a key off the curve
    for (code, wrong) in [
        ("unknown_account", Record { index: 3, ..record }),
        ("unknown_account", Record { nonce: 1, ..record }),
        ("unknown_account", Record { address: Address([8; 20]), ..record }),
        ("fee_token_not_listed", Record { fee_token: 7, ..record }),
        ("bad_key", Record { body: Body::Key(Fr::from(1u64), Fr::from(1u64)), ..record }),
    ] {
        let mut follower = Engine::restore(&before).unwrap();
        assert_eq!(follower.replay(&sealed.transactions, &wrong.to_bytes()).unwrap_err().code, code);
        assert!(follower.snapshot().unwrap() == before);
    }
}
