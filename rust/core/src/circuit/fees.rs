//! The chunk's header of fee tokens and prices, and the fee of one slot.
//!
//! fee = units(kind) * price of the listed token that the sender signed, and fee <= gasLimit * gasPrice.
//! What this is not: fees are credited to the fee account in tail.rs.

use ark_bn254::Fr;

use super::builder::{Builder, Tag, Var};
use super::expression::{assert_when, assert_zero_product, e, is_zero, pow2, product, product_plus, range, Expr};
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

    /// What a slot may choose: (token, price, not native, one-hot over tokens 1 to 3, signed), and zeros for a slot that pays no fee.
    fn provide(&self, b: &mut Builder) {
        let [zero, one] = [0u64, 1].map(|x| b.constant(Fr::from(x)));
        for (i, (token, price)) in self.choices().into_iter().zip(self.prices).enumerate() {
            let hot = [1, 2, 3].map(|k| if k == i { one } else { zero });
            let other = if i > 0 { one } else { zero };
            b.provide(Tag::FeeToken, &[token, price, other, hot[0], hot[1], hot[2], one]);
        }
        b.provide(Tag::FeeToken, &[zero; 7]);
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

/// The fee of one slot.
#[derive(Clone, Copy, Debug)]
pub struct Charge {
    /// Boolean: signed, and the fee token is not the native one.
    pub other: Var,
    /// One-hot over listed tokens 1 to 3.
    pub listed: [Var; 3],
    /// Boolean: the kind pays a fee.
    pub signed: Var,
    /// Index of the fee token, 0 for kinds without fee.
    pub token: Var,
    /// The fee.
    pub fee: Var,
}

impl Charge {
    /// Computes the fee, compares it with what the sender signed, and checks validUntil.
    pub fn assign(b: &mut Builder, flags: &Flags, cells: &Cells, header: &Header, facts: &SlotFacts) -> Self {
        let listed = [1, 2, 3].map(|i| b.witness(Fr::from(u64::from(facts.fee_choice == Some(i)))));
        let other = b.witness(Fr::from(u64::from(facts.fee_choice.is_some_and(|i| i > 0))));
        let chosen = facts.fee_choice.and_then(|i| Some((*header.choices().get(i)?, *header.prices.get(i)?)));
        let [token, price] =
            chosen.map_or([Fr::from(0u64); 2], |(t, p)| [b.value(t), b.value(p)]).map(|x| b.witness(x));
        let one = b.constant(Fr::from(1u64));
        let [c1, c2, c3] = listed;
        b.send(Tag::FeeToken, &[token, price, other, c1, c2, c3, flags.signed], one);
        let fee = product(b, &e(flags.units), &e(price));
        let limit = product(b, &e(cells.gas_limit), &e(cells.gas_price));
        // both are below 2^96
        range(b, &(e(limit) - fee), 96);
        // validUntil = 0 or >= time; kinds without it hold 0 there or a value that passes
        let unlimited = is_zero(b, &e(cells.valid_until));
        let late = product_plus(b, &(e(unlimited) - 1u64), &e(header.time), &e(cells.valid_until));
        range(b, &e(late), 64);
        // only listed tokens
        range(b, &e(token), 16);
        // set_key signs zeros in all these fields; each is ranged, so a zero sum means zeros
        let all = e(cells.token) + cells.amount + cells.gas_limit + cells.gas_price + cells.valid_until;
        assert_when(b, flags.set_key, &all);
        Self { other, listed, signed: flags.signed, token, fee }
    }

    /// One-hot over the four listed tokens; all zero for kinds without fee.
    #[must_use]
    pub fn choices(&self) -> [Expr; 4] {
        let [c1, c2, c3] = self.listed;
        [e(self.signed) - self.other, e(c1), e(c2), e(c3)]
    }
}
