//! Account records: where the chain of accesses of one account meets both roots. Two rows a record, columns 14..24.
//!
//! | row | R0..R3 | R4 | R5, R6 | R7 | R8, R9 |
//! |---|---|---|---|---|---|
//! | 0 | static and dynamic before, after | time of the last access | unused | unused | unused |
//! | 1 | balances root before, after, storage root before, after | index | H(before), H(after) | live | balances, storage touched |
//!
//! Times `live`: sends (ACCOUNT, index, static, dynamic, 0), receives the tuple that the last access left, asks for the leaf's hash
//! under both roots (lane 1) and sends (NODE, index, before, after, depth, 0). Times a `touched`, which is at most `live`: receives the
//! roots of the balance tree, 2 + 4 index, or of the storage tree, 3 + 4 index; else they are equal.
//! Twin of `leaves.rs`, which says what the cells are. What this is not: a place in the tree; nodes and boundary decide.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};
use plonk::Expr;

use super::{boolean, cur, elsewhere, message, next, poseidon2, Assembly, Fixed, Tag, R_WIDTH};
use crate::parameters::ACCOUNT_DEPTH;

/// Rows of a record.
pub const BLOCK: usize = 2;

/// The mark of a record's first row, among the rows that no selector takes.
pub(crate) const MARK: Fixed = Fixed::Q3;
/// The mark of its second row.
pub(crate) const SUBTREES: Fixed = Fixed::Host;

/// Adds constraints and messages.
pub(crate) fn constrain(a: &mut Assembly) {
    let on = elsewhere() * MARK.expr();
    let (old, new, last) = ([cur(0), cur(1)], [cur(2), cur(3)], cur(4));
    let (balances, storage, index) = ([next(0), next(1)], [next(2), next(3)], next(4));
    let (hashes, live) = ([next(5), next(6)], next(7));
    a.constrain("account live boolean", &on, boolean(&live));
    subtrees(a);

    let tuple = |words: &[Expr; 2], time: Expr| [index.clone(), words[0].clone(), words[1].clone(), time];
    let hash = |words: &[Expr; 2], k: usize, out: &Expr| {
        let payload = [words[0].clone(), words[1].clone(), balances[k].clone(), storage[k].clone(), out.clone()];
        message(live.clone(), Tag::Hash1, payload)
    };
    let starts = message(live.clone(), Tag::Account, tuple(&old, Expr::zero()));
    let ends = message(-live.clone(), Tag::Account, tuple(&new, last));
    a.first("account chain", on.clone(), vec![starts, ends, hash(&old, 0, &hashes[0])]);
    let after = hash(&new, 1, &hashes[1]);
    let [before, after_hash] = hashes;
    let depth = Expr::from(u64::from(ACCOUNT_DEPTH));
    let leaf = message(live.clone(), Tag::Node, [index, before, after_hash, depth, Expr::zero()]);
    a.second("account leaf", on, vec![after, leaf]);
}

/// The trees below, on the record's second row.
fn subtrees(a: &mut Assembly) {
    let on = elsewhere() * SUBTREES.expr();
    let (index, live) = (cur(4), cur(7));
    let mut below = Vec::with_capacity(2);
    for (tree, roots, touched) in [(2u64, [cur(0), cur(1)], cur(8)), (3, [cur(2), cur(3)], cur(9))] {
        a.constrain("account touched is 0 or live", &on, touched.clone() * (touched.clone() - live.clone()));
        let [before, after] = roots;
        let moved = before.clone() - after.clone();
        a.constrain("account untouched subtree", &on, (Expr::one() - touched.clone()) * moved);
        let tree = index.clone() * Fr::from(4u64) + tree;
        below.push(message(-touched, Tag::Node, [Expr::zero(), before, after, Expr::zero(), tree]));
    }
    a.second("account subtrees", on, below);
}

/// An account as its record holds it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountRecord {
    /// Leaf index.
    pub index: Fr,
    /// (static, dynamic) under the old and the new root.
    pub words: [[Fr; 2]; 2],
    /// Time of the last access.
    pub last: Fr,
    /// Roots of the balance tree and of the storage tree, each old and new.
    pub roots: [[Fr; 2]; 2],
    /// The balance tree has touched leaves, and the storage tree.
    pub touched: [bool; 2],
    /// The leaf's hashes under both roots, where they are known already.
    pub hashes: Option<[Fr; 2]>,
}

impl AccountRecord {
    /// The leaf's preimages under the old and the new root.
    #[must_use]
    pub fn preimages(&self) -> [[Fr; 4]; 2] {
        [0, 1].map(|k: usize| [self.words[k][0], self.words[k][1], self.roots[0][k], self.roots[1][k]])
    }

    /// The leaf's hashes under the old and the new root.
    #[must_use]
    pub fn hashes(&self) -> [Fr; 2] {
        self.hashes.unwrap_or_else(|| self.preimages().map(|x| poseidon2::hash(1, &x)))
    }
}

/// The cells of a record; None leaves it unused.
#[must_use]
pub fn fill(leaf: Option<&AccountRecord>) -> [[Fr; R_WIDTH]; BLOCK] {
    let mut rows = [[Fr::ZERO; R_WIDTH]; BLOCK];
    let Some(leaf) = leaf else { return rows };
    let [old, new] = leaf.words;
    rows[0][..5].copy_from_slice(&[old[0], old[1], new[0], new[1], leaf.last]);
    let [before, after] = leaf.hashes();
    let [balances, storage] = leaf.roots;
    let [first, second] = leaf.touched.map(|touched| Fr::from(u64::from(touched)));
    rows[1] = [balances[0], balances[1], storage[0], storage[1], leaf.index, before, after, Fr::ONE, first, second];
    rows
}
