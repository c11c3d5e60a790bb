//! The memory argument and the leaves: chains in order, one record a leaf.

use std::collections::BTreeMap;

use ark_ff::AdditiveGroup;

use super::super::access::{Memory, When};
use super::super::builder::{Builder, Tag, Var};
use super::super::expression::Expr;
use super::super::facts::static_word;
use super::super::gates::poseidon2;
use super::super::leaves;
use super::super::trees;
use super::{part, violated_part};
use crate::batch::AccountLeaf;
use crate::poseidon::Lane;
use crate::primitives::Fr;

const INDEX: u64 = 7;

fn leaf() -> AccountLeaf {
    AccountLeaf { balance: 1000, ..AccountLeaf::empty(Fr::ZERO) }
}

/// The record of the leaf.
fn account(b: &mut Builder, memory: &Memory, touched: [Option<leaves::Pair>; 2]) -> leaves::Pair {
    let leaf = leaf();
    let record = leaves::account(memory, (INDEX as u32, &leaf, static_word(&leaf)), touched);
    leaves::accounts(b, vec![record])[0]
}

fn pair(b: &mut Builder, dynamic: Fr) -> [Var; 2] {
    [b.witness(Fr::ZERO), b.witness(dynamic)]
}

/// Two accesses to one account at times 1 and 9, each (old, new), the leaf before, and what `twist` does to the times of the
/// accesses before them. Returns what is violated.
fn chain(accesses: [[u64; 2]; 2], twist: impl Fn(&mut Builder, &Memory)) -> Vec<String> {
    chain_at(accesses, |_, time| Expr::from(time), twist)
}

/// The same with times that are constants, as in slots, or cells, as in records of change.
fn chain_at(
    accesses: [[u64; 2]; 2],
    clock: impl Fn(&mut Builder, u64) -> Expr,
    twist: impl Fn(&mut Builder, &Memory),
) -> Vec<String> {
    let circuit = part(|b| {
        let mut memory = Memory::default();
        for (time, [old, new]) in [1u64, 9].into_iter().zip(accesses) {
            let (old, new) = (pair(b, Fr::from(old)), pair(b, Fr::from(new)));
            let when = When { on: Expr::from(1u64), time: clock(b, time) };
            memory.access_account(b, &when, &Expr::from(INDEX), old, new);
        }
        memory.settle(b);
        twist(b, &memory);
        let hashes = account(b, &memory, [None; 2]);
        roots(b, hashes);
    })
    .unwrap();
    violated_part(&circuit)
}

/// Nodes above the leaf and the boundary.
fn roots(b: &mut Builder, hashes: leaves::Pair) {
    // the tree before: the leaf among zeros
    let (mut before, mut below) = (BTreeMap::new(), hashes.0);
    for level in (0..16u8).rev() {
        let position = INDEX >> (2 * (16 - level));
        let mut children = trees::NO_CHILDREN;
        children[(INDEX >> (2 * (15 - level)) & 3) as usize] = below;
        below = poseidon2::hash(0, &children);
        before.insert((level, position), children);
    }
    let leaves = [(INDEX, hashes)].into_iter().collect();
    let (nodes, roots) = trees::update(0, 16, Lane::Node, &leaves, |level, position| before[&(level, position)]);
    nodes.into_iter().for_each(|node| b.node(node));
    let ends = roots.map(|(old, new)| [old, new].map(|x| b.witness(x))).unwrap();
    leaves::boundary(b, Tag::Node, ends, true);
}

#[test]
fn a_chain_in_order_holds() {
    assert_eq!(chain([[1000, 900], [900, 950]], |_, _| ()), Vec::<String>::new());
}

#[test]
fn a_value_that_was_not_left_is_not_read() {
    let broken = chain([[1000, 900], [901, 950]], |_, _| ());
    assert!(broken.iter().all(|v| v.starts_with("bus")) && !broken.is_empty(), "{broken:?}");
}

#[test]
fn an_access_is_not_before_itself() {
    // the second access reads what it writes, 10^15 out of nothing; the leaf's chain ends with the first
    let itself = |b: &mut Builder, memory: &Memory| b.set(memory.previous(1), Fr::from(9u64));
    let accesses = [[1000, 900], [1_000_000, 1_000_000]];
    // no limb holds the time of an access that comes later than the one before
    let broken = chain(accesses, itself);
    assert!(broken.iter().any(|v| v.starts_with("bus limbs and message")), "{broken:?}");
    let broken = chain_at(accesses, |b, time| Expr::from(b.witness(Fr::from(time))), itself);
    assert!(broken.iter().any(|v| v.starts_with("arithmetic")), "{broken:?}");
}

#[test]
fn accesses_do_not_form_a_circle() {
    let accesses = [[1_000_000, 2_000_000], [2_000_000, 1_000_000]];
    let circle = |b: &mut Builder, memory: &Memory| {
        b.set(memory.previous(0), Fr::from(9u64));
        b.set(memory.previous(1), Fr::from(1u64));
    };
    let broken = chain(accesses, circle);
    assert!(broken.iter().any(|v| v.starts_with("bus limbs and message")), "{broken:?}");
    let broken = chain_at(accesses, |b, time| Expr::from(b.witness(Fr::from(time))), circle);
    assert!(broken.iter().any(|v| v.starts_with("arithmetic")), "{broken:?}");
}

#[test]
fn a_leaf_has_one_record() {
    let circuit = part(|b| {
        let memory = Memory::default();
        let hashes = [0, 1].map(|_| account(b, &memory, [None; 2]));
        roots(b, hashes[0]);
    })
    .unwrap();
    let broken = violated_part(&circuit);
    assert!(broken.iter().any(|v| v.starts_with("bus")), "{broken:?}");
}

#[test]
fn an_untouched_subtree_keeps_its_root() {
    // a record that receives no roots and claims other ones has no cells for it: the two roots are tied by `touched`
    let circuit = part(|b| {
        let memory = Memory::default();
        let other = (Fr::from(1u64), Fr::from(2u64));
        let hashes = account(b, &memory, [Some(other), None]);
        roots(b, hashes);
    })
    .unwrap();
    let broken = violated_part(&circuit);
    assert!(broken.iter().any(|v| v.starts_with("bus")), "{broken:?}");
}
