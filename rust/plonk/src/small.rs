//! A small circuit that uses every part of the system once: gates, a periodic selector, copies, a range lookup on the bus,
//! a message between rows and public inputs. It serves the tests and the Solidity fixtures.
//!
//! Statement: public (a, b, a*b + 7); a and b are below 2^6.

use ark_bn254::Fr;

use crate::arithmetization::expr::Expr;
use crate::arithmetization::relation::{BusGroup, BusTerm, Constraint, Helper, Relation};
use crate::arithmetization::trace::{FixedTrace, Witness};

/// log2 of the rows.
pub const LOG_N: usize = 6;

/// Columns: w0, w1, w2 (copied), multiplicity. Fixed: qm, q1, q2, qk, table, range selector.
#[must_use]
pub fn relation() -> Relation {
    let (w0, w1, w2) = (Expr::cur(0), Expr::cur(1), Expr::cur(2));
    let (qm, q0, q2, qk) = (Expr::fixed(0), Expr::fixed(1), Expr::fixed(2), Expr::fixed(3));
    let gate = qm * w0.clone() * w1.clone() + q0 * w0.clone() + q2 * w2.clone() + qk + Expr::instance();
    // On the last row of every block of eight, w2 of the next row is the fifth power of w2.
    let power = Expr::periodic(0) * (Expr::next(2) - w2.pow5());
    let range = Expr::from(1u64);
    let message = Expr::from(2u64);
    Relation {
        name: "small".into(),
        log_n: LOG_N,
        advice: 3,
        multiplicity: 1,
        fixed: 6,
        periodic: vec![
            (0..8).map(|i| Fr::from(u64::from(i == 7))).collect(),
            (0..4).map(|i| Fr::from(i * i + 1u64)).collect(),
        ],
        instance_len: 3,
        instance_row0: 1,
        instance_runs: Vec::new(),
        copy_columns: vec![0, 1, 2],
        constraints: vec![
            Constraint { label: "gate".into(), expr: gate },
            Constraint { label: "fifth power".into(), expr: power },
            Constraint {
                label: "periodic".into(),
                expr: Expr::fixed(5) * (Expr::periodic(1) - Expr::from(10u64)),
            },
        ],
        helpers: vec![
            Helper {
                groups: vec![BusGroup {
                    label: "range".into(),
                    selector: Expr::fixed(5),
                    terms: vec![
                        BusTerm { numerator: Expr::one(), payload: vec![range.clone(), w0] },
                        BusTerm { numerator: Expr::one(), payload: vec![range.clone(), w1.clone()] },
                        BusTerm { numerator: Expr::one(), payload: vec![message.clone(), w1, Expr::next(2)] },
                    ],
                }],
            },
            Helper {
                groups: vec![BusGroup {
                    label: "table".into(),
                    selector: Expr::one(),
                    terms: vec![
                        BusTerm { numerator: -Expr::cur(3), payload: vec![range, Expr::fixed(4)] },
                        BusTerm {
                            numerator: -Expr::fixed(5),
                            payload: vec![message, Expr::cur(1), Expr::next(2)],
                        },
                    ],
                }],
            },
        ],
    }
}

/// Fixed columns and copies: rows 1..3 hold the public inputs, row 4 the product, row 7 the range check.
#[must_use]
pub fn trace() -> FixedTrace {
    let n = 1usize << LOG_N;
    let mut fixed = vec![vec![Fr::from(0u64); n]; 6];
    fixed[1][1..4].fill(-Fr::from(1u64));
    fixed[0][4] = Fr::from(1u64);
    fixed[2][4] = -Fr::from(1u64);
    fixed[3][4] = Fr::from(7u64);
    for (i, t) in fixed[4].iter_mut().enumerate() {
        *t = Fr::from(i as u64);
    }
    fixed[5][7] = Fr::from(1u64);
    FixedTrace {
        fixed,
        copies: vec![((0, 1), (0, 4)), ((0, 2), (1, 4)), ((0, 3), (2, 4)), ((0, 4), (0, 7)), ((1, 4), (1, 7))],
    }
}

/// The witness for a and b.
#[must_use]
pub fn witness(a: u64, b: u64) -> Witness {
    let n = 1usize << LOG_N;
    let mut advice = vec![vec![Fr::from(0u64); n]; 4];
    let c = a * b + 7;
    advice[0][1] = Fr::from(a);
    advice[0][2] = Fr::from(b);
    advice[0][3] = Fr::from(c);
    for row in [4, 7] {
        advice[0][row] = Fr::from(a);
        advice[1][row] = Fr::from(b);
    }
    advice[2][4] = Fr::from(c);
    advice[2][7] = Fr::from(3u64);
    advice[2][8] = Fr::from(243u64);
    for x in [a, b] {
        if (x as usize) < n {
            advice[3][x as usize] += Fr::from(1u64);
        }
    }
    Witness { advice, instance: vec![Fr::from(a), Fr::from(b), Fr::from(c)] }
}
