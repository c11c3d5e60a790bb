//! The undo journal: what a write replaced, so that any retained mark can be returned to exactly.
//!
//! What it is not: durable; after a restart the node replays its own blocks.

use super::account::Account;
use crate::primitives::Fr;

/// A position in the journal. Marks grow; one is valid until it is rewound past or forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mark(pub u64);

/// What one write replaced.
#[derive(Clone, Debug)]
pub(super) enum Change {
    /// An account as it was.
    Account(u32, Box<Account>),
    /// The last account was created.
    Created,
    /// A token balance as it was.
    Balance(u32, u16, Fr),
    /// A storage value as it was.
    Storage(u32, u16, Fr),
}

/// Changes since the oldest retained mark.
#[derive(Clone, Debug, Default)]
pub(super) struct Journal {
    base: u64,
    changes: std::collections::VecDeque<Change>,
}

impl Journal {
    pub(super) fn push(&mut self, change: Change) {
        self.changes.push_back(change);
    }

    pub(super) fn mark(&self) -> Mark {
        Mark(self.base + self.changes.len() as u64)
    }

    pub(super) fn is_retained(&self, mark: Mark) -> bool {
        (self.base..=self.mark().0).contains(&mark.0)
    }

    /// The latest change after the mark, removed.
    pub(super) fn pop_after(&mut self, mark: Mark) -> Option<Change> {
        if self.mark() > mark {
            return self.changes.pop_back();
        }
        None
    }

    /// Drops what lies before the mark.
    pub(super) fn forget(&mut self, mark: Mark) {
        let n = usize::try_from(mark.0.saturating_sub(self.base)).unwrap_or(usize::MAX).min(self.changes.len());
        self.changes.drain(..n);
        // A long history leaves a long buffer; give it back.
        if self.changes.capacity() > 4 * self.changes.len().max(1024) {
            self.changes.shrink_to(2 * self.changes.len());
        }
        self.base += n as u64;
    }
}
