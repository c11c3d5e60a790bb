"""BabyJubJub in circomlib's form, a x^2 + y^2 = 1 + d x^2 y^2: on the curve, and the complete addition law.

a is a square and d is not, so no denominator of the law is zero on the curve (Bernstein, Birkner, Joye, Lange, Peters
2008); off the curve it means nothing, so whoever adds must know its points to be on it. What it is not: scalar
multiplication (eddsa.py).
"""

from __future__ import annotations

from functools import cache

from l2rollup.plonk.builder import Builder, Row
from l2rollup.plonk.expression import Expression
from l2rollup.plonk.gate import Gate
from l2rollup.plonk.wire import Wire
from l2rollup.spec.babyjubjub import A, D
from l2rollup.spec.field import R

Point = tuple[Wire, Wire]


@cache
def curve_gate() -> Gate:
    """x, y on the curve."""
    gate = Gate("curve", cells="x y")
    x, y = gate.cells
    gate.constrain(x * x * A + y * y - 1 - x * x * y * y * D, label="on the curve")
    return gate


@cache
def add_gate() -> Gate:
    """(x, y) of the next row is the sum of this row's points."""
    gate = Gate("edwards add", cells="x1 y1 x2 y2")
    x1, y1, x2, y2 = gate.cells
    add_law(gate, (x1, y1), (x2, y2), (x1.next, y1.next), "sum")
    return gate


def add_law(
    gate: Gate, p: tuple[Expression, Expression], q: tuple[Expression, Expression],
    result: tuple[Expression, Expression], label: str,
) -> None:  # fmt: skip
    """result = p + q: x3 (1 + d t) = x1 y2 + y1 x2 and y3 (1 - d t) = y1 y2 - a x1 x2 with t = x1 x2 y1 y2."""
    (x1, y1), (x2, y2), (x3, y3) = p, q, result
    cross = (x1 * y2, y1 * x2)
    dt = cross[0] * cross[1] * D
    gate.constrain(x3 * (dt + 1) - cross[0] - cross[1], label=f"{label}, x")
    gate.constrain(y3 * (1 - dt) - y1 * y2 + x1 * x2 * A, label=f"{label}, y")


def add_values(p: tuple[int, int], q: tuple[int, int]) -> tuple[int, int]:
    """p + q; zeros where a point off the curve makes a denominator vanish, which no constraint accepts."""
    (x1, y1), (x2, y2) = p, q
    t = D * x1 * x2 % R * y1 * y2 % R
    if (1 + t) % R == 0 or (1 - t) % R == 0:
        return 0, 0
    return (x1 * y2 + y1 * x2) * pow(1 + t, -1, R) % R, (y1 * y2 - A * x1 * x2) * pow(1 - t, -1, R) % R


def assert_on_curve(b: Builder, p: tuple[Wire | int, Wire | int], label: str = "") -> None:
    """The point is on the curve; it may be of small order."""
    b.row(curve_gate(), label=label or "on the curve", x=p[0], y=p[1])


def add(b: Builder, p: tuple[Wire | int, Wire | int], q: tuple[Wire | int, Wire | int], label: str = "") -> Point:
    """p + q of points that are on the curve."""
    x, y = b.compute(lambda *v: add_values((v[0], v[1]), (v[2], v[3])), *p, *q, count=2)
    b.block([Row(add_gate(), columns=[*p, *q]), Row(columns=[x, y])], label=label or "add points")
    return x, y
