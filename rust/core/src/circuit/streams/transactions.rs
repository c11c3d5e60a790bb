//! The transaction stream: what a slot posts, and the table of data slots.
//!
//! A slot posts, in order: a run slot where its token or fee token changes, its own data slot (transfer, or the
//! marker of an operation), and the amount extension; the two parts of an address it creates are posted by its record of change, the
//! data slots of set_storage by the record of the write. The
//! table takes every data slot once, packs words and returns them. What this is not: the chunk header's meaning (fees.rs).

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};

use super::super::builder::{Builder, Tag, Var};
use super::super::expression::{assert_when, assert_zero_product, e, pow2, product_is, product_plus, range, Expr};
use super::super::facts::SlotFacts;
use super::super::outcomes::Flags;
use super::super::slots::{ranged, Carry, Cells, Slot};
use super::operations::halves;
use super::super::writes;

/// Control code of a run (docs/spec/data.md): token and fee token of the transfers that follow.
pub const RUN: u64 = 1;
/// Control code of the marker of an operation.
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
        let zero = b.constant(Fr::from(0u64));
        for exponent in 0..=EXTENDED {
            let extended = b.constant(Fr::from(u64::from(exponent == EXTENDED)));
            b.provide_plus(Tag::Scale, [Fr::from(exponent), scale_of(exponent)], &[zero, zero, extended]);
        }
    });
}

/// Where a slot posts, and what of it needs no account.
#[derive(Clone, Debug)]
pub struct Place {
    /// Boolean: a run slot comes first.
    run: Var,
    /// Token and fee token of the last transfer, this one included: token 2^16 + fee token.
    pub pair: Var,
    /// The packed amount.
    packed: Packed,
    /// Position of the slot's own data slot.
    pub own: Var,
    /// The position behind all that the slot posts.
    pub next: Var,
}

impl Place {
    /// Lays out runs, amount and positions. `before` is the pair so far.
    pub fn layout(b: &mut Builder, flags: &Flags, cells: &Cells, fee_token: Var, carry: &Carry, facts: &SlotFacts) -> Self {
        let own_pair = e(cells.token) * pow2(16) + fee_token;
        let (run, pair) = changes(b, flags.paired, &own_pair, &carry.pair, facts.repeats_run);
        let packed = Packed::layout(b, flags, cells.amount, facts);
        let own = (carry.data.clone() + run).cell(b);
        let next = (e(own) + packed.extended + flags.advance).cell(b);
        Self { run, pair, packed, own, next }
    }
}

/// The pair of a slot that has one is handed on, else the one before. Returns whether a run says it, and the pair. A run may repeat
/// the pair before: no writer does, every reader takes it.
fn changes(b: &mut Builder, paired: Var, pair: &Expr, before: &Expr, repeats: bool) -> (Var, Var) {
    let value = if b.value(paired) == Fr::ONE { pair.value(b) } else { before.value(b) };
    let (now, run) = (b.witness(value), b.witness(Fr::from(u64::from(repeats || value != before.value(b)))));
    assert_when(b, paired, &(e(now) - pair));
    assert_zero_product(b, &(Expr::from(1u64) - run), &(e(now) - before));
    // 0, or 1 where there is a pair
    assert_zero_product(b, &e(run), &(e(run) - paired));
    (run, now)
}

/// Posts the data slots of one slot. Returns the position behind them.
pub fn post(b: &mut Builder, slot: &Slot, place: &Place, carry: &mut Carry) -> Expr {
    let (f, packed) = (&slot.flags, &place.packed);
    // sender, receiver, packed amount; or the marker
    let transfer = e(slot.sender.index) * pow2(64) + e(slot.receiver.index) * pow2(32) + packed.word.clone();
    let marker = Fr::from(MARKER) * pow2(48);
    let own = product_plus(b, &e(f.paired), &(transfer - marker), &Expr::constant(marker));
    let run = [Fr::ZERO, Fr::from(RUN) * pow2(48)];
    let zero = b.constant(Fr::ZERO);
    // the table takes what is no storage; of set_storage the record of the write takes the position, and posts
    for (at, plus, value, kind, on) in [
        (carry.data.cell(b), run, place.pair, zero, place.run),
        (place.own, [Fr::ZERO; 2], own, f.storage, f.active),
        (place.own, [Fr::ONE, Fr::ZERO], packed.extension, zero, packed.extended),
    ] {
        b.send_plus(Tag::Data, plus, &[at, value, kind], on);
        if b.value(on) == Fr::ONE && b.value(kind) == Fr::ZERO {
            carry.posted.push(b.value(value) + plus[1]);
        }
    }
    if b.value(f.storage) == Fr::ONE {
        let [place, value] = slot.cells.arguments.map(|x| b.value(x));
        carry.posted.extend(writes::posted(b.value(slot.sender.index), place, value));
        if let Some(write) = carry.writes.last_mut() {
            write.own = b.value(own);
        }
    } else if b.value(f.advance) == Fr::from(3u64) {
        let (high, low) = halves(b.value(slot.cells.to), 96);
        carry.posted.extend([high, low]);
    }
    e(place.next)
}

/// The packed amount of a transfer.
#[derive(Clone, Debug)]
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
    fn layout(b: &mut Builder, flags: &Flags, whole: Var, facts: &SlotFacts) -> Self {
        let packed = &facts.packed;
        let mantissa = ranged(b, Fr::from(packed.mantissa), 27);
        let extended = b.witness(Fr::from(u64::from(packed.extension.is_some())));
        let extension = ranged(b, Fr::from(packed.extension.unwrap_or(0)), 96);
        let value = if packed.extension.is_some() { EXTENDED } else { u64::from(packed.exponent) };
        let [exponent, scale] = [Fr::from(value), scale_of(value)].map(|x| b.witness(x));
        let one = b.constant(Fr::from(1u64));
        b.send(Tag::Scale, &[exponent, scale, extended], one);
        // extended: signed and without a record, which only transfers are; else the extension is 0
        let transfer = e(flags.signed) - flags.recorded;
        product_is(b, &e(extended), &(transfer - 1u64 - extension), &-e(extension));
        let amount = product_plus(b, &e(mantissa), &e(scale), &e(extension));
        assert_when(b, flags.paired, &(e(whole) - amount));
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
    let zero = b.constant(Fr::ZERO);
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
            b.receive_plus(Tag::Data, [Fr::from(d as u64), Fr::ZERO], &[zero, cell], flag);
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
