//! Account records and bilinear rows: a true witness passes, and one change a clause is refused under the clause's label.
//!
//! What this is not: the memory argument or the tree; see `src/circuit/forgeries/memory.rs`.
#![allow(clippy::unwrap_used)]

use std::sync::LazyLock;

use ark_bn254::Fr;
use ark_ff::Field;
use l2rollup_core::circuit::builder::{AccountRecord, Builder, Finished, Layout, Tag, Var};
use l2rollup_core::circuit::gates::{Fixed, R, ROWS, WIRES};
use plonk::arithmetization::check::Checker;
use plonk::Cell;

const LAYOUT: Layout = Layout { slots: 1, poseidon5: 2, nodes: 1, id_nodes: 1, accounts: 3, balances: 3, publics: 1 };

fn f(x: u64) -> Fr {
    Fr::from(x)
}

fn record(touched: bool) -> AccountRecord {
    let balances = if touched { [f(5), f(6)] } else { [f(5), f(5)] };
    let words = [[f(1), f(2)], [f(1), f(3)]];
    AccountRecord { index: f(9), words, last: f(17), balances, storage: f(4), touched }
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
    if record.touched {
        let tree = b.linear(&[(f(4), index)], f(2));
        let [old, new] = record.balances.map(|x| b.witness(x));
        b.send(Tag::Node, &[zero, old, new, zero, tree], one);
    }
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
    assert!(broken(&[(cell(0, 1, 8), f(1))]).contains(&"account touched boolean".into()));
    // touched without live
    assert!(broken(&[(cell(2, 1, 8), f(1))]).contains(&"account touched at most live".into()));
    // an untouched balance tree keeps its root
    assert!(broken(&[(cell(1, 1, 1), f(1))]).contains(&"account untouched balances".into()));
    // every cell that a message holds
    for (row, columns) in [(0, 0..5), (1, 0..3), (1, 4..9)] {
        for column in columns {
            let labels = broken(&[(cell(0, row, column), f(1))]);
            assert!(labels.iter().any(|l| l.starts_with("bus account")), "row {row} column {column}: {labels:?}");
        }
    }
    // an unused record that turns live
    assert!(broken(&[(cell(2, 1, 7), f(1))]).iter().any(|l| l.starts_with("bus account")));
}

#[test]
fn bilinear_rows() {
    let rows: Vec<usize> =
        (0..ROWS).filter(|r| FIXTURE.circuit.fixed.fixed[Fixed::SelBilinear as usize][*r] == Fr::ONE).collect();
    assert_eq!(rows.len(), 3);
    for row in rows {
        let used = (0..WIRES).filter(|i| FIXTURE.circuit.witness.advice[R + i][row] != f(0));
        for wire in used {
            assert!(broken(&[((R + wire, row), f(1))]).contains(&"bilinear".into()), "row {row} wire {wire}");
        }
    }
}
