//! What a chunk witness says, slot by slot: the openings and amounts that cells are filled with.
//!
//! The slots are replayed over the pre-state, without any check: a wrong witness leads to violated constraints, never
//! to a panic. What this is not: the rules of execution (processor) or a constraint.

use std::collections::BTreeMap;

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field, PrimeField};

use super::expression::pow2;
use super::gates::poseidon2;
use super::streams::operations::halves;
use crate::batch::{AccountLeaf, ChunkWitness, Signature, SlotWitness};
use crate::parameters::Kind;
use crate::poseidon::circom::poseidon5;
use crate::poseidon::{compress_all, sponge, Lane, Tag};
use crate::primitives::babyjubjub::BASE8;

/// An account as a slot opens it.
#[derive(Clone, Debug, Default)]
pub struct Opening {
    /// Leaf index.
    pub index: u32,
    /// Address.
    pub address: Fr,
    /// Scheme 1.
    pub scheme: bool,
    /// Next address in the list.
    pub next: Fr,
    /// Public key.
    pub key: [Fr; 2],
    /// Native balance (the count, in the sentinel).
    pub balance: u128,
    /// Nonce.
    pub nonce: u64,
    /// Flags.
    pub flags: u32,
}

impl Opening {
    fn of(index: u32, leaf: &AccountLeaf) -> Self {
        Self {
            index,
            address: leaf.address.to_field(),
            scheme: leaf.scheme == 1,
            next: leaf.next_address,
            key: [leaf.key.0, leaf.key.1],
            balance: leaf.balance,
            nonce: leaf.nonce,
            flags: leaf.flags,
        }
    }

    /// The dynamic word.
    #[must_use]
    pub fn dynamic(&self) -> Fr {
        Fr::from(self.balance) + Fr::from(self.nonce) * pow2(128) + Fr::from(self.flags) * pow2(176)
    }
}

/// static of a leaf: 0 for the empty leaf.
#[must_use]
pub fn static_word(leaf: &AccountLeaf) -> Fr {
    if leaf.is_empty() {
        Fr::ZERO
    } else {
        poseidon2::hash(1, &[leaf.identity(), leaf.next_address, leaf.key.0, leaf.key.1])
    }
}

/// [`static_word`] of every leaf.
#[must_use]
pub fn static_words(leaves: &BTreeMap<u32, AccountLeaf>) -> BTreeMap<u32, Fr> {
    let used: Vec<(u32, &AccountLeaf)> = leaves.iter().map(|(i, leaf)| (*i, leaf)).filter(|(_, l)| !l.is_empty()).collect();
    let preimages: Vec<[Fr; 4]> =
        used.iter().map(|(_, l)| [l.identity(), l.next_address, l.key.0, l.key.1]).collect();
    let mut out: BTreeMap<u32, Fr> = leaves.keys().map(|i| (*i, Fr::ZERO)).collect();
    out.extend(used.iter().map(|(i, _)| *i).zip(compress_all(Lane::Account, &preimages)));
    out
}

/// The chunk header.
#[derive(Clone, Debug, Default)]
pub struct HeaderFacts {
    /// Fee account.
    pub fee_account: u32,
    /// Listed tokens 1 to 3.
    pub tokens: [u16; 3],
    /// Prices, native first.
    pub prices: [u64; 4],
}

/// A packed amount.
#[derive(Clone, Copy, Debug, Default)]
pub struct PackedFacts {
    /// 27 bits.
    pub mantissa: u32,
    /// 0 to 30.
    pub exponent: u8,
    /// The low 96 bits, where exponent 31 is used.
    pub extension: Option<u128>,
}

impl PackedFacts {
    /// The smallest exponent that fits, else the extended form.
    #[must_use]
    pub fn of(amount: u128) -> Self {
        let mut rest = amount;
        for exponent in 0..=30u8 {
            if let Ok(mantissa @ 0..=0x07ff_ffff) = u32::try_from(rest) {
                return Self { mantissa, exponent, extension: None };
            }
            if !rest.is_multiple_of(10) {
                break;
            }
            rest /= 10;
        }
        let mantissa = u32::try_from(amount >> 96).unwrap_or(u32::MAX);
        Self { mantissa, exponent: 0, extension: Some(amount & ((1 << 96) - 1)) }
    }
}

/// m2 taken apart.
#[derive(Clone, Copy, Debug, Default)]
pub struct MessageParts {
    /// The account that acts, 160 bits.
    pub address: Fr,
    /// Its nonce, 48 bits.
    pub nonce: Fr,
    /// Code of the kind, 8 bits.
    pub code: Fr,
    /// Token index.
    pub token: Fr,
}

impl MessageParts {
    /// Of a number that has the four parts.
    #[must_use]
    pub fn of(m2: Fr) -> Self {
        let (rest, address) = halves(m2, 160);
        let (rest, nonce) = halves(rest, 48);
        let (token, code) = halves(rest, 8);
        Self { address, nonce, code, token }
    }
}

/// An operation record as the table holds it.
#[derive(Clone, Debug, Default)]
pub struct RecordFacts {
    /// Slot that sends it.
    pub slot: u64,
    /// Its kind.
    pub kind: Option<Kind>,
    /// m2 of the slot.
    pub parts: MessageParts,
    /// Indices of the accounts that the slot calls sender and receiver.
    pub indices: [Fr; 2],
    /// Amount field.
    pub amount: Fr,
    /// Fee token field.
    pub fee_token: Fr,
    /// Recipient field.
    pub recipient: Fr,
    /// Key field.
    pub key: [Fr; 2],
}

impl RecordFacts {
    /// Whether the record names the sender's index, and whether the receiver's.
    #[must_use]
    pub fn indexed(&self) -> [bool; 2] {
        let of_sender = matches!(self.kind, Some(Kind::Withdraw | Kind::RotateKey));
        [of_sender, self.kind == Some(Kind::SetKey)]
    }

    /// sponge(3, w0..w4): the id of the record's queue entry.
    #[must_use]
    pub fn id(&self) -> Fr {
        let p = &self.parts;
        let index: Fr = self.indexed().into_iter().zip(self.indices).filter(|(on, _)| *on).map(|(_, i)| i).sum();
        let w0 = p.code * pow2(232)
            + p.token * pow2(216)
            + index * pow2(184)
            + p.nonce * pow2(136)
            + self.amount * pow2(8);
        let w1 = self.fee_token * pow2(224) + p.address;
        let [x, y] = self.key.map(|coordinate| halves(coordinate, 136));
        let w2 = self.recipient + x.0 * pow2(120) + y.0;
        sponge(Tag::QueueEntry, &[w0, w1, w2, x.1, y.1])
    }
}

/// A creation, a new key, or an absence.
#[derive(Clone, Debug, Default)]
pub struct ChangeFacts {
    /// Laid out as unused, whatever it holds: never by an honest prover.
    pub idle: bool,
    /// Slot number.
    pub slot: u64,
    /// The three outcomes.
    pub created: bool,
    /// Key replaced.
    pub keyed: bool,
    /// Shown absent.
    pub absent: bool,
    /// The address is posted: a transfer created the account.
    pub posted: bool,
    /// The account before; address and index also where it is created or absent.
    pub account: Opening,
    /// The new key, (0, 0) if none.
    pub new_key: [Fr; 2],
    /// The account before the address in the list.
    pub predecessor: Opening,
    /// Static word of the sentinel at its turn.
    pub sentinel_static: Fr,
    /// The count at its turn.
    pub count: u128,
}

impl ChangeFacts {
    /// What an unused record holds: address 1 between itself and itself.
    #[must_use]
    pub fn unused() -> Self {
        let alone = |next| Opening { address: Fr::ONE, next, ..Opening::default() };
        Self { account: alone(Fr::ZERO), predecessor: alone(Fr::ONE), ..Self::default() }
    }
}

/// One slot.
#[derive(Clone, Debug)]
pub struct SlotFacts {
    /// None: inactive. A noop is a forced exit of nothing.
    pub kind: Option<Kind>,
    /// Creates the receiver's account.
    pub created: bool,
    /// A forced exit of an absent account.
    pub absent: bool,
    /// Token index.
    pub token: u16,
    /// Amount.
    pub amount: u128,
    /// The address the slot calls `to`.
    pub to: Fr,
    /// Recipient field of the record.
    pub recipient: Fr,
    /// New key, or slot and value of a write.
    pub arguments: [Fr; 2],
    /// m5 of the message.
    pub arguments_hash: Fr,
    /// What was in the storage slot that is written.
    pub storage_before: Fr,
    /// Signed gas limit.
    pub gas_limit: u32,
    /// Signed gas price.
    pub gas_price: u64,
    /// Signed validUntil.
    pub valid_until: u64,
    /// Position of the fee token in the list, for kinds with a fee.
    pub fee_choice: Option<usize>,
    /// The packed amount, for a transfer.
    pub packed: PackedFacts,
    /// The signature, for signed kinds.
    pub signature: Option<Signature>,
    /// The sender.
    pub sender: Opening,
    /// Its balance of the token.
    pub sender_token: u128,
    /// Its balance of the fee token, after the token moved.
    pub sender_fee_token: u128,
    /// The receiver: address, next and key after the slot, balance and nonce before.
    pub receiver: Opening,
    /// static of the receiver before the slot, where it asks for a record of change.
    pub receiver_static_before: Fr,
    /// Its balance of the token.
    pub receiver_token: Fr,
    /// Says the pair in force again: never by an honest prover.
    pub repeats_run: bool,
}

/// The tail.
#[derive(Clone, Debug, Default)]
pub struct TailFacts {
    /// static of the fee account.
    pub static_word: Fr,
    /// The fee account.
    pub account: Opening,
    /// Its balances of tokens 1 to 3.
    pub balances: [u128; 3],
}

/// All facts of a chunk.
#[derive(Clone, Debug)]
pub struct ChunkFacts {
    /// Header.
    pub header: HeaderFacts,
    /// One entry a slot of the shape.
    pub slots: Vec<SlotFacts>,
    /// Changes in slot order.
    pub changes: Vec<ChangeFacts>,
    /// Tail.
    pub tail: TailFacts,
}

impl ChunkFacts {
    /// Replays a witness; `slots` is the number of slots of the shape.
    #[must_use]
    pub fn replay(witness: &ChunkWitness, slots: usize) -> Self {
        let mut ledger = Ledger::new(witness);
        let mut changes = Vec::new();
        let mut list: Vec<SlotFacts> = Vec::with_capacity(slots);
        for (number, slot) in witness.slots.iter().enumerate() {
            let (facts, change) = ledger.slot(number as u64, slot);
            list.push(facts);
            changes.extend(change);
        }
        list.resize_with(slots, SlotFacts::inactive);
        let mut header = HeaderFacts { fee_account: witness.fee_account, ..HeaderFacts::default() };
        for (i, (token, price)) in witness.listed.iter().enumerate() {
            header.prices[i] = *price;
            if i > 0 {
                header.tokens[i - 1] = *token;
            }
        }
        let tail = ledger.tail(&header);
        Self { header, slots: list, changes, tail }
    }
}

impl SlotFacts {
    fn inactive() -> Self {
        Self {
            kind: None,
            created: false,
            absent: false,
            token: 0,
            amount: 0,
            to: Fr::ZERO,
            recipient: Fr::ZERO,
            arguments: [Fr::ZERO; 2],
            arguments_hash: Fr::ZERO,
            storage_before: Fr::ZERO,
            gas_limit: 0,
            gas_price: 0,
            valid_until: 0,
            fee_choice: None,
            packed: PackedFacts::default(),
            signature: None,
            // a key on the curve and not of small order, read by nobody
            sender: Opening { scheme: true, key: [BASE8.x, BASE8.y], ..Opening::default() },
            sender_token: 0,
            sender_fee_token: 0,
            receiver: Opening::default(),
            receiver_static_before: Fr::ZERO,
            receiver_token: Fr::ZERO,
            repeats_run: false,
        }
    }
}

/// The state as the replay sees it.
struct Ledger {
    accounts: BTreeMap<u32, AccountLeaf>,
    balances: BTreeMap<(u32, u16), u128>,
    storage: BTreeMap<(u32, u16), Fr>,
    prices: Vec<u64>,
    fees: [u128; 4],
}

impl Ledger {
    fn new(witness: &ChunkWitness) -> Self {
        Self {
            accounts: witness.accounts.clone(),
            balances: witness.balances.clone(),
            storage: witness.storage.clone(),
            prices: witness.listed.iter().map(|(_, price)| *price).collect(),
            fees: [0; 4],
        }
    }

    fn account(&self, index: u32) -> AccountLeaf {
        self.accounts.get(&index).cloned().unwrap_or_else(|| AccountLeaf::empty(Fr::ZERO))
    }

    fn balance(&self, index: u32, token: u16) -> u128 {
        self.balances.get(&(index, token)).copied().unwrap_or(0)
    }

    /// Adds to or takes from a balance, native or not; wraps where a witness is wrong.
    fn shift(&mut self, index: u32, token: u16, amount: u128, credit: bool) {
        let move_by = |v: u128| if credit { v.wrapping_add(amount) } else { v.wrapping_sub(amount) };
        if token == 0 {
            if let Some(leaf) = self.accounts.get_mut(&index) {
                leaf.balance = move_by(leaf.balance);
            }
        } else if amount > 0 {
            let value = self.balances.entry((index, token)).or_default();
            *value = move_by(*value);
        }
    }

    fn slot(&mut self, number: u64, w: &SlotWitness) -> (SlotFacts, Option<ChangeFacts>) {
        let mut f = SlotFacts::inactive();
        let (signed, keyed) = (w.kind.is_signed(), w.kind.sets_key());
        let forced = matches!(w.kind, Kind::Noop | Kind::ForcedExit);
        f.kind = Some(if forced { Kind::ForcedExit } else { w.kind });
        f.created = w.created;
        f.token = w.token;
        f.amount = w.amount;
        let present = self.accounts.get(&w.sender).is_some_and(|a| a.address == w.sender_address && w.sender != 0);
        f.absent = forced && !present;
        let (to, recipient) = match w.kind {
            Kind::Noop | Kind::ForcedExit => (w.sender_address.to_field(), w.to.to_field()),
            Kind::Deposit => (w.to.to_field(), w.sender_address.to_field()),
            Kind::Withdraw => (w.to.to_field(), w.to.to_field()),
            _ => (w.to.to_field(), Fr::ZERO),
        };
        f.to = to;
        f.recipient = recipient;
        f.arguments = match w.kind {
            Kind::SetStorage => w.data,
            _ if keyed => [w.key.0, w.key.1],
            _ => f.arguments,
        };
        if w.kind == Kind::SetStorage {
            let place = w.data[0].into_bigint().0[0] as u16;
            f.storage_before = self.storage.insert((w.sender, place), w.data[1]).unwrap_or_default();
        }
        if w.kind == Kind::LinkedTransfer {
            f.arguments_hash = w.data[0];
        } else if w.kind.has_arguments() {
            f.arguments_hash = poseidon5(&[f.arguments[0], f.arguments[1], Fr::ZERO, Fr::ZERO, Fr::ZERO]);
        }
        if signed {
            (f.gas_limit, f.gas_price, f.valid_until) = (w.gas_limit, w.gas_price, w.valid_until);
            f.fee_choice = Some(usize::from(w.fee_slot));
            f.signature = w.signature;
            self.take(w, &mut f);
        }
        if w.kind.is_transfer() {
            f.packed = PackedFacts::of(w.amount);
        }
        let change = self.give(number, w, &mut f, to, keyed);
        if !signed {
            f.sender = self.stand_in(w, &f);
            f.sender_token = if f.token == 0 { 0 } else { f.amount };
        }
        (f, change)
    }

    /// The sender that a slot opens which nobody signs: one that acts, and has the amount.
    fn stand_in(&self, w: &SlotWitness, f: &SlotFacts) -> Opening {
        let nonce = if w.kind == Kind::SetKey { f.receiver.nonce + 1 } else { 1 };
        let balance = if f.token == 0 { f.amount } else { 0 };
        Opening { address: f.to, nonce, balance, ..SlotFacts::inactive().sender }
    }

    /// The sender's side.
    fn take(&mut self, w: &SlotWitness, f: &mut SlotFacts) {
        f.sender = Opening::of(w.sender, &self.account(w.sender));
        f.sender_token = if w.token == 0 { 0 } else { self.balance(w.sender, w.token) };
        self.shift(w.sender, w.token, w.amount, false);
        f.sender_fee_token = if w.fee_token == 0 { 0 } else { self.balance(w.sender, w.fee_token) };
        let creates = w.created && w.kind.is_transfer();
        let choice = usize::from(w.fee_slot).min(3);
        let price = self.prices.get(choice).copied().unwrap_or(0);
        let fee = u128::from(w.kind.units(creates)) * u128::from(price);
        self.shift(w.sender, w.fee_token, fee, false);
        self.fees[choice] += fee;
        if let Some(leaf) = self.accounts.get_mut(&w.sender) {
            leaf.nonce += 1;
        }
    }

    /// The receiver's side, and the change of its static word if there is one.
    fn give(&mut self, number: u64, w: &SlotWitness, f: &mut SlotFacts, to: Fr, keyed: bool) -> Option<ChangeFacts> {
        let index = match w.kind {
            Kind::SetKey | Kind::RotateKey | Kind::Noop | Kind::ForcedExit if !f.absent => w.sender,
            Kind::Transfer | Kind::LinkedTransfer | Kind::Deposit | Kind::RegisterKey => w.receiver,
            _ => 0,
        };
        let opened = !matches!(w.kind, Kind::Withdraw | Kind::SetStorage) && !f.absent;
        let before = self.account(index);
        f.receiver = if opened { Opening::of(index, &before) } else { Opening::default() };
        f.receiver.address = to;
        f.receiver_token = if opened && w.token != 0 { self.balance(index, w.token).into() } else { Fr::ZERO };
        let mut change = ChangeFacts {
            slot: number,
            created: w.created,
            keyed,
            absent: f.absent,
            posted: w.created && w.kind.is_transfer(),
            account: f.receiver.clone(),
            new_key: if keyed { f.arguments } else { [Fr::ZERO; 2] },
            ..ChangeFacts::default()
        };
        if w.created || f.absent {
            let predecessor = self.account(w.predecessor);
            change.predecessor = Opening::of(w.predecessor, &predecessor);
            change.account.next = if w.created { predecessor.next_address } else { Fr::ZERO };
            f.receiver.next = change.account.next;
        } else {
            // no neighbour is read: they equal the address
            change.predecessor = Opening { address: to, next: to, ..Opening::default() };
        }
        if w.created {
            self.create(w, to, change.account.next, &mut change);
        }
        if opened {
            if let Some(leaf) = self.accounts.get_mut(&index) {
                if keyed {
                    (leaf.scheme, leaf.key) = (1, w.key);
                }
                if w.kind == Kind::SetKey {
                    leaf.nonce += 1;
                }
            }
            if w.kind.is_transfer() || w.kind == Kind::Deposit {
                self.shift(index, w.token, w.amount, true);
            }
            if w.kind == Kind::ForcedExit {
                self.shift(index, w.token, w.amount, false);
            }
        }
        // read only where a record of change is asked for
        f.receiver_static_before = match (w.created || keyed, f.absent) {
            (true, _) => static_word(&before),
            (_, true) => poseidon2::hash(1, &[to, f.receiver.next, Fr::ZERO, Fr::ZERO]),
            _ => Fr::ZERO,
        };
        if keyed {
            (f.receiver.scheme, f.receiver.key) = (true, f.arguments);
        }
        (w.created || keyed || f.absent).then_some(change)
    }

    fn create(&mut self, w: &SlotWitness, to: Fr, next: Fr, change: &mut ChangeFacts) {
        if let Some(leaf) = self.accounts.get_mut(&w.predecessor) {
            leaf.next_address = to;
        }
        let sentinel = self.account(0);
        change.sentinel_static = static_word(&sentinel);
        change.count = sentinel.balance;
        if let Some(leaf) = self.accounts.get_mut(&0) {
            leaf.balance += 1;
        }
        if let Some(leaf) = self.accounts.get_mut(&w.receiver) {
            leaf.address = w.to;
            leaf.next_address = next;
        }
    }

    fn tail(&self, header: &HeaderFacts) -> TailFacts {
        let collects = self.fees.iter().any(|f| *f > 0);
        let mut tail = TailFacts::default();
        if collects {
            let leaf = self.account(header.fee_account);
            tail.static_word = static_word(&leaf);
            tail.account = Opening::of(header.fee_account, &leaf);
            for i in 0..3 {
                if self.fees[i + 1] > 0 {
                    tail.balances[i] = self.balance(header.fee_account, header.tokens[i]);
                }
            }
        }
        tail
    }
}
