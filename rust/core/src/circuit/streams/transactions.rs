//! The transaction stream: what a slot posts, and the table of data slots.
//!
//! A slot posts, in order: a token run and a fee-token run where they change, its own data slot (transfer, or the
//! marker of an operation), the amount extension, and the two parts of an address it creates. The table takes every
//! data slot once, packs words and returns them. What this is not: the chunk header's meaning (fees.rs).

use ark_bn254::Fr;
use ark_ff::Field;

use super::super::builder::{Builder, Tag, Var};
use super::super::expression::{
    assert_when, assert_zero_product, e, is_zero, pow2, product, product_plus, range, Expr,
};
use super::super::facts::SlotFacts;
use super::super::slots::{ranged, Carry, Slot};
use super::operations::halves;

/// Control codes (docs/spec/data.md).
pub const TOKEN_RUN: u64 = 1;
/// Fee-token run.
pub const FEE_TOKEN_RUN: u64 = 2;
/// Marker of an operation.
pub const MARKER: u64 = 3;
/// Exponent of a packed amount that is no decimal one: the mantissa weighs 2^96, and the low 96 bits follow. 0 to 30 are decimal.
pub const EXTENDED: u64 = 31;

/// What the mantissa is multiplied by.
fn scale_of(exponent: u64) -> Fr {
    if exponent == EXTENDED {
        pow2(96)
    } else {
        Fr::from(10u64).pow([exponent])
    }
}

/// Provides (exponent, scale, extended) for every exponent.
pub fn scales(b: &mut Builder) {
    b.scope("scales", |b| {
        for exponent in 0..=EXTENDED {
            let extended = Fr::from(u64::from(exponent == EXTENDED));
            let payload = [Fr::from(exponent), scale_of(exponent), extended].map(|x| b.constant(x));
            b.provide(Tag::Scale, &payload);
        }
    });
}

/// What a slot hands on after posting.
pub struct Posted {
    /// Next data slot.
    pub data: Expr,
    /// Token of the last transfer.
    pub token: Expr,
    /// Fee token of the last transfer.
    pub fee_token: Expr,
}

/// A run slot exactly where a transfer's token differs from the one before. Returns (flag, token now).
fn run(b: &mut Builder, transfer: Var, token: Var, before: &Expr) -> (Var, Expr) {
    let difference = e(token) - before;
    let same = is_zero(b, &difference);
    let changes = product(b, &e(transfer), &(Expr::from(1u64) - same));
    let now = product_plus(b, &e(changes), &difference, before);
    (changes, e(now))
}

/// Posts the data slots of one slot.
pub fn post(b: &mut Builder, slot: &Slot, carry: &mut Carry, facts: &SlotFacts) -> Posted {
    let f = &slot.flags;
    let (token_run, token) = run(b, f.transfer, slot.cells.token, &carry.token);
    let (fee_run, fee_token) = run(b, f.transfer, slot.charge.token, &carry.fee_token);
    let packed = Packed::layout(b, slot, facts);
    let creating = slot.flags.creating_transfer;
    // sender, receiver, packed amount; or the marker
    let transfer = e(slot.sender.index) * pow2(64) + e(slot.receiver.index) * pow2(32) + &packed.word;
    let marker = e(f.operation) * (Fr::from(MARKER) * pow2(48));
    let own = product_plus(b, &e(f.transfer), &transfer, &marker);
    let at_fee = carry.data.clone() + token_run;
    let at_own = e((at_fee.clone() + fee_run).cell(b));
    let after = e((at_own.clone() + f.active).cell(b));
    let address = after.clone() + packed.extended;
    let [high, low] = slot.cells.to_parts;
    let run_value = |code: u64, token: Var| Expr::constant(Fr::from(code) * pow2(48)) + token;
    let posts = [
        (carry.data.clone(), run_value(TOKEN_RUN, slot.cells.token), token_run),
        (at_fee, run_value(FEE_TOKEN_RUN, slot.charge.token), fee_run),
        (at_own, e(own), f.active),
        (after, e(packed.extension), packed.extended),
        (address.clone(), e(high), creating),
        (address.clone() + 1u64, e(low), creating),
    ];
    for (at, value, on) in posts {
        let payload = [at.cell(b), value.cell(b)];
        b.send(Tag::Data, &payload, on);
        if b.value(on) == Fr::ONE {
            carry.posted.push(b.value(payload[1]));
        }
    }
    Posted { data: e((address + e(creating) * 2u64).cell(b)), token, fee_token }
}

/// The packed amount of a transfer.
struct Packed {
    /// mantissa + 2^27 exponent.
    word: Expr,
    /// Boolean: exponent 31, the low 96 bits follow.
    extended: Var,
    /// The following data slot, 0 where there is none.
    extension: Var,
}

impl Packed {
    /// amount = mantissa * scale + extension, the scale being 10^exponent or 2^96, and the extension 0 with a decimal exponent.
    fn layout(b: &mut Builder, slot: &Slot, facts: &SlotFacts) -> Self {
        let packed = &facts.packed;
        let mantissa = ranged(b, Fr::from(packed.mantissa), 27);
        let extended = b.witness(Fr::from(u64::from(packed.extension.is_some())));
        let extension = ranged(b, Fr::from(packed.extension.unwrap_or(0)), 96);
        let value = if packed.extension.is_some() { EXTENDED } else { u64::from(packed.exponent) };
        let [exponent, scale] = [Fr::from(value), scale_of(value)].map(|x| b.witness(x));
        let one = b.constant(Fr::from(1u64));
        b.send(Tag::Scale, &[exponent, scale, extended], one);
        // only transfers extend
        assert_when(b, extended, &(e(slot.flags.transfer) - 1u64));
        assert_zero_product(b, &(Expr::from(1u64) - extended), &e(extension));
        let amount = product_plus(b, &e(mantissa), &e(scale), &e(extension));
        assert_when(b, slot.flags.transfer, &(e(slot.cells.amount) - amount));
        Self { word: e(mantissa) + e(exponent) * pow2(27), extended, extension }
    }
}

/// The table of data slots: (word, active) of the words after the header, and how many are active.
///
/// `values` are the posted data slots; capacity is a multiple of five. Data slot d is taken as often as its flag
/// says, nobody else takes it, and slots post 0, 1, 2 .. once each: so the bus forces the flag to be 1 or 0.
pub fn table(b: &mut Builder, values: &[Fr], capacity: usize) -> (Vec<(Expr, Expr)>, Expr) {
    let mut words = Vec::with_capacity(capacity / 5 * 2);
    let mut count = Expr::from(0u64);
    for group in 0..capacity / 5 {
        let mut cells = Vec::with_capacity(5);
        let mut active = Vec::with_capacity(5);
        let mut middle = None;
        for i in 0..5 {
            let d = group * 5 + i;
            let value = values.get(d).copied();
            let flag = b.witness(Fr::from(u64::from(value.is_some())));
            let cell = b.witness(value.unwrap_or_default());
            if i == 2 {
                let (high, low) = halves(value.unwrap_or_default(), 48);
                let (high, low) = (ranged(b, high, 48), ranged(b, low, 48));
                (e(high) * pow2(48) + low - cell).assert_zero(b);
                middle = Some((high, low));
            } else {
                range(b, &e(cell), 96);
            }
            // the rest of the last word is zero
            assert_zero_product(b, &(Expr::from(1u64) - flag), &e(cell));
            let at = b.constant(Fr::from(d as u64));
            b.receive(Tag::Data, &[at, cell], flag);
            cells.push(cell);
            active.push(flag);
        }
        let Some((high, low)) = middle else { continue };
        let first = e(cells[0]) * pow2(144) + e(cells[1]) * pow2(48) + high;
        let second = e(low) * pow2(192) + e(cells[3]) * pow2(96) + cells[4];
        words.push((e(first.cell(b)), e(active[0])));
        words.push((e(second.cell(b)), e(active[2])));
        count = e((count + active[0] + active[2]).cell(b));
    }
    (words, count)
}
