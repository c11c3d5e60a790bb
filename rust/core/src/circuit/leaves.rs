//! Leaf records: where the chains of accesses meet the two roots.
//!
//! A record sends the tuple its address had under the old root at time 0, receives the last tuple, hashes the leaf
//! under both, and claims its place in the tree by one NODE message at the fixed depth. Node rows and the boundary
//! close the induction (docs/spec/proof.md). An unused record has live = 0, which multiplies every term.

use ark_bn254::Fr;
use ark_ff::AdditiveGroup;

use super::access::Memory;
use super::builder::{AccountRecord, Builder, Fourth, Tag, Var};
use super::expression::{assert_zero_product, e, Expr};
use super::facts::static_word;
use crate::batch::AccountLeaf;
use crate::parameters::SUBTREE_DEPTH;

/// Hashes of a leaf under the old and the new root.
pub type Pair = (Fr, Fr);

/// One account record. `balances` holds the roots of its balance tree when that tree is touched.
/// Returns the leaf's hashes.
pub fn account(
    b: &mut Builder,
    memory: &Memory,
    (number, before): (u32, &AccountLeaf),
    balances: Option<Pair>,
) -> Pair {
    let (after, last) = memory.account(u64::from(number));
    let (old, new) = balances.unwrap_or((before.balances_root, before.balances_root));
    let record = AccountRecord {
        index: Fr::from(number),
        words: [[static_word(before), before.dynamic()], after],
        last: Fr::from(last),
        balances: [old, new],
        storage: before.storage_root,
        touched: balances.is_some(),
    };
    let [before, after] = record.hashes();
    b.account_record(record);
    (before, after)
}

/// One balance record: (account, token, value before).
pub fn balance(b: &mut Builder, memory: &Memory, leaf: Option<(u32, u16, u128)>) -> Pair {
    let (number, asset, before) = leaf.unwrap_or((0, 0, 0));
    let live = b.boolean(leaf.is_some());
    let index = b.witness(Fr::from(number));
    let token = b.witness(Fr::from(asset));
    let old = b.witness(Fr::from(before));
    let (after, last) =
        if leaf.is_some() { memory.balance(u64::from(number), u64::from(asset)) } else { (Fr::ZERO, 0) };
    let (new, last) = (b.witness(after), b.witness(Fr::from(last)));
    let zero = b.constant(Fr::ZERO);
    b.send_four(Tag::Balance, [index, token, old], Fourth::Constant(Fr::ZERO), live);
    b.receive_four(Tag::Balance, [index, token, new], Fourth::Small(last), live);
    let hash_old = b.hash(2, [old, zero, zero, zero]);
    let hash_new = b.hash(2, [new, zero, zero, zero]);
    let (tree, level) = (tree_of(b, index), b.constant(Fr::from(SUBTREE_DEPTH)));
    b.send(Tag::Node, &[token, hash_old, hash_new, level, tree], live);
    (b.value(hash_old), b.value(hash_new))
}

/// Identifier of an account's balance tree, 2 + 4 index.
fn tree_of(b: &mut Builder, index: Var) -> Var {
    (e(index) * 4u64 + 2u64).cell(b)
}

/// The boundary: only here a tree's roots meet public inputs. A chunk that touches nothing keeps the root.
pub fn boundary(b: &mut Builder, tag: Tag, roots: [Var; 2], touched: bool) {
    let touched = b.boolean(touched);
    let zero = b.constant(Fr::ZERO);
    assert_zero_product(b, &(Expr::from(1u64) - touched), &(e(roots[1]) - roots[0]));
    b.receive(tag, &[zero, roots[0], roots[1]], touched);
}
