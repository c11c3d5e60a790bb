"""Rebuilds the state from L1 data alone: the calldata of every commitBatch, replayed on a fresh engine.

Needs the L1 node, the contract's address and public code; nothing of any operator. Each header is the one whose hash
the contract stores, or has in its archive, and roots and digests of the replayed data are compared with it, so a wrong
log is noticed. A batch that was reverted and committed again is replayed once: equal headers are of equal data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from eth_utils.crypto import keccak

from l2rollup.errors import ProofRejected
from l2rollup.l1 import BatchCommitted, HeaderLog, L1Client, RollupContract
from l2rollup.native import Engine, EngineType

RANGE_BLOCKS = 2000


@dataclass(frozen=True)
class Rebuilt:
    """One rebuilt batch: id, root reached, whether L1 has finalised it, bytes of data read, its operation records."""

    batch_id: int
    root: bytes
    is_finalized: bool
    data_bytes: int
    operations: bytes


class Reconstruction:
    """Rebuilds batch after batch. `engine` holds the state reached so far."""

    def __init__(self, client: L1Client, rollup: str, engines: EngineType, *, start_block: int = 0) -> None:
        self._client = client
        self._contract = RollupContract(client, rollup)
        self._headers = HeaderLog(self._contract, start_block=start_block)
        self._start = start_block
        self._roots: dict[int, bytes] = {}
        self.engine: Engine = engines.genesis(client.chain_id(), bytes.fromhex(rollup[2:]))

    def run(
        self, progress: Callable[[int, int], None] | None = None, *, only_final: bool = False
    ) -> Iterator[Rebuilt]:
        """Yields every committed batch in order. Raises ProofRejected where data and contract disagree.

        progress is called with (L1 blocks read, L1 blocks in all). only_final: ends with the last batch that is proven,
        so that the engine is left at the contract's state root.
        """
        if not self._headers.follow():
            raise ProofRejected("no log holds a header that the contract has archived",
                                expected=f"headers of {self._contract.finalized()} batches",
                                got=f"the logs since block {self._start}")  # fmt: skip
        head, final = self._client.head(), self._headers.final
        for first in range(self._start, head + 1, RANGE_BLOCKS):
            last = min(head, first + RANGE_BLOCKS - 1)
            for log in self._client.logs_between(self._contract.address, first, last):
                event = self._contract.decode(log)
                if not isinstance(event, BatchCommitted) or (only_final and event.batch_id > final):
                    continue
                if self._is_stored(event, log.data):
                    yield self._replay(event, log.data, event.batch_id <= final)
            if progress is not None:
                progress(last - self._start + 1, head - self._start + 1)
        self._check_end(final)

    def _is_stored(self, event: BatchCommitted, header: bytes) -> bool:
        """Tells whether this is the next batch as the contract holds it, not one that was reverted."""
        if event.batch_id != len(self._roots) + 1:
            return False
        if event.batch_id <= self._headers.final:
            return keccak(header) == self._headers.hashes[event.batch_id]
        return keccak(header) == self._contract.header_hash(event.batch_id)

    def _replay(self, event: BatchCommitted, header: bytes, is_finalized: bool) -> Rebuilt:
        operations, transactions, _ = self._contract.read_commit(event.transaction)
        replayed = self.engine.replay(transactions, operations)
        old_root, new_root, digests = header[64:96], header[96:128], (header[288:320], header[320:352])
        if (replayed.tx_c, replayed.op_c) != digests:
            raise ProofRejected(f"data of batch {event.batch_id} is not what its header digests",
                                expected="0x" + digests[0].hex(), got="0x" + replayed.tx_c.hex())  # fmt: skip
        if (replayed.old_root, replayed.new_root) != (old_root, new_root):
            raise ProofRejected(f"data of batch {event.batch_id} does not lead to its root",
                                expected="0x" + new_root.hex(), got="0x" + replayed.new_root.hex())  # fmt: skip
        self._roots[event.batch_id] = new_root
        size = len(operations) + len(transactions)
        return Rebuilt(event.batch_id, new_root, is_finalized, size, operations)

    def _check_end(self, final: int) -> None:
        """Compares the root after the last finalised batch with the contract's."""
        stored = self._contract.state_root()
        reached = self._roots.get(final)
        if reached is None and final and self._contract.finalized() == final:
            raise ProofRejected("no log holds the header that the contract stores",
                                expected=f"batch {len(self._roots) + 1}", got="none of that hash")  # fmt: skip
        if final and reached != stored and self._contract.finalized() == final:
            raise ProofRejected("rebuilt root is not the contract's", expected="0x" + stored.hex(),
                                got="0x" + (reached or b"").hex())  # fmt: skip
