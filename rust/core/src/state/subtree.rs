//! A balance or storage tree: sparse, depth 8, leaf H2(value, 0, 0, 0).
//!
//! Nodes exist only on the paths of non-zero values. What it is not: typed; values are field elements whose range the
//! writer guarantees.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use ark_ff::{AdditiveGroup, Zero};

use super::tree::EMPTY_SUBTREE;
use crate::parameters::SUBTREE_DEPTH;
use crate::poseidon::{compress_all, Lane};
use crate::primitives::Fr;

/// One account's balances or storage.
#[derive(Clone, Debug, Default)]
pub struct Subtree {
    values: BTreeMap<u16, Fr>,
    nodes: HashMap<(u8, u16), Fr>,
    dirty: BTreeSet<u16>,
}

impl Subtree {
    /// The value at a position, 0 when never written.
    #[must_use]
    pub fn value(&self, position: u16) -> Fr {
        self.values.get(&position).copied().unwrap_or(Fr::ZERO)
    }

    /// Non-zero values by position.
    pub fn values(&self) -> impl Iterator<Item = (u16, Fr)> + '_ {
        self.values.iter().map(|(p, v)| (*p, *v))
    }

    /// Writes a value; its path is rehashed by the next [`Self::rehash`].
    pub fn set(&mut self, position: u16, value: Fr) {
        if value.is_zero() {
            self.values.remove(&position);
        } else {
            self.values.insert(position, value);
        }
        self.dirty.insert(position);
    }

    /// Rehashes the paths of all values written since the last call, level by level.
    pub fn rehash(&mut self) {
        if self.dirty.is_empty() {
            return;
        }
        let mut positions: Vec<u16> = core::mem::take(&mut self.dirty).into_iter().collect();
        let leaves: Vec<[Fr; 4]> = positions.iter().map(|p| [self.value(*p), Fr::ZERO, Fr::ZERO, Fr::ZERO]).collect();
        for (p, hash) in positions.iter().zip(compress_all(Lane::Value, &leaves)) {
            self.put(SUBTREE_DEPTH, *p, hash);
        }
        for level in (0..SUBTREE_DEPTH).rev() {
            positions.iter_mut().for_each(|p| *p /= 4);
            positions.dedup();
            let nodes: Vec<[Fr; 4]> = positions.iter().map(|p| self.children(level, *p)).collect();
            for (p, hash) in positions.iter().zip(compress_all(Lane::Node, &nodes)) {
                self.put(level, *p, hash);
            }
        }
    }

    fn put(&mut self, level: u8, position: u16, hash: Fr) {
        if hash == EMPTY_SUBTREE[level as usize] {
            self.nodes.remove(&(level, position));
        } else {
            self.nodes.insert((level, position), hash);
        }
    }

    /// The hash of a node or leaf as of the last [`Self::rehash`].
    #[must_use]
    pub fn node(&self, level: u8, position: u16) -> Fr {
        self.nodes.get(&(level, position)).copied().unwrap_or(EMPTY_SUBTREE[level as usize])
    }

    /// The hashes of the four children of a node above the leaves.
    #[must_use]
    pub fn children(&self, level: u8, position: u16) -> [Fr; 4] {
        core::array::from_fn(|c| self.node(level + 1, 4 * position + c as u16))
    }

    /// The root as of the last [`Self::rehash`].
    #[must_use]
    pub fn root(&self) -> Fr {
        self.node(0, 0)
    }

    /// True when every value is 0 and nothing waits for a rehash.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty() && self.dirty.is_empty()
    }
}
