//! Balance records: where the chain of accesses of one balance, or of one storage slot, meets both roots. One row a record, columns
//! 14..24.
//!
//! | R0 | R1 | R2, R3 | R4 | R5, R6 | R7 | R8 |
//! |---|---|---|---|---|---|---|
//! | index | token or slot | value before, after | time of the last access | H(before), H(after) | live | storage |
//!
//! Times `live`: sends (BALANCE, index, token, before, 0), receives the tuple that the last access left, asks for the leaf's hash under
//! both roots (lane 2) and sends (NODE, token, H(before), H(after), depth, 2 + 4 index), a leaf of the account's balance tree. Of
//! storage, the second element is 2^16 + slot on the chain, and the tree 3 + 4 index.
//! Twin of `leaves.rs`. What this is not: a place in the tree; nodes and boundary decide.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};
use plonk::Expr;

use super::{boolean, cur, elsewhere, message, poseidon2, Assembly, Fixed, Tag, R_WIDTH};
use crate::circuit::writes::STORAGE_BASE;
use crate::parameters::SUBTREE_DEPTH;

/// The mark of a record, among the rows that no selector takes.
pub(crate) const MARK: Fixed = Fixed::Qm;

/// Adds constraints and messages.
pub(crate) fn constrain(a: &mut Assembly) {
    let on = elsewhere() * MARK.expr();
    let ([index, token], [old, new], last) = ([cur(0), cur(1)], [cur(2), cur(3)], cur(4));
    let (hashes, live, storage) = ([cur(5), cur(6)], cur(7), cur(8));
    a.constrain("balance live boolean", &on, boolean(&live));
    a.constrain("balance storage boolean", &on, boolean(&storage));
    let place = token.clone() + storage.clone() * Fr::from(STORAGE_BASE);
    let tuple = |value: &Expr, time: Expr| [index.clone(), place.clone(), value.clone(), time];
    let hash = |value: &Expr, out: &Expr| {
        message(live.clone(), Tag::Hash2, [value.clone(), Expr::zero(), Expr::zero(), Expr::zero(), out.clone()])
    };
    let starts = message(live.clone(), Tag::Balance, tuple(&old, Expr::zero()));
    let ends = message(-live.clone(), Tag::Balance, tuple(&new, last));
    a.first("balance chain", on.clone(), vec![starts, ends, hash(&old, &hashes[0])]);
    let after = hash(&new, &hashes[1]);
    let tree = index.clone() * Fr::from(4u64) + 2u64 + storage;
    let [before_hash, after_hash] = hashes;
    let depth = Expr::from(u64::from(SUBTREE_DEPTH));
    let leaf = message(live, Tag::Node, [token, before_hash, after_hash, depth, tree]);
    a.second("balance leaf", on, vec![after, leaf]);
}

/// A balance or a storage slot as its record holds it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BalanceRecord {
    /// Leaf index of the account.
    pub index: Fr,
    /// Token index, or storage slot.
    pub place: Fr,
    /// A storage slot.
    pub storage: bool,
    /// Value under the old and the new root.
    pub values: [Fr; 2],
    /// Time of the last access.
    pub last: Fr,
}

impl BalanceRecord {
    /// The leaf's preimages under the old and the new root.
    #[must_use]
    pub fn preimages(&self) -> [[Fr; 4]; 2] {
        self.values.map(|value| [value, Fr::ZERO, Fr::ZERO, Fr::ZERO])
    }

    /// The leaf's hashes under the old and the new root.
    #[must_use]
    pub fn hashes(&self) -> [Fr; 2] {
        self.preimages().map(|x| poseidon2::hash(2, &x))
    }
}

/// The cells of a record; None leaves it unused.
#[must_use]
pub fn fill(leaf: Option<&BalanceRecord>) -> [[Fr; R_WIDTH]; 1] {
    let mut row = [Fr::ZERO; R_WIDTH];
    let Some(leaf) = leaf else { return [row] };
    let ([old, new], [before, after]) = (leaf.values, leaf.hashes());
    let storage = Fr::from(u64::from(leaf.storage));
    row[..9].copy_from_slice(&[leaf.index, leaf.place, old, new, leaf.last, before, after, Fr::ONE, storage]);
    [row]
}
