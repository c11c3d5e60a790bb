"""The one place that writes the status of an item or a batch, and the table of moves that are allowed.

An item's stored status is what only the node decides (pending, confirmed, rejected, dropped, reverted); once its batch
is sealed, what a reader sees is derived from the batch, so no batch step rewrites its items.
"""

from __future__ import annotations

import time

from l2rollup.bridge import parse_operations
from l2rollup.errors import Halted
from l2rollup.processor import parse_intake
from l2rollup.storage import Batch, BatchRecord, Family, ItemRecord, ReasonRecord, Store
from l2rollup.types import Kind, Status

PENDING_KEY = "pending/"
"""META keys of the items that wait, so that a restart finds them without reading all items."""

ITEM_MOVES: dict[str | None, tuple[Status, ...]] = {
    None: (Status.PENDING, Status.CONFIRMED),
    Status.PENDING: (Status.CONFIRMED, Status.REJECTED, Status.DROPPED),
    Status.CONFIRMED: (Status.PENDING, Status.REVERTED),
    Status.REJECTED: (Status.PENDING, Status.CONFIRMED),
    Status.DROPPED: (Status.PENDING, Status.CONFIRMED),
    Status.REVERTED: (Status.PENDING, Status.CONFIRMED),
}
BATCH_MOVES: dict[str | None, tuple[Status, ...]] = {
    None: (Status.SEALED,),
    Status.SEALED: (Status.EXECUTED,),
    Status.EXECUTED: (Status.PUBLISHED,),
    Status.PUBLISHED: (Status.PROVEN, Status.EXECUTED),
    Status.PROVEN: (Status.SETTLED, Status.EXECUTED),
    Status.SETTLED: (Status.FINAL, Status.PROVEN, Status.EXECUTED),
    Status.FINAL: (),
}
BATCH_ORDER = (
    Status.SEALED, Status.EXECUTED, Status.PUBLISHED, Status.PROVEN, Status.SETTLED, Status.FINAL,
)  # fmt: skip


def set_item(batch: Batch, item: ItemRecord, status: Status, *, reason: ReasonRecord | None = None) -> None:
    """Moves an item and stores it with the batch of writes. Raises Halted on a move the table lacks."""
    old = item.status or None
    if old != status and status not in ITEM_MOVES.get(old, ()):
        raise Halted("item may not move", expected=f"one of {ITEM_MOVES.get(old)}", got=f"{old} -> {status}")
    item.status = status
    item.reason = reason
    item.times[status] = time.time()
    batch.put(Family.ITEMS, item.key, item)
    if status is Status.PENDING:
        batch.put(Family.META, f"{PENDING_KEY}{item.id.hex()}", item.id)
    else:
        batch.delete(Family.META, f"{PENDING_KEY}{item.id.hex()}")


def set_batch(batch: Batch, record: BatchRecord, status: Status) -> None:
    """Moves a batch and stores it; a move backwards forgets the times of the states it leaves."""
    old = record.status or None
    if status not in BATCH_MOVES.get(old, ()):
        raise Halted("batch may not move", expected=f"one of {BATCH_MOVES.get(old)}", got=f"{old} -> {status}")
    record.status = status
    record.times[status] = time.time()
    for later in BATCH_ORDER[BATCH_ORDER.index(status) + 1 :]:
        record.times.pop(later, None)
    batch.put(Family.BATCHES, record.batch_id, record)


def fall_back(batch: Batch, record: BatchRecord, status: Status) -> None:
    """Moves a batch back to `status` (executed or proven) because L1 no longer holds what made it more."""
    record.finalize_tx = record.finalize_block = record.finalize_gas = None
    if status is Status.EXECUTED:
        record.commit_tx = record.commit_block = record.commit_gas = None
    if BATCH_ORDER.index(Status(record.status)) > BATCH_ORDER.index(status):
        set_batch(batch, record, status)


def derive(store: Store, item: ItemRecord) -> tuple[str, dict[str, float]]:
    """Returns what a reader sees: status and times, with those of the item's batch."""
    times = dict(item.times)
    if item.status != Status.CONFIRMED or item.batch_id is None:
        return item.status, times
    record = store.get(Family.BATCHES, item.batch_id, BatchRecord)
    if record is None:
        return item.status, times
    times.update({name: at for name, at in record.times.items() if name != Status.EXECUTED})
    status = record.status if record.status != Status.EXECUTED else Status.SEALED
    if status in (Status.SETTLED, Status.FINAL) and is_withdrawal(item):
        status = Status.PAID if item.paid_tx is not None else Status.CLAIMABLE
    return str(status), times


def is_withdrawal(item: ItemRecord) -> bool:
    """Tells whether L1 pays out for the item."""
    if item.queue_index is None:
        return parse_intake(item.record).kind is Kind.WITHDRAW
    return parse_operations(item.record)[0].pays
