//! The chunk's header of fee tokens and prices, and the fee of one slot.
//!
//! fee = units(kind) * price of the listed token that the sender signed, and fee <= gasLimit * gasPrice.
//! What this is not: fees are credited to the fee account in tail.rs.

use ark_bn254::Fr;

use super::builder::{Builder, Tag, Var};
use super::expression::{assert_zero_product, e, pow2, product, product_plus, range, Expr};
use super::facts::{HeaderFacts, SlotFacts};
use super::outcomes::Flags;
use super::slots::{ranged, Cells};

/// Version of the chunk header.
pub const VERSION: u64 = 1;

/// Cells of the chunk header.
#[derive(Clone, Debug)]
pub struct Header {
    /// Time, public input 1, 64 bits.
    pub time: Var,
    /// Leaf index of the fee account, 32 bits.
    pub fee_account: Var,
    /// The native token, 0.
    pub native: Var,
    /// Listed tokens 1 to 3; token 0 is native.
    pub tokens: [Var; 3],
    /// The token where it is listed, else a number beyond 16 bits, which no slot can choose.
    pub choices: [Var; 3],
    /// Prices of the native token and of tokens 1 to 3, 64 bits.
    pub prices: [Var; 4],
}

impl Header {
    /// Lays out the header: tokens strictly increasing, unlisted ones last, with token 0 and price 0.
    pub fn layout(b: &mut Builder, time: Var, facts: &HeaderFacts) -> Self {
        range(b, &e(time), 64);
        let fee_account = ranged(b, Fr::from(facts.fee_account), 32);
        let prices = facts.prices.map(|p| ranged(b, Fr::from(p), 64));
        let listed = facts.tokens.map(|t| b.boolean(t != 0));
        let tokens = facts.tokens.map(|t| ranged(b, Fr::from(t), 16));
        let mut before = (Expr::from(1u64), Expr::from(0u64));
        for i in 0..3 {
            let off = Expr::from(1u64) - listed[i];
            assert_zero_product(b, &off, &e(tokens[i]));
            assert_zero_product(b, &off, &e(prices[i + 1]));
            // listed[i] <= listed[i - 1]
            assert_zero_product(b, &e(listed[i]), &(Expr::from(1u64) - &before.0));
            // listed: token - token before - 1 in [0, 2^16)
            let gap = product(b, &e(listed[i]), &(e(tokens[i]) - &before.1 - 1u64));
            range(b, &e(gap), 16);
            before = (e(listed[i]), e(tokens[i]));
        }
        let choices = [0, 1, 2].map(|i| (e(tokens[i]) - e(listed[i]) * pow2(16) + pow2(16)).cell(b));
        let native = b.constant(Fr::from(0u64));
        let header = Self { native, time, fee_account, tokens, choices, prices };
        header.provide(b);
        header
    }

    /// What a slot may choose: (token, price, not native, its weights in the two packed sums, signed), and zeros for a slot that
    /// pays no fee. The message has room for one more element, any boolean: here of the receiver's scheme.
    fn provide(&self, b: &mut Builder) {
        let [zero, one] = [0u64, 1].map(|x| b.constant(Fr::from(x)));
        for (i, (token, price)) in self.choices().into_iter().zip(self.prices).enumerate() {
            let [first, second] = WEIGHTS[i].map(|bits| b.constant(bits.map_or(Fr::from(0u64), pow2)));
            let other = if i > 0 { one } else { zero };
            for scheme in [zero, one] {
                b.provide(Tag::FeeToken, &[token, price, other, first, second, one, scheme]);
            }
        }
        for scheme in [zero, one] {
            b.provide(Tag::FeeToken, &[zero, zero, zero, zero, zero, zero, scheme]);
        }
    }

    /// The four tokens as slots choose them.
    fn choices(&self) -> [Var; 4] {
        let [t1, t2, t3] = self.choices;
        [self.native, t1, t2, t3]
    }

    /// The two header words (docs/spec/data.md).
    #[must_use]
    pub fn words(&self, items: &Expr) -> [Expr; 2] {
        let [t1, t2, t3] = self.tokens;
        let [p0, p1, p2, p3] = self.prices;
        let h0 = Expr::constant(Fr::from(VERSION) * pow2(224))
            + e(self.time) * pow2(160)
            + e(self.fee_account) * pow2(128)
            + e(t1) * pow2(112)
            + e(t2) * pow2(96)
            + e(t3) * pow2(80)
            + p0;
        let h1 = e(p1) * pow2(176) + e(p2) * pow2(112) + e(p3) * pow2(48) + items.clone() * pow2(16);
        [h0, h1]
    }
}

/// Two sums of fees share a cell: the second weighs 2^112, and no sum of fees reaches that.
pub const PACKED_BITS: u64 = 112;
/// Where the fee in each listed token counts: the bits of its weight in the first sum, or in the second. Tokens 1 and 2 share the
/// first, token 3 and the native one the second.
const WEIGHTS: [[Option<u64>; 2]; 4] =
    [[None, Some(PACKED_BITS)], [Some(0), None], [Some(PACKED_BITS), None], [None, Some(0)]];

/// The fee of one slot.
#[derive(Clone, Copy, Debug)]
pub struct Charge {
    /// Boolean: signed, and the fee token is not the native one.
    pub other: Var,
    /// Weights of the fee in the two packed sums.
    pub weights: [Var; 2],
    /// Index of the fee token, 0 for kinds without fee.
    pub token: Var,
    /// The fee.
    pub fee: Var,
    /// A boolean: the receiver's scheme.
    pub scheme: Var,
}

impl Charge {
    /// Computes the fee, compares it with what the sender signed, and checks validUntil.
    pub fn assign(b: &mut Builder, flags: &Flags, cells: &Cells, header: &Header, facts: &SlotFacts) -> Self {
        let choice = facts.fee_choice;
        let weights = choice.and_then(|i| WEIGHTS.get(i)).copied().unwrap_or_default();
        let weights = weights.map(|bits| b.witness(bits.map_or(Fr::from(0u64), pow2)));
        let other = b.witness(Fr::from(u64::from(choice.is_some_and(|i| i > 0))));
        let chosen = choice.and_then(|i| Some((*header.choices().get(i)?, *header.prices.get(i)?)));
        let [token, price] =
            chosen.map_or([Fr::from(0u64); 2], |(t, p)| [b.value(t), b.value(p)]).map(|x| b.witness(x));
        let one = b.constant(Fr::from(1u64));
        let scheme = b.witness(Fr::from(u64::from(facts.receiver.scheme)));
        b.send(Tag::FeeToken, &[token, price, other, weights[0], weights[1], flags.signed, scheme], one);
        let fee = product(b, &e(flags.units), &e(price));
        // what is left of the limit; limit and fee are both below 2^96
        let rest = product_plus(b, &e(cells.gas_limit), &e(cells.gas_price), &-e(fee));
        range(b, &e(rest), 96);
        // validUntil = 0 or time + something of 64 bits; kinds without it hold 0 there or a value that passes
        let left = b.value(cells.valid_until) - b.value(header.time);
        let left = b.hint(if b.value(cells.valid_until) == Fr::from(0u64) { Fr::from(0u64) } else { left });
        range(b, &e(left), 64);
        assert_zero_product(b, &e(cells.valid_until), &(e(cells.valid_until) - header.time - left));
        // only listed tokens
        range(b, &e(token), 16);
        Self { other, weights, token, fee, scheme }
    }
}
