"""Follows L1 block by block with parent hashes, and tells what happened in order: new blocks with events, or a reorg.

It stores nothing: the caller keeps the blocks it was told of and hands them back after a restart. It decides no
confirmation depth either; `confirmed_head` computes one from the configuration.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from l2rollup.errors import L1Reorg
from l2rollup.l1.client import Block, L1Client, Log
from l2rollup.l1.events import Event

KEEP_BLOCKS = 4096
RANGE_BLOCKS = 500


@dataclass(frozen=True)
class NewBlock:
    """A block was added on top of the known chain; events in log order."""

    block: Block
    events: tuple[tuple[Event, Block], ...]


@dataclass(frozen=True)
class Reorg:
    """Blocks above `ancestor` are gone; all that was read from them must be undone."""

    ancestor: int


Update = NewBlock | Reorg


class Watcher:
    """Follows one contract from block `start` on. `decode` turns a log into an event, or None."""

    def __init__(
        self, client: L1Client, address: str, decode: Callable[[Log], Event | None], *, start: int,
        known: Iterable[Block] = (),
    ) -> None:  # fmt: skip
        self._client = client
        self._address = address
        self._decode = decode
        self._start = start
        self._chain: dict[int, Block] = {block.number: block for block in known}
        self._tip: Block | None = max(self._chain.values(), key=lambda block: block.number, default=None)

    @property
    def tip(self) -> Block | None:
        """The newest block told of, None before the first."""
        return self._tip

    def poll(self, limit: int = 64) -> list[Update]:
        """Reads what is new: at most `limit` blocks, or one reorg.

        Raises L1Unreachable, and L1Reorg when L1 has a newer head but no block on top of the known one (call again: it
        passes where L1 changed between two requests, and stays where L1 has a hole).
        """
        latest = self._client.latest()
        if self._tip is not None and latest.hash == self._tip.hash:
            return []
        ancestor = self._find_ancestor()
        if ancestor is not None:
            self._drop_after(ancestor)
            return [Reorg(ancestor)]
        head = latest.number
        updates: list[Update] = []
        following = self._tip.number + 1 if self._tip else self._start
        if head - following > limit:
            skipped = self._read_final_range(following, head)
            if skipped is not None:
                return [skipped]
        for number in range(following, min(head, following + limit - 1) + 1):
            update = self._read_block(number)
            if update is None:
                break
            updates.append(update)
        if not updates and head >= following:
            parent = self._tip.hash.hex() if self._tip else "any parent"
            raise L1Reorg("L1 does not show the next block below its head",
                          expected=f"block {following} on {parent}", got=f"head {head}")  # fmt: skip
        return updates

    def _read_block(self, number: int) -> NewBlock | None:
        block = self._client.block(number)
        if block is None or (self._tip is not None and block.parent != self._tip.hash):
            return None
        update = NewBlock(block, self._read_events(self._client.logs(self._address, block), {number: block}))
        self._append(block)
        return update

    def _read_final_range(self, first: int, head: int) -> NewBlock | None:
        """Reads a long stretch that L1 has finalised with one query; only its last block is remembered."""
        last = min(self._client.finalized(), head, first + RANGE_BLOCKS - 1)
        if last <= first:
            return None
        block = self._client.block(last)
        if block is None:
            return None
        logs = self._client.logs_between(self._address, first, last)
        blocks = {block.number: block}
        for number in sorted({log.block for log in logs} - {last}):
            found = self._client.block(number)
            if found is None:
                return None
            blocks[number] = found
        update = NewBlock(block, self._read_events(logs, blocks))
        self._append(block)
        return update

    def _read_events(self, logs: Sequence[Log], blocks: dict[int, Block]) -> tuple[tuple[Event, Block], ...]:
        decoded = ((self._decode(log), blocks[log.block]) for log in logs)
        return tuple((event, block) for event, block in decoded if event is not None)

    def _append(self, block: Block) -> None:
        self._chain[block.number] = block
        self._tip = block
        for number in [n for n in self._chain if n < block.number - KEEP_BLOCKS]:
            del self._chain[number]

    def _find_ancestor(self) -> int | None:
        """Returns the newest known block still on L1's chain if that is not the tip, else None."""
        if self._tip is None or self._is_current(self._tip):
            return None
        for number in sorted(self._chain, reverse=True):
            if self._is_current(self._chain[number]):
                return number
        return self._start - 1

    def _is_current(self, block: Block) -> bool:
        found = self._client.block(block.number)
        return found is not None and found.hash == block.hash

    def _drop_after(self, ancestor: int) -> None:
        self._chain = {number: block for number, block in self._chain.items() if number <= ancestor}
        self._tip = max(self._chain.values(), key=lambda block: block.number, default=None)


def confirmed_head(client: L1Client, tip: int, depth: int | None) -> int:
    """Returns the newest block whose entries may be credited: `depth` confirmations deep, or finalised when None.

    depth 1 credits entries of the newest block.
    """
    if depth is None:
        return min(tip, client.finalized())
    return tip - depth + 1
