//! Regions of the shared column group: which rows belong to which gate.
//!
//! Order: EdDSA blocks from row 0, circomlib Poseidon blocks, nodes, id-tree nodes, account records, balance records, rows of the program to the end. What this is not: the
//! Poseidon2 pool, which has columns of its own on every row.

use super::super::gates::{account_leaf, eddsa, node, poseidon2, poseidon5, ROWS};
use super::CircuitError;

/// Sizes of the regions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// EdDSA blocks, one a slot.
    pub slots: usize,
    /// circomlib Poseidon blocks.
    pub poseidon5: usize,
    /// Nodes of account, balance and storage trees.
    pub nodes: usize,
    /// Nodes of the id tree.
    pub id_nodes: usize,
    /// Account records.
    pub accounts: usize,
    /// Balance records.
    pub balances: usize,
    /// Public inputs.
    pub publics: usize,
}

/// A region of the shared columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Region {
    /// EdDSA: block and row in it.
    Eddsa(usize, usize),
    /// circomlib Poseidon: block and row in it.
    Poseidon5(usize, usize),
    /// Node (id-tree nodes after the others): number and row in it.
    Node(usize, usize),
    /// Account record and row in it.
    Account(usize, usize),
    /// Balance record.
    Balance(usize),
    /// Row of the program.
    Generic(usize),
}

impl Layout {
    /// First row of the circomlib Poseidon blocks.
    #[must_use]
    pub const fn poseidon5_start(&self) -> usize {
        self.slots * eddsa::BLOCK
    }

    /// First row of a circomlib Poseidon block.
    #[must_use]
    pub const fn poseidon5_row(&self, block: usize) -> usize {
        self.poseidon5_start() + block * poseidon5::BLOCK
    }

    /// First row of the nodes.
    #[must_use]
    pub const fn node_start(&self) -> usize {
        self.poseidon5_row(self.poseidon5)
    }

    /// First row of the account records.
    #[must_use]
    pub const fn account_start(&self) -> usize {
        self.node_start() + (self.nodes + self.id_nodes) * node::BLOCK
    }

    /// First row of the balance records.
    #[must_use]
    pub const fn balance_start(&self) -> usize {
        self.account_start() + self.accounts * account_leaf::BLOCK
    }

    /// First row of the program, where the public inputs begin.
    #[must_use]
    pub const fn generic_start(&self) -> usize {
        self.balance_start() + self.balances
    }

    /// Generic rows that can be used; the last row of the trace stays idle, because its next row is row 0.
    #[must_use]
    pub const fn generic_rows(&self) -> usize {
        (ROWS - 1).saturating_sub(self.generic_start())
    }

    /// Blocks of a lane of the Poseidon2 pool.
    #[must_use]
    pub const fn hashes(&self, lane: usize) -> usize {
        poseidon2::capacity(lane, ROWS / poseidon2::BLOCK)
    }

    /// The region of a row.
    #[must_use]
    pub const fn region(&self, row: usize) -> Region {
        if row < self.poseidon5_start() {
            Region::Eddsa(row / eddsa::BLOCK, row % eddsa::BLOCK)
        } else if row < self.node_start() {
            let row = row - self.poseidon5_start();
            Region::Poseidon5(row / poseidon5::BLOCK, row % poseidon5::BLOCK)
        } else if row < self.account_start() {
            let row = row - self.node_start();
            Region::Node(row / node::BLOCK, row % node::BLOCK)
        } else if row < self.balance_start() {
            let row = row - self.account_start();
            Region::Account(row / account_leaf::BLOCK, row % account_leaf::BLOCK)
        } else if row < self.generic_start() {
            Region::Balance(row - self.balance_start())
        } else {
            Region::Generic(row - self.generic_start())
        }
    }

    /// Checks that the public inputs and one more row fit.
    pub(super) fn check(&self) -> Result<(), CircuitError> {
        let needed = self.generic_start() + self.publics + 2;
        if needed > ROWS {
            return Err(CircuitError::new("rows of the layout", format!("at most {ROWS}"), needed));
        }
        Ok(())
    }
}
