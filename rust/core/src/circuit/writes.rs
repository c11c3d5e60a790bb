//! Writes of storage: what a slot of set_storage writes, where, and what it posts.
//!
//! A slot of set_storage sends an OPERATION message with an odd number 2 slot + 1, which no operation record takes, its PARTY, and a DATA
//! message of third element 1 with its position, which the data table does not take. One record here takes the three, posts the
//! slot's four data slots and accesses the storage leaf at the slot's time. Records take slots and positions in rising order, so the
//! k-th slot gets the k-th position. The memory of balances holds storage too, at 2^16 + slot.
//! What this is not: the hash of slot and value that is signed (arguments.rs).

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};

use super::access::{Memory, Turn, TIMES_PER_SLOT};
use super::builder::{Builder, Tag};
use super::expression::{assert_zero_product, e, pow2, range, Expr};
use super::facts::MessageParts;
use super::slots::ranged;
use super::streams::operations::halves;
use crate::parameters::Kind;

/// Control code of a kind with data slots of its own (docs/spec/data.md).
const EXTENDED_KIND: u64 = 4;
/// Where storage slots begin among the second halves of balance addresses.
pub const STORAGE_BASE: u64 = 1 << 16;

/// A write of storage.
#[derive(Clone, Debug)]
pub struct WriteFacts {
    /// Slot number.
    pub slot: u64,
    /// Position of its first data slot behind a run.
    pub position: Fr,
    /// m2 of the slot.
    pub message: MessageParts,
    /// Indices of the accounts that the slot calls sender and receiver.
    pub indices: [Fr; 2],
    /// Fee token.
    pub fee_token: Fr,
    /// Recipient field, which a write does not use.
    pub recipient: Fr,
    /// Storage slot.
    pub place: Fr,
    /// What is written, below 2^240.
    pub value: Fr,
    /// What was there.
    pub old: Fr,
    /// The data slot that the slot calls its own; of no meaning.
    pub own: Fr,
}

/// The four data slots of a write: the control slot, then 32 zero bits, slot (16) and value (240).
#[must_use]
pub fn posted(index: Fr, place: Fr, value: Fr) -> [Fr; 4] {
    let [high, middle, low] = parts(value);
    [index * pow2(8) + control(), place * pow2(48) + high, middle, low]
}

/// The control slot, account 0.
fn control() -> Fr {
    Fr::from(EXTENDED_KIND) * pow2(48) + Fr::from(Kind::SetStorage.code()) * pow2(40)
}

/// A value in parts of 48 (of a wrong witness more), 96 and 96 bits, highest first.
fn parts(value: Fr) -> [Fr; 3] {
    let (rest, low) = halves(value, 96);
    let (high, middle) = halves(rest, 96);
    [high, middle, low]
}

/// Lays out the records.
pub fn table(b: &mut Builder, memory: &mut Memory, facts: &[WriteFacts], capacity: usize) {
    let minus_one = Expr::constant(-Fr::ONE);
    // in use, 2 slot and position of the record before
    let mut before = [Expr::from(1u64), minus_one.clone(), minus_one];
    for j in 0..capacity {
        before = record(b, memory, facts.get(j), before);
    }
}

fn record(b: &mut Builder, memory: &mut Memory, facts: Option<&WriteFacts>, before: [Expr; 3]) -> [Expr; 3] {
    let [above, slot_before, position_before] = before;
    let live = b.boolean(facts.is_some());
    assert_zero_product(b, &e(live), &(above - 1u64));
    // unused records count on from the last used one
    let follows = |b: &Builder, before: &Expr| before.value(b) + Fr::ONE;
    let even = facts.map_or_else(|| follows(b, &slot_before), |f| Fr::from(2 * f.slot));
    let position = facts.map_or_else(|| follows(b, &position_before), |f| f.position);
    let [even, position] = [even, position].map(|x| b.witness(x));
    range(b, &(e(even) - slot_before - 1u64), 16);
    range(b, &(e(position) - position_before - 1u64), 16);

    let of = |f: &dyn Fn(&WriteFacts) -> Fr| facts.map_or(Fr::ZERO, f);
    let code = Fr::from(Kind::SetStorage.code()) * pow2(208);
    let m2 = of(&|f| f.message.address + f.message.nonce * pow2(160)) + of(&|f| f.message.code) * pow2(208);
    let m2 = b.witness(if facts.is_some() { m2 + of(&|f| f.message.token) * pow2(216) } else { code });
    // the kind, and token 0; the amount is 0 in the message taken
    range(b, &(e(m2) - code), 208);
    let place = ranged(b, of(&|f| f.place), 16);
    let [high, middle, low] = parts(of(&|f| f.value));
    let [high, middle, low] = [(high, 48), (middle, 96), (low, 96)].map(|(x, bits)| ranged(b, x, bits));
    let value = (e(high) * pow2(192) + e(middle) * pow2(96) + low).cell(b);
    let index = b.hint(of(&|f| f.indices[0]));
    // what a write does not use
    let [receiver, fee_token, recipient, id, own] =
        [of(&|f| f.indices[1]), of(&|f| f.fee_token), of(&|f| f.recipient), Fr::ZERO, of(&|f| f.own)].map(|x| b.hint(x));
    let [zero, one] = [0u64, 1].map(|x| b.constant(Fr::from(x)));
    let odd = [Fr::ONE, Fr::ZERO];
    b.receive_plus(Tag::Operation, odd, &[even, m2, zero, recipient, place, value, id], live);
    b.receive(Tag::Party, &[index, receiver, fee_token, even], live);
    b.receive(Tag::Data, &[position, own, one], live);

    let index_shifted = (e(index) * pow2(8)).cell(b);
    let first = (e(place) * pow2(48) + high).cell(b);
    let start = [Fr::ZERO, control()];
    b.send_plus(Tag::Data, start, &[position, index_shifted], live);
    for (i, part) in (1u64..).zip([first, middle, low]) {
        b.send_plus(Tag::Data, [Fr::from(i), Fr::ZERO], &[position, part], live);
    }
    let old = b.hint(of(&|f| f.old));
    let time = e(even) * (TIMES_PER_SLOT / 2) + (Turn::ReceiverToken as u64 + 1);
    memory.access_storage(b, live, &time, [index, place], old, value);
    [e(live), e(even), e(position)]
}
