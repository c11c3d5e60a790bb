"""Binary Keccak trees over lists (docs/spec/batch.md): withdrawals of a batch, leaves of a block.

node = keccak256(left ++ right); the list is padded with 32 zero bytes to the next power of two; the root of an empty
list is 32 zero bytes and the root of one leaf is the leaf. Not the state tree, which is Poseidon2 and lives in Rust.
"""

from __future__ import annotations

from collections.abc import Sequence

from eth_utils.crypto import keccak

EMPTY = bytes(32)


def compute_layers(leaves: Sequence[bytes]) -> list[list[bytes]]:
    """Returns all layers, leaves (padded) first, root last; empty for an empty list."""
    if not leaves:
        return []
    size = 1 << (len(leaves) - 1).bit_length()
    layer = [*leaves, *([EMPTY] * (size - len(leaves)))]
    layers = [layer]
    while len(layer) > 1:
        layer = [keccak(layer[i] + layer[i + 1]) for i in range(0, len(layer), 2)]
        layers.append(layer)
    return layers


def compute_root(leaves: Sequence[bytes]) -> bytes:
    """Returns the root of the list."""
    layers = compute_layers(leaves)
    return layers[-1][0] if layers else EMPTY


def compute_path(layers: Sequence[Sequence[bytes]], index: int) -> list[bytes]:
    """Returns the siblings of leaf `index`, from the leaf upwards."""
    return [layer[(index >> level) ^ 1] for level, layer in enumerate(layers[:-1])]


def verify_path(root: bytes, leaf: bytes, index: int, path: Sequence[bytes]) -> bool:
    """Tells whether the leaf is at `index` below the root."""
    node = leaf
    for level, sibling in enumerate(path):
        node = keccak(sibling + node) if index >> level & 1 else keccak(node + sibling)
    return index >> len(path) == 0 and node == root
