"""From a stored batch to the header L1 stores: one function, used by publish, settle and the API alike."""

from __future__ import annotations

from l2rollup.errors import NotReady
from l2rollup.state.header import CALLDATA_MODE, BatchHeader
from l2rollup.storage import BatchRecord

WORD_BYTES = 30
CHUNKS = 1


def to_header(record: BatchRecord) -> BatchHeader:
    """Returns the header of an executed batch. Raises NotReady before its data has been evaluated."""
    if not record.z:
        raise NotReady("batch is not executed yet", expected="status executed or later", got=record.status)
    return BatchHeader(
        batch_id=record.batch_id, time=record.time, old_root=record.old_root, new_root=record.new_root,
        first_sequence=record.first_sequence, end_sequence=record.end_sequence, first_queue=record.first_queue,
        end_queue=record.end_queue, id_root=record.id_root, tx_c=record.tx_c, op_c=record.op_c,
        z=int.from_bytes(record.z, "big"), tx_y=int.from_bytes(record.tx_y, "big"),
        op_y=int.from_bytes(record.op_y, "big"), tx_words=len(record.transactions) // WORD_BYTES,
        op_words=len(record.operations) // WORD_BYTES, data_mode=CALLDATA_MODE, chunks=CHUNKS,
        block_hash=record.block_hash, withdrawals_root=record.withdrawals_root,
    )  # fmt: skip
