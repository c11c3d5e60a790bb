//! Node rows of the touched part of a tree: children before and after, from the leaves up to the root.
//!
//! What this is not: a constraint; the builder's node rows check every hash and link.

use std::collections::{BTreeMap, BTreeSet};

use ark_bn254::Fr;
use ark_ff::AdditiveGroup;

use super::builder::Node;
use super::gates::poseidon2;
use super::leaves::Pair;

/// Nodes above the touched leaves of one tree, and its roots. `children` gives the children before, by (level, position).
pub fn update(
    tree: u64,
    depth: u8,
    lane: usize,
    leaves: &BTreeMap<u64, Pair>,
    children: impl Fn(u8, u64) -> [Fr; 4],
) -> (Vec<Node>, Option<Pair>) {
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
            here.insert(position, (poseidon2::hash(lane, &old), poseidon2::hash(lane, &new)));
            let (tree, level, at) = (Fr::from(tree), Fr::from(level), Fr::from(position));
            list.push(Node { tree, level, position: at, old, new, touched, live: true });
        }
        below = here;
    }
    (list, below.get(&0).copied())
}

/// Children of a node the witness does not have.
pub const NO_CHILDREN: [Fr; 4] = [Fr::ZERO; 4];
