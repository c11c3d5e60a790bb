//! Hashes of arguments: what m5 of a message is, where it is not 0.
//!
//! A slot with arguments sends (2 slot + linked, m2 .. m5, pair); one record here takes it and hashes in a block of circomlib Poseidon
//! of its own. A pair (a new key; slot and value of a write): m5 = P(x, y, 0, 0, 0). A linked transfer: its hash is
//! t = P(m2, m3, m4, next, 0), and its group's m5 is t of the first, where next is t of the one after it and 0 in the last
//! (docs/spec/transactions.md). So the records of a group stand in order, in slots one after another, and all of them are there.
//! What this is not: the id or the signature over it.

use ark_bn254::Fr;
use ark_ff::AdditiveGroup;

use super::builder::{Builder, Tag, Var};
use super::expression::{assert_when, assert_zero_product, e, product, product_plus};
use super::slots::ranged;
use crate::poseidon::circom::poseidon5;

/// What a slot asks a hash of.
#[derive(Clone, Debug)]
pub struct ArgumentFacts {
    /// Slot number.
    pub slot: u64,
    /// A member of a group.
    pub linked: bool,
    /// m2 to m5.
    pub message: [Fr; 4],
    /// New key, or slot and value; (0, 0) of a linked transfer.
    pub pair: [Fr; 2],
}

/// A record as the one after it sees it.
pub(super) struct Before {
    /// 2 slot + linked.
    name: Var,
    /// Boolean: the group goes on.
    pub(super) goes: Var,
    next: Var,
    m5: Var,
}

/// Lays out the records; `first_block` is the first of their blocks.
pub fn table(b: &mut Builder, facts: &[ArgumentFacts], capacity: usize, first_block: usize) {
    let hashes = rests(facts);
    let mut before: Option<Before> = None;
    for j in 0..capacity {
        let next = hashes.get(j + 1).copied().flatten().filter(|_| goes_on(facts, j));
        before = Some(record(b, facts.get(j), next, before.as_ref(), first_block + j));
    }
    // nothing goes on behind the table
    if let Some(last) = before {
        e(last.goes).assert_zero(b);
    }
}

/// Whether the member after a record is of the same group: as slots and m5 say.
fn goes_on(facts: &[ArgumentFacts], j: usize) -> bool {
    let (Some(this), Some(after)) = (facts.get(j), facts.get(j + 1)) else { return false };
    this.linked && after.linked && after.slot == this.slot + 1 && after.message[3] == this.message[3]
}

/// t of each linked transfer, from the last of each group on.
fn rests(facts: &[ArgumentFacts]) -> Vec<Option<Fr>> {
    let mut out = vec![None; facts.len()];
    for j in (0..facts.len()).rev().filter(|j| facts[*j].linked) {
        let next = out.get(j + 1).copied().flatten().filter(|_| goes_on(facts, j)).unwrap_or_default();
        let [m2, m3, m4, _] = facts[j].message;
        out[j] = Some(poseidon5(&[m2, m3, m4, next, Fr::ZERO]));
    }
    out
}

pub(super) fn record(b: &mut Builder, facts: Option<&ArgumentFacts>, after: Option<Fr>, before: Option<&Before>, block: usize) -> Before {
    let live = b.boolean(facts.is_some());
    let is_linked = facts.is_some_and(|f| f.linked);
    let linked = b.witness(Fr::from(u64::from(is_linked)));
    // 0, or 1 where the record is in use
    assert_zero_product(b, &e(linked), &(e(linked) - live));
    // a small number, so that with `linked` the name has one reading
    let number = ranged(b, Fr::from(facts.map_or(0, |f| f.slot)), 16);
    let name = (e(number) * 2u64 + linked).cell(b);
    let [m2, m3, m4] = [0, 1, 2].map(|i: usize| b.witness(facts.map_or(Fr::ZERO, |f| f.message[i])));
    let [x, y] = [0, 1].map(|i: usize| b.witness(facts.map_or(Fr::ZERO, |f| f.pair[i])));
    let goes = b.witness(Fr::from(u64::from(after.is_some())));
    let next = b.hint(after.unwrap_or_default());
    // only a linked transfer has another one behind it
    assert_zero_product(b, &e(goes), &(e(goes) - linked));

    let inputs = [
        product_plus(b, &e(linked), &(e(m2) - x), &e(x)),
        product_plus(b, &e(linked), &(e(m3) - y), &e(y)),
        product(b, &e(linked), &e(m4)),
        product(b, &e(goes), &e(next)),
    ];
    let [i0, i1, i2, i3] = inputs.map(|i| b.value(i));
    let hash = b.poseidon5(block, [i0, i1, i2, i3, Fr::ZERO]);
    let one = b.constant(Fr::from(1u64));
    b.poseidon5_inputs(block, one, &inputs);
    // its own hash; in a group that goes on, what the group signed, and the hash is the one that was announced
    let m5 = match before {
        None => hash,
        Some(before) => {
            assert_when(b, before.goes, &(e(name) - before.name - 2u64));
            assert_when(b, before.goes, &(e(hash) - before.next));
            product_plus(b, &e(before.goes), &(e(before.m5) - hash), &e(hash))
        }
    };
    b.receive(Tag::Arguments, &[name, m2, m3, m4, m5, x, y], live);
    Before { name, goes, next, m5 }
}

/// Circomlib Poseidon blocks of a shape: two a slot, and one for each hash of arguments.
#[must_use]
pub const fn blocks(slots: usize, arguments: usize) -> usize {
    2 * slots + arguments
}
