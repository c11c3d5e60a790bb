"""Durable key-value storage of the node: column families, synced batches, versioned values.

This package is the only importer of rocksdict. It knows bytes and records, not rollup rules.
"""

from l2rollup.storage.codec import decode, encode
from l2rollup.storage.records import (
    BatchRecord,
    BlockRecord,
    ChunkStart,
    Fee,
    ItemRecord,
    JournalRecord,
    L1BlockRecord,
    PaidRecord,
    QueueRecord,
    ReasonRecord,
    ReceiptRecord,
    RevertRecord,
    SentRecord,
    to_entry_key,
)
from l2rollup.storage.store import FAMILIES, Batch, Family, Store

__all__ = [
    "FAMILIES",
    "Batch",
    "BatchRecord",
    "BlockRecord",
    "ChunkStart",
    "Family",
    "Fee",
    "ItemRecord",
    "JournalRecord",
    "L1BlockRecord",
    "PaidRecord",
    "QueueRecord",
    "ReasonRecord",
    "ReceiptRecord",
    "RevertRecord",
    "SentRecord",
    "Store",
    "decode",
    "encode",
    "to_entry_key",
]
