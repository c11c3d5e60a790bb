//! One slot: a transaction or an operation. The cells every kind shares, and the order in which clauses are laid out.
//!
//! Each fact is one cell: what is signed is what is posted and what is moved. Kinds add their own clauses in `kinds/`.
//! What this is not: it never sees a root (access.rs, leaves.rs) nor a word of data (streams/).

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};

use super::access::Memory;
use super::builder::{Builder, Fourth, Tag, Var};
use super::expression::{assert_when, assert_zero_product, e, is_zero, pow2, product_plus, range, Expr};
use super::arguments::ArgumentFacts;
use super::facts::{MessageParts, RecordFacts, SlotFacts};
use super::fees::{Charge, Header};
use super::kinds;
use super::outcomes::{Flags, Outcome};
use super::parties::{Receiver, Sender};
use super::signature;
use super::streams::operations::halves;
use super::streams::transactions::{self, Place};
use super::writes::WriteFacts;
use crate::parameters::ID_DEPTH;

/// State handed from slot to slot, in cells.
#[derive(Clone, Debug)]
pub struct Carry {
    /// Active flag of the slot before (1 before the first).
    pub active: Expr,
    /// Next data slot.
    pub data: Expr,
    /// Token and fee token of the last transfer, 2^16 token + fee token; 0 at the start.
    pub pair: Expr,
    /// Fees collected so far, two sums to a cell (`fees::PACKED_BITS`): listed tokens 1 and 2; listed token 3 and native.
    pub fees: [Expr; 2],
    /// Active slots and queue entries consumed so far (`outcomes::QUEUE_TALLY`).
    pub tally: Expr,
    /// Values of the data slots posted so far.
    pub posted: Vec<Fr>,
    /// Positions behind what the slots post that asked for a record of change so far.
    pub ends: Vec<Fr>,
    /// The operation records so far.
    pub records: Vec<RecordFacts>,
    /// Arguments hashed so far.
    pub arguments: Vec<ArgumentFacts>,
    /// Writes of storage so far.
    pub writes: Vec<WriteFacts>,
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
            pair: zero(),
            fees: [0; 2].map(|_| zero()),
            tally: zero(),
            posted: Vec::new(),
            ends: Vec::new(),
            records: Vec::new(),
            arguments: Vec::new(),
            writes: Vec::new(),
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
    /// Recipient field of the operation record (ranged where the record is read).
    pub recipient: Var,
    /// The key that is set, which the operation record shows, and (0, 0) in another operation record; slot and value of a write.
    pub arguments: [Var; 2],
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
        // 1 to 2^160 where the receiver is opened, so the sentinel (address 0) is not; no account has the address 2^160
        let above = facts.to - b.value(flags.opens);
        let (high, low) = halves(above, 96);
        let [high, low] = [ranged(b, high, 64), ranged(b, low, 96)];
        let to = (e(high) * pow2(96) + low + flags.opens).cell(b);
        let recipient = b.hint(facts.recipient);
        let arguments = facts.arguments.map(|x| b.hint(x));
        let gas_limit = ranged(b, Fr::from(facts.gas_limit), 32);
        let gas_price = ranged(b, Fr::from(facts.gas_price), 64);
        let valid_until = ranged(b, Fr::from(facts.valid_until), 64);
        Self { token, native, amount, to, recipient, arguments, gas_limit, gas_price, valid_until }
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
    /// m2 to m5 of the message.
    pub message: [Var; 4],
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
        let place = b.scope("data", |b| Place::layout(b, &flags, &cells, charge.token, &carry, facts));
        let sender = b.scope("sender", |b| Sender::layout(b, memory, number, &flags, &cells, &charge, facts));
        if b.value(flags.asked) == Fr::ONE {
            carry.ends.push(b.value(place.next));
        }
        let receiver =
            b.scope("receiver", |b| Receiver::layout(b, memory, number, &flags, (&cells, charge.scheme), facts, place.next));
        let message = b.scope("message", |b| message(b, &flags, &cells, &charge, &sender, &receiver, facts.arguments_hash));
        let slot = Self { number, flags, cells, message, charge, sender, receiver };
        let id = b.scope("signature", |b| signature::message_id(b, &slot, facts.signature.as_ref(), chunk.domain));
        b.scope("message", |b| slot.ask_arguments(b, &mut carry));
        let queue_id = b.scope("record", |b| slot.record(b, &place, facts, &mut carry));
        b.scope("id", |b| slot.identify(b, chunk, id, queue_id, &mut carry));
        b.scope("kinds", |b| kinds::clauses(b, &slot));
        b.scope("data", |b| slot.hand_on(b, &place, carry))
    }

    /// Asks for the hash of arguments that the message holds, if it holds one.
    fn ask_arguments(&self, b: &mut Builder, carry: &mut Carry) {
        let f = &self.flags;
        let ([m2, m3, m4, m5], [x, y]) = (self.message, self.cells.arguments);
        let number = Fr::from(2 * self.number);
        b.send_plus(Tag::Arguments, [number, Fr::ZERO], &[f.linked, m2, m3, m4, m5, x, y], f.arguments);
        if b.value(f.arguments) == Fr::ONE {
            carry.arguments.push(ArgumentFacts {
                slot: self.number,
                linked: b.value(f.linked) == Fr::ONE,
                message: self.message.map(|m| b.value(m)),
                pair: [x, y].map(|x| b.value(x)),
            });
        }
    }

    /// Takes the record of another table: what it is made of are cells of this slot. Returns the id of the queue entry, if it is one.
    fn record(&self, b: &mut Builder, place: &Place, facts: &SlotFacts, carry: &mut Carry) -> Var {
        let (f, c) = (&self.flags, &self.cells);
        let indices = [self.sender.index, self.receiver.index];
        let on = f.recorded;
        let is_write = b.value(f.storage) == Fr::ONE;
        let is_operation = b.value(on) == Fr::ONE && !is_write;
        let record = RecordFacts {
            slot: self.number,
            kind: facts.kind,
            parts: MessageParts::of(b.value(self.message[0])),
            indices: indices.map(|i| b.value(i)),
            amount: b.value(c.amount),
            fee_token: b.value(self.charge.token),
            recipient: b.value(c.recipient),
            key: c.arguments.map(|x| b.value(x)),
        };
        let id = b.hint(if is_operation { record.id() } else { Fr::ZERO });
        // even numbers are those of operations, odd ones of writes
        let number = Fr::from(2 * self.number);
        let payload = [f.storage, self.message[0], c.amount, c.recipient, c.arguments[0], c.arguments[1], id];
        b.send_plus(Tag::Operation, [number, Fr::ZERO], &payload, on);
        let [sender, receiver] = indices;
        b.send_four(Tag::Party, [sender, receiver, self.charge.token], Fourth::Constant(number), on);
        if is_write {
            carry.writes.push(WriteFacts {
                slot: self.number,
                position: b.value(place.own),
                message: record.parts,
                indices: record.indices,
                fee_token: record.fee_token,
                recipient: record.recipient,
                place: record.key[0],
                value: record.key[1],
                old: facts.storage_before,
                own: Fr::ZERO,
            });
        }
        if is_operation {
            carry.records.push(record);
        }
        id
    }

    /// The id leaf of the slot: the signed message's hash, or the queue entry's id.
    fn identify(&self, b: &mut Builder, chunk: &Chunk, message: Var, queue_id: Var, carry: &mut Carry) {
        let id = product_plus(b, &e(self.flags.queue), &(e(queue_id) - message), &e(message));
        let (zero, plus) = (b.constant(Fr::ZERO), [Fr::from(self.number), Fr::ZERO]);
        b.send_plus_four(Tag::IdNode, plus, [chunk.first_position, zero, id], Fr::from(ID_DEPTH), self.flags.active);
        if b.value(self.flags.active) == Fr::ONE {
            carry.ids.push(b.value(id));
        }
    }

    /// Posts the data slots and advances the running values.
    fn hand_on(&self, b: &mut Builder, place: &Place, mut carry: Carry) -> Carry {
        let (f, charge) = (&self.flags, &self.charge);
        let data = transactions::post(b, self, place, &mut carry);
        let mut fees = carry.fees.clone();
        for (sum, weight) in fees.iter_mut().zip(charge.weights) {
            *sum = e(product_plus(b, &e(weight), &e(charge.fee), sum));
        }
        let tally = carry.tally.clone() + f.tally;
        Carry { active: e(f.active), data, pair: e(place.pair), fees, tally, ..carry }
    }
}

/// m2 to m5 of the message (docs/spec/transactions.md): who acts with which nonce, kind and token; to whom, until when, in which fee
/// token; amount and gas terms; the hash of arguments, or 0.
fn message(
    b: &mut Builder,
    f: &Flags,
    c: &Cells,
    charge: &Charge,
    sender: &Sender,
    receiver: &Receiver,
    arguments_hash: Fr,
) -> [Var; 4] {
    // who acts is the account `to`, but in transfers and withdraw; of what nobody signs by EdDSA the sender is no account, and its
    // nonce is that of set_key's account or what L1 demands
    assert_when(b, f.own, &(sender.address() - c.to));
    assert_when(b, f.set_key, &(e(sender.next_nonce) - receiver.next_nonce));
    let acts = sender.acts().cell(b);
    let m2 = e(acts) + e(f.code) * pow2(208) + e(c.token) * pow2(216);
    let m3 = e(c.to) + e(c.valid_until) * pow2(160) + e(charge.token) * pow2(224);
    let m4 = e(c.amount) + e(c.gas_limit) * pow2(128) + e(c.gas_price) * pow2(160);
    let [m2, m3, m4] = [m2, m3, m4].map(|m| m.cell(b));
    let m5 = b.witness(arguments_hash);
    assert_zero_product(b, &(Expr::from(1u64) - f.arguments), &e(m5));
    [m2, m3, m4, m5]
}
