//! Wallets and items for the tests of the engine.
#![allow(dead_code, clippy::unwrap_used)]

use l2rollup_core::batch::{Capacity, SealedChunk};
use k256::ecdsa::SigningKey;
use l2rollup_core::bridge::{Body, Record};
use l2rollup_core::eddsa::{public_key, sign};
use l2rollup_core::engine::Engine;
use l2rollup_core::parameters::Kind;
use l2rollup_core::primitives::field::power_of_two;
use l2rollup_core::primitives::keccak::keccak256;
use l2rollup_core::primitives::{Address, Fr};
use l2rollup_core::processor::ownership::set_key_digest;
use l2rollup_core::processor::{group, Transaction};

/// A wallet by a small number.
#[derive(Clone, Copy)]
pub struct Wallet(pub u8);

impl Wallet {
    pub fn seed(self) -> [u8; 32] {
        [self.0; 32]
    }

    pub fn address(self) -> Address {
        // Spread over the address space so that list order differs from creation order.
        let mut out = [0u8; 20];
        out[0] = self.0.wrapping_mul(97);
        out[19] = self.0;
        out[10] = 1;
        Address(out)
    }

    pub fn register(self) -> Vec<u8> {
        let key = public_key(&self.seed());
        let record = Record { body: Body::Key(key.x, key.y), ..queue(Kind::RegisterKey, self.address()) };
        record.to_bytes().to_vec()
    }

    pub fn deposit(self, token: u16, amount: u128) -> Vec<u8> {
        let record = Record { token, amount, ..queue(Kind::Deposit, self.address()) };
        record.to_bytes().to_vec()
    }

    pub fn force(self, token: u16) -> Vec<u8> {
        Record { token, ..queue(Kind::ForcedExit, self.address()) }.to_bytes().to_vec()
    }

    pub fn transaction(self, kind: Kind, nonce: u64) -> Transaction {
        Transaction {
            kind,
            from: self.address(),
            to: self.address(),
            token: 0,
            fee_token: 0,
            amount: 0,
            nonce,
            gas_limit: 1_000_000,
            gas_price: 1_000,
            valid_until: 0,
            data: [Fr::from(0u64); 2],
            signature: [0; 65],
        }
    }

    pub fn signed(self, engine: &Engine, mut t: Transaction) -> Vec<u8> {
        let signature = sign(&self.seed(), &t.id(engine.chain()));
        t.signature[..64].copy_from_slice(&signature.to_bytes());
        t.to_bytes().to_vec()
    }
}

fn queue(kind: Kind, address: Address) -> Record {
    Record {
        kind,
        token: 0,
        index: 0,
        nonce: 0,
        amount: 0,
        fee_token: 0,
        address,
        body: Body::Recipient(Address([7; 20])),
    }
}

pub fn bytes(items: &[Vec<u8>]) -> Vec<&[u8]> {
    items.iter().map(Vec::as_slice).collect()
}

pub fn engine() -> Engine {
    Engine::genesis(31337, Address([0x42; 20]))
}

/// An engine whose first `wallets` wallets have a key, native units and units of token 5; wallet 1 is account 1.
pub fn funded(wallets: u8) -> Engine {
    let mut engine = engine().with_capacity(Capacity::leaf().with_all_kinds());
    for w in 1..=wallets {
        engine.begin_chunk(1, 1, &[(0, 0)]).unwrap();
        let items = [Wallet(w).register(), Wallet(w).deposit(0, 1 << 100), Wallet(w).deposit(5, 1 << 90)];
        let outcomes = engine.apply(&bytes(&items)).unwrap();
        assert!(outcomes.iter().all(|o| o.fault.is_none()), "{outcomes:?}");
        engine.end_chunk(true).unwrap();
    }
    engine
}

pub fn transfer(from: Wallet, to: Address, amount: u128, token: u16, nonce: u64) -> Transaction {
    Transaction { to, amount, token, ..from.transaction(Kind::Transfer, nonce) }
}

/// A new key for an account: that of another wallet's seed.
pub fn rotation(owner: Wallet, to: Wallet, nonce: u64) -> Transaction {
    let key = public_key(&to.seed());
    Transaction { data: [key.x, key.y], ..owner.transaction(Kind::RotateKey, nonce) }
}

/// Transfers as the members of one group, each with the wallet whose key signs it.
pub fn signed_group(engine: &Engine, members: Vec<(Wallet, Transaction)>) -> Vec<Vec<u8>> {
    let linked =
        |t: Transaction, group: Fr| Transaction { kind: Kind::LinkedTransfer, data: [group, Fr::from(0u64)], ..t };
    let unnamed: Vec<Transaction> = members.iter().map(|(_, t)| linked(t.clone(), Fr::from(1u64))).collect();
    let group = group::hash(engine.chain(), unnamed.iter());
    members.into_iter().map(|(signer, t)| signer.signed(engine, linked(t, group))).collect()
}

/// An owner's Ethereum key and address.
pub fn owner() -> (SigningKey, Address) {
    let key = SigningKey::from_slice(&[5; 32]).unwrap();
    let point = key.verifying_key().to_encoded_point(false);
    let mut address = [0u8; 20];
    address.copy_from_slice(&keccak256(&[&point.as_bytes()[1..]])[12..]);
    (key, Address(address))
}

/// A change of key with its owner's signature.
pub fn owner_signed(engine: &Engine, key: &SigningKey, mut t: Transaction) -> Transaction {
    let (signature, id) = key.sign_prehash_recoverable(&set_key_digest(engine.chain(), &t)).unwrap();
    t.signature[..64].copy_from_slice(&signature.to_bytes());
    t.signature[64] = 27 + id.to_byte();
    t
}

/// The owner sets a wallet's key as its account's first.
pub fn first_key(engine: &Engine, wallet: Wallet) -> Vec<u8> {
    let (key, address) = owner();
    let public = public_key(&wallet.seed());
    let base = wallet.transaction(Kind::SetKey, 0);
    let t = Transaction { from: address, to: address, gas_limit: 0, gas_price: 0, data: [public.x, public.y], ..base };
    owner_signed(engine, &key, t).to_bytes().to_vec()
}

/// A write of a storage slot.
pub fn write(owner: Wallet, slot: u64, value: Fr, nonce: u64) -> Transaction {
    Transaction { data: [Fr::from(slot), value], ..owner.transaction(Kind::SetStorage, nonce) }
}

/// Seals a chunk in which every item is accepted.
pub fn seal_items(engine: &mut Engine, prices: &[(u16, u64)], items: &[Vec<u8>]) -> SealedChunk {
    engine.begin_chunk(100, 1, prices).unwrap();
    let outcomes = engine.apply(&bytes(items)).unwrap();
    assert!(outcomes.iter().all(|o| o.fault.is_none()), "{outcomes:?}");
    engine.end_chunk(true).unwrap()
}

/// An engine, and items of every kind and outcome that the circuit proves: transfers of ETH and a token, to a new account and to
/// oneself, withdraw, deposits to a new and a known account, keys registered, no-ops for a live and for an absent account, writes of
/// storage, a key replaced, two groups, and a key that an owner sets.
pub fn every_kind() -> (Engine, Vec<Vec<u8>>) {
    let e = funded(3);
    let (a, b) = (Wallet(2), Wallet(3));
    let out = Transaction { kind: Kind::Withdraw, ..transfer(a, Address([9; 20]), 12_345, 5, 2) };
    let items = [
        a.signed(&e, transfer(a, b.address(), 1_000_000_007, 0, 0)),
        a.signed(&e, Transaction { fee_token: 5, ..transfer(a, Address([0xEE; 20]), (1 << 90) / 3, 5, 1) }),
        a.signed(&e, out),
        b.signed(&e, transfer(b, b.address(), 5, 0, 0)),
        b.signed(&e, transfer(b, Address([0xFF; 20]), 1, 0, 1)),
        Wallet(9).deposit(5, 1 << 27),
        Wallet(9).register(),
        Wallet(9).register(),
        Wallet(10).register(),
        Wallet(3).deposit(0, 77),
        a.force(6),
        Wallet(77).force(0),
        a.signed(&e, write(a, 7, Fr::from(5u64), 3)),
        a.signed(&e, Transaction { fee_token: 5, ..write(a, 0xFFFF, power_of_two(240) - Fr::from(1u64), 4) }),
        b.signed(&e, write(b, 7, Fr::from(6u64), 2)),
        a.signed(&e, write(a, 7, Fr::from(0u64), 5)),
        a.signed(&e, rotation(a, Wallet(40), 6)),
    ]
    .into_iter()
    // ETH against a token and a gift to somebody new; a signs with its new key
    .chain(signed_group(
        &e,
        vec![
            (Wallet(40), transfer(a, b.address(), 1 << 70, 0, 7)),
            (b, Transaction { fee_token: 5, ..transfer(b, a.address(), 1 << 60, 5, 3) }),
            (b, transfer(b, Address([0xDD; 20]), 3, 5, 4)),
        ],
    ))
    // a group right behind another one
    .chain(signed_group(
        &e,
        vec![(Wallet(40), transfer(a, b.address(), 8, 0, 8)), (Wallet(40), transfer(a, b.address(), 9, 5, 9))],
    ))
    .chain([Record { amount: 5, ..queue(Kind::Deposit, owner().1) }.to_bytes().to_vec(), first_key(&e, Wallet(8))])
    .collect();
    (e, items)
}
