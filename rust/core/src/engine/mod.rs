//! One rollup in one object: state, position and the open chunk, with marks to return to. Bytes in, bytes out; this is
//! what crosses the seam (`docs/seam.md`).
//!
//! What it is not: a node. It journals nothing, reads no clock and decides nothing about order.

pub mod json;
mod groups;
mod marks;
mod snapshot;

use rayon::prelude::*;

use crate::batch::{Capacity, Chunk, SealedChunk};
use crate::da::{self, Position, Replayed};
use crate::parameters::RECORD_BYTES;
use crate::primitives::{Address, Fr};
use crate::processor::{self, group, Chain, ChunkContext, Fault, Item, Transaction, Verified, INTAKE_BYTES};
use crate::state::{Account, AccountProof, LeafProof, State};

use groups::{Accepted, Group};
use marks::Marks;

/// A rollup's state and where it stands.
pub struct Engine {
    chain: Chain,
    state: State,
    position: Position,
    chunk: Option<Chunk>,
    marks: Marks,
    capacity: Capacity,
}

/// What became of one item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Sequence number, when accepted.
    pub sequence: Option<u64>,
    /// Transaction id or id of the queue entry; 0 when the item has no readable form.
    pub id: Fr,
    /// Why it was refused.
    pub fault: Option<Fault>,
    /// The operation record with its outcome, for operations.
    pub record: Option<[u8; RECORD_BYTES]>,
}

impl Engine {
    /// An engine at genesis: only the sentinel.
    #[must_use]
    pub fn genesis(chain_id: u64, rollup: Address) -> Self {
        Self::at(Chain::new(chain_id, rollup), State::genesis(), Position::default())
    }

    fn at(chain: Chain, state: State, position: Position) -> Self {
        Self { chain, state, position, chunk: None, marks: Marks::default(), capacity: Capacity::leaf() }
    }

    /// The same engine with another shape of chunks.
    #[must_use]
    pub fn with_capacity(self, capacity: Capacity) -> Self {
        Self { capacity, ..self }
    }

    /// Chain and rollup.
    #[must_use]
    pub const fn chain(&self) -> &Chain {
        &self.chain
    }

    /// The state.
    #[must_use]
    pub const fn state(&self) -> &State {
        &self.state
    }

    /// Sequence number of the next item.
    #[must_use]
    pub fn sequence(&self) -> u64 {
        self.position.sequence + self.chunk.as_ref().map_or(0, |c| c.executions().len() as u64)
    }

    /// Queue position of the next entry.
    #[must_use]
    pub fn queue_position(&self) -> u64 {
        let open = self.chunk.iter().flat_map(|c| c.executions()).filter(|e| e.kind.is_queue()).count();
        self.position.queue + open as u64
    }

    /// Reads raw requests in parallel; see [`processor::decode`].
    #[must_use]
    pub fn decode(&self, requests: &[&[u8]], tokens: &[Address]) -> Vec<Result<[u8; INTAKE_BYTES], Fault>> {
        requests.par_iter().map(|request| Ok(processor::decode(request, tokens)?.to_bytes())).collect()
    }

    /// Ids of intake records, in parallel.
    ///
    /// # Errors
    /// `malformed` for the first record that is none.
    pub fn transaction_ids(&self, records: &[&[u8]]) -> Result<Vec<Fr>, Fault> {
        records.par_iter().map(|bytes| Ok(Transaction::from_bytes(bytes)?.id(&self.chain))).collect()
    }

    /// The check at intake of each record, in parallel, against the present state.
    #[must_use]
    pub fn check(&self, records: &[&[u8]]) -> Vec<Result<(), Fault>> {
        let check = |bytes: &&[u8]| {
            let transaction = Transaction::from_bytes(bytes)?;
            if !self.capacity.proves(transaction.kind) {
                let (expected, got) = ("a kind it proves", format!("{:?}", transaction.kind));
                return Err(Fault::compared("unsupported_kind", "the circuit has no such kind", expected, got));
            }
            processor::check(&self.chain, &self.state, &transaction)
        };
        records.par_iter().map(check).collect()
    }

    /// Opens a chunk. `prices` lists (fee token, price), native first.
    ///
    /// # Errors
    /// `not_ready` when one is open, `malformed` for unordered prices.
    pub fn begin_chunk(&mut self, time: u64, fee_account: u32, prices: &[(u16, u64)]) -> Result<(), Fault> {
        if self.chunk.is_some() {
            return Err(Fault::compared("not_ready", "a chunk is open", "a closed chunk", "an open one"));
        }
        if self.marks.is_empty() {
            self.state.forget(self.state.mark());
        }
        let context = ChunkContext::new(time, fee_account, prices)?;
        self.chunk = Some(Chunk::open(&mut self.state, context, self.capacity));
        Ok(())
    }

    /// Offers items in order: 221-byte intake records or 150-byte queue records. Once one does not fit, it and all that
    /// follow come back with `chunk_full`; once a queue record is refused, the queue records that follow come back with
    /// `queue_order`. The members of a group are taken together or refused together: the one that fails with its own
    /// fault, the others with `group_failed`; members that are not in their place in a whole group with `incomplete_group`.
    ///
    /// # Errors
    /// `not_ready` when no chunk is open.
    pub fn apply(&mut self, items: &[&[u8]]) -> Result<Vec<Outcome>, Fault> {
        let Some(chunk) = self.chunk.as_mut() else { return Err(no_chunk()) };
        let (chain, state) = (&self.chain, &self.state);
        let prepared: Vec<Prepared> = items.par_iter().map(|bytes| prepare(chain, state, bytes)).collect();
        let first = self.position.sequence;
        let (mut full, mut stuck) = (None::<Fault>, false);
        let mut outcomes = Vec::with_capacity(items.len());
        while let Some(next) = prepared.get(outcomes.len()) {
            let rest = &prepared[outcomes.len()..];
            let group = groups::leading(chain, rest);
            let taken = &rest[..group.members()];
            let is_queue = matches!(next.item, Ok(Item::Queue(_)));
            let sequence = first + chunk.executions().len() as u64;
            let results = match (&full, &next.item) {
                (Some(fault), _) => taken.iter().map(|_| Err(fault.clone())).collect(),
                (None, Ok(_)) if is_queue && stuck => {
                    let message = "an earlier queue entry was refused, so this one cannot follow";
                    vec![Err(Fault::new("queue_order", message))]
                }
                (None, Ok(item)) => match group {
                    Group::None => {
                        vec![chunk
                            .apply(&self.chain, &mut self.state, &self.position.ids, item, next.verified.as_ref())
                            .map(Accepted::of)]
                    }
                    Group::Whole(_) => groups::apply(chunk, &self.chain, &mut self.state, &self.position.ids, taken),
                    Group::Stray(got) => taken.iter().map(|_| Err(group::incomplete(got))).collect(),
                },
                (None, Err(fault)) => vec![Err(fault.clone())],
            };
            for (k, (result, prepared)) in (0u64..).zip(results.into_iter().zip(taken)) {
                outcomes.push(match result {
                    Ok(Accepted { id, record }) => Outcome { sequence: Some(sequence + k), id, fault: None, record },
                    Err(fault) => {
                        if fault.code == "chunk_full" {
                            full = Some(fault.clone());
                        }
                        stuck |= is_queue;
                        Outcome { sequence: None, id: prepared.id, fault: Some(fault), record: None }
                    }
                });
            }
        }
        Ok(outcomes)
    }

    /// Checks that transactions are one whole group, in its order.
    ///
    /// # Errors
    /// `malformed` for a record that is none, `incomplete_group`.
    pub fn check_group(&self, records: &[&[u8]]) -> Result<(), Fault> {
        let members: Vec<Transaction> = records.iter().map(|bytes| Transaction::from_bytes(bytes)).collect::<Result<_, _>>()?;
        group::check(&self.chain, &members.iter().collect::<Vec<_>>())
    }

    /// Closes and seals the open chunk; with `ends_batch` the next chunk starts a new batch.
    ///
    /// # Errors
    /// `not_ready` when no chunk is open.
    pub fn end_chunk(&mut self, ends_batch: bool) -> Result<SealedChunk, Fault> {
        let chunk = self.chunk.take().ok_or_else(no_chunk)?;
        let closed = chunk.close(&mut self.state);
        let sealed = da::seal(&self.chain, &mut self.position, closed)?;
        if ends_batch {
            self.position.end_batch();
        }
        Ok(sealed)
    }

    /// The state root, the open chunk's items included, its fee step not.
    pub fn root(&mut self) -> Fr {
        self.state.root()
    }

    /// The account of an address, with its index.
    #[must_use]
    pub fn account(&self, address: Address) -> Option<(u32, &Account)> {
        let index = self.state.index_of(address)?;
        Some((index, self.state.account(index)?))
    }

    /// A balance; 0 for an address without account.
    #[must_use]
    pub fn balance(&self, address: Address, token: u16) -> u128 {
        self.state.index_of(address).map_or(0, |index| self.state.balance(index, token))
    }

    /// A storage value; 0 for an address without account.
    #[must_use]
    pub fn storage(&self, address: Address, slot: u16) -> Fr {
        self.state.index_of(address).map_or_else(Fr::default, |index| self.state.storage(index, slot))
    }

    /// A proof of an account (or of its absence) and of one token balance and storage slot, with the root it is for.
    pub fn prove(&mut self, address: Address, token: Option<u16>, slot: Option<u16>) -> (Fr, AccountProof) {
        (self.state.root(), self.state.prove(address, token, slot))
    }

    /// A token balance of an account with its path; of token 0, whose place stays empty, too.
    pub fn prove_balance(&mut self, index: u32, token: u16) -> LeafProof {
        self.state.prove_balance(index, token)
    }

    /// Applies one batch of data; see [`da::replay()`]. The position moves past it.
    ///
    /// # Errors
    /// `not_ready` inside a chunk or batch, `malformed` or the refusal of an item; nothing has changed then.
    pub fn replay(&mut self, transactions: &[u8], operations: &[u8]) -> Result<Replayed, Fault> {
        if self.chunk.is_some() || self.position.ids.count() != 0 {
            return Err(Fault::new("not_ready", "a batch is being built; data is replayed between batches"));
        }
        if self.marks.is_empty() {
            self.state.forget(self.state.mark());
        }
        let done = da::replay(&mut self.state, transactions, operations).map_err(|error| match error {
            da::ReplayError::Refused { fault, .. } => fault,
            da::ReplayError::Malformed(_) => Fault::new("malformed", error.to_string()),
        })?;
        self.position.sequence += done.items;
        self.position.queue += done.queue_entries;
        self.position.end_batch();
        Ok(done)
    }

    /// Rebuilds every hash from the leaves and compares.
    ///
    /// # Errors
    /// `storage_corrupt` naming the first difference.
    pub fn audit(&mut self) -> Result<(), Fault> {
        self.state.audit().map_err(|e| Fault::new("storage_corrupt", e.to_string()))
    }
}

fn no_chunk() -> Fault {
    Fault::compared("not_ready", "no chunk is open", "an open chunk", "none")
}

struct Prepared {
    item: Result<Item, Fault>,
    id: Fr,
    verified: Option<Verified>,
}

/// Reads an item and, for EdDSA kinds, verifies its signature under the key the sender has now; the serial part only
/// verifies again when the key has changed in between.
fn prepare(chain: &Chain, state: &State, bytes: &[u8]) -> Prepared {
    let item = Item::from_bytes(bytes);
    let (id, verified) = match &item {
        Ok(Item::Transaction(t)) => {
            let id = t.id(chain);
            (id, processor::verify_signature(state, t, id))
        }
        Ok(Item::Queue(record)) => (record.id(), None),
        Err(_) => (Fr::default(), None),
    };
    Prepared { item, id, verified }
}
