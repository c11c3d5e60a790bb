//! The account tree: levels as dense growing vectors, everything to the right of the last leaf empty.
//!
//! Interior nodes are never written one by one; [`DenseTree::update`] rehashes the paths of all changed leaves level by
//! level. What it is not: the balance and storage trees, which are sparse.

use std::sync::LazyLock;

use rayon::prelude::*;

use crate::parameters::{ACCOUNT_DEPTH, SUBTREE_DEPTH};
use crate::poseidon::{compress_all, hash_account, hash_node, hash_value, Lane};
use crate::primitives::Fr;
use ark_ff::AdditiveGroup;

/// Hashes that one thread takes at a time; below twice as many one thread is as fast as several.
const PARALLEL_THRESHOLD: usize = 256;

/// Hash of an empty balance or storage subtree whose top is at each level (8: an empty leaf, 0: the root).
pub static EMPTY_SUBTREE: LazyLock<[Fr; SUBTREE_DEPTH as usize + 1]> = LazyLock::new(|| {
    let mut levels = [hash_value(Fr::ZERO); SUBTREE_DEPTH as usize + 1];
    for level in (0..SUBTREE_DEPTH as usize).rev() {
        levels[level] = hash_node(&[levels[level + 1]; 4]);
    }
    levels
});

/// Hash of an empty account subtree whose top is at each level (16: an empty leaf, 0: the root).
pub static EMPTY_ACCOUNTS: LazyLock<[Fr; ACCOUNT_DEPTH as usize + 1]> = LazyLock::new(|| {
    let root = EMPTY_SUBTREE[0];
    let mut levels = [hash_account(&[Fr::ZERO, Fr::ZERO, root, root]); ACCOUNT_DEPTH as usize + 1];
    for level in (0..ACCOUNT_DEPTH as usize).rev() {
        levels[level] = hash_node(&[levels[level + 1]; 4]);
    }
    levels
});

/// A quaternary tree of depth 16 whose leaves in use are a prefix.
#[derive(Clone, Debug)]
pub struct DenseTree {
    /// `levels[l]` holds the hashes of level l that have a leaf in use below them.
    levels: Vec<Vec<Fr>>,
}

impl Default for DenseTree {
    fn default() -> Self {
        Self { levels: vec![Vec::new(); ACCOUNT_DEPTH as usize + 1] }
    }
}

impl DenseTree {
    /// The root.
    #[must_use]
    pub fn root(&self) -> Fr {
        self.node(0, 0)
    }

    /// The hash of a node or leaf.
    #[must_use]
    pub fn node(&self, level: u8, position: u64) -> Fr {
        let level = level as usize;
        usize::try_from(position).ok().and_then(|p| self.levels[level].get(p)).copied().unwrap_or(EMPTY_ACCOUNTS[level])
    }

    /// The hashes of the four children of a node above the leaves.
    #[must_use]
    pub fn children(&self, level: u8, position: u64) -> [Fr; 4] {
        core::array::from_fn(|c| self.node(level + 1, 4 * position + c as u64))
    }

    /// Writes changed leaves (sorted by position, without gaps beyond the end) and rehashes their paths.
    pub fn update(&mut self, leaves: &[(u32, Fr)]) {
        if leaves.is_empty() {
            return;
        }
        let bottom = &mut self.levels[ACCOUNT_DEPTH as usize];
        for (position, hash) in leaves {
            put(bottom, *position as usize, *hash, ACCOUNT_DEPTH as usize);
        }
        let mut positions: Vec<u64> = leaves.iter().map(|(position, _)| u64::from(*position)).collect();
        for level in (0..ACCOUNT_DEPTH).rev() {
            positions.iter_mut().for_each(|p| *p /= 4);
            positions.dedup();
            let hash = |positions: &[u64]| {
                let nodes: Vec<[Fr; 4]> = positions.iter().map(|p| self.children(level, *p)).collect();
                compress_all(Lane::Node, &nodes)
            };
            let hashes: Vec<Fr> = if positions.len() < 2 * PARALLEL_THRESHOLD {
                hash(&positions)
            } else {
                positions.par_chunks(PARALLEL_THRESHOLD).flat_map_iter(hash).collect()
            };
            for (position, hash) in positions.iter().zip(hashes) {
                put(&mut self.levels[level as usize], *position as usize, hash, level as usize);
            }
        }
    }

    /// Forgets the leaves from `count` on (they are empty again) and rehashes what stood above them.
    pub fn truncate(&mut self, count: usize) {
        let old = self.levels[ACCOUNT_DEPTH as usize].len();
        if count >= old {
            return;
        }
        let mut size = count;
        for level in (0..=ACCOUNT_DEPTH as usize).rev() {
            self.levels[level].truncate(size);
            size = size.div_ceil(4);
        }
        if let Some(last) = count.checked_sub(1) {
            let leaf = self.levels[ACCOUNT_DEPTH as usize][last];
            self.update(&[(last as u32, leaf)]);
        }
    }
}

fn put(level: &mut Vec<Fr>, position: usize, hash: Fr, depth: usize) {
    if position >= level.len() {
        level.resize(position + 1, EMPTY_ACCOUNTS[depth]);
    }
    level[position] = hash;
}
