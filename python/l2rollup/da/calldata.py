"""The calldata lane (docs/spec/data.md, "Digests"): z binds both streams, y are their Horner values at z.

L1 computes the same from the calldata of commitBatch. The Horner evaluation itself is native; nothing here is secret.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from eth_abi.abi import encode as abi_encode
from eth_utils.crypto import keccak

WORD_BYTES = 30
CHALLENGE_MASK = (1 << 248) - 1


@dataclass(frozen=True)
class LaneData:
    """z and both evaluations of a batch's data, with the word counts."""

    z: int
    tx_y: int
    op_y: int
    tx_words: int
    op_words: int


def compute_challenge(
    domain: int, chain_id: int, rollup: bytes, batch_id: int, tx_c: bytes, op_c: bytes, transactions: bytes,
    operations: bytes,
) -> int:  # fmt: skip
    """Returns z: low 248 bits of keccak over domain, chain, rollup, batch, lengths, both C and both streams' hashes."""
    types = ["uint256", "uint256", "address", *["uint256"] * 3, *["bytes32"] * 4]
    values = [
        domain, chain_id, rollup, batch_id, len(transactions) // WORD_BYTES, len(operations) // WORD_BYTES,
        tx_c, op_c, keccak(operations), keccak(transactions),
    ]  # fmt: skip
    return int.from_bytes(keccak(abi_encode(types, values)), "big") & CHALLENGE_MASK


def evaluate_lane(
    domain: int, chain_id: int, rollup: bytes, batch_id: int, tx_c: bytes, op_c: bytes, transactions: bytes,
    operations: bytes, evaluate: Callable[[bytes, bytes], bytes],
) -> LaneData:  # fmt: skip
    """Returns z and the evaluations of a batch. `evaluate(words, z)` is the native data_evaluation (32-byte values)."""
    z = compute_challenge(domain, chain_id, rollup, batch_id, tx_c, op_c, transactions, operations)
    z_bytes = z.to_bytes(32, "big")
    return LaneData(
        z=z,
        tx_y=int.from_bytes(evaluate(transactions, z_bytes), "big"),
        op_y=int.from_bytes(evaluate(operations, z_bytes), "big"),
        tx_words=len(transactions) // WORD_BYTES,
        op_words=len(operations) // WORD_BYTES,
    )
