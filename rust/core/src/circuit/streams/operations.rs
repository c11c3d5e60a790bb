//! The table of operation records: takes each record once, packs its five words, feeds the digests, hashes queue ids.
//!
//! A slot sends (2 slot, m2, amount, recipient, A.x, A.y, id) and (sender index, receiver index, fee token, 2 slot); m2 is taken apart here,
//! amount, indices and fee token are ranged in the slot. Records take slots in rising order, live ones first, and every message is
//! taken once, so the stream has the records in the order of the slots, all of them. That key coordinates are below r L1 checks.

use ark_bn254::Fr;
use ark_ff::PrimeField;

use super::super::builder::{Builder, Tag, Var};
use super::super::expression::{assert_zero_product, e, pow2, product, product_plus, range, Expr};
use super::super::facts::RecordFacts;
use super::super::slots::ranged;
use super::digest::{of_five, TAG_QUEUE};
use crate::parameters::Kind;

/// Words of one record.
pub const WORDS: usize = 5;

/// Lays out the table; returns (word, active) for its words and the number of records.
pub fn table(b: &mut Builder, records: &[RecordFacts], capacity: usize) -> (Vec<(Expr, Expr)>, Expr) {
    let empty = RecordFacts::default();
    let mut words = Vec::with_capacity(capacity * WORDS);
    let mut count = Expr::from(0u64);
    let mut before: Option<(Expr, Expr)> = None;
    for j in 0..capacity {
        let live = b.boolean(j < records.len());
        let facts = records.get(j).unwrap_or(&empty);
        // unused records count on from the last used one
        let last = before.as_ref().map_or(-Fr::from(1u64), |(slot, _)| slot.value(b));
        let slot = b.witness(records.get(j).map_or(last + Fr::from(1u64), |r| Fr::from(2 * r.slot)));
        let (previous, above) = before.unwrap_or((Expr::constant(-Fr::from(1u64)), Expr::from(1u64)));
        range(b, &(e(slot) - previous - 1u64), 16);
        assert_zero_product(b, &e(live), &(above - 1u64));
        for word in record(b, slot, live, facts) {
            words.push((word, e(live)));
        }
        count = count + live;
        before = Some((e(slot), e(live)));
    }
    let count = e(count.cell(b));
    (words, count)
}

fn record(b: &mut Builder, slot: Var, live: Var, facts: &RecordFacts) -> [Expr; WORDS] {
    let recipient = ranged(b, facts.recipient, 160);
    let [x, y] = facts.key.map(|coordinate| split(b, coordinate));
    let head = Head::layout(b, facts);
    // the third word holds a recipient or a key: only one of them is there
    assert_zero_product(b, &e(head.keyed), &e(recipient));
    // sums of numbers in range, 0 where all are
    let key = e(x.high) + x.low + y.high + y.low;
    assert_zero_product(b, &(Expr::from(1u64) - head.keyed), &key);
    let w2 = (e(recipient) + e(x.high) * pow2(120) + y.high).cell(b);
    let [w0, w1] = head.words;
    let words = [w0, w1, w2, x.low, y.low];
    // an unused record is all zero
    for word in words {
        assert_zero_product(b, &(Expr::from(1u64) - live), &e(word));
    }
    let id = of_five(b, TAG_QUEUE, &words);
    let payload = [slot, head.m2, head.amount, recipient, x.whole, y.whole, id.cell(b)];
    b.receive(Tag::Operation, &payload, live);
    let [sender, receiver] = head.indices;
    b.receive(Tag::Party, &[sender, receiver, head.fee_token, slot], live);
    words.map(e)
}

/// The first two words and what they are made of.
struct Head {
    /// Boolean: the kind has a key.
    keyed: Var,
    m2: Var,
    amount: Var,
    indices: [Var; 2],
    fee_token: Var,
    words: [Var; 2],
}

impl Head {
    fn layout(b: &mut Builder, facts: &RecordFacts) -> Self {
        let parts = &facts.parts;
        let (address, nonce) = (ranged(b, parts.address, 160), ranged(b, parts.nonce, 48));
        let (code, token) = (b.witness(parts.code), ranged(b, parts.token, 16));
        let m2 = (e(address) + e(nonce) * pow2(160) + e(code) * pow2(208) + e(token) * pow2(216)).cell(b);
        let [of_sender, of_receiver] = facts.indexed().map(|x| b.witness(Fr::from(u64::from(x))));
        let keyed = facts.kind.is_some_and(Kind::sets_key);
        let keyed = b.witness(Fr::from(u64::from(keyed)));
        let one = b.constant(Fr::from(1u64));
        b.send(Tag::RecordKind, &[code, of_sender, of_receiver, keyed], one);
        let [sender, receiver] = facts.indices.map(|x| b.witness(x));
        let of_sender = product(b, &e(of_sender), &e(sender));
        let index = product_plus(b, &e(of_receiver), &e(receiver), &e(of_sender));
        let (amount, fee_token) = (b.witness(facts.amount), b.witness(facts.fee_token));
        let w0 = e(code) * pow2(232)
            + e(token) * pow2(216)
            + e(index) * pow2(184)
            + e(nonce) * pow2(136)
            + e(amount) * pow2(8);
        let w1 = e(fee_token) * pow2(224) + address;
        Self { keyed, m2, amount, indices: [sender, receiver], fee_token, words: [w0.cell(b), w1.cell(b)] }
    }
}

/// Provides the kinds that have a record, and what an unused record has: (code, names the sender, names the receiver, has a key).
pub fn kinds(b: &mut Builder) {
    let zero = b.constant(Fr::from(0u64));
    for kind in Kind::ALL.into_iter().filter(|k| k.is_operation() && *k != Kind::Noop) {
        let [of_sender, of_receiver] = RecordFacts { kind: Some(kind), ..RecordFacts::default() }.indexed();
        let is = [of_sender, of_receiver, kind.sets_key()];
        let [of_sender, of_receiver, keyed] = is.map(|x| b.constant(Fr::from(u64::from(x))));
        let code = [Fr::from(kind.code()), Fr::from(0u64)];
        b.provide_plus(Tag::RecordKind, code, &[zero, of_sender, of_receiver, keyed]);
    }
    b.provide(Tag::RecordKind, &[zero; 4]);
}

/// A coordinate in its two parts.
struct Coordinate {
    high: Var,
    low: Var,
    whole: Var,
}

/// x = high 2^136 + low with high of 120 bits, low of 136 bits. That this is below r as an integer L1 checks.
fn split(b: &mut Builder, x: Fr) -> Coordinate {
    let low_bits = 136u32;
    let (high_value, low_value) = halves(x, low_bits);
    let (high, low) = (ranged(b, high_value, 120), ranged(b, low_value, low_bits));
    let whole = (e(high) * pow2(136) + low).cell(b);
    Coordinate { high, low, whole }
}

/// (x >> bits, x mod 2^bits) as field elements, bits a multiple of 8 below 256.
#[must_use]
pub fn halves(x: Fr, bits: u32) -> (Fr, Fr) {
    use ark_ff::BigInteger;
    let bytes = x.into_bigint().to_bytes_le();
    let (low, high) = bytes.split_at(bits as usize / 8);
    (Fr::from_le_bytes_mod_order(high), Fr::from_le_bytes_mod_order(low))
}
