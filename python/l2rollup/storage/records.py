"""Records the node stores, one struct a column family. Shapes only: no behaviour, no rules.

Integers wider than 64 bits travel as big-endian bytes or decimal strings, because msgpack integers end there.
"""

from __future__ import annotations

import msgspec


class ReasonRecord(msgspec.Struct, frozen=True):
    """Why an item was refused: a Fault in stored form."""

    code: str
    message: str
    expected: str | None = None
    got: str | None = None


class ItemRecord(msgspec.Struct):
    """One executed or pending item (family `items`, key = `key`).

    `record` is the 221-byte intake record or the 150-byte queue record of docs/seam.md, its outcome included; `times`
    are unix seconds by status name; `queue_index` is set for queue entries; `withdrawal` is the position in the batch's
    withdrawals; `group` are the ids of all members of a linked transfer's group, in their order.
    """

    id: bytes
    record: bytes
    status: str
    times: dict[str, float]
    block: int | None = None
    sequence: int | None = None
    batch_id: int | None = None
    l1_tx: str | None = None
    paid_tx: str | None = None
    queue_index: int | None = None
    withdrawal: int | None = None
    reason: ReasonRecord | None = None
    group: list[bytes] | None = None

    @property
    def key(self) -> bytes:
        """Key of the item and of its receipt: the id; with the queue index before it for a queue entry."""
        return self.id if self.queue_index is None else to_entry_key(self.queue_index, self.id)


def to_entry_key(queue_index: int, id_: bytes) -> bytes:
    """Returns the key of a queue entry's item. Its id alone will not do: two equal deposits have equal records."""
    return b"q" + queue_index.to_bytes(8, "big") + id_


class PaidRecord(msgspec.Struct, frozen=True):
    """A claim that was read from L1 (family `meta`): its block and the key of the item it paid."""

    block: int
    item: bytes


class RevertRecord(msgspec.Struct, frozen=True):
    """A commit that a challenge took back (family `meta`): L1 block of the revert, batch, transaction of the commit."""

    block: int
    batch_id: int
    transaction: str


class SentRecord(msgspec.Struct, frozen=True):
    """The last L1 transaction of one sort that was sent (family `meta`): batch, hash of its header, transaction."""

    batch_id: int
    header: bytes
    transaction: str


class Fee(msgspec.Struct, frozen=True):
    """A listed fee token of a chunk: token index and price in its smallest units per unit of gas (< 2^64)."""

    token: int
    price: int


class ChunkStart(msgspec.Struct, frozen=True):
    """What `Engine.begin_chunk` was called with: unix time, fee account index, listed fee tokens."""

    time: int
    fee_account: int
    prices: list[Fee]


class JournalRecord(msgspec.Struct):
    """One block as executed (family `journal`, key = block number): enough to execute it again, bit for bit.

    `start` is set when the block begins a batch. `ends_batch` tells whether `end_chunk` follows the items.
    """

    number: int
    batch_id: int
    start: ChunkStart | None
    items: list[bytes]
    ids: list[bytes]
    ends_batch: bool
    end_sequence: int
    queue_position: int
    root: bytes


class BlockRecord(msgspec.Struct):
    """A signed block header (family `blocks`, key = number): EIP-712 fields in order of docs/spec/batch.md."""

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
    chunk_ends: list[int]
    batch_id: int
    state_root: bytes
    digest: bytes
    signature: bytes
    cover: int = 0
    """Sum of the covers of its receipts, wei."""


class ReceiptRecord(msgspec.Struct):
    """Where an item is in its block (family `receipts`, key = the item's): index, sequence, cover (wei), path."""

    block: int
    sequence: int
    cover: int
    index: int
    path: list[bytes]


class BatchRecord(msgspec.Struct):
    """One batch (family `batches`, key = batch id): streams, digests, header fields, L1 transactions, proof."""

    batch_id: int
    status: str
    times: dict[str, float]
    time: int
    old_root: bytes
    new_root: bytes
    first_sequence: int
    end_sequence: int
    first_queue: int
    end_queue: int
    id_root: bytes
    tx_c: bytes
    op_c: bytes
    transactions: bytes
    operations: bytes
    block_hash: bytes
    first_block: int
    last_block: int
    transaction_count: int
    operation_count: int
    z: bytes = b""
    tx_y: bytes = b""
    op_y: bytes = b""
    withdrawals_root: bytes = b""
    snark: bytes = b""
    prove_seconds: float = 0.0
    commit_tx: str | None = None
    commit_block: int | None = None
    commit_gas: int | None = None
    finalize_tx: str | None = None
    finalize_block: int | None = None
    finalize_gas: int | None = None


class QueueRecord(msgspec.Struct):
    """One entry of the L1 queue (family `deposits`, key = queue index).

    `record` is the 150-byte operation record, `queue_hash` the rolling hash after this entry.
    """

    index: int
    record: bytes
    queue_hash: bytes
    block: int
    block_hash: bytes
    l1_tx: str


class L1BlockRecord(msgspec.Struct, frozen=True):
    """An L1 block the watcher has read (family `l1blocks`, key = number)."""

    number: int
    hash: bytes
    parent: bytes
    time: int
