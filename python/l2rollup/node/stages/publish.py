"""Publish: commits executed batches on L1, in order. What L1 has already is never sent again, and no batch is sent that
could take the place of a header that is still to be proven."""

from __future__ import annotations

from l2rollup.errors import Halted, L1Rejected, Retryable
from l2rollup.l1 import Receipt
from l2rollup.l1.archive import RING
from l2rollup.native import INTAKE_BYTES
from l2rollup.node import failpoints
from l2rollup.node.chain import read_blocks
from l2rollup.node.context import Context
from l2rollup.node.headers import to_header
from l2rollup.node.outbox import COMMIT, Outbox
from l2rollup.node.stages.base import Rewind, fall_back_to_l1
from l2rollup.node.stages.ingest import COMMIT_KEY
from l2rollup.node.status import set_batch
from l2rollup.storage import BatchRecord, Family
from l2rollup.types import Kind, Status

SIGNATURE = slice(151, 216)
"""Where an intake record holds the 65-byte signature (docs/seam.md)."""
MAX_UNPROVEN = RING // 2
"""Committed batches that may wait for their proof. The 256th after an unproven one would take its header's place on L1,
and it could never be proven; the other half of the ring keeps the last finalised headers where everybody finds them."""


class Publish:
    """Sends commitBatch for the oldest executed batch."""

    name = "publish"

    def __init__(self, context: Context) -> None:
        self._context = context
        self._outbox = Outbox(context, COMMIT)

    def advance(self) -> bool:
        """Commits the next executed batch; returns whether there was one."""
        context = self._context
        with context.lock:
            record = next((r for _, r in sorted(context.batches.items()) if r.status == Status.EXECUTED), None)
            if record is None:
                return False
            generation, reorgs = context.generation, context.reorgs
        committed = context.contract.committed()
        if committed >= record.batch_id:
            return self._adopt(record, (generation, reorgs))
        if committed != record.batch_id - 1:
            fall_back_to_l1(context, committed, Status.EXECUTED)
            raise Retryable("L1 lacks earlier batches", expected=str(record.batch_id - 1), got=str(committed))
        unproven = committed - context.contract.finalized()
        if unproven >= MAX_UNPROVEN:
            raise Retryable("batches wait for their proof", expected=f"< {MAX_UNPROVEN} unproven", got=str(unproven))
        receipt = self._outbox.deliver(record.batch_id, to_header(record).hash(), lambda: self._send(record), reorgs)
        if not receipt.success:
            raise L1Rejected("commitBatch reverted", expected="status 1", got=f"status 0 in {receipt.hash}")
        return self._store(record, receipt, (generation, reorgs))

    def _send(self, record: BatchRecord) -> str:
        context, header = self._context, to_header(record)
        hash_ = context.contract.send_commit(
            context.operator, header.to_tuple(), record.operations, record.transactions, self._signatures(record)
        )
        failpoints.hit(failpoints.AFTER_COMMIT_SENT, context.config.profile)
        return hash_

    def rewind(self, to: Rewind) -> None:
        """Nothing is remembered: the next call asks L1 what is committed."""

    def _adopt(self, record: BatchRecord, seen: tuple[int, int]) -> bool:
        """L1 has this batch id: if it is ours, take over its transaction; if not, somebody else sequences."""
        context = self._context
        stored, ours = context.contract.header_hash(record.batch_id), to_header(record).hash()
        if stored != ours:
            context.halted = f"L1 holds another batch {record.batch_id}"
            raise Halted(context.halted, expected="0x" + ours.hex(), got="0x" + stored.hex())
        hash_ = context.store.get(Family.META, f"{COMMIT_KEY}{record.batch_id}", str)
        receipt = context.client.receipt(hash_) if hash_ else None
        if receipt is None:
            raise Retryable("commit is mined but its event is not read yet", expected=f"batch {record.batch_id}")
        return self._store(record, receipt, seen)

    def _signatures(self, record: BatchRecord) -> bytes:
        """Returns the owners' signatures of the batch's set_key records, in order, from the journal."""
        items = [item for block in read_blocks(self._context.store, record) for item in block.items]
        return b"".join(item[SIGNATURE] for item in items if len(item) == INTAKE_BYTES and item[0] == Kind.SET_KEY)

    def _store(self, record: BatchRecord, receipt: Receipt, seen: tuple[int, int]) -> bool:
        context = self._context
        with context.lock:
            if (context.generation, context.reorgs) != seen or record.status != Status.EXECUTED:
                return True
            record.commit_tx, record.commit_block, record.commit_gas = receipt.hash, receipt.block, receipt.gas_used
            with context.store.batch(sync=True) as writes:
                set_batch(writes, record, Status.PUBLISHED)
        return True
