//! What one chunk can hold: the shape of the leaf circuit as numbers.
//!
//! A chunk is built so that it never exceeds any of them; an item that would is refused with `chunk_full` and changes
//! nothing. What it is not: node policy, which may seal earlier.

use crate::parameters::Kind;

/// Upper bounds of one chunk. Distinct leaves and nodes are counted once however often they are touched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacity {
    /// Items (transactions and operations).
    pub slots: usize,
    /// Account leaves touched: parties, predecessors, created accounts, the fee account and the sentinel.
    pub account_leaves: usize,
    /// Balance and storage leaves touched, together.
    pub balance_leaves: usize,
    /// Nodes touched in the account tree and in all balance and storage trees, together.
    pub nodes: usize,
    /// Nodes touched in the id tree.
    pub id_nodes: usize,
    /// Words of the transaction stream, the two header words included.
    pub transaction_words: usize,
    /// Operation records.
    pub operations: usize,
    /// Items that create an account, set a key, or show an account absent.
    pub changes: usize,
    /// Kinds that the circuit proves, bit k for code k.
    pub kinds: u8,
}

impl Capacity {
    /// The leaf shape: n = 2^15, 44 slots (`docs/spec/proof.md`).
    #[must_use]
    pub const fn leaf() -> Self {
        Self {
            slots: 44,
            account_leaves: 112,
            balance_leaves: 72,
            nodes: 960,
            id_nodes: 48,
            transaction_words: 96,
            operations: 20,
            changes: 20,
            // All but set_storage (4) and forced_exit (7), which have formats and rules but no clauses yet.
            kinds: 0b0110_1111,
        }
    }
}

impl Capacity {
    /// The same bounds with every kind: for tests and for circuits to come.
    #[must_use]
    pub const fn with_all_kinds(self) -> Self {
        Self { kinds: u8::MAX, ..self }
    }

    /// True when the circuit of this shape has the kind.
    #[must_use]
    pub const fn proves(&self, kind: Kind) -> bool {
        self.kinds >> kind.code() & 1 == 1
    }
}

impl Default for Capacity {
    fn default() -> Self {
        Self::leaf()
    }
}
