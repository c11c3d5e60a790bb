//! Leaf records, sponge rows and bilinear rows: a true witness passes, and one change a clause is refused under the clause's label.
//!
//! What this is not: the memory argument or the tree; see `src/circuit/forgeries/memory.rs`.
#![allow(clippy::unwrap_used)]

use std::sync::LazyLock;

use ark_bn254::Fr;
use ark_ff::Field;
use l2rollup_core::circuit::builder::{
    AccountRecord, After, BalanceRecord, Builder, Finished, Layout, Permutation, Tag, Var,
};
use l2rollup_core::circuit::gates::{R, ROWS, WIRES};
use l2rollup_core::poseidon::permutation::permute;
use plonk::arithmetization::check::Checker;
use plonk::Cell;

const LAYOUT: Layout = Layout { slots: 1, poseidon5: 2, nodes: 1, id_nodes: 1, accounts: 3, balances: 3, publics: 1 };

fn f(x: u64) -> Fr {
    Fr::from(x)
}

fn record(touched: bool) -> AccountRecord {
    let (balances, storage) = if touched { ([f(5), f(6)], [f(4), f(8)]) } else { ([f(5), f(5)], [f(4), f(4)]) };
    let words = [[f(1), f(2)], [f(1), f(3)]];
    AccountRecord { index: f(9), words, last: f(17), roots: [balances, storage], touched: [touched; 2], hashes: None }
}

/// What answers the messages of a record.
fn answer(b: &mut Builder, record: &AccountRecord) {
    let one = b.constant(Fr::ONE);
    let zero = b.constant(f(0));
    let var = |b: &mut Builder, x: Fr| b.witness(x);
    let index = var(b, record.index);
    let [old, new] = record.words.map(|w| w.map(|x| b.witness(x)));
    let last = var(b, record.last);
    b.receive(Tag::Account, &[index, old[0], old[1], zero], one);
    b.send(Tag::Account, &[index, new[0], new[1], last], one);
    let depth = b.constant(f(16));
    let [before, after] = record.hashes().map(|x| b.witness(x));
    b.receive(Tag::Node, &[index, before, after, depth, zero], one);
    for (k, roots) in record.roots.into_iter().enumerate().filter(|(k, _)| record.touched[*k]) {
        let tree = b.linear(&[(f(4), index)], f(2 + k as u64));
        let [old, new] = roots.map(|x| b.witness(x));
        b.send(Tag::Node, &[zero, old, new, zero, tree], one);
    }
}

fn answer_balance(b: &mut Builder, record: &BalanceRecord) {
    let [zero, one, depth] = [0u64, 1, 8].map(|x| b.constant(f(x)));
    let [index, place, last] = [record.index, record.place, record.last].map(|x| b.witness(x));
    let [old, new] = record.values.map(|x| b.witness(x));
    let storage = u64::from(record.storage);
    let at = b.linear(&[(f(1), place)], f(storage << 16));
    b.receive(Tag::Balance, &[index, at, old, zero], one);
    b.send(Tag::Balance, &[index, at, new, last], one);
    let tree = b.linear(&[(f(4), index)], f(2 + storage));
    let [before, after] = record.hashes().map(|x| b.witness(x));
    b.receive(Tag::Node, &[place, before, after, depth, tree], one);
}

/// Two permutations of which the first gives the digest; and one whose state goes into a hash.
fn sponges(b: &mut Builder) {
    b.scope("sponge", |b| {
        let x: [Var; 4] = [1u64, 2, 3, 4].map(|v| b.witness(f(v)));
        let inputs: [Var; 3] = [5u64, 6, 7].map(|v| b.witness(f(v)));
        let [zero, one] = [0u64, 1].map(|v| b.constant(f(v)));
        let steps = [
            Permutation { active: one, after: After::Absorb(inputs) },
            Permutation { active: zero, after: After::Digest },
        ];
        let digest = b.sponge(x, &steps)[0];
        let mut state = [1u64, 2, 3, 4].map(f);
        permute(&mut state);
        assert_eq!(b.value(digest), state[0]);
        let absorbed = b.sponge(x, &[Permutation { active: zero, after: After::Absorb(inputs) }]);
        let expected = [state[0] + f(5), state[1] + f(6), state[2] + f(7), state[3]];
        assert_eq!(absorbed.map(|v| b.value(v)), expected);
        b.hash(0, absorbed);
    });
}

struct Fixture {
    circuit: Finished,
    checker: Checker,
}

static FIXTURE: LazyLock<Fixture> = LazyLock::new(|| {
    let mut b = Builder::new(LAYOUT);
    for touched in [true, false] {
        b.account_record(record(touched));
        answer(&mut b, &record(touched));
    }
    for storage in [false, true] {
        let balance = BalanceRecord { index: f(9), place: f(4), storage, values: [f(70), f(80)], last: f(33) };
        b.balance_record(balance);
        answer_balance(&mut b, &balance);
    }
    sponges(&mut b);
    b.scope("bilinear", |b| {
        let [x, y, z, w]: [Var; 4] = [3u64, 4, 5, 6].map(|v| b.witness(f(v)));
        // 3 (2 * 4 + 5 + 1) + 4 - 46 = 0, and x y - 2 w = 0 with five variables around it
        b.assert_bilinear(x, (&[(f(2), y), (f(1), z)], f(1)), (&[(f(1), y)], -f(46)));
        b.assert_bilinear(x, (&[(f(1), y), (f(1), z), (f(1), w)], f(0)), (&[(f(1), y), (-f(7), z), (-f(2), w)], -f(2)));
        b.assert_bilinear(x, (&[(f(1), x)], f(0)), (&[(-f(1), w), (-f(1), x)], f(0)));
    });
    let circuit = b.finish().unwrap();
    Fixture { checker: Checker::new(&circuit.relation), circuit }
});

/// Labels that are violated once these cells are shifted.
fn broken(shifts: &[(Cell, Fr)]) -> Vec<String> {
    let mut witness = FIXTURE.circuit.witness.clone();
    for ((column, row), by) in shifts {
        witness.advice[*column][*row] += by;
    }
    FIXTURE.checker.check(&FIXTURE.circuit.fixed, &witness, 100).into_iter().map(|v| v.label).collect()
}

/// Row of the k-th record.
fn row_of(k: usize) -> usize {
    LAYOUT.account_start() + 2 * k
}

#[test]
fn a_true_witness_passes() {
    assert_eq!(broken(&[]), Vec::<String>::new());
}

#[test]
fn record_clauses() {
    let cell = |k: usize, row: usize, column: usize| (R + column, row_of(k) + row);
    // live and touched are boolean: 1 -> 2
    assert!(broken(&[(cell(1, 1, 7), f(1))]).contains(&"account live boolean".into()));
    for touched in [8, 9] {
        assert!(broken(&[(cell(0, 1, touched), f(1))]).contains(&"account touched is 0 or live".into()));
        // touched without live
        assert!(broken(&[(cell(2, 1, touched), f(1))]).contains(&"account touched is 0 or live".into()));
    }
    // an untouched tree keeps its root
    for root in [1, 3] {
        assert!(broken(&[(cell(1, 1, root), f(1))]).contains(&"account untouched subtree".into()));
    }
    // every cell that a message holds
    for (row, columns) in [(0, 0..5), (1, 0..10)] {
        for column in columns {
            let labels = broken(&[(cell(0, row, column), f(1))]);
            assert!(labels.iter().any(|l| l.starts_with("bus account")), "row {row} column {column}: {labels:?}");
        }
    }
    // an unused record that turns live
    assert!(broken(&[(cell(2, 1, 7), f(1))]).iter().any(|l| l.starts_with("bus account")));
}

#[test]
fn balance_record_clauses() {
    for row in [0, 1].map(|k| LAYOUT.balance_start() + k) {
        for column in 0..9 {
            let labels = broken(&[((R + column, row), f(1))]);
            assert!(labels.iter().any(|l| l.starts_with("bus balance")), "column {column}: {labels:?}");
        }
        assert!(broken(&[((R + 7, row), f(1))]).contains(&"balance live boolean".into()));
        assert!(broken(&[((R + 8, row), f(2))]).contains(&"balance storage boolean".into()));
        // a balance that calls itself storage of the account before: the same tree, but for the boolean
        let account_before = [((R, row), -f(1)), ((R + 8, row), f(4))];
        assert!(broken(&account_before).contains(&"balance storage boolean".into()));
    }
    // an unused record that turns live
    assert!(broken(&[((R + 7, LAYOUT.balance_start() + 2), f(1))]).iter().any(|l| l.starts_with("bus balance")));
}

#[test]
fn sponge_clauses() {
    let own = |row: &usize| FIXTURE.circuit.labels.row(*row).starts_with("circuit/sponge ");
    let first = (LAYOUT.generic_start()..ROWS).find(own).unwrap();
    let cell = |row: usize, column: usize| (R + column, first + row);
    for j in 0..4 {
        // x, its hashes, the state, and the next x
        assert!(broken(&[(cell(0, j), f(1))]).iter().any(|l| l == "bus sponge"), "{j}");
        assert!(broken(&[(cell(0, 4 + j), f(1))]).iter().any(|l| l == "bus sponge"), "{j}");
        assert!(broken(&[(cell(1, 4 + j), f(1))]).contains(&"sponge state".into()), "{j}");
        assert!(broken(&[(cell(2, j), f(1))]).contains(&"sponge absorbs".into()), "{j}");
        // the last permutation's state goes into a hash: rows 4 and 5, then the message
        assert!(broken(&[(cell(6, j), f(1))]).contains(&"sponge absorbs".into()), "{j}");
    }
    for j in 0..3 {
        assert!(broken(&[(cell(1, j), f(1))]).contains(&"sponge absorbs".into()), "{j}");
    }
    assert!(broken(&[(cell(0, 8), f(1))]).contains(&"sponge starts without a digest".into()));
    assert!(broken(&[(cell(1, 8), f(1))]).contains(&"sponge digest".into()));
    assert!(broken(&[(cell(1, 3), f(1))]).contains(&"sponge digest".into()));
    assert!(broken(&[(cell(2, 8), f(1))]).contains(&"sponge keeps its digest".into()));
    assert!(broken(&[(cell(3, 0), f(1))]).contains(&"sponge tells its digest".into()));
}

#[test]
fn bilinear_rows() {
    let own = |row: &usize| FIXTURE.circuit.labels.row(*row).starts_with("circuit/bilinear ");
    let rows: Vec<usize> = (LAYOUT.generic_start()..ROWS).filter(own).collect();
    assert_eq!(rows.len(), 3);
    for row in rows {
        let used = (0..WIRES).filter(|i| FIXTURE.circuit.witness.advice[R + i][row] != f(0));
        for wire in used {
            assert!(broken(&[((R + wire, row), f(1))]).contains(&"bilinear".into()), "row {row} wire {wire}");
        }
    }
}
