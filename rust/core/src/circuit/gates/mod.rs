//! The gates of the batch circuit: columns, constraints and bus terms of every region, and how their cells are filled.
//!
//! One file a gate. Columns 0..14 are the Poseidon2 pool; columns 14..24 are shared by the regions EdDSA, circomlib
//! Poseidon, tree nodes, account records and rows of the program (generic and bilinear), told apart by committed selectors. What this is not: it places nothing;
//! the [`super::builder`] decides which row holds what.

pub mod account_leaf;
pub mod arithmetic;
pub mod balance_leaf;
pub mod bilinear;
pub mod eddsa;
pub mod node;
pub mod poseidon2;
pub mod poseidon5;
pub mod range_table;
pub mod sponge;
pub mod tag;

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};
use plonk::{BusGroup, BusTerm, Constraint, Expr, Helper, Relation};

pub use tag::Tag;

/// log2 of the rows; the range table T, T + 2^15 fits this number only.
pub const LOG_N: usize = 15;
/// Rows.
pub const ROWS: usize = 1 << LOG_N;
/// Advice columns.
pub const ADVICE: usize = 24;
/// First column of the shared group.
pub const R: usize = 14;
/// Columns of the shared group.
pub const R_WIDTH: usize = ADVICE - R;
/// Wires of a generic row: the copy columns R .. R + 4.
pub const WIRES: usize = 4;
/// Limbs of a generic row: columns R + 4 .. R + 10.
pub const LIMBS: usize = 6;

/// Committed fixed columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Fixed {
    /// Window and key rows of an EdDSA block.
    SelEddsa = 0,
    /// Full rounds of a circomlib Poseidon block.
    SelFull,
    /// Partial rounds of a circomlib Poseidon block.
    SelPartial,
    /// First row of a node.
    SelNode,
    /// Generic rows.
    SelGeneric,
    /// Coefficient of wire 0; on node rows the tag of the node's message; on rows of EdDSA blocks a mark (`eddsa::mark`), as
    /// others below; on circomlib Poseidon rows the constant of a lane, as q1, q2, q3, qm and qk.
    Q0,
    /// Coefficient of wire 1; where a short message starts, of limb 0 in its fourth element.
    Q1,
    /// Coefficient of wire 2.
    Q2,
    /// Coefficient of wire 3; where a message starts, 1 if it takes one row; 1 on the first row of an account record.
    Q3,
    /// Coefficient of wire 0 times wire 1; where a short message starts, the constant of its fourth element; 1 on a balance record.
    Qm,
    /// Constant, or tag of a message; slot number on EdDSA rows but the result row, tag of the hash on node rows.
    Qk,
    /// Number of limbs in use, which is also the coefficient of their sum: 0, 1, 2, 3, 4 or 6.
    Ql,
    /// Where a message starts: 1 for a sent one, -1 for a received one.
    Qs,
    /// The range table: the row number.
    Table,
    /// Bilinear rows.
    SelBilinear,
    /// What the limbs of a bilinear row show (`bilinear::Host`); 1 on the second row of an account record.
    Host,
}

/// Number of fixed columns.
pub const FIXED: usize = Fixed::Host as usize + 1;

impl Fixed {
    /// The column as an expression.
    #[must_use]
    pub fn expr(self) -> Expr {
        Expr::fixed(self as usize)
    }
}

/// Cell of column `R + i` on this row.
pub(crate) fn cur(i: usize) -> Expr {
    Expr::cur(R + i)
}

/// Cell of column `R + i` on the next row.
pub(crate) fn next(i: usize) -> Expr {
    Expr::next(R + i)
}

/// 1 on the rows that no selector takes; of what kind such a row is, coefficient columns tell.
pub(crate) fn elsewhere() -> Expr {
    use Fixed::{SelBilinear, SelEddsa, SelFull, SelGeneric, SelNode, SelPartial};
    let selectors = [SelEddsa, SelFull, SelPartial, SelNode, SelGeneric, SelBilinear];
    selectors.iter().fold(Expr::one(), |rest, selector| rest - selector.expr())
}

/// A boolean constraint's expression.
pub(crate) fn boolean(x: &Expr) -> Expr {
    x.clone() * (x.clone() - 1u64)
}

/// Parts of a relation while it is put together.
#[derive(Default)]
pub(crate) struct Assembly {
    constraints: Vec<Constraint>,
    periodic: Vec<Vec<Fr>>,
    first: Helper,
    second: Helper,
    everywhere: Vec<BusTerm>,
}

impl Assembly {
    /// Adds `selector * expr = 0`.
    pub(crate) fn constrain(&mut self, label: &str, selector: &Expr, expr: Expr) {
        self.constraints.push(Constraint { label: label.into(), expr: selector.clone() * expr });
    }

    /// A periodic column with these values.
    pub(crate) fn periodic(&mut self, values: Vec<Fr>) -> Expr {
        let at = self.periodic.iter().position(|p| *p == values).unwrap_or(self.periodic.len());
        if at == self.periodic.len() {
            self.periodic.push(values);
        }
        Expr::periodic(at)
    }

    /// The periodic column that is 1 on one row of each period and 0 elsewhere.
    pub(crate) fn indicator(&mut self, period: usize, row: usize) -> Expr {
        self.periodic((0..period).map(|i| if i == row { Fr::ONE } else { Fr::ZERO }).collect())
    }

    /// Terms on helper A, for rows where the selector is 1; selectors of one helper are disjoint.
    pub(crate) fn first(&mut self, label: &str, selector: Expr, terms: Vec<BusTerm>) {
        self.first.groups.push(BusGroup { label: label.into(), selector, terms });
    }

    /// Terms on helper B.
    pub(crate) fn second(&mut self, label: &str, selector: Expr, terms: Vec<BusTerm>) {
        self.second.groups.push(BusGroup { label: label.into(), selector, terms });
    }

    /// A term of helper C, which holds on all rows; its numerator is zero where it says nothing.
    pub(crate) fn everywhere(&mut self, term: BusTerm) {
        self.everywhere.push(term);
    }
}

/// A message of the given tag.
pub(crate) fn message(numerator: Expr, tag: impl Into<Expr>, payload: impl IntoIterator<Item = Expr>) -> BusTerm {
    BusTerm { numerator, payload: std::iter::once(tag.into()).chain(payload).collect() }
}

/// The relation with `publics` public inputs from row `instance_row0` on.
#[must_use]
pub fn relation(instance_row0: usize, publics: usize) -> Relation {
    let mut a = Assembly::default();
    poseidon2::constrain(&mut a);
    eddsa::constrain(&mut a);
    poseidon5::constrain(&mut a);
    node::constrain(&mut a);
    arithmetic::constrain(&mut a);
    bilinear::constrain(&mut a);
    account_leaf::constrain(&mut a);
    balance_leaf::constrain(&mut a);
    range_table::constrain(&mut a);
    sponge::constrain(&mut a);
    let all = BusGroup { label: "hash pool and range table".into(), selector: Expr::one(), terms: a.everywhere };
    Relation {
        name: "l2rollup batch".into(),
        log_n: LOG_N,
        advice: ADVICE,
        multiplicity: range_table::MULTIPLICITIES,
        fixed: FIXED,
        periodic: a.periodic,
        instance_len: publics,
        instance_row0,
        instance_runs: Vec::new(),
        copy_columns: (R..R + WIRES).collect(),
        constraints: a.constraints,
        helpers: vec![a.first, a.second, Helper { groups: vec![all] }],
    }
}
