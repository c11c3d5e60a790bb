"""What every stage is: a name, `advance`, `rewind`. The pipeline knows nothing else about them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Protocol

from l2rollup.errors import Retryable
from l2rollup.l1 import Receipt
from l2rollup.node.context import Context
from l2rollup.node.status import BATCH_ORDER, fall_back
from l2rollup.types import Status

WAIT_SECONDS = 60.0
POLL_SECONDS = 0.1


@dataclass(frozen=True)
class Rewind:
    """L1 lost its blocks above `ancestor`. `voided` tells that blocks here were voided and the engine rebuilt."""

    ancestor: int
    voided: bool


def wait_mined(context: Context, hash_: str, reorgs: int) -> Receipt:
    """Waits for a transaction of ours. Raises Retryable when it does not come, or when a reorg may have dropped it.

    reorgs: the context's count when the transaction was prepared. The next call of the stage asks L1 what it holds.
    """
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        receipt = context.client.receipt(hash_)
        if receipt is not None:
            return receipt
        if context.reorgs != reorgs or context.stopping.is_set() or time.monotonic() > deadline:
            raise Retryable("transaction is not mined", expected=hash_, got="nothing")
        time.sleep(POLL_SECONDS)


def fall_back_to_l1(context: Context, held: int, status: Status) -> None:
    """Moves back every batch above `held`, the last one L1 holds, to `status`: L1 lost blocks before they were read."""
    with context.lock, context.store.batch(sync=True) as writes:
        for record in context.batches.values():
            if record.batch_id > held and BATCH_ORDER.index(Status(record.status)) > BATCH_ORDER.index(status):
                fall_back(writes, record, status)


class Stage(Protocol):
    """One step of a batch's way. Both methods may raise Retryable (wait and come again) or Halted."""

    name: str

    def advance(self) -> bool:
        """Does what can be done now; returns whether anything was done."""
        ...

    def rewind(self, to: Rewind) -> None:
        """Forgets what this stage remembers of undone L1 blocks. Called under the context's lock."""
        ...
