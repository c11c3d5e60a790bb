"""The id tree of a batch: quaternary, depth 8, node H3, leaf j the id of sequence number first + j, 0 when empty.

Twin of rust/core/src/batch/ids.rs and contracts/src/proof/IdTreeReader.sol.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from l2rollup.state.empty import FIELD, ID_LANE, ID_TREE_DEPTH

Permute = Callable[[list[bytes]], list[bytes]]
"""Poseidon2 t=4 on 32-byte big-endian words (native.poseidon2_permute)."""


def compute_id_siblings(ids: Sequence[bytes], place: int, permute: Permute) -> list[bytes]:
    """Returns the three siblings of each level of leaf `place`, from the leaf upwards: 24 words."""
    layer, empty, siblings = list(ids), bytes(32), []
    for level in range(ID_TREE_DEPTH):
        at = place >> 2 * level
        group = [layer[i] if i < len(layer) else empty for i in range(at & ~3, (at | 3) + 1)]
        siblings += [node for i, node in enumerate(group) if i != at & 3]
        layer += [empty] * (-len(layer) % 4)
        layer = [_hash_node(layer[i : i + 4], permute) for i in range(0, len(layer), 4)]
        empty = _hash_node([empty] * 4, permute)
    return siblings


def compute_id_root(id_: bytes, place: int, siblings: Sequence[bytes], permute: Permute) -> bytes:
    """Returns the root of the tree that has `id_` at leaf `place`, with the siblings from the leaf upwards."""
    node = id_
    for level in range(ID_TREE_DEPTH):
        children = list(siblings[3 * level : 3 * level + 3])
        children.insert(place >> 2 * level & 3, node)
        node = _hash_node(children, permute)
    return node


def _hash_node(children: list[bytes], permute: Permute) -> bytes:
    lane = int.from_bytes(permute(children)[ID_LANE], "big")
    return ((lane + int.from_bytes(children[ID_LANE], "big")) % FIELD).to_bytes(32, "big")
