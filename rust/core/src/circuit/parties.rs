//! The two accounts a slot opens: the sender (signed kinds) and the receiver (or owner).
//!
//! An opening shows the parts of the account's `static` and `dynamic` words; the memory argument shows that the words
//! are the account's. Amounts and fees are ranged before they are added or subtracted, results after.
//! What this is not: creation and key changes are in changes.rs; the receiver only hands its words over.

use ark_bn254::Fr;

use super::access::{time_of, Memory, Turn, When};
use super::builder::{Builder, Tag, Var};
use super::expression::{
    assert_nonzero, assert_zero_product, e, pow2, product, product_plus, range, Expr,
};
use super::facts::{Opening, SlotFacts};
use super::fees::Charge;
use super::slots::{ranged, Cells, Flags};

/// `dynamic` taken apart: balance 128 bits, nonce 48 bits, both ranged, so the parts are unique. Flags are 0 today: an account that had
/// any could not be opened here.
#[derive(Clone, Copy, Debug)]
pub struct Dynamic {
    /// Native balance.
    pub balance: Var,
    /// Nonce.
    pub nonce: Var,
    /// The word.
    pub word: Var,
}

impl Dynamic {
    /// Opens a word.
    pub fn open(b: &mut Builder, account: &Opening) -> Self {
        let balance = ranged(b, Fr::from(account.balance), 128);
        let nonce = ranged(b, Fr::from(account.nonce), 48);
        let word = (e(balance) + e(nonce) * pow2(128)).cell(b);
        Self { balance, nonce, word }
    }

    /// The word after: balance and nonce change, both ranged again.
    pub fn change(b: &mut Builder, balance: &Expr, nonce: &Expr) -> Var {
        range(b, balance, 128);
        range(b, nonce, 48);
        (balance.clone() + nonce.clone() * pow2(128)).cell(b)
    }
}

/// static = H1(address + 2^160 scheme, next, key).
pub fn static_part(b: &mut Builder, address: &Expr, scheme: &Expr, next: Var, key: [Var; 2]) -> Var {
    let head = (address.clone() + scheme.clone() * pow2(160)).cell(b);
    b.hash(1, [head, next, key[0], key[1]])
}

/// Cells of the sender's account.
#[derive(Clone, Copy, Debug)]
pub struct Sender {
    /// Leaf index.
    pub index: Var,
    /// Address, 160 bits.
    pub address: Var,
    /// Nonce before.
    pub nonce: Var,
    /// Public key (of an unsigned slot: any key that is on the curve and not of small order).
    pub key: [Var; 2],
}

impl Sender {
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
        let address = ranged(b, account.address, 160);
        let key = account.key.map(|x| b.witness(x));
        // scheme 1: the sender has an EdDSA key
        let words = static_part(b, &e(address), &Expr::from(1u64), next, key);
        let dynamic = Dynamic::open(b, account);
        let out = product(b, &e(cells.amount), &e(flags.signed));
        let out_native = product(b, &e(out), &e(cells.native));
        // choice[0] is the native fee token
        let fee_native = product(b, &e(charge.fee), &e(charge.choice[0]));
        let balance = e(dynamic.balance) - out_native - fee_native;
        let after = Dynamic::change(b, &balance, &(e(dynamic.nonce) + flags.signed));
        let when = When { on: e(flags.signed), time: time_of(&number, Turn::Sender) };
        memory.access_account(b, &when, &e(index), [words, dynamic.word], [words, after]);

        let native_signed = product(b, &e(flags.signed), &e(cells.native));
        let when = When { on: e(flags.signed) - native_signed, time: time_of(&number, Turn::SenderToken) };
        let spent = e(out) - out_native;
        debit(b, memory, &when, [&e(index), &e(cells.token)], facts.sender_token, &spent);
        let when = When { on: e(flags.signed) - charge.choice[0], time: time_of(&number, Turn::SenderFee) };
        let paid = e(charge.fee) - fee_native;
        debit(b, memory, &when, [&e(index), &e(charge.token)], facts.sender_fee_token, &paid);
        Self { index, address, nonce: dynamic.nonce, key }
    }
}

fn debit(b: &mut Builder, memory: &mut Memory, when: &When, place: [&Expr; 2], old: u128, spent: &Expr) {
    let old = b.witness(Fr::from(old));
    let new = (e(old) - spent).cell(b);
    range(b, &e(new), 128);
    memory.access_balance(b, when, place, old, new);
}

/// Cells of the receiver's account.
#[derive(Clone, Copy, Debug)]
pub struct Receiver {
    /// Leaf index.
    pub index: Var,
    /// Native balance before.
    pub balance: Var,
    /// Balance before of the slot's token, where that is not the native one.
    pub token_balance: Var,
    /// Nonce before.
    pub nonce: Var,
}

impl Receiver {
    /// Opens the receiver and credits it.
    pub fn layout(
        b: &mut Builder,
        memory: &mut Memory,
        slot: u64,
        flags: &Flags,
        cells: &Cells,
        facts: &SlotFacts,
    ) -> Self {
        let account = &facts.receiver;
        let (number, on) = (Expr::from(slot), flags.receiver());
        let index = b.witness(Fr::from(account.index));
        // the sentinel (address 0) receives nothing
        assert_nonzero(b, &(e(cells.to) + 1u64 - &on));
        let (before, after) = Self::static_words(b, slot, index, flags, cells, facts);
        let dynamic = Dynamic::open(b, account);
        // a new account starts from the empty leaf
        assert_zero_product(b, &e(flags.created), &e(dynamic.word));
        let credit = product(b, &e(cells.amount), &e(flags.credits));
        let credit_native = product(b, &e(credit), &e(cells.native));
        let balance = e(dynamic.balance) + credit_native;
        let word = Dynamic::change(b, &balance, &(e(dynamic.nonce) + flags.set_key));
        let when = When { on, time: time_of(&number, Turn::Receiver) };
        memory.access_account(b, &when, &e(index), [before, dynamic.word], [after, word]);

        let reads = e(flags.credits) + flags.noop - flags.absent;
        let reads_native = product(b, &reads, &e(cells.native));
        let when = When { on: reads - reads_native, time: time_of(&number, Turn::ReceiverToken) };
        let token_balance = b.witness(Fr::from(facts.receiver_token));
        let new = (e(token_balance) + credit - credit_native).cell(b);
        range(b, &e(new), 128);
        memory.access_balance(b, &when, [&e(index), &e(cells.token)], token_balance, new);
        Self { index, balance: dynamic.balance, token_balance, nonce: dynamic.nonce }
    }

    /// static before and after. They differ only where changes.rs has a record of it.
    fn static_words(
        b: &mut Builder,
        slot: u64,
        index: Var,
        flags: &Flags,
        cells: &Cells,
        facts: &SlotFacts,
    ) -> (Var, Var) {
        let account = &facts.receiver;
        let scheme = b.boolean(account.scheme);
        let next = b.witness(account.next);
        let key = account.key.map(|x| b.witness(x));
        let open = static_part(b, &e(cells.to), &e(scheme), next, key);
        // a new account starts from the empty leaf: static 0
        let before = product_plus(b, &(e(flags.created) * -Fr::from(1u64)), &e(open), &e(open));
        let changed = product_plus(
            b,
            &e(flags.created),
            &(Expr::from(1u64) - flags.keyed),
            &e(flags.keyed),
        );
        let after = b.witness(facts.receiver_static_after);
        assert_zero_product(b, &(Expr::from(1u64) - changed), &(e(after) - before));
        let request = Expr::from(slot) + e(flags.created) * 64u64 + e(flags.keyed) * 128u64 + e(flags.absent) * 256u64;
        let payload = [request.cell(b), index, cells.to, before, after, cells.key[0], cells.key[1]];
        let asked = (e(changed) + flags.absent).cell(b);
        b.send(Tag::Change, &payload, asked);
        (before, after)
    }
}
