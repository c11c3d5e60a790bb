//! Names of rows and cells, for reports of violations, sizes and mutation tests.
//!
//! What this is not: part of the relation.

use std::collections::{HashMap, HashSet};

use plonk::Cell;

use super::super::gates::sponge::DIGEST;
use super::super::gates::{eddsa, node, poseidon2, poseidon5, ADVICE, LIMBS, R, ROWS, WIRES};
use super::{Layout, Region};

/// Label scopes: a path for each generic row.
#[derive(Debug)]
pub(super) struct Scopes {
    paths: Vec<String>,
    known: HashMap<String, u32>,
    current: u32,
}

impl Default for Scopes {
    fn default() -> Self {
        let top = String::from("circuit");
        Self { paths: vec![top.clone()], known: HashMap::from([(top, 0)]), current: 0 }
    }
}

impl Scopes {
    /// Enters a scope below the present one; returns what [`Self::leave`] takes.
    pub(super) fn enter(&mut self, label: &str) -> u32 {
        let before = self.current;
        let path = format!("{}/{label}", self.paths[before as usize]);
        let next = self.paths.len() as u32;
        self.current = *self.known.entry(path.clone()).or_insert(next);
        if self.current == next {
            self.paths.push(path);
        }
        before
    }

    pub(super) fn leave(&mut self, before: u32) {
        self.current = before;
    }

    pub(super) fn current(&self) -> u32 {
        self.current
    }

    pub(super) fn sizes(&self, rows: impl Iterator<Item = u32>) -> Vec<ScopeSize> {
        let mut count = vec![0usize; self.paths.len()];
        rows.for_each(|scope| count[scope as usize] += 1);
        let sized = self.paths.iter().zip(count).filter(|(_, rows)| *rows > 0);
        sized.map(|(label, rows)| ScopeSize { label: label.clone(), rows, cells: rows * (WIRES + LIMBS) }).collect()
    }
}

/// What a label uses of the generic region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeSize {
    /// Path of the scope.
    pub label: String,
    /// Generic rows.
    pub rows: usize,
    /// Their cells.
    pub cells: usize,
}

/// Names of the cells of a finished circuit.
#[derive(Clone, Debug)]
pub struct Labels {
    pub(super) layout: Layout,
    pub(super) paths: Vec<String>,
    pub(super) scopes: Vec<u32>,
    pub(super) hints: HashSet<Cell>,
    /// Nodes and id-tree nodes that are live.
    pub(super) live: [usize; 2],
    /// Account records in use.
    pub(super) records: usize,
    /// Balance records in use.
    pub(super) balances: usize,
    /// Which rows of the program are sponge rows.
    pub(super) custom: Vec<bool>,
    /// Scopes of the ranges that a row shows for wires 3 and 2.
    pub(super) guests: Vec<[Option<u32>; 2]>,
}

impl Labels {
    pub(super) fn new(layout: Layout, scopes: &Scopes, rows: Vec<u32>) -> Self {
        Self {
            layout,
            paths: scopes.paths.clone(),
            scopes: rows,
            hints: HashSet::new(),
            live: [0; 2],
            records: 0,
            balances: 0,
            custom: Vec::new(),
            guests: Vec::new(),
        }
    }

    /// The regions.
    #[must_use]
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Label of a row of the shared columns.
    #[must_use]
    pub fn row(&self, row: usize) -> String {
        match self.layout.region(row) {
            Region::Eddsa(block, i) => format!("eddsa slot {block} row {i}"),
            Region::Poseidon5(block, i) => format!("poseidon5 block {block} row {i}"),
            Region::Node(k, i) => {
                let id_tree = k >= self.layout.nodes;
                let (k, name) = if id_tree { (k - self.layout.nodes, "id node") } else { (k, "node") };
                let idle = if k < self.live[usize::from(id_tree)] { "" } else { "idle " };
                format!("{idle}{name} {k} row {i}")
            }
            Region::Account(k, i) => {
                let unused = if k < self.records { "" } else { "unused " };
                format!("{unused}account record {k} row {i}")
            }
            Region::Balance(k) => {
                let unused = if k < self.balances { "" } else { "unused " };
                format!("{unused}balance record {k}")
            }
            Region::Generic(i) => match self.scopes.get(i) {
                Some(scope) => format!("{} (generic row {i})", self.paths[*scope as usize]),
                None => format!("idle generic row {i}"),
            },
        }
    }

    /// Label of what a violated constraint of a row is about: the row, or what a range that it shows was asked for.
    #[must_use]
    pub fn violation(&self, constraint: &str, row: usize) -> String {
        let guest = ["hosted range of wire 3", "hosted range of wire 2"].iter().position(|label| *label == constraint);
        let shown = match (guest, self.layout.region(row)) {
            (Some(i), Region::Generic(k)) => self.guests.get(k).and_then(|guests| guests[i]),
            _ => None,
        };
        match shown {
            Some(scope) => format!("{} (range shown by {})", self.paths[scope as usize], self.row(row)),
            None => self.row(row),
        }
    }

    /// Label of a cell.
    #[must_use]
    pub fn cell(&self, (column, row): Cell) -> String {
        if column >= ADVICE {
            return format!("range multiplicity of {}", row + (column - ADVICE) * ROWS);
        }
        if column < R {
            let (block, i) = (row / poseidon2::BLOCK, row % poseidon2::BLOCK);
            return format!("poseidon2 block {block} lane {} row {i} column {column}", poseidon2::lane_of(block));
        }
        let i = column - R;
        match self.layout.region(row) {
            Region::Generic(_) if i < WIRES => format!("{} wire {i}", self.row(row)),
            Region::Generic(_) => format!("{} limb {}", self.row(row), i - WIRES),
            _ => format!("{} column {i}", self.row(row)),
        }
    }

    /// True for a cell that no constraint reads, whatever the witness.
    #[must_use]
    pub fn is_unused(&self, (column, row): Cell) -> bool {
        if column >= ADVICE {
            return false;
        }
        if column < R {
            return false;
        }
        let i = column - R;
        match self.layout.region(row) {
            Region::Eddsa(_, r) => (r == eddsa::RESULT && i > 4) || (r > eddsa::TABLE && i > 8),
            Region::Poseidon5(_, r) => {
                let (full, partial) = poseidon5::selectors(r);
                !partial && i >= poseidon5::MULTIPLICITY + usize::from(full)
            }
            Region::Node(_, r) => r == node::BLOCK - 1 && i >= 8,
            Region::Account(_, r) => r == 0 && i > 4,
            Region::Balance(_) => i > 8,
            Region::Generic(row) => i == DIGEST + 1 && self.custom.get(row).copied().unwrap_or(false),
        }
    }

    /// Cells of hints that this witness leaves free.
    #[must_use]
    pub fn free_hints(&self) -> &HashSet<Cell> {
        &self.hints
    }
}
