//! Everything the prover needs about one chunk except the challenge z: the public values in and out, the slots in
//! order, and the pre-state of every leaf and node that the chunk touches.
//!
//! What it is not: an assignment of cells. The circuit replays the slots over the pre-state and derives the rest, so a
//! wrong witness leads to violated constraints, never to a panic.
//!
//! | kind | sender | receiver | predecessor, created | sender_address | to |
//! |---|---|---|---|---|---|
//! | transfer | sender | recipient (new index if created) | of the new account, if created | sender | recipient |
//! | linked_transfer | as transfer | | | | |
//! | withdraw | sender | 0 | 0 | sender | L1 recipient |
//! | set_key, rotate_key | account | 0 | 0 | account | account |
//! | set_storage | sender | 0 | 0 | sender | account |
//! | deposit | 0 | credited | of the new account, if created | depositor (refund) | credited |
//! | register_key | 0 | account | of the new account, if created | zero | account |
//! | forced_exit | account | 0 | 0 | account | owner paid on L1 |
//! | noop, account absent | 0 | 0 | the account proving absence, created = false | account | owner |
//! | noop, nothing to pay | account | 0 | 0 | account | owner |

use std::collections::BTreeMap;

use crate::parameters::{Kind, LISTED_TOKENS};
use crate::primitives::{Address, DecodeError, Fr, Reader, Writer};

pub use crate::state::AccountLeaf;

/// Version of the byte form.
pub const WITNESS_VERSION: u16 = 1;

/// An EdDSA signature as field elements; S is below the subgroup order, hence below r.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The point R8.
    pub r8: (Fr, Fr),
    /// The scalar S as an integer below the subgroup order.
    pub s: Fr,
}

/// One executed item. The table in the module doc says what each kind puts in which field; what a kind does not use is 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotWitness {
    /// What the item did (a forced exit that paid nothing is a [`Kind::Noop`]).
    pub kind: Kind,
    /// Account index of the sender.
    pub sender: u32,
    /// Account index of the credited account.
    pub receiver: u32,
    /// Account index of the list predecessor, for a creation or a proof of absence.
    pub predecessor: u32,
    /// True when the item created `receiver`.
    pub created: bool,
    /// Address of the sender.
    pub sender_address: Address,
    /// Recipient, credited account or owner.
    pub to: Address,
    /// Token index of the amount.
    pub token: u16,
    /// Token index of the fee.
    pub fee_token: u16,
    /// Position of the fee token in the chunk's list.
    pub fee_slot: u8,
    /// Amount in the token's smallest unit; what is paid, for a forced exit.
    pub amount: u128,
    /// Nonce that was signed, for user kinds.
    pub nonce: u64,
    /// Gas limit that was signed.
    pub gas_limit: u32,
    /// Gas price that was signed.
    pub gas_price: u64,
    /// Last second at which the signature is valid, 0 for ever.
    pub valid_until: u64,
    /// The new key, for set_key, rotate_key and register_key.
    pub key: (Fr, Fr),
    /// (slot, value), for set_storage; (group, 0), for linked_transfer.
    pub data: [Fr; 2],
    /// The EdDSA signature, for the kinds that are signed by one.
    pub signature: Option<Signature>,
    /// Transaction id, or id of the queue entry.
    pub id: Fr,
}

/// All that is known of one sealed chunk but z. Public values carry `docs/spec/batch.md`'s names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChunkWitness {
    /// Message part m1, the domain of chain and rollup.
    pub domain: Fr,
    /// Time of the chunk in unix seconds.
    pub time: u64,
    /// Index of the account that is credited the fees.
    pub fee_account: u32,
    /// Listed fee tokens and prices; entry 0 is native, unlisted entries are (0, 0) and come last.
    pub listed: [(u16, u64); LISTED_TOKENS],
    /// Entries of `listed` in use, at least 1.
    pub listed_count: u8,
    /// First sequence number of the batch.
    pub batch_first: u64,
    /// Sequence number of the first slot.
    pub sequence_in: u64,
    /// Queue position before the chunk.
    pub queue_in: u64,
    /// State root before the chunk.
    pub root_in: Fr,
    /// State root after the chunk, fee step included.
    pub root_out: Fr,
    /// Root of the batch's id tree before the chunk.
    pub id_root_in: Fr,
    /// Root of the batch's id tree after the chunk.
    pub id_root_out: Fr,
    /// Digest of the transaction stream before the chunk.
    pub tx_c_in: Fr,
    /// Digest of the transaction stream after the chunk.
    pub tx_c_out: Fr,
    /// Digest of the operation stream before the chunk.
    pub op_c_in: Fr,
    /// Digest of the operation stream after the chunk.
    pub op_c_out: Fr,
    /// Horner value of the transaction stream before the chunk; 0 in the first chunk of a batch.
    pub tx_y_in: Fr,
    /// Horner value of the operation stream before the chunk; 0 in the first chunk of a batch.
    pub op_y_in: Fr,
    /// The executed items in order.
    pub slots: Vec<SlotWitness>,
    /// Pre-state leaf of every account touched, by index: parties, predecessors, new indices (as empty leaves), the
    /// fee account and the sentinel (both always).
    pub accounts: BTreeMap<u32, AccountLeaf>,
    /// Pre-state value of every balance leaf touched, by (account, token); token 0 never occurs. The fee account's
    /// balance of every listed token but native is always there.
    pub balances: BTreeMap<(u32, u16), u128>,
    /// Pre-state value of every storage leaf touched, by (account, slot).
    pub storage: BTreeMap<(u32, u16), Fr>,
    /// Pre-state hashes of the four children of every node on the path of a touched leaf, by (tree, level, position).
    pub nodes: BTreeMap<(u64, u8, u64), [Fr; 4]>,
    /// The same for the id tree of the batch, by (level, position).
    pub id_nodes: BTreeMap<(u8, u64), [Fr; 4]>,
}

impl ChunkWitness {
    /// The chunk in which nothing happens, on the root 0: what a circuit is compiled from.
    #[must_use]
    pub fn empty() -> Self {
        let zero = Fr::default();
        Self {
            domain: zero,
            time: 0,
            fee_account: 0,
            listed: [(0, 0); LISTED_TOKENS],
            listed_count: 1,
            batch_first: 0,
            sequence_in: 0,
            queue_in: 0,
            root_in: zero,
            root_out: zero,
            id_root_in: zero,
            id_root_out: zero,
            tx_c_in: zero,
            tx_c_out: zero,
            op_c_in: zero,
            op_c_out: zero,
            tx_y_in: zero,
            op_y_in: zero,
            slots: Vec::new(),
            accounts: BTreeMap::new(),
            balances: BTreeMap::new(),
            storage: BTreeMap::new(),
            nodes: BTreeMap::new(),
            id_nodes: BTreeMap::new(),
        }
    }

    /// The versioned byte form, big endian, maps in key order.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut w = Writer::default();
        w.raw(MAGIC).u16(WITNESS_VERSION).field(&self.domain).u64(self.time).u32(self.fee_account);
        for (token, price) in self.listed {
            w.u16(token).u64(price);
        }
        w.u8(self.listed_count).u64(self.batch_first).u64(self.sequence_in).u64(self.queue_in);
        for x in self.elements() {
            w.field(x);
        }
        w.count(self.slots.len());
        self.slots.iter().for_each(|slot| write_slot(&mut w, slot));
        w.count(self.accounts.len());
        for (index, leaf) in &self.accounts {
            w.u32(*index);
            write_leaf(&mut w, leaf);
        }
        w.count(self.balances.len());
        for ((index, token), value) in &self.balances {
            w.u32(*index).u16(*token).u128(*value);
        }
        w.count(self.storage.len());
        for ((index, slot), value) in &self.storage {
            w.u32(*index).u16(*slot).field(value);
        }
        w.count(self.nodes.len());
        for ((tree, level, position), children) in &self.nodes {
            w.u64(*tree).u8(*level).u64(*position);
            children.iter().for_each(|c| _ = w.field(c));
        }
        w.count(self.id_nodes.len());
        for ((level, position), children) in &self.id_nodes {
            w.u8(*level).u64(*position);
            children.iter().for_each(|c| _ = w.field(c));
        }
        w.finish()
    }

    fn elements(&self) -> [&Fr; 10] {
        [
            &self.root_in,
            &self.root_out,
            &self.id_root_in,
            &self.id_root_out,
            &self.tx_c_in,
            &self.tx_c_out,
            &self.op_c_in,
            &self.op_c_out,
            &self.tx_y_in,
            &self.op_y_in,
        ]
    }

    /// Reads the byte form.
    ///
    /// # Errors
    /// [`DecodeError`] when a length, a value, the order of a map or the version differs from the form.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut r = Reader::new("chunk witness", bytes);
        let magic = r.array::<4>()?;
        if &magic != MAGIC {
            return Err(DecodeError::value("witness magic", "l2cw", String::from_utf8_lossy(&magic)));
        }
        let version = r.u16()?;
        if version != WITNESS_VERSION {
            return Err(DecodeError::value("witness version", WITNESS_VERSION, version));
        }
        let (domain, time, fee_account) = (r.field()?, r.u64()?, r.u32()?);
        let mut listed = [(0, 0); LISTED_TOKENS];
        for entry in &mut listed {
            *entry = (r.u16()?, r.u64()?);
        }
        let witness = Self {
            domain,
            time,
            fee_account,
            listed,
            listed_count: r.u8()?,
            batch_first: r.u64()?,
            sequence_in: r.u64()?,
            queue_in: r.u64()?,
            root_in: r.field()?,
            root_out: r.field()?,
            id_root_in: r.field()?,
            id_root_out: r.field()?,
            tx_c_in: r.field()?,
            tx_c_out: r.field()?,
            op_c_in: r.field()?,
            op_c_out: r.field()?,
            tx_y_in: r.field()?,
            op_y_in: r.field()?,
            slots: read_slots(&mut r)?,
            accounts: read_map(&mut r, 211, |r| Ok((r.u32()?, read_leaf(r)?)))?,
            balances: read_map(&mut r, 22, |r| Ok(((r.u32()?, r.u16()?), r.u128()?)))?,
            storage: read_map(&mut r, 38, |r| Ok(((r.u32()?, r.u16()?), r.field()?)))?,
            nodes: read_map(&mut r, 145, |r| Ok(((r.u64()?, r.u8()?, r.u64()?), read_children(r)?)))?,
            id_nodes: read_map(&mut r, 137, |r| Ok(((r.u8()?, r.u64()?), read_children(r)?)))?,
        };
        r.end()?;
        Ok(witness)
    }
}

const MAGIC: &[u8; 4] = b"l2cw";

fn write_leaf(w: &mut Writer, leaf: &AccountLeaf) {
    w.address(leaf.address).u8(leaf.scheme).field(&leaf.next_address).field(&leaf.key.0).field(&leaf.key.1);
    w.u128(leaf.balance).u48(leaf.nonce).u32(leaf.flags).field(&leaf.balances_root).field(&leaf.storage_root);
}

fn read_leaf(r: &mut Reader<'_>) -> Result<AccountLeaf, DecodeError> {
    Ok(AccountLeaf {
        address: r.address()?,
        scheme: r.u8()?,
        next_address: r.field()?,
        key: (r.field()?, r.field()?),
        balance: r.u128()?,
        nonce: r.u48()?,
        flags: r.u32()?,
        balances_root: r.field()?,
        storage_root: r.field()?,
    })
}

fn write_slot(w: &mut Writer, slot: &SlotWitness) {
    w.u8(slot.kind.code()).u32(slot.sender).u32(slot.receiver).u32(slot.predecessor).bool(slot.created);
    w.address(slot.sender_address).address(slot.to).u16(slot.token).u16(slot.fee_token).u8(slot.fee_slot);
    w.u128(slot.amount).u48(slot.nonce).u32(slot.gas_limit).u64(slot.gas_price).u64(slot.valid_until);
    w.field(&slot.key.0).field(&slot.key.1).field(&slot.data[0]).field(&slot.data[1]);
    w.bool(slot.signature.is_some());
    if let Some(signature) = &slot.signature {
        w.field(&signature.r8.0).field(&signature.r8.1).field(&signature.s);
    }
    w.field(&slot.id);
}

fn read_slots(r: &mut Reader<'_>) -> Result<Vec<SlotWitness>, DecodeError> {
    (0..r.count(SLOT_MIN_BYTES)?).map(|_| read_slot(r)).collect()
}

/// Bytes of a slot without a signature.
const SLOT_MIN_BYTES: usize = 14 + 45 + 42 + 128 + 1 + 32;

fn read_slot(r: &mut Reader<'_>) -> Result<SlotWitness, DecodeError> {
    let code = r.u8()?;
    let kind = Kind::try_from(code).map_err(|e| DecodeError::value("kind", "a code in 0..=9", e.0))?;
    Ok(SlotWitness {
        kind,
        sender: r.u32()?,
        receiver: r.u32()?,
        predecessor: r.u32()?,
        created: r.bool()?,
        sender_address: r.address()?,
        to: r.address()?,
        token: r.u16()?,
        fee_token: r.u16()?,
        fee_slot: r.u8()?,
        amount: r.u128()?,
        nonce: r.u48()?,
        gas_limit: r.u32()?,
        gas_price: r.u64()?,
        valid_until: r.u64()?,
        key: (r.field()?, r.field()?),
        data: [r.field()?, r.field()?],
        signature: if r.bool()? { Some(Signature { r8: (r.field()?, r.field()?), s: r.field()? }) } else { None },
        id: r.field()?,
    })
}

fn read_children(r: &mut Reader<'_>) -> Result<[Fr; 4], DecodeError> {
    Ok([r.field()?, r.field()?, r.field()?, r.field()?])
}

fn read_map<K: Ord, V>(
    r: &mut Reader<'_>,
    each: usize,
    mut entry: impl FnMut(&mut Reader<'_>) -> Result<(K, V), DecodeError>,
) -> Result<BTreeMap<K, V>, DecodeError> {
    let n = r.count(each)?;
    let mut map = BTreeMap::new();
    for i in 0..n {
        let (key, value) = entry(r)?;
        if map.last_key_value().is_some_and(|(last, _)| *last >= key) {
            return Err(DecodeError::value("map", "strictly increasing keys", format!("disorder at entry {i}")));
        }
        map.insert(key, value);
    }
    Ok(map)
}
