//! One slot: a transaction or an operation. The cells every kind shares, and the order in which clauses are laid out.
//!
//! Each fact is one cell: what is signed is what is posted and what is moved. Kinds add their own clauses in `kinds/`.
//! What this is not: it never sees a root (access.rs, leaves.rs) nor a word of data (streams/).

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};

use super::access::Memory;
use super::builder::{Builder, Fourth, Tag, Var};
use super::expression::{assert_zero_product, e, is_zero, pow2, product, product_plus, range, Expr};
use super::facts::{RecordFacts, SlotFacts};
use super::fees::{Charge, Header};
use super::kinds;
use super::outcomes::{Flags, Outcome};
use super::parties::{Receiver, Sender};
use super::signature;
use super::streams::transactions;
use crate::parameters::ID_DEPTH;

/// State handed from slot to slot, in cells.
#[derive(Clone, Debug)]
pub struct Carry {
    /// Active flag of the slot before (1 before the first).
    pub active: Expr,
    /// Next data slot.
    pub data: Expr,
    /// Next operation record.
    pub operation: Expr,
    /// Token of the last transfer, 0 at the start.
    pub token: Expr,
    /// Fee token of the last transfer, 0 at the start.
    pub fee_token: Expr,
    /// Fees collected per listed token.
    pub fees: [Expr; 4],
    /// Queue entries consumed so far.
    pub queue: Expr,
    /// Active slots so far.
    pub items: Expr,
    /// Values of the data slots posted so far.
    pub posted: Vec<Fr>,
    /// The operation records so far.
    pub records: Vec<RecordFacts>,
    /// Ids of the active slots so far.
    pub ids: Vec<Fr>,
}

impl Carry {
    /// Before the first slot.
    #[must_use]
    pub fn start() -> Self {
        let zero = || Expr::from(0u64);
        Self {
            active: Expr::from(1u64),
            data: zero(),
            operation: zero(),
            token: zero(),
            fee_token: zero(),
            fees: [0; 4].map(|_| zero()),
            queue: zero(),
            items: zero(),
            posted: Vec::new(),
            records: Vec::new(),
            ids: Vec::new(),
        }
    }
}

/// The fields of the transaction or operation itself.
#[derive(Clone, Copy, Debug)]
pub struct Cells {
    /// Token index, 16 bits.
    pub token: Var,
    /// Boolean: the token is the native one.
    pub native: Var,
    /// Amount, 128 bits.
    pub amount: Var,
    /// The receiver's address; for a withdrawal the recipient on L1; for set_key and queue kinds the account. 160 bits.
    pub to: Var,
    /// High 64 and low 96 bits of `to`.
    pub to_parts: [Var; 2],
    /// Recipient field of the operation record (ranged where the record is read).
    pub recipient: Var,
    /// Key of the operation record, (0, 0) unless the kind sets a key.
    pub key: [Var; 2],
    /// Gas limit, 32 bits.
    pub gas_limit: Var,
    /// Gas price, 64 bits.
    pub gas_price: Var,
    /// validUntil, 64 bits.
    pub valid_until: Var,
}

impl Cells {
    fn assign(b: &mut Builder, flags: &Flags, facts: &SlotFacts) -> Self {
        let token = ranged(b, Fr::from(facts.token), 16);
        let native = is_zero(b, &e(token));
        let amount = ranged(b, Fr::from(facts.amount), 128);
        let to_parts = [ranged(b, facts.to[0], 64), ranged(b, facts.to[1], 96)];
        let to = (e(to_parts[0]) * pow2(96) + to_parts[1]).cell(b);
        let recipient = b.witness(facts.recipient);
        let key = facts.new_key.map(|x| b.witness(x));
        // no key in the record unless the kind sets one
        for x in key {
            assert_zero_product(b, &(Expr::from(1u64) - flags.keyed), &e(x));
        }
        let gas_limit = ranged(b, Fr::from(facts.gas_limit), 32);
        let gas_price = ranged(b, Fr::from(facts.gas_price), 64);
        let valid_until = ranged(b, Fr::from(facts.valid_until), 64);
        Self { token, native, amount, to, to_parts, recipient, key, gas_limit, gas_price, valid_until }
    }
}

/// A new cell of at most `bits` bits.
pub fn ranged(b: &mut Builder, value: Fr, bits: u32) -> Var {
    let cell = b.witness(value);
    range(b, &e(cell), bits);
    cell
}

/// One slot, laid out.
#[derive(Clone, Debug)]
pub struct Slot {
    /// Its number in the chunk, a constant.
    pub number: u64,
    /// Kind and outcome.
    pub flags: Flags,
    /// Fields.
    pub cells: Cells,
    /// The fee.
    pub charge: Charge,
    /// The sender, opened.
    pub sender: Sender,
    /// The receiver (or owner), opened.
    pub receiver: Receiver,
}

/// What every slot of a chunk shares.
#[derive(Clone, Debug)]
pub struct Chunk {
    /// Signature domain (public input 0).
    pub domain: Var,
    /// The listed fee tokens and prices, the time.
    pub header: Header,
    /// Position in the id tree of slot 0: sequence in minus the batch's first sequence.
    pub first_position: Var,
}

impl Slot {
    /// Lays out slot `number`; returns what it hands on.
    pub fn layout(
        b: &mut Builder,
        chunk: &Chunk,
        memory: &mut Memory,
        number: u64,
        facts: &SlotFacts,
        mut carry: Carry,
    ) -> Carry {
        let outcome = Outcome { kind: facts.kind, created: facts.created, absent: facts.absent };
        let flags = b.scope("flags", |b| Flags::ask(b, &outcome));
        // active[s + 1] <= active[s]
        assert_zero_product(b, &e(flags.active), &(Expr::from(1u64) - &carry.active));
        let cells = b.scope("fields", |b| Cells::assign(b, &flags, facts));
        let charge = b.scope("fee", |b| Charge::assign(b, &flags, &cells, &chunk.header, facts));
        let sender = b.scope("sender", |b| Sender::layout(b, memory, number, &flags, &cells, &charge, facts));
        let receiver = b.scope("receiver", |b| Receiver::layout(b, memory, number, &flags, &cells, facts));
        let slot = Self { number, flags, cells, charge, sender, receiver };
        let from = slot.acting_address(b);
        let nonce = slot.signed_nonce(b);
        let message = b.scope("signature", |b| slot.message(b, chunk.domain, from, nonce, facts));
        let queue_id = b.scope("record", |b| slot.record(b, from, nonce, &mut carry));
        b.scope("id", |b| slot.identify(b, chunk, message, queue_id, &mut carry));
        b.scope("kinds", |b| kinds::clauses(b, &slot));
        b.scope("data", |b| slot.hand_on(b, carry, facts))
    }

    /// The address that acts: the sender of a signed kind, else the account `to`.
    fn acting_address(&self, b: &mut Builder) -> Var {
        let difference = self.sender.address() - self.cells.to;
        product_plus(b, &e(self.flags.signed), &difference, &e(self.cells.to))
    }

    /// The nonce that is signed: the sender's, or for set_key the account's; else 0.
    fn signed_nonce(&self, b: &mut Builder) -> Var {
        let sender = product(b, &e(self.flags.signed), &e(self.sender.nonce));
        product_plus(b, &e(self.flags.set_key), &e(self.receiver.nonce), &e(sender))
    }

    /// Poseidon5 of the message (docs/spec/transactions.md), and the signature over it where the kind is signed.
    fn message(&self, b: &mut Builder, domain: Var, from: Var, nonce: Var, facts: &SlotFacts) -> Var {
        let (c, fee_token) = (&self.cells, self.charge.token);
        let m2 = e(from) + e(nonce) * pow2(160) + e(self.flags.code) * pow2(208) + e(c.token) * pow2(216);
        let m3 = e(c.to) + e(c.valid_until) * pow2(160) + e(fee_token) * pow2(224);
        let m4 = e(c.amount) + e(c.gas_limit) * pow2(128) + e(c.gas_price) * pow2(160);
        signature::message_id(b, self, facts.signature.as_ref(), domain, [&m2, &m3, &m4])
    }

    /// Takes the operation record: all its fields are cells of this slot. Returns the id of the entry, if it is one.
    fn record(&self, b: &mut Builder, from: Var, nonce: Var, carry: &mut Carry) -> Var {
        let (f, c) = (&self.flags, &self.cells);
        // of the kinds that take a record only withdraw is signed
        let sender = product(b, &(e(f.signed) - f.transfer), &e(self.sender.index));
        let index = product_plus(b, &e(f.set_key), &e(self.receiver.index), &e(sender));
        let w0 = e(f.code) * pow2(232)
            + e(c.token) * pow2(216)
            + e(index) * pow2(184)
            + e(nonce) * pow2(136)
            + e(c.amount) * pow2(8);
        let w1 = e(self.charge.token) * pow2(224) + from;
        let [w0, w1] = [w0.cell(b), w1.cell(b)];
        let facts = RecordFacts {
            head: [b.value(w0), b.value(w1)],
            recipient: b.value(c.recipient),
            key: c.key.map(|x| b.value(x)),
        };
        let on = f.operation;
        let is_operation = b.value(on) == Fr::ONE;
        let id = b.witness(if is_operation { facts.id() } else { Fr::ZERO });
        let payload = [carry.operation.cell(b), w0, w1, c.recipient, c.key[0], c.key[1], id];
        b.send(Tag::Operation, &payload, on);
        if is_operation {
            carry.records.push(facts);
        }
        id
    }

    /// The id leaf of the slot: the signed message's hash, or the queue entry's id.
    fn identify(&self, b: &mut Builder, chunk: &Chunk, message: Var, queue_id: Var, carry: &mut Carry) {
        let id = product_plus(b, &e(self.flags.queue), &(e(queue_id) - message), &e(message));
        let position = (e(chunk.first_position) + self.number).cell(b);
        let zero = b.constant(Fr::ZERO);
        let level = Fourth::Constant(Fr::from(ID_DEPTH));
        b.send_four(Tag::IdNode, [position, zero, id], level, self.flags.active);
        if b.value(self.flags.active) == Fr::ONE {
            carry.ids.push(b.value(id));
        }
    }

    /// Posts the data slots and advances the running values.
    fn hand_on(&self, b: &mut Builder, mut carry: Carry, facts: &SlotFacts) -> Carry {
        let f = &self.flags;
        let posted = transactions::post(b, self, &mut carry, facts);
        let mut fees = carry.fees.clone();
        for (sum, choice) in fees.iter_mut().zip(self.charge.choices()) {
            *sum = e(product_plus(b, &choice, &e(self.charge.fee), sum));
        }
        Carry {
            active: e(f.active),
            data: posted.data,
            operation: e((carry.operation.clone() + f.operation).cell(b)),
            token: posted.token,
            fee_token: posted.fee_token,
            fees,
            queue: carry.queue.clone() + f.queue,
            items: carry.items.clone() + f.active,
            ..carry
        }
    }
}
