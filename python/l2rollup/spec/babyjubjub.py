"""BabyJubJub in circomlib's form, a x^2 + y^2 = 1 + d x^2 y^2, and the isomorphic a = 1 form that ark-ed-on-bn254 uses.

a is a square and d is not, so the addition law is complete: it holds for every two points of the curve.
What it is not: constant time. Nothing here is for secret keys of value.
"""

from functools import lru_cache

from .field import R, inverse, square_root

A, D = 168700, 168696
ORDER = 2736030358979909402780800718157159386076813972158567259200215660948447373041
"""Order l of the subgroup; the curve has 8 l points."""

Point = tuple[int, int]
IDENTITY: Point = (0, 1)
B8: Point = (
    5299619240641551281634865583518297030282874472190772894086521144482721001553,
    16950150798460657717958625567821834550301663161624707787222815936182638968203,
)
"""circomlib's base point of order l."""


def is_on_curve(p: Point) -> bool:
    """Both coordinates below r and on the curve."""
    x, y = p
    if not (0 <= x < R and 0 <= y < R):
        return False
    x2, y2 = x * x % R, y * y % R
    return (A * x2 + y2 - 1 - D * x2 * y2) % R == 0


def add(p: Point, q: Point) -> Point:
    """p + q."""
    (x1, y1), (x2, y2) = p, q
    t = D * x1 * x2 * y1 * y2 % R
    return (x1 * y2 + y1 * x2) * inverse(1 + t) % R, (y1 * y2 - A * x1 * x2) * inverse(1 - t) % R


def negate(p: Point) -> Point:
    """-p."""
    return -p[0] % R, p[1]


_Projective = tuple[int, int, int]


def _add(p: _Projective, q: _Projective) -> _Projective:
    """The complete addition in projective coordinates (Bernstein, Birkner, Joye, Lange, Peters 2008, section 6)."""
    a = p[2] * q[2] % R
    c, d = p[0] * q[0] % R, p[1] * q[1] % R
    b, e = a * a % R, D * c * d % R
    f, g = b - e, b + e
    x = a * f % R * ((p[0] + p[1]) * (q[0] + q[1]) - c - d) % R
    return x, a * g % R * (d - A * c) % R, f * g % R


@lru_cache(maxsize=1 << 12)
def multiply(p: Point, scalar: int) -> Point:
    """scalar * p for any point of the curve and any scalar >= 0; the scalar is not reduced."""
    if scalar < 0:
        raise ValueError(f"expected a scalar >= 0, got {scalar}")
    table: list[_Projective] = [(0, 1, 1)]
    for _ in range(15):
        table.append(_add(table[-1], (p[0], p[1], 1)))
    result = table[0]
    for digit in f"{scalar:x}":
        for _ in range(4):
            result = _add(result, result)
        result = _add(result, table[int(digit, 16)])
    z = inverse(result[2])
    return result[0] * z % R, result[1] * z % R


def pack(p: Point) -> bytes:
    """circomlib's packPoint: y little endian, top bit of byte 31 set when x > (r - 1) / 2."""
    return (p[1] | (p[0] > (R - 1) // 2) << 255).to_bytes(32, "little")


def unpack(data: bytes) -> Point:
    """The point of a packed form; ValueError for another length, y >= r, no such point, or a form that pack does not
    give."""
    if len(data) != 32:
        raise ValueError(f"expected 32 bytes, got {len(data)}")
    value = int.from_bytes(data, "little")
    y, sign = value & ((1 << 255) - 1), value >> 255
    if y >= R:
        raise ValueError(f"expected y below r, got {y}")
    # A - D y^2 is never 0: A/D is not a square, because A is one and D is not.
    x = square_root((1 - y * y) * inverse(A - D * y * y))
    if x is None:
        raise ValueError(f"expected the y of a curve point, got {y}")
    point = (-x % R if sign else x), y
    if pack(point) != data:
        raise ValueError("expected the canonical form, got x = 0 with the sign set")
    return point


def _root_of_a() -> int:
    root = square_root(A)
    if root is None:
        raise ArithmeticError(f"expected {A} to be a square, got none")
    return root


def to_a1_form(p: Point) -> Point:
    """The point on x^2 + y^2 = 1 + (d/a) x^2 y^2, which is x * sqrt(a); the root of a is the one at most (r - 1) /
    2."""
    return p[0] * _root_of_a() % R, p[1]


def from_a1_form(p: Point) -> Point:
    """The inverse of to_a1_form."""
    return p[0] * inverse(_root_of_a()) % R, p[1]
