"""Finalize: a settled batch is final once L1 has finalised the block of its finalizeBatch."""

from __future__ import annotations

from l2rollup.node.chain import FINAL_KEY, WITNESS_KEY
from l2rollup.node.context import Context
from l2rollup.node.stages.base import Rewind, fall_back_to_l1
from l2rollup.node.status import set_batch
from l2rollup.storage import Family
from l2rollup.types import Status


class Finalize:
    """Follows L1's finalised block."""

    name = "finalize"

    def __init__(self, context: Context) -> None:
        self._context = context

    def advance(self) -> bool:
        """Marks batches final in order, drops their witness and the snapshots nobody needs any more."""
        context = self._context
        with context.lock:
            if not any(record.status == Status.SETTLED for record in context.batches.values()):
                return False
        head = context.client.finalized()
        settled = context.contract.finalized()
        fall_back_to_l1(context, settled, Status.PROVEN)
        done = 0
        with context.lock:
            for batch_id in sorted(context.batches):
                record = context.batches[batch_id]
                if record.status != Status.SETTLED or record.finalize_block is None or record.finalize_block > head:
                    break
                with context.store.batch(sync=True) as writes:
                    set_batch(writes, record, Status.FINAL)
                    writes.put(Family.META, FINAL_KEY, batch_id)
                    writes.delete(Family.META, f"{WITNESS_KEY}{batch_id}")
                del context.batches[batch_id]
                done = batch_id
            if done:
                context.snapshots.prune(done)
        return bool(done)

    def rewind(self, to: Rewind) -> None:
        """Nothing to undo: L1 does not take back what it has finalised."""
