"""circomlib's Poseidon over BN254 at five inputs (t = 6, x^5, 8 full and 60 partial rounds), from first principles.

The constants come from the Grain LFSR of the Poseidon paper (eprint 2019/458, appendix F), as circomlib's did.
What it is not: Poseidon2, and not another arity; five inputs are the only ones used here.
"""

from collections.abc import Iterator
from functools import lru_cache

from .field import R, inverse

WIDTH, FULL_ROUNDS, PARTIAL_ROUNDS = 6, 8, 60
_FIELD_BITS = 254


def _grain_bits() -> Iterator[int]:
    """The self-shrinking output of the 80-bit register, after 160 idle steps."""
    fields = (
        (1, 2),
        (0, 4),
        (_FIELD_BITS, 12),
        (WIDTH, 12),
        (FULL_ROUNDS, 10),
        (PARTIAL_ROUNDS, 10),
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


def _grain_integers() -> Iterator[int]:
    bits = _grain_bits()
    while True:
        x = 0
        for _ in range(_FIELD_BITS):
            x = x << 1 | next(bits)
        yield x


@lru_cache(maxsize=1)
def constants() -> tuple[tuple[tuple[int, ...], ...], tuple[tuple[int, ...], ...]]:
    """(68 rounds of six constants, the 6 x 6 Cauchy matrix by rows). Constants are drawn by rejection, the matrix's
    by reduction."""
    integers = _grain_integers()
    below = (x for x in integers if x < R)
    rounds = tuple(tuple(next(below) for _ in range(WIDTH)) for _ in range(FULL_ROUNDS + PARTIAL_ROUNDS))
    xy = [next(integers) % R for _ in range(2 * WIDTH)]
    matrix = tuple(tuple(inverse(x + y) for y in xy[WIDTH:]) for x in xy[:WIDTH])
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
