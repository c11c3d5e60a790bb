"""Root of the empty id tree: depth 8, quaternary, over zeros (docs/spec/batch.md). A constructor argument of Rollup."""

from __future__ import annotations

from collections.abc import Callable

FIELD = 21888242871839275222246405745257275088548364400416034343698204186575808495617
ID_TREE_DEPTH = 8
ID_LANE = 3


def compute_empty_id_root(permute: Callable[[list[bytes]], list[bytes]]) -> bytes:
    """Returns the root, 32 bytes. permute: Poseidon2 t=4 on 32-byte big-endian words (native.poseidon2_permute)."""
    node = bytes(32)
    for _ in range(ID_TREE_DEPTH):
        lane = int.from_bytes(permute([node] * 4)[ID_LANE], "big")
        node = ((lane + int.from_bytes(node, "big")) % FIELD).to_bytes(32, "big")
    return node
