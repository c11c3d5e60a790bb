//! The table of operation records: takes each record once, packs its five words, feeds the digests, hashes queue ids.
//!
//! Slots send (j, w0, w1, recipient, A.x, A.y, id); the fields of w0 and w1 are ranged in the slot, those of the other
//! words here. A record of number j is taken as often as `live` says; slots number records 0, 1, 2 .. and send each
//! once, so the bus leaves no other choice than live = 1 for those and 0 for the rest.

use ark_bn254::Fr;
use ark_ff::PrimeField;

use super::super::builder::{Builder, Tag, Var};
use super::super::expression::{assert_zero_product, e, pow2, range, Expr};
use super::super::facts::RecordFacts;
use super::super::slots::ranged;
use super::digest::{of_five, TAG_QUEUE};

/// Words of one record.
pub const WORDS: usize = 5;

/// Lays out the table; returns (word, active) for its words and the number of records.
pub fn table(b: &mut Builder, records: &[RecordFacts], capacity: usize) -> (Vec<(Expr, Expr)>, Expr) {
    let empty = RecordFacts::default();
    let mut words = Vec::with_capacity(capacity * WORDS);
    let mut count = Expr::from(0u64);
    for j in 0..capacity {
        let live = b.boolean(j < records.len());
        let facts = records.get(j).unwrap_or(&empty);
        for word in record(b, j as u64, live, facts) {
            words.push((word, e(live)));
        }
        count = count + live;
    }
    let count = e(count.cell(b));
    (words, count)
}

fn record(b: &mut Builder, number: u64, live: Var, facts: &RecordFacts) -> [Expr; WORDS] {
    let recipient = ranged(b, facts.recipient, 160);
    let [x, y] = facts.key.map(|coordinate| split(b, coordinate));
    let w0 = b.witness(facts.head[0]);
    let w1 = b.witness(facts.head[1]);
    let w2 = (e(recipient) + e(x.high) * pow2(120) + y.high).cell(b);
    let words = [w0, w1, w2, x.low, y.low];
    // an unused record is all zero
    for word in words {
        assert_zero_product(b, &(Expr::from(1u64) - live), &e(word));
    }
    let id = of_five(b, TAG_QUEUE, &words);
    let number = b.constant(Fr::from(number));
    let payload = [number, w0, w1, recipient, x.whole, y.whole, id.cell(b)];
    b.receive(Tag::Operation, &payload, live);
    words.map(e)
}

/// A coordinate in its two parts.
struct Coordinate {
    high: Var,
    low: Var,
    whole: Var,
}

/// x = high 2^136 + low with high of 120 bits, low of 136 bits, and x below r as an integer.
fn split(b: &mut Builder, x: Fr) -> Coordinate {
    let low_bits = 136u32;
    let (high_value, low_value) = halves(x, low_bits);
    let (high, low) = (ranged(b, high_value, 120), ranged(b, low_value, low_bits));
    let (high_max, low_max) = halves(-Fr::from(1u64), low_bits);
    // compare with r - 1: a borrow where low exceeds its low part
    let borrow = b.boolean(low_value > low_max);
    // only the sign matters: widths that take the fewest rows
    range(b, &(Expr::constant(low_max) - low + e(borrow) * pow2(136)), 144);
    range(b, &(Expr::constant(high_max) - high - borrow), 128);
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
