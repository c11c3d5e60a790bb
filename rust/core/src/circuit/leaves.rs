//! Leaf records: where the chains of accesses meet the two roots.
//!
//! A record sends the tuple its address had under the old root at time 0, receives the last tuple, hashes the leaf
//! under both, and claims its place in the tree by one NODE message at the fixed depth. Node rows and the boundary
//! close the induction (docs/spec/proof.md). An unused record has live = 0, which multiplies every term.

use ark_bn254::Fr;
use ark_ff::AdditiveGroup;

use super::access::Memory;
use super::builder::{AccountRecord, BalanceRecord, Builder, Tag, Var};
use super::expression::{assert_zero_product, e, Expr};
use super::facts::static_word;
use crate::batch::AccountLeaf;

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

/// One balance record: (account, token, value before). Returns the leaf's hashes.
pub fn balance(b: &mut Builder, memory: &Memory, (number, token, before): (u32, u16, u128)) -> Pair {
    let (after, last) = memory.balance(u64::from(number), u64::from(token));
    let record = BalanceRecord {
        index: Fr::from(number),
        token: Fr::from(token),
        values: [Fr::from(before), after],
        last: Fr::from(last),
    };
    let [before, after] = record.hashes();
    b.balance_record(record);
    (before, after)
}

/// The boundary: only here a tree's roots meet public inputs. A chunk that touches nothing keeps the root.
pub fn boundary(b: &mut Builder, tag: Tag, roots: [Var; 2], touched: bool) {
    let touched = b.boolean(touched);
    let zero = b.constant(Fr::ZERO);
    assert_zero_product(b, &(Expr::from(1u64) - touched), &(e(roots[1]) - roots[0]));
    b.receive(tag, &[zero, roots[0], roots[1]], touched);
}
