//! Node rows of the touched part of a tree: children before and after, from the leaves up to the root.
//!
//! What this is not: a constraint; the builder's node rows check every hash and link.

use std::collections::{BTreeMap, BTreeSet};

use ark_bn254::Fr;
use ark_ff::AdditiveGroup;

use super::leaves::Pair;
use super::native;

/// One node under both roots.
#[derive(Clone, Debug)]
pub struct NodeFacts {
    /// Tree identifier; unused in the id tree.
    pub tree: u64,
    /// Level, 0 at the root.
    pub level: u8,
    /// Position in the level.
    pub position: u64,
    /// Children before.
    pub old: [Fr; 4],
    /// Children after.
    pub new: [Fr; 4],
    /// Which children have a row of their own.
    pub touched: [bool; 4],
}

/// Nodes above the touched leaves of one tree, and its roots. `children` gives the children before, by (level, position).
pub fn update(
    tree: u64,
    depth: u8,
    lane: u8,
    leaves: &BTreeMap<u64, Pair>,
    children: impl Fn(u8, u64) -> [Fr; 4],
) -> (Vec<NodeFacts>, Option<Pair>) {
    let mut list = Vec::new();
    let mut below = leaves.clone();
    for level in (0..depth).rev() {
        let mut here = BTreeMap::new();
        let parents: BTreeSet<u64> = below.keys().map(|p| p / 4).collect();
        for position in parents {
            let old = children(level, position);
            let (mut new, mut touched) = (old, [false; 4]);
            for c in 0..4usize {
                if let Some((_, hash)) = below.get(&(4 * position + c as u64)) {
                    (new[c], touched[c]) = (*hash, true);
                }
            }
            here.insert(position, (native::lane_hash(lane, &old), native::lane_hash(lane, &new)));
            list.push(NodeFacts { tree, level, position, old, new, touched });
        }
        below = here;
    }
    (list, below.get(&0).copied())
}

/// Children of a node the witness does not have.
pub const NO_CHILDREN: [Fr; 4] = [Fr::ZERO; 4];
