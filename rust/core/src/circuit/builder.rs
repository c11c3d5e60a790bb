//! The builder: lays out gates in call order and fills their cells with values as it goes.
//!
//! A [`Var`] is a value; each use of it in a gate is a cell, and copies tie the cells of one variable. What is laid out (gates,
//! copies, fixed columns) depends only on the calls and their constant arguments, never on a value, so a circuit run over two
//! witnesses has one structure; [`Finished::digest`] shows it. Wrong values lead to violated constraints, never to a panic;
//! too many rows, blocks or nodes are a [`CircuitError`] at [`Builder::finish`].
//! What this is not: rules of a rollup, or the equations themselves (`gates/`).

mod bilinear;
mod blocks;
mod finish;
mod hosts;
mod labels;
mod layout;
mod linear;
mod logic;
mod messages;
mod pool;
mod range;
mod sponge;

use std::collections::HashMap;

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};
use plonk::Cell;
use thiserror::Error;

pub use super::gates::account_leaf::AccountRecord;
pub use super::gates::balance_leaf::BalanceRecord;
pub use super::gates::node::Node;
pub use super::gates::Tag;
pub use blocks::{EddsaCells, EddsaInput};
pub use finish::{Assigned, Finished};
pub use labels::{Labels, ScopeSize};
pub use layout::{Layout, Region};
pub use messages::Fourth;
pub use sponge::{After, Permutation};

use super::gates::bilinear::Host;
use super::gates::eddsa::Input;
use super::gates::{Fixed, LIMBS, WIRES};
use labels::Scopes;

/// A value of the circuit. It takes part in the relation as soon as a gate uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Var(u32);

impl Var {
    fn index(self) -> usize {
        self.0 as usize
    }
}

/// A program that does not fit the layout.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("circuit: {what}: expected {expected}, got {got}")]
pub struct CircuitError {
    /// Which part.
    pub what: String,
    /// What was expected.
    pub expected: String,
    /// What came.
    pub got: String,
}

impl CircuitError {
    fn new(what: &str, expected: impl ToString, got: impl ToString) -> Self {
        Self { what: what.into(), expected: expected.to_string(), got: got.to_string() }
    }
}

/// A row of the program: coefficients, wires and limbs.
#[derive(Clone, Debug, Default)]
struct Row {
    wires: [Option<Var>; WIRES],
    q: [Fr; WIRES],
    qm: Fr,
    qk: Fr,
    /// Limbs in use, which is also ql.
    width: usize,
    /// 1 or -1 where a message starts.
    qs: Fr,
    /// A short message's fourth element, if it is not constant.
    fourth: Option<Var>,
    /// A bilinear row: the coefficients of w1 to w3 outside the product; `q` are those of the factor.
    outside: Option<[Fr; WIRES - 1]>,
    /// What the limbs of a bilinear row show.
    host: Host,
    /// Scopes of the ranges that wires 3 and 2 are shown for.
    guests: [Option<u32>; 2],
    /// A row of another gate.
    custom: Option<Custom>,
    scope: u32,
}

/// A variable to be shown of so many bits, for a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Range {
    var: Var,
    bits: u32,
    scope: u32,
}

/// What a row of the program holds that no selector takes: marks and data of its gate, and the cells that are not wires.
#[derive(Clone, Debug, Default)]
struct Custom {
    fixed: Vec<(Fixed, Fr)>,
    cells: [Option<Var>; LIMBS],
}

/// Collects a circuit and its witness.
#[derive(Debug)]
pub struct Builder {
    layout: Layout,
    values: Vec<Fr>,
    rows: Vec<Row>,
    /// Variables to be shown of 16, 32, 48, 64, 96 or 128 bits, by rows that are chosen at the end.
    ranges: Vec<Range>,
    scopes: Scopes,
    publics: Vec<Var>,
    constants: HashMap<Fr, Var>,
    equalities: Vec<(Var, Var)>,
    providers: Vec<(usize, Var)>,
    hints: Vec<Var>,
    /// States that sponge rows permute.
    permuted: Vec<[Var; WIRES]>,
    eddsa: Vec<Option<Input>>,
    poseidon5: Vec<Option<[Fr; 5]>>,
    /// Cells of blocks that hold a variable.
    block_wires: Vec<(Cell, Var)>,
    nodes: Vec<Node>,
    accounts: Vec<AccountRecord>,
    balances: Vec<BalanceRecord>,
    id_nodes: Vec<Node>,
    error: Option<CircuitError>,
}

impl Builder {
    /// An empty circuit with the public inputs laid out, all zero until [`Self::public`] sets them.
    #[must_use]
    pub fn new(layout: Layout) -> Self {
        let mut b = Self {
            layout,
            values: Vec::new(),
            rows: Vec::new(),
            ranges: Vec::new(),
            scopes: Scopes::default(),
            publics: Vec::new(),
            constants: HashMap::new(),
            equalities: Vec::new(),
            providers: Vec::new(),
            hints: Vec::new(),
            permuted: Vec::new(),
            eddsa: vec![None; layout.slots],
            poseidon5: vec![None; layout.poseidon5],
            block_wires: Vec::new(),
            nodes: Vec::new(),
            accounts: Vec::new(),
            balances: Vec::new(),
            id_nodes: Vec::new(),
            error: layout.check().err(),
        };
        b.scope("public inputs", |b| {
            for _ in 0..layout.publics {
                let var = b.witness(Fr::ZERO);
                // PI - w0 = 0
                b.push(Row {
                    wires: [Some(var), None, None, None],
                    q: [-Fr::ONE, Fr::ZERO, Fr::ZERO, Fr::ZERO],
                    ..Row::default()
                });
                b.publics.push(var);
            }
        });
        b
    }

    /// The regions.
    #[must_use]
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The value of a variable.
    #[must_use]
    pub fn value(&self, var: Var) -> Fr {
        self.values[var.index()]
    }

    /// A new variable with this value, bound by nothing yet.
    pub fn witness(&mut self, value: Fr) -> Var {
        let var = Var(self.values.len() as u32);
        self.values.push(value);
        var
    }

    /// Gives a variable its value late: only for one that no other value was computed from.
    pub(in crate::circuit) fn set(&mut self, var: Var, value: Fr) {
        self.values[var.index()] = value;
    }

    /// A new variable that some witnesses leave free, such as the inverse of a number that is zero.
    /// [`Labels::free_hints`] lists the cells of those.
    pub fn hint(&mut self, value: Fr) -> Var {
        let var = self.witness(value);
        self.hints.push(var);
        var
    }

    /// Public input `index`, set to `value`.
    pub fn public(&mut self, index: usize, value: Fr) -> Var {
        if let Some(var) = self.publics.get(index).copied() {
            self.set(var, value);
            return var;
        }
        self.fail(CircuitError::new("public input", format!("an index below {}", self.layout.publics), index));
        self.witness(value)
    }

    /// The variable fixed to a constant; one row for each constant, however often it is used.
    pub fn constant(&mut self, value: Fr) -> Var {
        if let Some(var) = self.constants.get(&value) {
            return *var;
        }
        let var = self.witness(value);
        self.constants.insert(value, var);
        self.scope("constants", |b| b.assert_linear_zero(&[(Fr::ONE, var)], -value));
        var
    }

    /// Runs a part of the program under a label, which names its rows in reports.
    pub fn scope<T>(&mut self, label: &str, part: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.scopes.enter(label);
        let out = part(self);
        self.scopes.leave(before);
        out
    }

    /// Generic rows in use by label.
    #[must_use]
    pub fn cells(&self) -> Vec<ScopeSize> {
        self.scopes.sizes(self.rows.iter().map(|r| r.scope))
    }

    /// Generic rows in use.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows.len()
    }

    /// Appends a generic row; its number within the region.
    fn push(&mut self, row: Row) -> usize {
        self.rows.push(Row { scope: self.scopes.current(), ..row });
        self.rows.len() - 1
    }

    /// Keeps the first error.
    fn fail(&mut self, error: CircuitError) {
        self.error.get_or_insert(error);
    }
}
