"""Settle: finalises proven batches on L1, in order. What L1 has finalised already is never sent again."""

from __future__ import annotations

from l2rollup.errors import L1Rejected, Retryable
from l2rollup.l1 import Receipt
from l2rollup.node.context import Context
from l2rollup.node.headers import to_header
from l2rollup.node.outbox import FINALIZE, Outbox
from l2rollup.node.stages.base import Rewind, fall_back_to_l1
from l2rollup.node.stages.ingest import FINALIZE_KEY
from l2rollup.node.status import set_batch
from l2rollup.storage import BatchRecord, Family
from l2rollup.types import Status


class Settle:
    """Sends finalizeBatch for the oldest proven batch."""

    name = "settle"

    def __init__(self, context: Context) -> None:
        self._context = context
        self._outbox = Outbox(context, FINALIZE)

    def advance(self) -> bool:
        """Finalises the next proven batch; returns whether there was one."""
        context = self._context
        with context.lock:
            record = next((r for _, r in sorted(context.batches.items()) if r.status == Status.PROVEN), None)
            if record is None:
                return False
            generation, reorgs = context.generation, context.reorgs
        finalized = context.contract.finalized()
        if finalized >= record.batch_id:
            return self._adopt(record, (generation, reorgs))
        if context.contract.committed() < record.batch_id:
            fall_back_to_l1(context, context.contract.committed(), Status.EXECUTED)
            raise Retryable("L1 has lost the batch", expected=f"batch {record.batch_id} committed")
        if finalized != record.batch_id - 1:
            fall_back_to_l1(context, finalized, Status.PROVEN)
            raise Retryable("earlier batches are not finalised", expected=str(record.batch_id - 1), got=str(finalized))
        header = to_header(record)
        proof = header.encode_proof(record.snark)

        def send() -> str:
            return context.contract.send_finalize(context.operator, record.batch_id, record.new_root, proof)

        receipt = self._outbox.deliver(record.batch_id, header.hash(), send, reorgs)
        if not receipt.success:
            raise L1Rejected("finalizeBatch reverted", expected="status 1", got=f"status 0 in {receipt.hash}")
        return self._store(record, receipt, (generation, reorgs))

    def rewind(self, to: Rewind) -> None:
        """Nothing is remembered: the next call asks L1 what is finalised."""

    def _adopt(self, record: BatchRecord, seen: tuple[int, int]) -> bool:
        """Anyone may finalise: when somebody has, take over the transaction."""
        context = self._context
        hash_ = context.store.get(Family.META, f"{FINALIZE_KEY}{record.batch_id}", str)
        receipt = context.client.receipt(hash_) if hash_ else None
        if receipt is None:
            raise Retryable("finalisation is mined but its event is not read yet", expected=f"batch {record.batch_id}")
        return self._store(record, receipt, seen)

    def _store(self, record: BatchRecord, receipt: Receipt, seen: tuple[int, int]) -> bool:
        context = self._context
        with context.lock:
            if (context.generation, context.reorgs) != seen or record.status != Status.PROVEN:
                return True
            record.finalize_tx, record.finalize_block = receipt.hash, receipt.block
            record.finalize_gas = receipt.gas_used
            with context.store.batch(sync=True) as writes:
                set_batch(writes, record, Status.SETTLED)
        return True
