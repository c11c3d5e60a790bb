"""The node's chain of blocks on disk: appending one, rebuilding the engine from snapshot and journal, voiding a tail.

This is where crash safety lives: a block, its receipts, its items and the batch it may end are one synced write, and
everything in memory can be rebuilt from the store and the snapshots.
"""

from __future__ import annotations

import time

from l2rollup.errors import StorageCorrupt
from l2rollup.native import INTAKE_BYTES, QUEUE_BYTES, Engine
from l2rollup.node.context import Context, OpenBatch
from l2rollup.node.status import PENDING_KEY, set_batch, set_item
from l2rollup.processor import PoolTransaction, parse_intake
from l2rollup.storage import (
    Batch,
    BatchRecord,
    BlockRecord,
    Family,
    ItemRecord,
    JournalRecord,
    ReasonRecord,
    ReceiptRecord,
    Store,
    to_entry_key,
)
from l2rollup.types import Kind, Status

WITNESS_KEY = "witness/"
FINAL_KEY = "final"


def recover(context: Context) -> None:
    """Sets the engine, the open batch, the pool and the batches in flight to what the store says.

    Raises StorageCorrupt when the journal does not reproduce the roots it recorded.
    """
    context.generation += 1
    store = context.store
    last = store.last(Family.JOURNAL, JournalRecord)
    context.last_block = store.last(Family.BLOCKS, BlockRecord)
    newest = store.last(Family.BATCHES, BatchRecord)
    context.last_batch = newest.batch_id if newest else 0
    context.last_batch_time = newest.time if newest else 0
    context.last_batch_block = newest.block_hash if newest else bytes(32)
    context.snapshots.drop_after(context.last_batch)
    base = context.snapshots.newest(context.last_batch)
    if base is None:
        raise StorageCorrupt("no snapshot", expected="genesis at least", got=str(context.snapshots.ids()))
    context.engine = context.native.Engine.restore(context.snapshots.load(base))
    context.open_batch = None
    first = _first_block_after(context, base)
    if last is not None:
        for record in store.scan(Family.JOURNAL, JournalRecord, first):
            replay_block(context.engine, record)
            _follow(context, record)
    context.batches = {
        record.batch_id: record
        for record in store.scan(Family.BATCHES, BatchRecord, _first_open(context))
        if record.status != Status.FINAL
    }
    _refill_pool(context)


def replay_block(engine: Engine, record: JournalRecord) -> None:
    """Executes a journalled block again and compares. Raises StorageCorrupt on any difference."""
    if record.start is not None:
        start = record.start
        engine.begin_chunk(start.time, start.fee_account, [(fee.token, fee.price) for fee in start.prices])
    for item, outcome in zip(record.items, engine.apply(record.items), strict=True):
        if not outcome.accepted:
            code = outcome.fault.code if outcome.fault else "no fault"
            raise StorageCorrupt("journalled item is refused", expected=f"block {record.number} as journalled",
                                 got=f"{code} for {item[:8].hex()}..")  # fmt: skip
    root = engine.end_chunk().new_root if record.ends_batch else bytes(32)
    found = (engine.sequence, engine.queue_position, root)
    expected = (record.end_sequence, record.queue_position, record.root)
    if found != expected:
        raise StorageCorrupt("journal does not reproduce its block", expected=str(expected), got=str(found))


def void_from(context: Context, writes: Batch, first_void: int) -> None:
    """Voids blocks >= first_void: their user transactions wait again, their queue entries are reverted (and
    confirmed again when L1 still has them and they are executed anew).

    Adds to the caller's synced write, after which the caller calls `recover`; so does a restart after a crash between.
    """
    store = context.store
    for record in list(store.scan(Family.JOURNAL, JournalRecord, first_void)):
        writes.delete(Family.JOURNAL, record.number)
        writes.delete(Family.BLOCKS, record.number)
        for key in to_item_keys(record):
            item = store.get(Family.ITEMS, key, ItemRecord)
            if item is not None and item.status == Status.CONFIRMED:
                _void_item(item)
                writes.delete(Family.RECEIPTS, item.key)
                set_item(writes, item, Status.PENDING if item.queue_index is None else Status.REVERTED)
    for batch in list(store.scan(Family.BATCHES, BatchRecord, _first_open(context))):
        if batch.last_block >= first_void:
            writes.delete(Family.BATCHES, batch.batch_id)
            writes.delete(Family.META, f"{WITNESS_KEY}{batch.batch_id}")


def store_block(
    context: Context, block: BlockRecord, journal: JournalRecord, items: list[ItemRecord],
    receipts: list[ReceiptRecord], extra: list[tuple[ItemRecord, Status]], batch: BatchRecord | None, witness: bytes,
    links: list[tuple[str, bytes]],
) -> None:  # fmt: skip
    """Writes a block durably in one synced batch: journal, header, confirmed items, receipts, and the batch it ends.

    extra: items with another fate in this block (rejected), reason already set. links: META keys that lead from
    withdrawals (batch, index) and L1 requests (transaction, id) to the item's key.
    """
    with context.store.batch(sync=True) as writes:
        writes.put(Family.JOURNAL, journal.number, journal)
        writes.put(Family.BLOCKS, block.number, block)
        for item, receipt in zip(items, receipts, strict=True):
            set_item(writes, item, Status.CONFIRMED)
            writes.put(Family.RECEIPTS, item.key, receipt)
        for item, status in extra:
            set_item(writes, item, status, reason=item.reason)
        for name, key in links:
            writes.put(Family.META, name, key)
        if batch is not None:
            set_batch(writes, batch, Status.SEALED)
            writes.put(Family.META, f"{WITNESS_KEY}{batch.batch_id}", witness)


def read_blocks(store: Store, batch: BatchRecord) -> list[JournalRecord]:
    """Returns the journalled blocks of a batch, in order."""
    count = batch.last_block - batch.first_block + 1
    return list(store.scan(Family.JOURNAL, JournalRecord, batch.first_block, count))


def to_item_keys(record: JournalRecord) -> list[bytes]:
    """Returns the keys in `items` of what a block executed, in order."""
    is_entry = [len(item) == QUEUE_BYTES for item in record.items]
    index = record.queue_position - sum(is_entry)
    keys: list[bytes] = []
    for id_, entry in zip(record.ids, is_entry, strict=True):
        keys.append(to_entry_key(index, id_) if entry else id_)
        index += entry
    return keys


def _void_item(item: ItemRecord) -> None:
    item.block = item.sequence = item.batch_id = item.withdrawal = None
    item.times.pop(Status.CONFIRMED, None)


def _first_open(context: Context) -> int:
    """Returns the id of the oldest batch that may not be final."""
    return (context.store.get(Family.META, FINAL_KEY, int) or 0) + 1


def _first_block_after(context: Context, batch_id: int) -> int:
    if batch_id == 0:
        return 0
    record = context.store.get(Family.BATCHES, batch_id, BatchRecord)
    if record is None:
        raise StorageCorrupt("snapshot of an unknown batch", expected=f"batch {batch_id} stored", got="none")
    return record.last_block + 1


def _follow(context: Context, record: JournalRecord) -> None:
    if record.start is not None:
        context.open_batch = OpenBatch(record.batch_id, record.start, record.number, 0, time.monotonic())
    if context.open_batch is not None:
        context.open_batch.items += len(record.items)
        context.open_batch.withdrawals += sum(
            len(item) == INTAKE_BYTES and item[0] == Kind.WITHDRAW for item in record.items
        )
    if record.ends_batch:
        context.open_batch = None


def _refill_pool(context: Context) -> None:
    """Puts stored pending transactions into the pool again, lowest nonces first, groups whole; a second one of a nonce
    is dropped, and a group with it."""
    waiting = {
        item.id: item
        for id_ in context.store.scan_prefix(Family.META, PENDING_KEY, bytes)
        if (item := context.store.get(Family.ITEMS, id_, ItemRecord)) is not None
    }
    superseded: list[ItemRecord] = []
    seen: set[bytes] = set()
    for item in sorted(waiting.values(), key=lambda item: parse_intake(item.record).nonce):
        if item.id in seen:
            continue
        members = [waiting[id_] for id_ in item.group or [item.id] if id_ in waiting]
        seen.update(member.id for member in members)
        is_whole = len(members) == len(item.group or [item.id])
        if not is_whole or not context.pool.restore([_to_pool(context, member) for member in members]):
            superseded += members
    if superseded:
        with context.store.batch() as writes:
            for item in superseded:
                reason = ReasonRecord("replaced", "another transaction took its nonce, or one of its group's")
                set_item(writes, item, Status.DROPPED, reason=reason)


def _to_pool(context: Context, item: ItemRecord) -> PoolTransaction:
    intake = parse_intake(item.record)
    return PoolTransaction(item.id, item.record, intake, context.fees.to_native(intake.fee_token, intake.gas_price))
