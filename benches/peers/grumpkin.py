"""Grumpkin, y^2 = x^3 - 17 over the scalar field of BN254, and the Schnorr signature of noir/circuit/src/main.nr.

What it is not: constant time. It signs the benchmark's inputs and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable

from l2rollup.spec.field import R, inverse

Point = tuple[int, int]

# The order of Grumpkin is the base field of BN254.
ORDER = 21888242871839275222246405745257275088696311157297823662689037894645226208583
GENERATOR: Point = (1, 17631683881184975370165255887551781615748388533673675138860)


def is_on_curve(point: Point) -> bool:
    """Whether the coordinates satisfy the equation."""
    x, y = point
    return (y * y - x * x * x + 17) % R == 0


def add(p: Point | None, q: Point | None) -> Point | None:
    """Returns p + q; None is the identity."""
    if p is None or q is None:
        return q if p is None else p
    if p[0] == q[0]:
        if (p[1] + q[1]) % R == 0:
            return None
        slope = 3 * p[0] * p[0] * inverse(2 * p[1]) % R
    else:
        slope = (q[1] - p[1]) * inverse(q[0] - p[0]) % R
    x = (slope * slope - p[0] - q[0]) % R
    return x, (slope * (p[0] - x) - p[1]) % R


def multiply(scalar: int, point: Point) -> Point:
    """Returns scalar * point by doubling and adding. Raises ValueError where that is the identity."""
    result: Point | None = None
    for bit in bin(scalar % ORDER)[2:]:
        result = add(result, result)
        if bit == "1":
            result = add(result, point)
    if result is None:
        raise ValueError(f"expected a scalar that is not 0 modulo the order, got {scalar}")
    return result


def sign(secret: int, nonce: int, challenge: Callable[[Point], int]) -> tuple[int, int]:
    """Returns (s, e): R = nonce * G, e = challenge(R), s = nonce - e * secret, so that R = s * G + e * key."""
    e = challenge(multiply(nonce, GENERATOR))
    return (nonce - e * secret) % ORDER, e
