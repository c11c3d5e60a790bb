"""Sparse quaternary Merkle trees: child c of (level, p) is (level + 1, 4p + c), the root is (0, 0).

Hashing is lazy: `set` marks paths, `root` hashes each marked node once. What it is not: persistent or versioned.
"""

from collections.abc import Callable
from functools import lru_cache

from .poseidon2 import State, hash_node, hash_value

Compress = Callable[[State], int]


@lru_cache(maxsize=16)
def empty_levels(depth: int, leaf: int, compress: Compress) -> tuple[int, ...]:
    """Hash of an empty subtree by the level of its top, root first."""
    levels = [leaf]
    for _ in range(depth):
        levels.append(compress((levels[-1],) * 4))
    return tuple(reversed(levels))


class Tree:
    """A tree of a fixed depth over leaves that are all equal at first."""

    def __init__(self, depth: int, empty_leaf: int, compress: Compress = hash_node) -> None:
        self.depth, self._compress = depth, compress
        self._empty = empty_levels(depth, empty_leaf, compress)
        self._nodes: list[dict[int, int]] = [{} for _ in range(depth + 1)]
        self._marked: set[int] = set()

    def copy(self) -> "Tree":
        """An independent tree of the same content."""
        other = Tree.__new__(Tree)
        other.depth, other._compress, other._empty = self.depth, self._compress, self._empty
        other._nodes, other._marked = [dict(level) for level in self._nodes], set(self._marked)
        return other

    def _node(self, level: int, position: int) -> int:
        return self._nodes[level].get(position, self._empty[level])

    def _children(self, level: int, position: int) -> State:
        a, b, c, d = (self._node(level + 1, 4 * position + i) for i in range(4))
        return a, b, c, d

    def set(self, position: int, leaf: int) -> None:
        """Replaces a leaf, given by its hash."""
        if not 0 <= position < 4**self.depth:
            raise ValueError(f"expected a position below 4^{self.depth}, got {position}")
        self._nodes[self.depth][position] = leaf
        self._marked.add(position)

    def root(self) -> int:
        """The root."""
        marked, self._marked = self._marked, set()
        for level in reversed(range(self.depth)):
            marked = {position // 4 for position in marked}
            for position in marked:
                self._nodes[level][position] = self._compress(self._children(level, position))
        return self._node(0, 0)

    def path(self, position: int) -> list[State]:
        """The four children of each node above a leaf, root first."""
        self.root()
        return [self._children(level, position // 4 ** (self.depth - level)) for level in range(self.depth)]


def value_tree(depth: int) -> Tree:
    """An empty tree of balances or storage values."""
    return Tree(depth, hash_value(0))


def compute_root(position: int, leaf: int, path: list[State], compress: Compress = hash_node) -> int | None:
    """The root that a path proves for a leaf, or None when a node on it does not contain the one below."""
    node = leaf
    for level, children in enumerate(reversed(path)):
        if children[position // 4**level % 4] != node:
            return None
        node = compress(children)
    return node
