"""What every stage is: a name, `advance`, `rewind`. The pipeline knows nothing else about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from l2rollup.node.context import Context
from l2rollup.node.status import BATCH_ORDER, fall_back
from l2rollup.types import Status


@dataclass(frozen=True)
class Rewind:
    """L1 lost its blocks above `ancestor`. `voided` tells that blocks here were voided and the engine rebuilt."""

    ancestor: int
    voided: bool


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
