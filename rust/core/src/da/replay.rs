//! Rebuilding the state from one batch of data: what `state reconstruct` runs, and what a node re-checks itself with.
//!
//! No signature, nonce of a transfer or id is in the data, so none is checked here; the proof showed them. What the data
//! does say is checked strictly, and a batch that does not apply leaves the state as it was.

use ark_ff::AdditiveGroup;
use thiserror::Error;

use super::decode::{DataItem, Decoder};
use super::digest::{chain_digest, words_of};
use crate::batch::chunk::check_fee_account;
use crate::batch::sealed::Payment;
use crate::bridge::{Body, Record};
use crate::parameters::{Kind, RECORD_BYTES};
use crate::primitives::{DecodeError, Fr};
use crate::processor::fees::FeeSums;
use crate::processor::{self, has_next_nonce, ChunkContext, Execution, Fault, Item};
use crate::state::State;

/// Why a batch of data does not apply.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ReplayError {
    /// Bytes that no encoder writes.
    #[error("malformed data: {0}")]
    Malformed(#[from] DecodeError),
    /// A well-formed item that the state refuses.
    #[error("item {item} does not apply: {fault}")]
    Refused {
        /// Position in the batch, from 0.
        item: u64,
        /// The reason.
        fault: Fault,
    },
}

/// What one batch of data did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replayed {
    /// Root before.
    pub old_root: Fr,
    /// Root after.
    pub new_root: Fr,
    /// Digest of the transaction stream.
    pub tx_c: Fr,
    /// Digest of the operation stream.
    pub op_c: Fr,
    /// Items executed.
    pub items: u64,
    /// Queue entries consumed.
    pub queue_entries: u64,
    /// Chunks in the batch.
    pub chunks: u64,
    /// Payments on L1 in stream order.
    pub payments: Vec<Payment>,
}

/// Applies one batch of data to the state.
///
/// # Errors
/// [`ReplayError`]; the state is then as before.
pub fn replay(state: &mut State, transactions: &[u8], operations: &[u8]) -> Result<Replayed, ReplayError> {
    let mark = state.mark();
    let old_root = state.root();
    let mut run = Run { state, operations, done: Replayed::new(old_root) };
    let result = run.batch(transactions);
    let mut done = run.done;
    match result {
        Ok(()) => {
            done.new_root = state.root();
            Ok(done)
        }
        Err(error) => {
            // The mark was taken above, so it is retained.
            let _ = state.rewind(mark);
            Err(error)
        }
    }
}

impl Replayed {
    fn new(old_root: Fr) -> Self {
        Self {
            old_root,
            new_root: old_root,
            tx_c: Fr::ZERO,
            op_c: Fr::ZERO,
            items: 0,
            queue_entries: 0,
            chunks: 0,
            payments: Vec::new(),
        }
    }
}

struct Run<'a> {
    state: &'a mut State,
    operations: &'a [u8],
    done: Replayed,
}

impl Run<'_> {
    fn batch(&mut self, transactions: &[u8]) -> Result<(), ReplayError> {
        let mut rest = transactions;
        while !rest.is_empty() {
            let operations = self.operations;
            let used = self.chunk(rest)?;
            let (chunk, after) = rest.split_at(used);
            let consumed = &operations[..operations.len() - self.operations.len()];
            self.done.tx_c = chain_digest(&self.done.tx_c, &words_of(chunk)?);
            self.done.op_c = chain_digest(&self.done.op_c, &words_of(consumed)?);
            self.done.chunks += 1;
            rest = after;
        }
        if !self.operations.is_empty() {
            let got = format!("{} bytes without marker", self.operations.len());
            return Err(DecodeError::value("operation stream", "one marker a record", got).into());
        }
        Ok(())
    }

    fn chunk(&mut self, bytes: &[u8]) -> Result<usize, ReplayError> {
        let mut decoder = Decoder::new(bytes)?;
        let context = decoder.context;
        let mut fees = FeeSums::default();
        while let Some(item) = decoder.next(self.state.count())? {
            let execution = self.plan(&context, item)?;
            fees.check_room(self.state, &context, &execution).map_err(|fault| self.refuse(fault))?;
            processor::apply(self.state, &execution)
                .map_err(|e| self.refuse(Fault::new("state_full", e.to_string())))?;
            fees.add(&execution);
            if matches!(execution.kind, Kind::Withdraw | Kind::ForcedExit) {
                let (token, amount, recipient) = (execution.token, execution.amount, execution.to);
                self.done.payments.push(Payment { token, amount, recipient });
            }
            self.done.items += 1;
            self.done.queue_entries += u64::from(execution.kind.is_queue());
        }
        let used = decoder.finish()?;
        // as in the circuit, the account need only exist when the chunk ends
        if fees.0.iter().any(|sum| *sum > 0) {
            check_fee_account(self.state, context.fee_account).map_err(|fault| self.refuse(fault))?;
        }
        fees.apply(self.state, &context);
        Ok(used)
    }

    fn refuse(&self, fault: Fault) -> ReplayError {
        ReplayError::Refused { item: self.done.items, fault }
    }

    fn plan(&mut self, context: &ChunkContext, item: DataItem) -> Result<Execution, ReplayError> {
        let planned = match item {
            DataItem::Transfer { sender, receiver, creates, token, fee_token, amount } => {
                let mut e = Execution { sender, receiver, token, fee_token, amount, ..Execution::new(Kind::Transfer) };
                if let Some(address) = creates {
                    (e.created, e.to) = (true, address);
                }
                self.check_user(context, e)
            }
            DataItem::SetStorage { sender, slot, value, fee_token } => {
                let data = [Fr::from(slot), value];
                self.check_user(context, Execution { sender, fee_token, data, ..Execution::new(Kind::SetStorage) })
            }
            DataItem::Operation => {
                let record = self.next_record()?;
                self.plan_operation(context, &record)
            }
        };
        planned.map_err(|fault| self.refuse(fault))
    }

    fn next_record(&mut self) -> Result<Record, DecodeError> {
        let got = self.operations.len();
        let (bytes, rest) = self.operations.split_at_checked(RECORD_BYTES).ok_or(DecodeError::Length {
            what: "operation stream",
            expected: RECORD_BYTES,
            got,
        })?;
        self.operations = rest;
        Record::from_bytes(bytes)
    }

    fn plan_operation(&self, context: &ChunkContext, record: &Record) -> Result<Execution, Fault> {
        let state = &*self.state;
        match record.kind {
            Kind::Withdraw | Kind::SetKey | Kind::RotateKey => {
                let sender = state.account(record.index).filter(|_| record.index != 0);
                let (expected, got) = ((record.address, record.nonce), sender.map(|a| (a.address, a.nonce)));
                if got != Some(expected) {
                    let (expected, got) = (format!("{expected:?}"), format!("{got:?}"));
                    return Err(Fault::compared(
                        "unknown_account",
                        "the record's sender is not at its index",
                        expected,
                        got,
                    ));
                }
                let mut e = Execution {
                    sender: record.index,
                    sender_address: record.address,
                    token: record.token,
                    fee_token: record.fee_token,
                    amount: record.amount,
                    nonce: record.nonce,
                    ..Execution::new(record.kind)
                };
                match record.body {
                    Body::Recipient(to) if to.is_reserved() || record.amount == 0 => {
                        let (expected, got) = ("> 0, >= 2^16", format!("{}, {to}", record.amount));
                        let message = "a withdrawal pays something to somebody";
                        return Err(Fault::compared("zero_amount", message, expected, got));
                    }
                    Body::Recipient(to) => e.to = to,
                    Body::Key(x, y) => {
                        processor::check_key((x, y))?;
                        e.key = (x, y);
                    }
                }
                self.check_user(context, e)
            }
            _ => {
                let planned = self.plan_queue(record)?;
                if planned.record != Some(*record) {
                    let (expected, got) = (format!("{:?}", planned.record), format!("{record:?}"));
                    return Err(Fault::compared("queue_order", "the outcome is not the state's", expected, got));
                }
                Ok(planned)
            }
        }
    }

    fn plan_queue(&self, record: &Record) -> Result<Execution, Fault> {
        let request = record.request();
        match Item::from_bytes(&request.to_bytes())? {
            Item::Queue(request) => processor::plan_queue(self.state, &request),
            Item::Transaction(_) => Err(Fault::new("malformed", "not a queue record")),
        }
    }

    /// Parties exist, the fee token is listed, balances cover and hold, a created address is free.
    fn check_user(&self, context: &ChunkContext, mut e: Execution) -> Result<Execution, Fault> {
        let count = self.state.count();
        let sender = self.state.account(e.sender).filter(|a| e.sender != 0 && has_next_nonce(a.nonce));
        if sender.is_none() {
            return Err(Fault::compared("unknown_account", "no such sender", format!("1..{count}"), e.sender));
        }
        if e.kind == Kind::Transfer && !e.created && (e.receiver == 0 || u64::from(e.receiver) >= count) {
            return Err(Fault::compared("unknown_account", "no such receiver", format!("1..={count}"), e.receiver));
        }
        if e.created && (e.to.is_reserved() || self.state.index_of(e.to).is_some()) {
            return Err(Fault::compared("reserved_address", "cannot be created", "an address without account", e.to));
        }
        let Some(slot) = context.fee_slot(e.fee_token) else {
            let expected = format!("{:?}", context.listed);
            return Err(Fault::compared("fee_token_not_listed", "the fee token is not listed", expected, e.fee_token));
        };
        e.fee_slot = slot;
        e.fee = u128::from(e.kind.units(e.created)) * u128::from(context.listed[usize::from(slot)].1);
        processor::check_cover(self.state, e.sender, (e.token, e.amount), (e.fee_token, e.fee))?;
        if e.kind == Kind::Transfer && e.receiver != e.sender {
            processor::check_credit(self.state, e.receiver, e.token, e.amount)?;
        }
        Ok(e)
    }
}
