"""What L1 stores and what a sequencer signs: batch headers, withdrawal trees, block headers (docs/spec/batch.md)."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

from .digest import data_challenge, evaluate, words_of
from .keccak import keccak256, word
from .transaction import Chain

BLOCK_TYPE = (
    b"Block(uint64 number,bytes32 parent,uint64 firstSequence,uint32 count,bytes32 leavesRoot,"
    b"uint256 outstandingCover,uint64 queueIndex,bytes32 queueHash,uint64 time,uint64 includeBy,"
    b"uint64[] chunkEnds,uint64 batchId,bytes32 stateRoot)"
)
INCLUDE_WITHIN = 3 * 24 * 3600
"""Seconds from a block's time to its includeBy."""
CHUNK_BOUNDS = {
    "slots": 99,
    "account leaves": 206,
    "balance leaves": 64,
    "nodes": 1275,
    "id nodes": 56,
    "transaction words": 80,
    "operations": 16,
    "changes": 16,
    "arguments": 12,
    "writes": 8,
}
"""What the circuit's shape can hold. The transition here has no bounds; an engine refuses with `chunk_full`."""


@dataclass(frozen=True)
class BatchHeader:
    """The twenty words of a committed batch, in the order of docs/spec/batch.md; all are integers here."""

    batch_id: int
    time: int
    old_root: int
    new_root: int
    first_sequence: int
    end_sequence: int
    first_queue: int
    end_queue: int
    id_root: int
    tx_c: int
    op_c: int
    z: int
    tx_y: int
    op_y: int
    tx_words: int
    op_words: int
    data_mode: int
    chunks: int
    block_hash: int
    withdrawals_root: int

    def encode(self) -> bytes:
        """abi.encode(header)."""
        return b"".join(word(getattr(self, f.name)) for f in fields(self))

    def hash(self) -> bytes:
        """What L1 stores."""
        return keccak256(self.encode())


def keccak_levels(leaves: Sequence[bytes]) -> list[list[bytes]]:
    """All levels of the binary tree, leaves first, padded with zero words to a power of two; [[]] for no leaf."""
    size = 1
    while size < len(leaves):
        size *= 2
    levels = [[*leaves, *[bytes(32)] * (size - len(leaves))] if leaves else []]
    while len(levels[-1]) > 1:
        below = levels[-1]
        levels.append([keccak256(below[i] + below[i + 1]) for i in range(0, len(below), 2)])
    return levels


def keccak_root(leaves: Sequence[bytes]) -> bytes:
    """The root; zero for no leaf."""
    return (keccak_levels(leaves)[-1] or [bytes(32)])[0]


def keccak_path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Siblings from the leaf upwards."""
    return [level[index >> k ^ 1] for k, level in enumerate(keccak_levels(leaves)[:-1])]


def withdrawal_leaves(batch_id: int, payments: Sequence[tuple[int, int, int]]) -> list[bytes]:
    """Leaves of (token address, amount, recipient) in stream order."""
    return [
        keccak256(word(batch_id) + word(i) + word(token) + word(amount) + word(recipient))
        for i, (token, amount, recipient) in enumerate(payments)
    ]


def receipt_leaf(sequence: int, id: int, cover: int) -> bytes:
    """Leaf of a block's receipts; cover in wei."""
    return keccak256(word(sequence) + word(id) + word(cover))


@dataclass(frozen=True)
class BlockHeader:
    """A block header; times in seconds, cover in wei."""

    number: int
    parent: bytes
    first_sequence: int
    count: int
    leaves_root: bytes
    outstanding_cover: int
    queue_index: int
    queue_hash: bytes
    time: int
    include_by: int
    chunk_ends: tuple[int, ...]
    batch_id: int
    state_root: int

    def digest(self, chain: Chain) -> bytes:
        """The EIP-712 digest that the sequencer signs."""
        ends = keccak256(b"".join(word(end) for end in self.chunk_ends))
        head = keccak256(BLOCK_TYPE) + word(self.number) + self.parent + word(self.first_sequence) + word(self.count)
        middle = self.leaves_root + word(self.outstanding_cover) + word(self.queue_index) + self.queue_hash
        tail = word(self.time) + word(self.include_by) + ends + word(self.batch_id) + word(self.state_root)
        return chain.typed_digest(keccak256(head + middle + tail))


def challenge_and_evaluations(
    chain: Chain, batch_id: int, tx_c: int, op_c: int, transactions: bytes, operations: bytes
) -> tuple[int, int, int]:
    """(z, y of the transactions, y of the operations) of a batch."""
    z = data_challenge(chain, batch_id, tx_c, op_c, transactions, operations)
    return z, evaluate(words_of(transactions), z), evaluate(words_of(operations), z)
