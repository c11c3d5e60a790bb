"""circomlib's Poseidon over BN254 (x^5, 8 full rounds), from first principles; the rollup uses five inputs (t = 6).

The constants come from the Grain LFSR of the Poseidon paper (eprint 2019/458, appendix F), as circomlib's did, for any
number of inputs. What it is not: Poseidon2.
"""

from collections.abc import Iterator
from functools import lru_cache

from .field import R, inverse

WIDTH, FULL_ROUNDS, PARTIAL_ROUNDS = 6, 8, 60
_PARTIAL = (56, 57, 56, 60, 60, 63, 64, 63, 60, 66, 60, 65, 70, 60, 64, 68)
PARTIAL_OF_WIDTH = dict(zip(range(2, 18), _PARTIAL, strict=True))
"""Partial rounds by t, one to sixteen inputs (circomlib, circuits/poseidon.circom)."""
_FIELD_BITS = 254


def _grain_bits(width: int) -> Iterator[int]:
    """The self-shrinking output of the 80-bit register, after 160 idle steps."""
    fields = (
        (1, 2),
        (0, 4),
        (_FIELD_BITS, 12),
        (width, 12),
        (FULL_ROUNDS, 10),
        (PARTIAL_OF_WIDTH[width], 10),
        ((1 << 30) - 1, 30),
    )
    register = [value >> i & 1 for value, width in fields for i in reversed(range(width))]

    def step() -> int:
        bit = register[62] ^ register[51] ^ register[38] ^ register[23] ^ register[13] ^ register[0]
        register.pop(0)
        register.append(bit)
        return bit

    for _ in range(160):
        step()
    while True:
        keep, bit = step(), step()
        if keep:
            yield bit


def _grain_integers(width: int) -> Iterator[int]:
    bits = _grain_bits(width)
    while True:
        x = 0
        for _ in range(_FIELD_BITS):
            x = x << 1 | next(bits)
        yield x


@lru_cache(maxsize=len(PARTIAL_OF_WIDTH))
def constants(width: int = WIDTH) -> tuple[tuple[tuple[int, ...], ...], tuple[tuple[int, ...], ...]]:
    """(t constants a round, the t x t Cauchy matrix by rows). Constants are drawn by rejection, the matrix's by
    reduction."""
    integers = _grain_integers(width)
    below = (x for x in integers if x < R)
    rounds = tuple(tuple(next(below) for _ in range(width)) for _ in range(FULL_ROUNDS + PARTIAL_OF_WIDTH[width]))
    xy = [next(integers) % R for _ in range(2 * width)]
    matrix = tuple(tuple(inverse(x + y) for y in xy[width:]) for x in xy[:width])
    return rounds, matrix


def _power5(x: int) -> int:
    square = x * x % R
    return square * square % R * x % R


@lru_cache(maxsize=1 << 14)
def poseidon5(a: int, b: int, c: int, d: int, e: int) -> int:
    """The hash of five elements: lane 0 of the permutation of (0, a, b, c, d, e)."""
    rounds, matrix = constants()
    state = [0, a, b, c, d, e]
    for i, row in enumerate(rounds):
        state = [x + k for x, k in zip(state, row, strict=True)]
        if FULL_ROUNDS // 2 <= i < FULL_ROUNDS // 2 + PARTIAL_ROUNDS:
            state[0] = _power5(state[0])
        else:
            state = [_power5(x) for x in state]
        s0, s1, s2, s3, s4, s5 = state
        state = [(m[0] * s0 + m[1] * s1 + m[2] * s2 + m[3] * s3 + m[4] * s4 + m[5] * s5) % R for m in matrix]
    return state[0]
