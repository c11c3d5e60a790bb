"""Poseidon2 with t = 4 over BN254, and the four uses and the sponge that docs/spec/hash.md builds from it.

What it is not: the hash of signatures and transaction ids; that is poseidon.py.
"""

from collections.abc import Sequence
from functools import lru_cache

from .field import R
from .poseidon2_constants import DIAGONAL, FULL, PARTIAL

State = tuple[int, int, int, int]

TAG_WORDS = 1
TAG_CHAIN = 2
TAG_QUEUE_ENTRY = 3


def _external(a: int, b: int, c: int, d: int) -> State:
    """The matrix M4 of the paper (section 5.1): rows (5 7 1 3), (4 6 1 1), (1 3 5 7), (1 1 4 6)."""
    return (
        (5 * a + 7 * b + c + 3 * d) % R,
        (4 * a + 6 * b + c + d) % R,
        (a + 3 * b + 5 * c + 7 * d) % R,
        (a + b + 4 * c + 6 * d) % R,
    )


def _power5(x: int) -> int:
    square = x * x % R
    return square * square % R * x % R


def _full_round(state: State, constants: tuple[int, ...]) -> State:
    a, b, c, d = (_power5(x + k) for x, k in zip(state, constants, strict=True))
    return _external(a, b, c, d)


@lru_cache(maxsize=1 << 18)
def permute(state: State) -> State:
    """P: the permutation of four elements. The cache only saves time: paths share their upper nodes."""
    a, b, c, d = _external(*state)
    for constants in FULL[:4]:
        a, b, c, d = _full_round((a, b, c, d), constants)
    k0, k1, k2, k3 = DIAGONAL
    for constant in PARTIAL:
        a = _power5(a + constant)
        total = a + b + c + d
        a, b, c, d = (k0 * a + total) % R, (k1 * b + total) % R, (k2 * c + total) % R, (k3 * d + total) % R
    for constants in FULL[4:]:
        a, b, c, d = _full_round((a, b, c, d), constants)
    return a, b, c, d


def hash_node(children: State) -> int:
    """H0: a node of the account, balance and storage trees from its four children."""
    return (permute(children)[0] + children[0]) % R


def hash_account(x: State) -> int:
    """H1: the static part of an account, and its leaf."""
    return (permute(x)[1] + x[1]) % R


def hash_value(value: int) -> int:
    """H2(value, 0, 0, 0): a balance or storage leaf."""
    return permute((value, 0, 0, 0))[2]


def hash_id_node(children: State) -> int:
    """H3: a node of the id tree."""
    return (permute(children)[3] + children[3]) % R


def sponge(tag: int, message: Sequence[int]) -> int:
    """Absorbs three elements a permutation; tag and length sit in the capacity lane."""
    a, b, c, d = 0, 0, 0, (tag << 64) + len(message)
    for start in range(0, max(len(message), 1), 3):
        x, y, z = (*message[start : start + 3], 0, 0, 0)[:3]
        a, b, c, d = permute(((a + x) % R, (b + y) % R, (c + z) % R, d))
    return a
