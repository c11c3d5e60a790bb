//! Marks under any history: an engine that went elsewhere and came back is the engine that never left, open chunk included.
//!
//! The model is a log of what still counts; a fresh engine plays it and must be equal in every byte.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;

use common::{funded, Wallet};
use l2rollup_core::batch::Capacity;
use l2rollup_core::engine::Engine;
use l2rollup_core::parameters::Kind;
use l2rollup_core::primitives::{Address, Fr};
use l2rollup_core::processor::Transaction;
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
    Item(u8, u8, u8),
    Begin,
    End(bool),
    Mark,
    Rewind(prop::sample::Index),
    Forget(prop::sample::Index),
    Drop(prop::sample::Index),
}

/// What counts in the end.
#[derive(Clone, Debug)]
enum Done {
    Item(Vec<u8>),
    Begin,
    End(bool),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => (0..7u8, 1..5u8, 1..9u8).prop_map(|(kind, a, b)| Step::Item(kind, a, b)),
        3 => Just(Step::Begin),
        2 => any::<bool>().prop_map(Step::End),
        4 => Just(Step::Mark),
        3 => any::<prop::sample::Index>().prop_map(Step::Rewind),
        1 => any::<prop::sample::Index>().prop_map(Step::Forget),
        1 => any::<prop::sample::Index>().prop_map(Step::Drop),
    ]
}

fn item(e: &Engine, kind: u8, a: u8, b: u8) -> Vec<u8> {
    let (from, to) = (Wallet(a), Wallet(b));
    let nonce = e.account(from.address()).map_or(0, |(_, account)| account.nonce);
    let base = Transaction { to: to.address(), amount: u128::from(b) << 40, ..from.transaction(Kind::Transfer, nonce) };
    match kind {
        0 => to.deposit(5, 77),
        1 => to.register(),
        2 => to.force(5),
        3 => {
            let data = [Fr::from(b), Fr::from(nonce * u64::from(a % 2))];
            from.signed(e, Transaction { data, fee_token: 5, ..from.transaction(Kind::SetStorage, nonce) })
        }
        4 => from.signed(e, Transaction { kind: Kind::Withdraw, token: 5, to: Address([9; 20]), ..base }),
        5 => from.signed(e, Transaction { token: 5, ..base }),
        _ => from.signed(e, base),
    }
}

fn begin(e: &mut Engine) {
    e.begin_chunk(100, 1, &[(0, 3), (5, 2)]).unwrap();
}

fn play(start: &[u8], log: &[Done]) -> Engine {
    let mut e = Engine::restore(start).unwrap().with_capacity(Capacity::leaf().with_all_kinds());
    for done in log {
        match done {
            Done::Item(item) => assert!(e.apply(&[item]).unwrap()[0].fault.is_none()),
            Done::Begin => begin(&mut e),
            Done::End(ends_batch) => _ = e.end_chunk(*ends_batch).unwrap(),
        }
    }
    e
}

fn pick(marks: &BTreeMap<u64, (usize, bool)>, index: &prop::sample::Index) -> Option<u64> {
    (!marks.is_empty()).then(|| *marks.keys().nth(index.index(marks.len())).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_history_equals_what_still_counts(steps in prop::collection::vec(step(), 1..80)) {
        let mut e = funded(3);
        let start = e.snapshot().unwrap();
        let (mut log, mut open) = (Vec::new(), false);
        // Length of the log and whether a chunk was open, by mark.
        let mut marks: BTreeMap<u64, (usize, bool)> = BTreeMap::new();
        let mut gone = Vec::new();
        for step in &steps {
            match step {
                Step::Item(kind, a, b) if open => {
                    let item = item(&e, *kind, *a, *b);
                    if e.apply(&[&item]).unwrap()[0].fault.is_none() {
                        log.push(Done::Item(item));
                    }
                }
                Step::Begin if !open => {
                    begin(&mut e);
                    log.push(Done::Begin);
                    open = true;
                }
                Step::End(ends_batch) if open => {
                    e.end_chunk(*ends_batch).unwrap();
                    log.push(Done::End(*ends_batch));
                    open = false;
                }
                Step::Mark => _ = marks.insert(e.mark(), (log.len(), open)),
                Step::Rewind(index) => {
                    let Some(mark) = pick(&marks, index) else { continue };
                    e.rewind(mark).unwrap();
                    gone.extend(marks.split_off(&(mark + 1)).into_keys());
                    (open, _) = (marks[&mark].1, log.truncate(marks[&mark].0));
                }
                Step::Forget(index) => {
                    let Some(mark) = pick(&marks, index) else { continue };
                    e.forget(mark);
                    let kept = marks.split_off(&(mark + 1));
                    gone.extend(marks.into_keys());
                    marks = kept;
                }
                Step::Drop(index) => {
                    let Some(mark) = pick(&marks, index) else { continue };
                    e.drop_mark(mark);
                    marks.remove(&mark);
                    gone.push(mark);
                }
                _ => {}
            }
        }
        // Marks that are gone are refused and nothing moves.
        let root = e.root();
        for mark in gone {
            prop_assert_eq!(e.rewind(mark).unwrap_err().code, "not_found");
        }
        let mut fresh = play(&start, &log);
        prop_assert_eq!(root, fresh.root());
        prop_assert_eq!((e.sequence(), e.queue_position()), (fresh.sequence(), fresh.queue_position()));
        if open {
            let (sealed, again) = (e.end_chunk(true).unwrap(), fresh.end_chunk(true).unwrap());
            prop_assert!(sealed.witness == again.witness && sealed.transactions == again.transactions);
        }
        prop_assert!(e.snapshot().unwrap() == fresh.snapshot().unwrap());
        e.audit().unwrap();
        // And back to every mark that is left, latest first.
        for (mark, (length, _)) in marks.into_iter().rev() {
            e.rewind(mark).unwrap();
            prop_assert_eq!(e.root(), play(&start, &log[..length.min(log.len())]).root());
        }
    }
}
