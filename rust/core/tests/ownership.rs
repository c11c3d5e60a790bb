//! set_key by an owner's EIP-712 signature: what L1's ecrecover accepts is accepted, nothing else.
#![allow(clippy::unwrap_used)]

mod common;

use common::{bytes, owner, owner_signed as signed, Wallet};
use l2rollup_core::bridge::{Body, Record};
use l2rollup_core::engine::Engine;
use l2rollup_core::parameters::Kind;
use l2rollup_core::primitives::Fr;
use l2rollup_core::processor::Transaction;

#[test]
fn an_owner_sets_and_changes_the_key() {
    let mut e = common::engine();
    let (key, address) = owner();
    let record = Record {
        kind: Kind::Deposit,
        token: 0,
        index: 0,
        nonce: 0,
        amount: 10,
        fee_token: 0,
        address,
        body: Body::Recipient(address),
    };
    e.begin_chunk(1, 1, &[(0, 7)]).unwrap();
    assert!(e.apply(&[&record.to_bytes()]).unwrap()[0].fault.is_none());
    let public = l2rollup_core::eddsa::public_key(&[1; 32]);
    let base = Transaction {
        from: address,
        to: address,
        gas_limit: 0,
        gas_price: 0,
        data: [public.x, public.y],
        ..Wallet(1).transaction(Kind::SetKey, 0)
    };
    let good = signed(&e, &key, base.clone());
    let refused = |t: Transaction, e: &mut Engine| e.apply(&[&t.to_bytes()]).unwrap()[0].fault.clone().map(|f| f.code);
    let mut other = good.clone();
    other.data = [public.y, public.x];
    assert_eq!(refused(other, &mut e), Some("bad_signature"));
    let mut v = good.clone();
    v.signature[64] = if v.signature[64] == 27 { 28 } else { 27 };
    assert_eq!(refused(v, &mut e), Some("bad_signature"));
    let mut v = good.clone();
    v.signature[64] -= 27;
    assert_eq!(refused(v, &mut e), Some("bad_signature"));
    // The twin with high s, which ecrecover would take.
    let mut high = good.clone();
    let s = k256::ecdsa::Signature::from_slice(&good.signature[..64]).unwrap().s();
    high.signature[32..64].copy_from_slice(&(-*s).to_bytes());
    high.signature[64] = if good.signature[64] == 27 { 28 } else { 27 };
    assert_eq!(refused(high, &mut e), Some("bad_signature"));
    let off = Transaction { data: [Fr::from(1u64), Fr::from(1u64)], ..base.clone() };
    assert_eq!(refused(signed(&e, &key, off), &mut e), Some("bad_key"));
    let small = Transaction { data: [Fr::from(0u64), -Fr::from(1u64)], ..base.clone() };
    assert_eq!(refused(signed(&e, &key, small), &mut e), Some("bad_key"));
    let priced = Transaction { gas_price: 1, ..base };
    assert_eq!(refused(signed(&e, &key, priced), &mut e), Some("malformed"));
    let outcome = e.apply(&bytes(&[good.to_bytes().to_vec()])).unwrap();
    assert!(outcome[0].fault.is_none() && outcome[0].record.is_some());
    let account = e.account(address).unwrap().1;
    assert_eq!((account.scheme, account.nonce, account.key), (1, 1, (public.x, public.y)));
    let sealed = e.end_chunk(true).unwrap();
    let replayed = common::engine().replay(&sealed.transactions, &sealed.operations).unwrap();
    assert_eq!(replayed.new_root, sealed.new_root);
}
