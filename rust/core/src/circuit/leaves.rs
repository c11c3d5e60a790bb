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
use super::writes::STORAGE_BASE;
use crate::batch::AccountLeaf;
use crate::poseidon::{compress_all, Lane};

/// Hashes of a leaf under the old and the new root.
pub type Pair = (Fr, Fr);

/// One account record, not laid out. `touched` holds the roots of its balance tree and of its storage tree, each when that tree is touched.
/// `word` is the static word before.
pub fn account(
    memory: &Memory,
    (number, before, word): (u32, &AccountLeaf, Fr),
    touched: [Option<Pair>; 2],
) -> AccountRecord {
    let (after, last) = memory.account(u64::from(number));
    let [balances, storage] = [(touched[0], before.balances_root), (touched[1], before.storage_root)]
        .map(|(pair, root)| pair.map_or([root; 2], <[Fr; 2]>::from));
    AccountRecord {
        index: Fr::from(number),
        words: [[word, before.dynamic()], after],
        last: Fr::from(last),
        roots: [balances, storage],
        touched: touched.map(|pair| pair.is_some()),
        hashes: None,
    }
}

/// Lays out account records; returns the leaves' hashes.
pub fn accounts(b: &mut Builder, records: Vec<AccountRecord>) -> Vec<Pair> {
    let preimages: Vec<[Fr; 4]> = records.iter().flat_map(AccountRecord::preimages).collect();
    // many hashes at once
    let hashes = compress_all(Lane::Account, &preimages);
    let pairs: Vec<Pair> = hashes.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
    for (record, (before, after)) in records.into_iter().zip(&pairs) {
        b.account_record(AccountRecord { hashes: Some([*before, *after]), ..record });
    }
    pairs
}

/// One balance record: (account, token, value before). Returns the leaf's hashes.
pub fn balance(b: &mut Builder, memory: &Memory, (number, token, before): (u32, u16, u128)) -> Pair {
    let (after, last) = memory.balance(u64::from(number), u64::from(token));
    let record = BalanceRecord {
        index: Fr::from(number),
        place: Fr::from(token),
        storage: false,
        values: [Fr::from(before), after],
        last: Fr::from(last),
    };
    let [before, after] = record.hashes();
    b.balance_record(record);
    (before, after)
}

/// One storage record: (account, slot, value before). Returns the leaf's hashes.
pub fn storage(b: &mut Builder, memory: &Memory, (number, slot, before): (u32, u16, Fr)) -> Pair {
    let (after, last) = memory.balance(u64::from(number), STORAGE_BASE + u64::from(slot));
    let record = BalanceRecord {
        index: Fr::from(number),
        place: Fr::from(slot),
        storage: true,
        values: [before, after],
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
