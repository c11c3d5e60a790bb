//! The id tree of a batch: quaternary, depth 8, node H3, leaf j the id of item batchFirst + j, 0 when empty.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use ark_ff::AdditiveGroup;

use crate::parameters::{ID_DEPTH, MAX_BATCH_ITEMS};
use crate::poseidon::hash_id_node;
use crate::primitives::Fr;

/// Hash of an empty subtree whose top is at each level.
pub static EMPTY_IDS: LazyLock<[Fr; ID_DEPTH as usize + 1]> = LazyLock::new(|| {
    let mut levels = [Fr::ZERO; ID_DEPTH as usize + 1];
    for level in (0..ID_DEPTH as usize).rev() {
        levels[level] = hash_id_node(&[levels[level + 1]; 4]);
    }
    levels
});

/// A tree that is filled from the left.
#[derive(Clone, Debug)]
pub struct IdTree {
    levels: Vec<Vec<Fr>>,
}

impl Default for IdTree {
    fn default() -> Self {
        Self { levels: vec![Vec::new(); ID_DEPTH as usize + 1] }
    }
}

impl IdTree {
    /// The root.
    #[must_use]
    pub fn root(&self) -> Fr {
        self.node(0, 0)
    }

    /// Ids in the tree.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.levels[ID_DEPTH as usize].len() as u64
    }

    /// The ids in order.
    #[must_use]
    pub fn leaves(&self) -> &[Fr] {
        &self.levels[ID_DEPTH as usize]
    }

    /// True when `n` more ids fit.
    #[must_use]
    pub fn has_room(&self, n: u64) -> bool {
        self.count() + n <= MAX_BATCH_ITEMS
    }

    fn node(&self, level: u8, position: u64) -> Fr {
        self.levels[level as usize].get(position as usize).copied().unwrap_or(EMPTY_IDS[level as usize])
    }

    fn children(&self, level: u8, position: u64) -> [Fr; 4] {
        core::array::from_fn(|c| self.node(level + 1, 4 * position + c as u64))
    }

    /// Nodes on the paths of the next `n` leaves.
    #[must_use]
    pub fn touched_nodes(&self, n: u64) -> usize {
        (0..ID_DEPTH)
            .map(|level| {
                let shift = 2 * (ID_DEPTH - level);
                if n == 0 {
                    0
                } else {
                    (((self.count() + n - 1) >> shift) - (self.count() >> shift) + 1) as usize
                }
            })
            .sum()
    }

    /// Appends ids; returns the children before, of every node on their paths.
    pub fn append(&mut self, ids: &[Fr]) -> BTreeMap<(u8, u64), [Fr; 4]> {
        let (first, end) = (self.count(), self.count() + ids.len() as u64);
        let mut before = BTreeMap::new();
        if ids.is_empty() {
            return before;
        }
        let range = |level: u8| {
            let shift = 2 * (ID_DEPTH - level);
            first >> shift..=(end - 1) >> shift
        };
        for level in 0..ID_DEPTH {
            before.extend(range(level).map(|p| ((level, p), self.children(level, p))));
        }
        self.levels[ID_DEPTH as usize].extend_from_slice(ids);
        for level in (0..ID_DEPTH).rev() {
            for position in range(level) {
                let hash = hash_id_node(&self.children(level, position));
                let row = &mut self.levels[level as usize];
                row.truncate(position as usize);
                row.push(hash);
            }
        }
        before
    }
}
