//! Account records: where the chain of accesses of one account meets both roots. Two rows a record, columns 14..24.
//!
//! | row | R0..R3 | R4 | R5, R6 | R7 | R8 |
//! |---|---|---|---|---|---|
//! | 0 | static and dynamic before, after | time of the last access | unused | unused | unused |
//! | 1 | balances root before, after, storage root, unused | index | H(before), H(after) | live | touched |
//!
//! Times `live`: sends (ACCOUNT, index, static, dynamic, 0), receives the tuple that the last access left, asks for the leaf's hash
//! under both roots (lane 1) and sends (NODE, index, before, after, depth, 0). Times `touched`, which is at most `live`: receives the
//! roots of the balance tree, 2 + 4 index; else they are equal. Storage has one cell: no kind writes it.
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

/// Adds constraints and messages.
pub(crate) fn constrain(a: &mut Assembly) {
    let on = elsewhere() * MARK.expr();
    let (old, new, last) = ([cur(0), cur(1)], [cur(2), cur(3)], cur(4));
    let (roots, storage, index) = ([next(0), next(1)], next(2), next(4));
    let (hashes, live, touched) = ([next(5), next(6)], next(7), next(8));
    a.constrain("account live boolean", &on, boolean(&live));
    a.constrain("account touched boolean", &on, boolean(&touched));
    a.constrain("account touched at most live", &on, touched.clone() * (Expr::one() - live.clone()));
    let moved = roots[0].clone() - roots[1].clone();
    a.constrain("account untouched balances", &on, (Expr::one() - touched.clone()) * moved);

    let tuple = |words: &[Expr; 2], time: Expr| [index.clone(), words[0].clone(), words[1].clone(), time];
    let hash = |words: &[Expr; 2], root: &Expr, out: &Expr| {
        let payload = [words[0].clone(), words[1].clone(), root.clone(), storage.clone(), out.clone()];
        message(live.clone(), Tag::Hash1, payload)
    };
    let starts = message(live.clone(), Tag::Account, tuple(&old, Expr::zero()));
    let ends = message(-live.clone(), Tag::Account, tuple(&new, last));
    a.first("account chain", on.clone(), vec![starts, ends, hash(&old, &roots[0], &hashes[0])]);
    let after = hash(&new, &roots[1], &hashes[1]);
    let [before, after_hash] = hashes;
    let depth = Expr::from(u64::from(ACCOUNT_DEPTH));
    let leaf = message(live.clone(), Tag::Node, [index.clone(), before, after_hash, depth, Expr::zero()]);
    let tree = index * Fr::from(4u64) + 2u64;
    let [old_root, new_root] = roots;
    let below = message(-touched, Tag::Node, [Expr::zero(), old_root, new_root, Expr::zero(), tree]);
    a.second("account leaf", on, vec![after, leaf, below]);
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
    /// Roots of the balance tree, old and new.
    pub balances: [Fr; 2],
    /// Root of the storage tree.
    pub storage: Fr,
    /// The balance tree has touched leaves.
    pub touched: bool,
}

impl AccountRecord {
    /// The leaf's preimages under the old and the new root.
    #[must_use]
    pub fn preimages(&self) -> [[Fr; 4]; 2] {
        [0, 1].map(|k: usize| [self.words[k][0], self.words[k][1], self.balances[k], self.storage])
    }

    /// The leaf's hashes under the old and the new root.
    #[must_use]
    pub fn hashes(&self) -> [Fr; 2] {
        self.preimages().map(|x| poseidon2::hash(1, &x))
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
    let flags = [Fr::ONE, Fr::from(u64::from(leaf.touched))];
    let cells =
        [leaf.balances[0], leaf.balances[1], leaf.storage, Fr::ZERO, leaf.index, before, after, flags[0], flags[1]];
    rows[1][..9].copy_from_slice(&cells);
    rows
}
