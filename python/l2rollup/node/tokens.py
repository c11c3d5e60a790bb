"""The token registry as L1 events tell it: index, address, block of registration. A token counts once confirmed."""

from __future__ import annotations

import msgspec

from l2rollup.storage import Batch, Family, Store

KEY = "tokens"


class TokenEntry(msgspec.Struct, frozen=True):
    """One registered token."""

    index: int
    address: bytes
    block: int


class TokenBook:
    """The registry in the store. Writes go with the caller's batch; `load` reads the result."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._entries: dict[int, TokenEntry] = {}
        self.load()

    def load(self) -> None:
        """Reads the registry from the store."""
        entries = self._store.get(Family.META, KEY, list[TokenEntry]) or []
        self._entries = {entry.index: entry for entry in entries}

    def add(self, writes: Batch, index: int, address: bytes, block: int) -> None:
        """Adds a token."""
        self._entries[index] = TokenEntry(index, address, block)
        writes.put(Family.META, KEY, list(self._entries.values()))

    def undo(self, writes: Batch, ancestor: int) -> None:
        """Removes the tokens registered above an L1 block."""
        self._entries = {index: entry for index, entry in self._entries.items() if entry.block <= ancestor}
        writes.put(Family.META, KEY, list(self._entries.values()))

    def confirmed(self, head: int) -> dict[int, bytes]:
        """Returns the tokens registered up to an L1 block: index to address."""
        return {index: entry.address for index, entry in self._entries.items() if entry.block <= head}
