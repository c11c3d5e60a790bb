//! Tree nodes under both roots: two rows a node, columns 14..24.
//!
//! | row | R0..R3 | R4..R7 | R8 | R9 |
//! |---|---|---|---|---|
//! | 0 | old children | new children | tree | level |
//! | 1 | touched | live, position, H(old), H(new) | unused | unused |
//!
//! A touched child receives (NODE, 4 position + c, old, new, level + 1, tree); an untouched one forces old = new, always. The node
//! sends (NODE, position, H(old), H(new), level, tree) and asks for its two hashes, all times `live`, and touched <= live, so an idle
//! node says nothing. Position and level carry no range check: only the boundary, where both are 0, receives without sending,
//! and each message steps down from there (docs/spec/proof.md).
//! The fixed columns of row 0 hold the tags: q0 that of the node's message, qk that of the hash, so the id tree has its own.
//! What this is not: it knows neither leaves nor depth; a leaf is whoever sends at a child's place.

use ark_bn254::Fr;
use ark_ff::AdditiveGroup;
use plonk::Expr;

use super::{boolean, cur, message, next, poseidon2, Assembly, Fixed, Tag, R_WIDTH};

/// Rows of a node.
pub const BLOCK: usize = 2;

/// Adds constraints and messages.
pub(crate) fn constrain(a: &mut Assembly) {
    let on = Fixed::SelNode.expr();
    let tag = || Fixed::Q0.expr();
    let (tree, level) = (cur(8), cur(9));
    let (live, position) = (next(4), next(5));
    a.constrain("node live boolean", &on, boolean(&live));
    let mut received = Vec::with_capacity(4);
    for c in 0..4 {
        let (old, new, touched) = (cur(c), cur(4 + c), next(c));
        a.constrain("node touched is 0 or live", &on, touched.clone() * (touched.clone() - live.clone()));
        let moved = old.clone() - new.clone();
        a.constrain("node untouched child", &on, (Expr::one() - touched.clone()) * moved);
        let below = [position.clone() * 4u64 + c as u64, old, new, level.clone() + 1u64, tree.clone()];
        received.push(message(-touched, tag(), below));
    }
    a.first("node children", on.clone(), received);
    let (old, new) = (next(6), next(7));
    let hash = |children: usize, value: &Expr| {
        let payload = (0..4).map(|c| cur(children + c)).chain([value.clone()]);
        message(live.clone(), Fixed::Qk.expr(), payload)
    };
    let hashes = [hash(0, &old), hash(4, &new)];
    let own = message(live.clone(), tag(), [position, old, new, level, tree]);
    a.second("node", on, [own].into_iter().chain(hashes).collect());
}

/// A node's place and children.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Node {
    /// Tree identifier.
    pub tree: Fr,
    /// Level, 0 at the root.
    pub level: Fr,
    /// Position in the level.
    pub position: Fr,
    /// Children under the old root.
    pub old: [Fr; 4],
    /// Children under the new root.
    pub new: [Fr; 4],
    /// Which children have a row (or leaf) of their own.
    pub touched: [bool; 4],
    /// False for an idle row.
    pub live: bool,
    /// Hashes of old and new children, where they are known already.
    pub hashes: Option<[Fr; 2]>,
}

/// The cells of a node: two rows of ten.
#[must_use]
pub fn fill(node: &Node, lane: usize) -> [[Fr; R_WIDTH]; BLOCK] {
    let mut rows = [[Fr::ZERO; R_WIDTH]; BLOCK];
    rows[0][..4].copy_from_slice(&node.old);
    rows[0][4..8].copy_from_slice(&node.new);
    rows[0][8] = node.tree;
    rows[0][9] = node.level;
    for (cell, touched) in rows[1].iter_mut().zip(node.touched) {
        *cell = Fr::from(u64::from(touched));
    }
    if node.live {
        rows[1][4] = Fr::from(1u64);
        let hashes = node.hashes.unwrap_or_else(|| [&node.old, &node.new].map(|x| poseidon2::hash(lane, x)));
        rows[1][6..8].copy_from_slice(&hashes);
    }
    rows[1][5] = node.position;
    rows
}

/// Tag of a node's message and of its hash: the id tree has its own of both.
#[must_use]
pub const fn tags(id_tree: bool) -> (Tag, Tag) {
    if id_tree {
        (Tag::IdNode, Tag::Hash3)
    } else {
        (Tag::Node, Tag::Hash0)
    }
}
