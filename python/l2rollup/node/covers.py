"""What receipts are worth: a cover for each user transaction, while all that is open stays within half of the bond.

Open is what no batch covers that L1 has finalised. Half of the bond is what violated covers are paid from (the rest is
burned or the reporter's: contracts/src/bonds/Cases.sol), so a cover that was given can be paid. What it is not: the
check of a receipt, which is the wallet's.
"""

from __future__ import annotations

from collections import deque

from l2rollup.l1.bonds import find_bonds
from l2rollup.node.context import Context
from l2rollup.storage import BlockRecord, Family


class Covers:
    """Gives covers to the items of the next block. Used under the context's lock."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._generation = -1
        self._open: deque[tuple[int, int]] = deque()

    def assign(self, are_users: list[bool]) -> tuple[list[int], int]:
        """Returns the cover of each item of the next block, and the outstanding cover with them, in wei.

        are_users: whether each item is a user's transaction; a queue entry needs no promise, L1 enforces it.
        """
        self._refresh()
        each, outstanding = self._context.config.receipt_cover, sum(cover for _, cover in self._open)
        covers = []
        for is_user in are_users:
            given = each if is_user and outstanding + each <= self._context.bond // 2 else 0
            outstanding += given
            covers.append(given)
        return covers, outstanding

    def append(self, block: BlockRecord) -> None:
        """Counts a stored block as open."""
        if block.cover:
            self._open.append((block.number, block.cover))

    def _refresh(self) -> None:
        """Forgets the blocks of final batches; reads all open ones again after the engine was rebuilt."""
        context, first = self._context, self._first_open_block()
        if self._generation != context.generation:
            self._generation = context.generation
            blocks = context.store.scan(Family.BLOCKS, BlockRecord, first)
            self._open = deque((block.number, block.cover) for block in blocks if block.cover)
        while self._open and self._open[0][0] < first:
            self._open.popleft()

    def _first_open_block(self) -> int:
        context = self._context
        if context.batches:
            return context.batches[min(context.batches)].first_block
        if context.open_batch is not None:
            return context.open_batch.first_block
        return context.last_block.number + 1 if context.last_block else 0


def read_bond(context: Context) -> int:
    """Returns the sequencer's bond on L1 in wei, 0 where receipts promise nothing."""
    if not context.config.receipt_cover:
        return 0
    return int(find_bonds(context.client, context.config.rollup).view("bondOf"))
