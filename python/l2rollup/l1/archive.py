"""Headers of old batches: L1 keeps the hashes of the last 256, and an archive of all finalised ones.

The hashes themselves are in the logs of the commits. What is read there is believed only where it leads to the archive
that the contract has (docs/spec/bridge.md). What it is not: a store of headers; who wants them whole takes them as they
are read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from eth_utils.crypto import keccak

from l2rollup.errors import L1Rejected
from l2rollup.l1.contracts import RollupContract
from l2rollup.l1.events import BatchCommitted
from l2rollup.l1.sender import Sender

RING = 256
"""Commits whose header hash the contract has in a slot."""
LEVELS = 3
ENTRIES = 64
OPENED = (1).to_bytes(32, "big")
"""What a level of the archive is before its first entry."""
RANGE_BLOCKS = 2000
ATTEMPTS = 3

Keep = Callable[[int, bytes], None]


class HeaderArchive:
    """The contract's archive, made again from header hashes (contracts/src/libraries/HeaderArchive.sol)."""

    def __init__(self) -> None:
        self.count = 0
        self.newest = [OPENED] * LEVELS

    def append(self, header_hash: bytes) -> None:
        """Takes the header hash of the next batch."""
        place, entry = self.count, header_hash
        self.count += 1
        for level in range(LEVELS):
            index = place if level == LEVELS - 1 else place % ENTRIES
            entry = self.newest[level] = _fold(bytes(32) if index == 0 else self.newest[level], entry)
            if index != ENTRIES - 1:
                return
            place //= ENTRIES


def build_path(hashes: Sequence[bytes], batch_id: int) -> list[bytes]:
    """Returns what restoreHeader takes for a batch: the entries of its node of each level, upwards to one that is not
    complete. hashes: of all finalised batches, from batch 1 on."""
    entries, place, path = list(hashes), batch_id - 1, list[bytes]()
    for level in range(LEVELS):
        first = 0 if level == LEVELS - 1 else place - place % ENTRIES
        node = entries[first:] if level == LEVELS - 1 else entries[first : first + ENTRIES]
        path += node
        if len(node) < ENTRIES:
            break
        complete = range(0, len(entries) - len(entries) % ENTRIES, ENTRIES)
        entries, place = [_fold_all(entries[i : i + ENTRIES]) for i in complete], place // ENTRIES
    return path


def _fold(node: bytes, entry: bytes) -> bytes:
    return bytes(keccak(node + entry))


def _fold_all(entries: Sequence[bytes]) -> bytes:
    node = bytes(32)
    for entry in entries:
        node = _fold(node, entry)
    return node


class HeaderLog:
    """Header hashes of the committed batches, by number, as L1's logs have them. `final`: last finalised batch as of
    `follow`; up to it the hashes are those that the contract's archive has.

    Of a number that was committed again after a revert the last commit counts: what is final is never committed again.
    keep: called with number and ABI encoding (640 bytes) of each header that is read.
    """

    def __init__(self, contract: RollupContract, *, start_block: int = 0, keep: Keep | None = None) -> None:
        self._contract = contract
        self._keep = keep
        self._start = self._next = start_block
        self._archive = HeaderArchive()
        self.hashes: dict[int, bytes] = {}
        self.final = 0

    def follow(self) -> bool:
        """Reads what is new. Returns False where the logs do not have what L1 has archived; `final` stays then."""
        client = self._contract.client
        head = client.head()
        final = int(self._contract.view("lastFinalised", block=head))
        archived = [bytes(node) for node in self._contract.view("archive", block=head)]
        for _ in range(2):
            self._read(head)
            if self._append_to(final) == archived:
                self.final = final
                return True
            # L1 took blocks back: what was read is not what is there.
            self._next, self._archive, self.hashes = self._start, HeaderArchive(), {}
        return False

    def restore(self, sender: Sender, batch_id: int) -> tuple[str, int] | None:
        """Has the contract know the header of a finalised batch again; returns hash and gas of the transaction.

        None where it does already. Raises L1Rejected where the logs do not have it, or L1 refuses.
        """
        for attempt in range(1, ATTEMPTS + 1):
            if any(self._contract.header_hash(batch_id)):
                return None
            if not self.follow() or batch_id > self.final:
                raise L1Rejected("the header is not among those that L1 has finalised", expected=f"batch {batch_id}",
                                 got=f"logs of {self.final} batches")  # fmt: skip
            path = build_path([self.hashes[i] for i in range(1, self.final + 1)], batch_id)
            try:
                receipt = self._contract.transact(sender, "restoreHeader", [batch_id, path])
                return receipt.hash, receipt.gas_used
            except L1Rejected:
                # Another batch that became final meanwhile has changed the path.
                if attempt == ATTEMPTS:
                    raise
        return None

    def _read(self, head: int) -> None:
        client, address = self._contract.client, self._contract.address
        for first in range(self._next, head + 1, RANGE_BLOCKS):
            for log in client.logs_between(address, first, min(head, first + RANGE_BLOCKS - 1)):
                event = self._contract.decode(log)
                if isinstance(event, BatchCommitted):
                    self.hashes[event.batch_id] = bytes(keccak(log.data))
                    if self._keep is not None:
                        self._keep(event.batch_id, log.data)
        self._next = max(self._next, head + 1)

    def _append_to(self, final: int) -> list[bytes]:
        """Appends up to this batch, as far as the logs go; returns the archive's nodes."""
        while self._archive.count < final and self._archive.count + 1 in self.hashes:
            self._archive.append(self.hashes[self._archive.count + 1])
        return self._archive.newest
