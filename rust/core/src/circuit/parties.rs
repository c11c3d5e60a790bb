//! The two accounts a slot opens: the sender (signed kinds) and the receiver (or owner).
//!
//! An opening shows the parts of the account's `static` and `dynamic` words; the memory argument shows that the words
//! are the account's. Amounts and fees are ranged before they are added or subtracted, results after.
//! What this is not: creation and key changes are in changes.rs; the receiver only hands its words over.

use ark_bn254::Fr;

use super::access::{time_of, Memory, Turn, When};
use super::builder::{Builder, Tag, Var};
use super::expression::{assert_zero_product, e, pow2, product, product_plus, range, Expr};
use super::facts::{Opening, SlotFacts};
use super::fees::Charge;
use super::outcomes::Flags;
use super::slots::{ranged, Cells};

/// `dynamic` taken apart: balance 128 bits, nonce 48 bits. Flags are 0 today: an account that had any could not be opened here.
///
/// Every word in the tree is balance + 2^128 nonce with both parts in range. The balance is ranged here, and of the nonce the value
/// that is handed on, unchanged or one higher, so it is at least -1: the parts of a word are then unique (docs/spec/proof.md).
#[derive(Clone, Copy, Debug)]
pub struct Dynamic {
    /// Native balance.
    pub balance: Var,
    /// Nonce after the slot.
    pub next_nonce: Var,
    /// The word.
    pub word: Var,
}

impl Dynamic {
    /// Opens a word whose nonce grows by a flag.
    pub fn open(b: &mut Builder, account: &Opening, grows: &Expr) -> Self {
        let balance = ranged(b, Fr::from(account.balance), 128);
        let next_nonce = Fr::from(account.nonce) + grows.value(b);
        let next_nonce = ranged(b, next_nonce, 48);
        let word = (e(balance) + (e(next_nonce) - grows) * pow2(128)).cell(b);
        Self { balance, next_nonce, word }
    }

    /// The balance and the word after: the balance grows by x y (or shrinks, where that is negative).
    pub fn change(&self, b: &mut Builder, x: &Expr, y: &Expr) -> (Var, Var) {
        self.becomes(b, x, y, &e(self.balance))
    }

    /// The balance x y + rest, and the word with it.
    fn becomes(&self, b: &mut Builder, x: &Expr, y: &Expr, rest: &Expr) -> (Var, Var) {
        let after = product_plus(b, x, y, rest);
        range(b, &e(after), 128);
        (after, (e(after) + e(self.next_nonce) * pow2(128)).cell(b))
    }
}

/// static = H1(address + 2^160 scheme, next, key).
pub fn static_part(b: &mut Builder, address: &Expr, scheme: &Expr, next: Var, key: [Var; 2]) -> Var {
    let head = (address.clone() + scheme.clone() * pow2(160)).cell(b);
    b.hash(1, [head, next, key[0], key[1]])
}

/// Cells of the sender's account. A slot that no sender signs opens one that no memory knows.
#[derive(Clone, Copy, Debug)]
pub struct Sender {
    /// Leaf index.
    pub index: Var,
    /// First element of the static part: address + 2^160, of an account with a key. An account without one has key (0, 0), which is
    /// not on the curve, so no range is needed to keep its address from being read here less 2^160.
    head: Var,
    /// Nonce after.
    pub next_nonce: Var,
    /// Public key (of an unsigned slot: any key that is on the curve and not of small order).
    pub key: [Var; 2],
}

impl Sender {
    /// The address.
    #[must_use]
    pub fn address(&self) -> Expr {
        e(self.head) - pow2(160)
    }

    /// address + 2^160 nonce, where the nonce after is one higher.
    #[must_use]
    pub fn acts(&self) -> Expr {
        e(self.head) + e(self.next_nonce) * pow2(160) - (pow2(160) + pow2(160))
    }

    /// Opens the sender and takes amount and fee from it.
    pub fn layout(
        b: &mut Builder,
        memory: &mut Memory,
        slot: u64,
        flags: &Flags,
        cells: &Cells,
        charge: &Charge,
        facts: &SlotFacts,
    ) -> Self {
        let account = &facts.sender;
        let number = Expr::from(slot);
        let (index, next) = (b.witness(Fr::from(account.index)), b.witness(account.next));
        let key = account.key.map(|x| b.witness(x));
        let head = b.witness(account.address + pow2(160));
        let words = b.hash(1, [head, next, key[0], key[1]]);
        let dynamic = Dynamic::open(b, account, &e(flags.signed));
        // the amount, then the fee: each is taken where it is native, and what is left of both is no negative number
        let left = product_plus(b, &-e(cells.amount), &e(cells.native), &e(dynamic.balance));
        let after = dynamic.becomes(b, &e(charge.fee), &(e(charge.other) - 1u64), &e(left)).1;
        let when = When { on: e(flags.signed), time: time_of(&number, Turn::Sender) };
        memory.access_account(b, &when, &e(index), [words, dynamic.word], [words, after]);

        let foreign = Expr::from(1u64) - cells.native;
        let on = product(b, &e(flags.signed), &foreign);
        let when = When { on: e(on), time: time_of(&number, Turn::SenderToken) };
        let moved = [&e(cells.amount), &foreign];
        debit(b, memory, &when, [&e(index), &e(cells.token)], facts.sender_token, moved);
        let when = When { on: e(charge.other), time: time_of(&number, Turn::SenderFee) };
        let paid = [&e(charge.fee), &e(charge.other)];
        debit(b, memory, &when, [&e(index), &e(charge.token)], facts.sender_fee_token, paid);
        Self { index, head, next_nonce: dynamic.next_nonce, key }
    }
}

/// Takes the product of two sums from a balance.
fn debit(b: &mut Builder, memory: &mut Memory, when: &When, place: [&Expr; 2], old: u128, spent: [&Expr; 2]) {
    let old = b.witness(Fr::from(old));
    let new = product_plus(b, &-spent[0].clone(), spent[1], &e(old));
    range(b, &e(new), 128);
    memory.access_balance(b, when, place, old, new);
}

/// Cells of the receiver's account.
#[derive(Clone, Copy, Debug)]
pub struct Receiver {
    /// Leaf index.
    pub index: Var,
    /// Native balance after.
    pub balance: Var,
    /// Balance after of the slot's token, where that is not the native one.
    pub token_balance: Var,
    /// Nonce after.
    pub next_nonce: Var,
}

impl Receiver {
    /// Opens the receiver and credits it, or takes from it what a forced exit pays. `next` is the position behind what the slot posts;
    /// the scheme is a boolean (fees.rs).
    pub fn layout(
        b: &mut Builder,
        memory: &mut Memory,
        slot: u64,
        flags: &Flags,
        (cells, scheme): (&Cells, Var),
        facts: &SlotFacts,
        next: Var,
    ) -> Self {
        let account = &facts.receiver;
        let (number, on) = (Expr::from(slot), e(flags.opens));
        let index = b.witness(Fr::from(account.index));
        let (before, after) = Self::static_words(b, slot, index, flags, (cells, scheme), facts, next);
        // a new account starts from the empty leaf: nobody has opened it before
        let dynamic = Dynamic::open(b, account, &e(flags.set_key));
        let credit = product(b, &e(cells.amount), &e(flags.credits));
        let (balance, word) = dynamic.change(b, &e(credit), &e(cells.native));
        let when = When { on, time: time_of(&number, Turn::Receiver) };
        memory.access_account(b, &when, &e(index), [before, dynamic.word], [after, word]);

        let foreign = Expr::from(1u64) - cells.native;
        let reads = product(b, &e(flags.reads), &foreign);
        let when = When { on: e(reads), time: time_of(&number, Turn::ReceiverToken) };
        let old = b.witness(facts.receiver_token);
        // no memory knows that of an absent account
        range(b, &e(old), 128);
        let token_balance = product_plus(b, &e(credit), &foreign, &e(old));
        range(b, &e(token_balance), 128);
        memory.access_balance(b, &when, [&e(index), &e(cells.token)], old, token_balance);
        Self { index, balance, token_balance, next_nonce: dynamic.next_nonce }
    }

    /// static before and after. What is opened is the word after; the one before differs only where changes.rs has a record of it.
    #[allow(clippy::too_many_arguments)]
    fn static_words(
        b: &mut Builder,
        slot: u64,
        index: Var,
        flags: &Flags,
        (cells, scheme): (&Cells, Var),
        facts: &SlotFacts,
        next: Var,
    ) -> (Var, Var) {
        let account = &facts.receiver;
        let successor = b.witness(account.next);
        let key = account.key.map(|x| b.witness(x));
        let after = static_part(b, &e(cells.to), &e(scheme), successor, key);
        let unasked = b.value(flags.asked) != Fr::from(1u64);
        let before = if unasked { b.value(after) } else { facts.receiver_static_before };
        let before = b.witness(before);
        assert_zero_product(b, &(Expr::from(1u64) - flags.asked), &(e(after) - before));
        let payload = [flags.asks, next, index, before, after, cells.arguments[0], cells.arguments[1]];
        b.send_plus(Tag::Change, [Fr::from(slot), Fr::from(0u64)], &payload, flags.asked);
        (before, after)
    }
}
