"""Merkle paths, binary and quaternary: from a leaf and its siblings to the root.

What it is not: a choice of leaves; whoever hashes them keeps leaves and nodes apart.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from l2rollup.errors import Malformed
from l2rollup.plonk.builder import Builder
from l2rollup.plonk.gadgets import logic, poseidon, poseidon2
from l2rollup.plonk.wire import Wire

Hash = Callable[[Wire, Wire], Wire]


def binary_root(
    b: Builder, leaf: Wire | int, siblings: Sequence[Wire | int], position: Sequence[Wire | int],
    hash_pair: Hash | None = None,
) -> Wire:  # fmt: skip
    """The root above a leaf; `position` has a bit a level, lowest first: 1 where the node is a right child.

    The hash of a pair is circomlib's Poseidon of two unless another is given.
    """
    _check_levels(len(siblings), len(position), 1)
    combine = hash_pair or (lambda x, y: poseidon.hash_inputs(b, [x, y]))
    node = b.wire(leaf)
    for level, (sibling, bit) in enumerate(zip(siblings, position, strict=True)):
        with b.scope(f"level {level}"):
            left = logic.select(b, bit, sibling, node, "left child")
            node = combine(left, node + sibling - left)
    return node


def quaternary_root(
    b: Builder, leaf: Wire | int, siblings: Sequence[Sequence[Wire | int]], position: Sequence[Wire | int]
) -> Wire:
    """The root above a leaf of a tree of Poseidon2 compressions (docs/spec/state.md): three siblings a level, in order.

    `position` has two bits a level, lowest first.
    """
    _check_levels(len(siblings), len(position), 2)
    node = b.wire(leaf)
    for level, others in enumerate(siblings):
        with b.scope(f"level {level}"):
            if len(others) != 3:
                raise Malformed(f"siblings of level {level}", expected="3", got=str(len(others)))
            node = poseidon2.compress(b, _place(b, node, others, *position[2 * level : 2 * level + 2]))
    return node


def _place(b: Builder, node: Wire, others: Sequence[Wire | int], low: Wire | int, high: Wire | int) -> list[Wire | int]:
    """The four children: the node at its digit, the siblings around it."""
    low, high = logic.assert_boolean(b, low, "position bit"), logic.assert_boolean(b, high, "position bit")
    three = logic.both(b, low, high, "digit 3")
    digits = (1 - low - high + three, low - three, high - three, three)
    x, y, z = (b.wire(other) for other in others)
    first = x + b.product(digits[0], node - x, label="child 0")
    second = y + b.product(digits[0], x - y, label="child 1") + b.product(digits[1], node - y, label="child 1")
    third = y + b.product(digits[2], node - y, label="child 2") + b.product(digits[3], z - y, label="child 2")
    return [first, second, third, z + b.product(digits[3], node - z, label="child 3")]


def _check_levels(siblings: int, position: int, bits: int) -> None:
    if position != bits * siblings or not siblings:
        expected = f"{bits} for each of {siblings} levels, at least one level"
        raise Malformed("bits of a Merkle position", expected=expected, got=str(position))
