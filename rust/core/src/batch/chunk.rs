//! A chunk being built: items are planned, checked against the capacity, applied, and remembered with the pre-state of
//! what they touch.
//!
//! An item that does not fit is refused with `chunk_full` and changes nothing. What it is not: encoded; closing gives a
//! [`ClosedChunk`], from which [`crate::da`] makes the streams.

use super::capacity::Capacity;
use super::ids::IdTree;
use super::runs::Runs;
use super::touched::Touched;
use crate::parameters::{Kind, HEADER_WORDS};
use crate::primitives::Fr;
use crate::processor::fees::FeeSums;
use crate::processor::{self, Chain, ChunkContext, Execution, Fault, Item, Touches, Verified};
use crate::state::State;

/// An open chunk.
#[derive(Clone, Debug)]
pub struct Chunk {
    context: ChunkContext,
    capacity: Capacity,
    root_in: Fr,
    executions: Vec<Execution>,
    fees: FeeSums,
    touched: Touched,
    runs: Runs,
    data_slots: usize,
    operations: usize,
    changes: usize,
    arguments: usize,
    writes: usize,
    queue_entries: u64,
}

/// A chunk whose fee step is done.
#[derive(Clone, Debug)]
pub struct ClosedChunk {
    /// Header values.
    pub context: ChunkContext,
    /// Root before.
    pub root_in: Fr,
    /// Root after.
    pub root_out: Fr,
    /// Accepted items in order.
    pub executions: Vec<Execution>,
    /// Pre-state of what was touched.
    pub touched: Touched,
    /// Queue entries consumed.
    pub queue_entries: u64,
}

/// Words of a transaction stream with so many data slots.
#[must_use]
pub const fn stream_words(data_slots: usize) -> usize {
    HEADER_WORDS + (2 * data_slots).div_ceil(5)
}

impl Chunk {
    /// Opens a chunk on a state. The fee account need not exist until a fee is collected: the first account of a chain
    /// enters in a chunk that names it.
    #[must_use]
    pub fn open(state: &mut State, context: ChunkContext, capacity: Capacity) -> Self {
        let fee_account = context.fee_account;
        let root_in = state.root();
        let mut touched = Touched::default();
        let listed = &context.listed[1..usize::from(context.listed_count)];
        touched.add(
            state,
            &Touches {
                accounts: vec![0, fee_account],
                balances: listed.iter().filter(|_| fee_account != 0).map(|(token, _)| (fee_account, *token)).collect(),
                storage: Vec::new(),
            },
        );
        Self {
            context,
            capacity,
            root_in,
            executions: Vec::new(),
            fees: FeeSums::default(),
            touched,
            runs: Runs::default(),
            data_slots: 0,
            operations: 0,
            changes: 0,
            arguments: 0,
            writes: 0,
            queue_entries: 0,
        }
    }

    /// What the header fixes.
    #[must_use]
    pub const fn context(&self) -> &ChunkContext {
        &self.context
    }

    /// Items accepted so far.
    #[must_use]
    pub fn executions(&self) -> &[Execution] {
        &self.executions
    }

    /// Plans an item, and takes and applies it if it fits. `ids` is the batch's id tree before this chunk.
    ///
    /// # Errors
    /// The first failing rule, or `chunk_full`; nothing has changed then.
    pub fn apply(
        &mut self,
        chain: &Chain,
        state: &mut State,
        ids: &IdTree,
        item: &Item,
        verified: Option<&Verified>,
    ) -> Result<&Execution, Fault> {
        let execution = processor::plan(chain, &self.context, state, item, verified)?;
        self.take(state, ids, execution)
    }

    /// Takes all members of a group in their order, or none of them. Whether they are a whole group the caller has checked.
    ///
    /// # Errors
    /// The place of the member that fails, and the rule; nothing has changed then.
    pub fn apply_group(
        &mut self,
        chain: &Chain,
        state: &mut State,
        ids: &IdTree,
        members: &[(&Item, Option<&Verified>)],
    ) -> Result<Vec<&Execution>, (usize, Fault)> {
        let (before, mark) = (self.clone(), state.mark());
        for (place, (item, verified)) in members.iter().enumerate() {
            if let Err(fault) = self.apply(chain, state, ids, item, *verified) {
                // the journal holds what a chunk does, so the mark is retained
                state.rewind(mark).map_err(|e| (place, Fault::new("storage_corrupt", e.to_string())))?;
                *self = before;
                return Err((place, fault));
            }
        }
        Ok(self.executions[self.executions.len() - members.len()..].iter().collect())
    }

    /// Takes an execution that was planned on this state.
    ///
    /// # Errors
    /// `unsupported_kind`, `unknown_account` for a fee without fee account, `amount_too_large`, `chunk_full` or `state_full`; nothing has
    /// changed then.
    pub fn take(&mut self, state: &mut State, ids: &IdTree, execution: Execution) -> Result<&Execution, Fault> {
        self.check_provable(state, &execution)?;
        let (slots, runs) = self.runs.count(&execution);
        let changes = self.changes + usize::from(execution.is_change());
        full("changes", self.capacity.changes, changes)?;
        let arguments = self.arguments + usize::from(execution.kind.has_arguments());
        full("arguments", self.capacity.arguments, arguments)?;
        let writes = self.writes + usize::from(execution.kind == Kind::SetStorage);
        full("writes", self.capacity.writes, writes)?;
        let operations = self.operations + usize::from(execution.kind.is_operation());
        self.check_counts(ids, self.data_slots + slots, operations)?;
        let added = self.touched.add(state, &execution.touches());
        let applied = self
            .check_touched()
            .and_then(|()| processor::apply(state, &execution).map_err(|e| Fault::new("state_full", e.to_string())));
        if let Err(fault) = applied {
            self.touched.remove(&added);
            return Err(fault);
        }
        self.fees.add(&execution);
        (self.runs, self.operations, self.changes) = (runs, operations, changes);
        (self.arguments, self.writes) = (arguments, writes);
        self.data_slots += slots;
        self.queue_entries += u64::from(execution.kind.is_queue());
        let at = self.executions.len();
        self.executions.push(execution);
        Ok(&self.executions[at])
    }

    /// The circuit has the kind, a fee has an account to go to, and the fee step will fit its balance.
    fn check_provable(&self, state: &State, execution: &Execution) -> Result<(), Fault> {
        if !self.capacity.proves(execution.kind) {
            let message = "the circuit of this shape has no such kind";
            return Err(Fault::compared(
                "unsupported_kind",
                message,
                "a kind it proves",
                format!("{:?}", execution.kind),
            ));
        }
        let fee_account = self.context.fee_account;
        if execution.fee != 0 {
            check_fee_account(state, fee_account)?;
        }
        self.fees.check_room(state, &self.context, execution)
    }

    fn check_counts(&self, ids: &IdTree, data_slots: usize, operations: usize) -> Result<(), Fault> {
        let items = self.executions.len() + 1;
        full("slots", self.capacity.slots, items)?;
        full("transaction words", self.capacity.transaction_words, stream_words(data_slots))?;
        full("operations", self.capacity.operations, operations)?;
        full("id nodes", self.capacity.id_nodes, ids.touched_nodes(items as u64))?;
        if !ids.has_room(items as u64) {
            return Err(Fault::new("chunk_full", "the batch has no room for another id"));
        }
        Ok(())
    }

    fn check_touched(&self) -> Result<(), Fault> {
        let touched = &self.touched;
        full("account leaves", self.capacity.account_leaves, touched.accounts.len())?;
        full("balance leaves", self.capacity.balance_leaves, touched.balances.len() + touched.storage.len())?;
        full("nodes", self.capacity.nodes, touched.nodes.len())
    }

    /// The fee step, and the root after it.
    #[must_use]
    pub fn close(self, state: &mut State) -> ClosedChunk {
        self.fees.apply(state, &self.context);
        ClosedChunk {
            context: self.context,
            root_in: self.root_in,
            root_out: state.root(),
            executions: self.executions,
            touched: self.touched,
            queue_entries: self.queue_entries,
        }
    }
}

/// The account that fees go to exists.
///
/// # Errors
/// `unknown_account`.
pub fn check_fee_account(state: &State, index: u32) -> Result<(), Fault> {
    if index != 0 && u64::from(index) < state.count() {
        return Ok(());
    }
    let expected = format!("an index in 1..{}", state.count());
    Err(Fault::compared("unknown_account", "the fee account does not exist", expected, index))
}

fn full(what: &str, capacity: usize, needed: usize) -> Result<(), Fault> {
    if needed <= capacity {
        return Ok(());
    }
    Err(Fault::compared("chunk_full", format!("the chunk has no room: {what}"), format!("<= {capacity}"), needed))
}

impl ClosedChunk {
    /// Payments on L1 in stream order, by token index.
    pub fn withdrawals(&self) -> impl Iterator<Item = &Execution> {
        self.executions.iter().filter(|e| matches!(e.kind, Kind::Withdraw | Kind::ForcedExit))
    }
}
