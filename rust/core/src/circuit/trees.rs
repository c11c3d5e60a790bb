//! Node rows of the touched part of a tree: children before and after, from the leaves up to the root.
//!
//! What this is not: a constraint; the builder's node rows check every hash and link.

use std::collections::{BTreeMap, BTreeSet};

use ark_bn254::Fr;
use ark_ff::AdditiveGroup;

use super::builder::Node;
use super::leaves::Pair;
use crate::poseidon::{compress_all, Lane};

/// Nodes above the touched leaves of one tree, and its roots. `children` gives the children before, by (level, position).
pub fn update(
    tree: u64,
    depth: u8,
    lane: Lane,
    leaves: &BTreeMap<u64, Pair>,
    children: impl Fn(u8, u64) -> [Fr; 4],
) -> (Vec<Node>, Option<Pair>) {
    let mut list = Vec::new();
    let mut below = leaves.clone();
    for level in (0..depth).rev() {
        let first = list.len();
        let mut inputs = Vec::new();
        let parents: BTreeSet<u64> = below.keys().map(|p| p / 4).collect();
        for position in &parents {
            let position = *position;
            let old = children(level, position);
            let (mut new, mut touched) = (old, [false; 4]);
            for c in 0..4usize {
                if let Some((_, hash)) = below.get(&(4 * position + c as u64)) {
                    (new[c], touched[c]) = (*hash, true);
                }
            }
            inputs.extend([old, new]);
            let (tree, level, at) = (Fr::from(tree), Fr::from(level), Fr::from(position));
            list.push(Node { tree, level, position: at, old, new, touched, live: true, hashes: None });
        }
        // a level at a time, many hashes at once
        let hashes = compress_all(lane, &inputs);
        let pairs: Vec<Pair> = hashes.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
        for (node, (old, new)) in list[first..].iter_mut().zip(&pairs) {
            node.hashes = Some([*old, *new]);
        }
        below = parents.into_iter().zip(pairs).collect();
    }
    (list, below.get(&0).copied())
}

/// Children of a node the witness does not have.
pub const NO_CHILDREN: [Fr; 4] = [Fr::ZERO; 4];
