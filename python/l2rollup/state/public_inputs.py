"""The 26 public inputs of a batch of one chunk (docs/spec/batch.md), from its header and constants.

Twin of contracts/src/proof/PublicInputs.sol. Never taken from a prover: what is verified is what the header says.
"""

from __future__ import annotations

from l2rollup.state.header import BatchHeader

COUNT = 26
LOW_MASK = (1 << 128) - 1


def build_public_inputs(header: BatchHeader, domain: int, empty_id_root: bytes) -> bytes:
    """Returns the inputs as 32-byte big-endian words, one after the other (832 bytes)."""
    values = [0] * COUNT
    values[0] = domain
    values[1] = header.time
    values[2], values[3] = _number(header.old_root), _number(header.new_root)
    values[4], values[5] = header.first_sequence, header.end_sequence
    values[6], values[7] = header.first_queue, header.end_queue
    values[8], values[9] = _number(empty_id_root), _number(header.id_root)
    values[10], values[11] = header.first_sequence, header.z
    values[12], values[14] = header.tx_words, _number(header.tx_c)
    values[17], values[18] = header.tx_y & LOW_MASK, header.tx_y >> 128
    values[19], values[21] = header.op_words, _number(header.op_c)
    values[24], values[25] = header.op_y & LOW_MASK, header.op_y >> 128
    return b"".join(value.to_bytes(32, "big") for value in values)


def _number(word: bytes) -> int:
    return int.from_bytes(word, "big")
