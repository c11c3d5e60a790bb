"""What holds a receipt to account: signed block headers by number, and openings of the id tree of a batch.

An opening shows which id a batch has at a sequence number; L1 believes it for a finalised batch (Bonds.sol). The ids
are in no L1 data, so whoever wants to answer for an operator asks its node.
"""

from __future__ import annotations

from typing import Any

from l2rollup.errors import NotFound
from l2rollup.node.chain import read_blocks
from l2rollup.node.context import Context
from l2rollup.node.headers import to_header
from l2rollup.node.queries import block_to_json
from l2rollup.state.id_tree import compute_id_siblings
from l2rollup.storage import BatchRecord, BlockRecord, Family
from l2rollup.types import to_hex

MAX_BLOCK_LIST = 100


class Openings:
    """Reads of one node. Methods raise NotFound for what does not exist and NotReady for what does not exist yet."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def blocks(self, start: int, limit: int) -> list[dict[str, Any]]:
        """Returns at most `limit` (<= 100) signed headers from number `start` on: header, digest, signature."""
        records = self._context.store.scan(Family.BLOCKS, BlockRecord, start, min(limit, MAX_BLOCK_LIST))
        return [
            {"header": block_to_json(block), "digest": to_hex(block.digest), "signature": to_hex(block.signature)}
            for block in records
        ]

    def opening(self, sequence: int) -> dict[str, Any]:
        """Returns the batch that has a sequence number, the id there, and the siblings from the leaf upwards."""
        record, id_, siblings = self.find(sequence)
        return {
            "batchId": record.batch_id, "batch": to_hex(to_header(record).encode()), "sequence": sequence,
            "id": to_hex(id_), "siblings": [to_hex(node) for node in siblings],
        }  # fmt: skip

    def find(self, sequence: int) -> tuple[BatchRecord, bytes, list[bytes]]:
        """Returns the batch that has a sequence number, the id there, and the siblings from the leaf upwards."""
        record = self._find_batch(sequence)
        ids = [id_ for block in read_blocks(self._context.store, record) for id_ in block.ids]
        place = sequence - record.first_sequence
        siblings = compute_id_siblings(ids, place, self._context.native.poseidon2_permute)
        return record, ids[place], [bytes(node) for node in siblings]

    def _find_batch(self, sequence: int) -> BatchRecord:
        """The batch whose range has the sequence number: ranges rise with the batch id."""
        low, high = 1, self._context.last_batch
        while low <= high:
            middle = (low + high) // 2
            record = self._context.store.get(Family.BATCHES, middle, BatchRecord)
            if record is None or record.end_sequence <= sequence:
                low = middle + 1
            elif record.first_sequence > sequence:
                high = middle - 1
            else:
                return record
        raise NotFound("no batch has this sequence number", expected="an item of a sealed batch", got=str(sequence))
