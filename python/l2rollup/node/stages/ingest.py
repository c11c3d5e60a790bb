"""Ingest: what L1 says. Queue entries, tokens, claims and mined batches go to the store; reorgs take them out again."""

from __future__ import annotations

from collections.abc import Callable

from l2rollup.bridge import encode_deposit, encode_forced_exit, encode_register_key, roll_queue_hash
from l2rollup.errors import Halted, L1Reorg
from l2rollup.l1 import (
    BatchCommitted,
    BatchesReverted,
    BatchFinalized,
    Block,
    DepositQueued,
    EscapeActivated,
    Event,
    ForcedExitQueued,
    KeyQueued,
    NewBlock,
    Reorg,
    TokenRegistered,
    Watcher,
    WithdrawalClaimed,
    confirmed_head,
)
from l2rollup.node.chain import FINAL_KEY, recover, void_from
from l2rollup.node.context import Context
from l2rollup.node.covers import read_bond
from l2rollup.node.outbox import COMMIT, SENT_KEY
from l2rollup.node.stages.base import Rewind
from l2rollup.node.status import fall_back
from l2rollup.node.tokens import TokenBook
from l2rollup.storage import (
    Batch,
    BatchRecord,
    Family,
    ItemRecord,
    JournalRecord,
    L1BlockRecord,
    PaidRecord,
    QueueRecord,
    RevertRecord,
)
from l2rollup.types import Status

KEEP_BLOCKS = 4096
"""L1 blocks kept for finding a common ancestor; no reorg is deeper than finality."""

WITHDRAWAL_KEY = "withdrawal/"
REQUEST_KEY = "request/"
COMMIT_KEY = "commit/"
FINALIZE_KEY = "finalize/"
PAID_KEY = "paid/"
REVERT_KEY = "revert/"


class Ingest:
    """Follows L1 with the watcher. `on_rewind` is called under the lock after a reorg has been undone here."""

    name = "ingest"

    def __init__(self, context: Context, on_rewind: Callable[[Rewind], None]) -> None:
        self._context = context
        self._on_rewind = on_rewind
        self.tokens = TokenBook(context.store)
        self._watcher = self._open_watcher()
        tip = self._watcher.tip
        if tip is not None:
            context.l1_tip, context.l1_time = tip.number, tip.time
        context.bond = read_bond(context)

    def advance(self) -> bool:
        """Reads new L1 blocks into the store; returns whether there were any."""
        context = self._context
        try:
            updates = self._watcher.poll()
            for update in updates:
                with context.lock:
                    if isinstance(update, Reorg):
                        self._undo(update.ancestor)
                    else:
                        self._store(update)
        except BaseException:
            # The watcher may be ahead of the store now; what is stored is what counts.
            self._watcher = self._open_watcher()
            raise
        tip = self._watcher.tip
        if updates:
            context.bond = read_bond(context)
        if tip is not None:
            head = confirmed_head(context.client, tip.number, context.config.confirmations)
            with context.lock:
                head = max(head, context.credited_head)
                context.l1_tip, context.l1_time = tip.number, tip.time
                if head != context.credited_head or updates:
                    context.credited_head = head
                    context.tokens = self.tokens.confirmed(head)
        return bool(updates)

    def rewind(self, to: Rewind) -> None:
        """Nothing to forget: the reorg was found and undone here."""

    def _open_watcher(self) -> Watcher:
        context = self._context
        known = [
            Block(r.number, r.hash, r.parent, r.time) for r in context.store.scan(Family.L1_BLOCKS, L1BlockRecord)
        ]
        return Watcher(
            context.client, context.config.rollup, context.contract.decode,
            start=context.config.start_block, known=known,
        )  # fmt: skip

    def _store(self, update: NewBlock) -> None:
        block = update.block
        with self._context.store.batch() as writes:
            stored = L1BlockRecord(block.number, block.hash, block.parent, block.time)
            writes.put(Family.L1_BLOCKS, block.number, stored)
            if block.number >= KEEP_BLOCKS:
                writes.delete(Family.L1_BLOCKS, block.number - KEEP_BLOCKS)
            queue = _QueueTail(self._context)
            for event, where in update.events:
                self._store_event(writes, queue, event, where)
        self.tokens.load()

    def _store_event(self, writes: Batch, queue: _QueueTail, event: Event, block: Block) -> None:
        match event:
            case DepositQueued():
                record = encode_deposit(event.token, event.amount, event.account, event.depositor)
                queue.append(writes, event.index, record, block, event.transaction)
            case KeyQueued():
                record = encode_register_key(event.account, event.x, event.y)
                queue.append(writes, event.index, record, block, event.transaction)
            case ForcedExitQueued():
                record = encode_forced_exit(event.token, event.account)
                queue.append(writes, event.index, record, block, event.transaction)
            case TokenRegistered():
                self.tokens.add(writes, event.index, event.address, block.number)
            case BatchCommitted():
                writes.put(Family.META, f"{COMMIT_KEY}{event.batch_id}", event.transaction)
            case BatchFinalized():
                writes.put(Family.META, f"{FINALIZE_KEY}{event.batch_id}", event.transaction)
            case BatchesReverted():
                self._take_back(writes, event.first, block)
            case EscapeActivated():
                self._context.halted = f"escape is open on L1, with the state of batch {event.state_batch}"
            case WithdrawalClaimed():
                self._mark_paid(writes, event, block)

    def _take_back(self, writes: Batch, first: int, block: Block) -> None:
        """A challenge was not answered: the batches are executed again and wait to be committed, byte for byte.

        What L1 held is kept beside, for the case that L1 loses the block that reverted it.
        """
        for record in self._context.batches.values():
            key = f"{COMMIT_KEY}{record.batch_id}"
            transaction = self._context.store.get(Family.META, key, str)
            if record.batch_id >= first and transaction is not None:
                name = f"{REVERT_KEY}{block.number}/{record.batch_id}"
                writes.put(Family.META, name, RevertRecord(block.number, record.batch_id, transaction))
                writes.delete(Family.META, key)
                fall_back(writes, record, Status.EXECUTED)
        # A transaction that was mined and undone is not under way; what is counted as a reorg makes publish look again.
        writes.delete(Family.META, f"{SENT_KEY}{COMMIT}")
        self._context.reorgs += 1

    def _undo_reverts(self, writes: Batch, ancestor: int) -> None:
        """Commits whose revert L1 has lost count again, unless L1 has lost them too: publish finds out."""
        for undone in self._context.store.scan_prefix(Family.META, REVERT_KEY, RevertRecord):
            if undone.block > ancestor:
                writes.delete(Family.META, f"{REVERT_KEY}{undone.block}/{undone.batch_id}")
                writes.put(Family.META, f"{COMMIT_KEY}{undone.batch_id}", undone.transaction)

    def _mark_paid(self, writes: Batch, event: WithdrawalClaimed, block: Block) -> None:
        name = f"{event.batch_id}/{event.index}"
        key = self._context.store.get(Family.META, f"{WITHDRAWAL_KEY}{name}", bytes)
        item = self._context.store.get(Family.ITEMS, key, ItemRecord) if key else None
        if item is not None:
            item.paid_tx = event.transaction
            item.times[Status.PAID] = float(block.time)
            writes.put(Family.ITEMS, item.key, item)
            writes.put(Family.META, f"{PAID_KEY}{name}", PaidRecord(block.number, item.key))

    def _undo_paid(self, writes: Batch, ancestor: int) -> None:
        """Takes back the claims of L1 blocks that are gone."""
        for paid in self._context.store.scan_prefix(Family.META, PAID_KEY, PaidRecord):
            item = self._context.store.get(Family.ITEMS, paid.item, ItemRecord) if paid.block > ancestor else None
            if item is not None:
                item.paid_tx = None
                item.times.pop(Status.PAID, None)
                writes.put(Family.ITEMS, item.key, item)

    def _undo(self, ancestor: int) -> None:
        context, store = self._context, self._context.store
        context.reorgs += 1
        kept = store.get(Family.L1_BLOCKS, ancestor, L1BlockRecord) if ancestor >= 0 else None
        gone = [r.index for r in store.scan(Family.DEPOSITS, QueueRecord) if r.block > ancestor]
        first_void = self._first_void(min(gone)) if gone else None
        self._check_not_final(first_void)
        with store.batch(sync=True) as writes:
            for record in list(store.scan(Family.L1_BLOCKS, L1BlockRecord, max(0, ancestor + 1))):
                writes.delete(Family.L1_BLOCKS, record.number)
            for index in gone:
                writes.delete(Family.DEPOSITS, index)
            self.tokens.undo(writes, ancestor)
            self._undo_batches(writes, ancestor)
            self._undo_reverts(writes, ancestor)
            self._undo_paid(writes, ancestor)
            if first_void is not None:
                void_from(context, writes, first_void)
        self.tokens.load()
        # Before the lock is released: a batch that took its time from a block that is gone could not be committed.
        context.l1_tip, context.l1_time = (kept.number, kept.time) if kept is not None else (-1, 0)
        context.credited_head = min(context.credited_head, ancestor)
        context.tokens = self.tokens.confirmed(context.credited_head)
        if first_void is not None:
            recover(context)
        self._on_rewind(Rewind(ancestor, first_void is not None))

    def _undo_batches(self, writes: Batch, ancestor: int) -> None:
        for record in self._context.batches.values():
            is_committed = record.commit_block is not None and record.commit_block <= ancestor
            is_finalized = record.finalize_block is not None and record.finalize_block <= ancestor
            if not is_finalized:
                writes.delete(Family.META, f"{FINALIZE_KEY}{record.batch_id}")
            if not is_committed:
                writes.delete(Family.META, f"{COMMIT_KEY}{record.batch_id}")
                fall_back(writes, record, Status.EXECUTED)
            elif not is_finalized and record.finalize_block is not None:
                fall_back(writes, record, Status.PROVEN)

    def _check_not_final(self, first_void: int | None) -> None:
        """Raises Halted, before anything is changed, when blocks of a batch that L1 had finalised would be voided."""
        store = self._context.store
        final = store.get(Family.META, FINAL_KEY, int)
        record = store.get(Family.BATCHES, final, BatchRecord) if final else None
        if record is not None and first_void is not None and first_void <= record.last_block:
            self._context.halted = "L1 has taken back blocks it had finalised"
            raise Halted(self._context.halted, expected=f"entries of batch {final} to stay", got="a reorg below them")

    def _first_void(self, gone_index: int) -> int | None:
        """Returns the first block that consumed a queue entry >= gone_index, or None."""
        for record in self._context.store.scan(Family.JOURNAL, JournalRecord):
            if record.queue_position > gone_index:
                return record.number
        return None


class _QueueTail:
    """Appends queue entries in order and computes the rolling hash of docs/spec/data.md."""

    def __init__(self, context: Context) -> None:
        last = context.store.last(Family.DEPOSITS, QueueRecord)
        self._next = last.index + 1 if last else 0
        self._hash = last.queue_hash if last else bytes(32)

    def append(self, writes: Batch, index: int, record: bytes, block: Block, transaction: str) -> None:
        """Stores the entry. Raises Halted when L1's queue has a gap, L1Reorg when the entry is known already."""
        if index < self._next:
            raise L1Reorg("queue entry was read before", expected=str(self._next), got=str(index))
        if index > self._next:
            raise Halted("queue entry is missing", expected=str(self._next), got=str(index))
        self._hash = roll_queue_hash(self._hash, record, block.parent)
        writes.put(Family.DEPOSITS, index, QueueRecord(
            index, record, self._hash, block.number, block.hash, transaction,
        ))  # fmt: skip
        self._next += 1
