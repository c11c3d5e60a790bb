//! Every bound of a chunk: what the engine closes never exceeds the shape, and what does not fit changes nothing.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use common::{bytes, rotation, signed_group, transfer, write, Wallet};
use l2rollup_core::batch::{Capacity, ChunkWitness, SealedChunk};
use l2rollup_core::bridge::{Body, Record};
use l2rollup_core::circuit::{assign, compile, Finished};
use l2rollup_core::engine::{Engine, Outcome};
use l2rollup_core::parameters::{Kind, RECORD_BYTES, WORD_BYTES};
use l2rollup_core::primitives::keccak::keccak256;
use l2rollup_core::primitives::{Address, Fr};
use l2rollup_core::processor::Transaction;
use plonk::check;
use proptest::prelude::*;

const WALLETS: u8 = 220;
/// Accounts between two wallets, so that paths of wallets share little.
const FILLERS: u32 = 9;
const HUGE: Capacity = Capacity {
    slots: 1 << 16,
    account_leaves: 1 << 20,
    balance_leaves: 1 << 20,
    nodes: 1 << 24,
    id_nodes: 1 << 20,
    transaction_words: 1 << 20,
    operations: 1 << 16,
    changes: 1 << 16,
    arguments: 1 << 16,
    writes: 1 << 16,
    kinds: u16::MAX,
};

fn deposit(address: Address, token: u16, amount: u128) -> Vec<u8> {
    let body = Body::Recipient(Address([7; 20]));
    let record = Record { kind: Kind::Deposit, token, index: 0, nonce: 0, amount, fee_token: 0, address, body };
    record.to_bytes().to_vec()
}

fn filler(n: u32) -> Address {
    let mut out = [0u8; 20];
    out.copy_from_slice(&keccak256(&[&n.to_be_bytes()])[..20]);
    Address(out)
}

/// Ninety wallets with keys and units of five tokens, among nine hundred accounts.
static WORLD: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut e = common::engine().with_capacity(HUGE);
    e.begin_chunk(1, 1, &[(0, 0)]).unwrap();
    for w in 1..=WALLETS {
        let mut items = vec![Wallet(w).register()];
        items.extend([0, 5, 77, 1000, 65535].map(|token| Wallet(w).deposit(token, 1 << 100)));
        items.extend((0..FILLERS).map(|n| deposit(filler(u32::from(w) * FILLERS + n), 0, 1)));
        assert!(e.apply(&bytes(&items)).unwrap().iter().all(|o| o.fault.is_none()));
    }
    e.end_chunk(true).unwrap();
    e.snapshot().unwrap()
});

static COMPILED: LazyLock<Finished> = LazyLock::new(|| compile(&Capacity::leaf()).unwrap());

fn world(capacity: Capacity) -> Engine {
    Engine::restore(&WORLD).unwrap().with_capacity(capacity)
}

/// Items for an engine in the world.
type Make = dyn Fn(&Engine) -> Vec<Vec<u8>>;

fn of_kinds(w: &ChunkWitness, kinds: &[Kind]) -> usize {
    w.slots.iter().filter(|s| kinds.contains(&s.kind)).count()
}

fn check_bounds(sealed: &SealedChunk, c: &Capacity) {
    let w = &sealed.witness;
    let changes = w.slots.iter().filter(|s| {
        s.created || s.kind.sets_key() || s.kind == Kind::Noop && s.sender == 0
    });
    let used = [
        (w.slots.len(), c.slots),
        (w.accounts.len(), c.account_leaves),
        (w.balances.len() + w.storage.len(), c.balance_leaves),
        (w.nodes.len(), c.nodes),
        (w.id_nodes.len(), c.id_nodes),
        (sealed.transactions.len() / WORD_BYTES, c.transaction_words),
        (sealed.operations.len() / RECORD_BYTES, c.operations),
        (changes.count(), c.changes),
        (of_kinds(w, &[Kind::SetKey, Kind::RotateKey, Kind::SetStorage, Kind::LinkedTransfer]), c.arguments),
        (of_kinds(w, &[Kind::SetStorage]), c.writes),
    ];
    assert!(used.iter().all(|(n, bound)| n <= bound), "{used:?}");
}

/// What ran out, from the first refusal.
fn reason(outcomes: &[Outcome]) -> Option<String> {
    let fault = outcomes.iter().find_map(|o| o.fault.as_ref())?;
    assert_eq!(fault.code, "chunk_full", "{fault:?}");
    Some(fault.message.trim_start_matches("the chunk has no room: ").to_owned())
}

/// Offers items to a chunk of the shape; returns what ran out. The chunk seals within bounds, replays, and is the chunk of the
/// accepted items alone.
fn fill(capacity: Capacity, prices: &[(u16, u64)], make: impl Fn(&Engine) -> Vec<Vec<u8>>) -> Option<String> {
    let mut e = world(capacity);
    let items = make(&e);
    e.begin_chunk(100, 3, prices).unwrap();
    let outcomes = e.apply(&bytes(&items)).unwrap();
    let accepted: Vec<Vec<u8>> =
        items.iter().zip(&outcomes).filter(|(_, o)| o.fault.is_none()).map(|(item, _)| item.clone()).collect();
    let sealed = e.end_chunk(true).unwrap();
    check_bounds(&sealed, &capacity);
    e.audit().unwrap();
    let mut again = world(capacity);
    again.begin_chunk(100, 3, prices).unwrap();
    again.apply(&bytes(&accepted)).unwrap();
    assert!(again.end_chunk(true).unwrap().witness == sealed.witness);
    let mut follower = world(capacity);
    assert_eq!(follower.replay(&sealed.transactions, &sealed.operations).unwrap().new_root, sealed.new_root);
    // What did not fit enters the next chunk.
    if let Some(at) = outcomes.iter().position(|o| o.fault.is_some()) {
        e.begin_chunk(101, 3, prices).unwrap();
        let waiting = e.apply(&bytes(&items[at..])).unwrap();
        assert!(waiting[0].fault.is_none(), "{:?}", waiting[0]);
    }
    reason(&outcomes)
}

fn pay(e: &Engine, from: u8, to: Address, token: u16, fee_token: u16, amount: u128, nonce: u64) -> Vec<u8> {
    let w = Wallet(from);
    w.signed(e, Transaction { to, token, fee_token, amount, ..w.transaction(Kind::Transfer, nonce) })
}

/// Two wallets that pay each other or not at all.
fn pair(e: &Engine, a: u8, b: u8) -> Vec<Vec<u8>> {
    let [a, b] = [a, b].map(Wallet);
    signed_group(e, vec![(a, transfer(a, b.address(), 1, 0, 0)), (b, transfer(b, a.address(), 2, 5, 0))])
}

/// All kinds, with a shape whose other bounds do not bind.
fn only(change: impl Fn(&mut Capacity)) -> Capacity {
    let mut capacity = HUGE;
    change(&mut capacity);
    capacity
}

#[test]
fn each_bound_binds_alone() {
    let leaf = Capacity::leaf();
    let wide = |e: &Engine| -> Vec<Vec<u8>> {
        (1..=WALLETS / 2).map(|w| pay(e, w, Wallet(WALLETS + 1 - w).address(), 77, 0, (1 << 97) + 1, 0)).collect()
    };
    let new = |e: &Engine| -> Vec<Vec<u8>> {
        (1..=WALLETS).map(|w| pay(e, w, filler(1_000_000 + u32::from(w)), 0, 0, 1, 0)).collect()
    };
    let queue = |_: &Engine| -> Vec<Vec<u8>> { (1..=WALLETS).map(|w| Wallet(w).deposit(0, 1)).collect() };
    let absent = |_: &Engine| -> Vec<Vec<u8>> { (WALLETS + 1..=255).map(|w| Wallet(w).force(5)).collect() };
    let price = [(0, 1), (5, 1)];
    let run = |c: Capacity, make: &Make| fill(c, &price, make);
    let writes = |e: &Engine| -> Vec<Vec<u8>> {
        (1..=WALLETS).map(|w| Wallet(w).signed(e, write(Wallet(w), 7, Fr::from(1u64), 0))).collect()
    };
    let rotations = |e: &Engine| -> Vec<Vec<u8>> {
        (1..=WALLETS).map(|w| Wallet(w).signed(e, rotation(Wallet(w), Wallet(w / 2), 0))).collect()
    };
    let pairs = |e: &Engine| -> Vec<Vec<u8>> { (1..WALLETS).step_by(2).flat_map(|w| pair(e, w, w + 1)).collect() };
    let cases: [(&str, Capacity, &Make); 16] = [
        ("slots", only(|c| c.slots = leaf.slots), &wide),
        ("account leaves", only(|c| c.account_leaves = 31), &wide),
        ("balance leaves", only(|c| c.balance_leaves = leaf.balance_leaves), &wide),
        ("nodes", only(|c| c.nodes = leaf.nodes), &wide),
        ("id nodes", only(|c| c.id_nodes = 15), &wide),
        ("transaction words", only(|c| c.transaction_words = 20), &wide),
        ("transaction words", only(|c| c.transaction_words = leaf.transaction_words), &new),
        ("operations", only(|c| c.operations = leaf.operations), &queue),
        ("changes", only(|c| c.changes = leaf.changes), &new),
        ("changes", only(|c| c.changes = leaf.changes), &absent),
        ("changes", only(|c| c.changes = leaf.changes), &rotations),
        ("operations", only(|c| c.operations = leaf.operations), &rotations),
        ("arguments", only(|c| c.arguments = leaf.arguments), &rotations),
        ("arguments", only(|c| c.arguments = leaf.arguments), &pairs),
        ("arguments", only(|c| (c.arguments, c.writes) = (leaf.arguments, leaf.arguments + 1)), &writes),
        ("writes", only(|c| c.writes = leaf.writes), &writes),
    ];
    for (expected, capacity, make) in cases {
        assert_eq!(run(capacity, make).as_deref(), Some(expected));
    }
}

#[test]
fn a_batch_of_many_chunks_grows_one_id_tree() {
    let mut e = world(Capacity::leaf());
    let mut nonce = 0;
    for chunk in 0..12 {
        e.begin_chunk(100, 3, &[(0, 1)]).unwrap();
        let items: Vec<_> = (0..30).map(|n| pay(&e, 1, Wallet(2).address(), 0, 0, n, nonce + n as u64)).collect();
        assert!(e.apply(&bytes(&items)).unwrap().iter().all(|o| o.fault.is_none()));
        nonce += 30;
        check_bounds(&e.end_chunk(chunk == 11).unwrap(), &Capacity::leaf());
    }
}

fn any_item(e: &Engine, seed: [u8; 8], nonces: &mut [u64; 256]) -> Vec<u8> {
    let [kind, a, b, token, fee, new, exponent, _] = seed;
    let (from, token) = (1 + a % WALLETS, [0, 5, 77, 1000, 65535][usize::from(token % 5)]);
    let fee_token = [0, 5, 77, 1000][usize::from(fee % 4)];
    let fresh = filler(2_000_000 + u32::from(b));
    let to = if new % 4 == 0 { fresh } else { Wallet(1 + b % WALLETS).address() };
    let nonce = nonces[usize::from(from)];
    match kind % 10 {
        8 => {
            nonces[usize::from(from)] += 1;
            let data = [Fr::from(u64::from(b)), Fr::from(u64::from(exponent))];
            Wallet(from).signed(e, Transaction { data, fee_token, ..Wallet(from).transaction(Kind::SetStorage, nonce) })
        }
        9 => {
            nonces[usize::from(from)] += 1;
            let other = Transaction { fee_token, ..common::rotation(Wallet(from), Wallet(from), nonce) };
            Wallet(from).signed(e, other)
        }
        0 => Wallet(from).deposit(token, 5),
        1 => Wallet(101 + b % 100).register(),
        2 => Wallet(101 + b % 100).force(token),
        _ => {
            nonces[usize::from(from)] += 1;
            let amount = if exponent % 3 == 0 { (1 << 96) + 1 } else { u128::from(exponent) };
            pay(e, from, to, token, fee_token, amount, nonce)
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is offered to the leaf shape, the chunk that it closes is within every bound and satisfies the circuit.
    #[test]
    fn closed_chunks_fit_the_leaf(seeds in prop::collection::vec(any::<[u8; 8]>(), 60)) {
        let mut e = world(Capacity::leaf());
        let mut follower = world(Capacity::leaf());
        e.begin_chunk(100, 3, &[(0, 1), (5, 1), (77, 1), (1000, 1)]).unwrap();
        let mut nonces = [0; 256];
        let mut reasons = BTreeSet::new();
        for seed in seeds {
            let item = any_item(&e, seed, &mut nonces);
            let outcome = &e.apply(&[&item]).unwrap()[0];
            if let Some(fault) = outcome.fault.as_ref().filter(|f| f.code == "chunk_full") {
                reasons.insert(fault.message.clone());
            }
        }
        let sealed = e.end_chunk(true).unwrap();
        check_bounds(&sealed, &Capacity::leaf());
        let finished = assign(&Capacity::leaf(), &sealed.witness, Fr::from(7u64)).unwrap();
        prop_assert_eq!(finished.digest, COMPILED.digest);
        prop_assert!(check(&COMPILED.relation, &COMPILED.fixed, &finished.witness, 1).is_empty());
        prop_assert!(!reasons.is_empty());
        prop_assert_eq!(follower.replay(&sealed.transactions, &sealed.operations).unwrap().new_root, sealed.new_root);
    }
}
