"""Booleans, selections, comparisons with zero, bits.

A bit that comes from outside is asserted to be one by whatever takes it; a wire known to be a bit is asserted once.
What it is not: ranges (ranges.py).
"""

from __future__ import annotations

from l2rollup.errors import Malformed
from l2rollup.plonk.builder import Builder
from l2rollup.plonk.wire import Wire
from l2rollup.spec.field import R

MAX_BITS = 253
"""Most bits of a decomposition: 2^253 is the largest power of two below r, so a sum of bits has one meaning."""


def assert_boolean(b: Builder, value: Wire | int, label: str = "") -> Wire:
    """value (value - 1) = 0; returns the value as one cell."""
    wire = b.wire(value)
    if wire.is_constant:
        if wire.constant not in (0, 1):
            raise Malformed(label or "boolean", expected="0 or 1", got=str(wire.constant))
        return wire
    bit = b.variable_wire(wire)
    [variable] = bit.terms
    if variable not in b.booleans:
        b.assert_product(bit, bit - 1, 0, label=label or "boolean")
        b.booleans.add(variable)
    return bit


def _known(b: Builder, bit: Wire) -> Wire:
    [variable] = bit.terms or {-1: 0}
    b.booleans.add(variable)
    return bit


def both(b: Builder, x: Wire | int, y: Wire | int, label: str = "") -> Wire:
    """x and y."""
    out = b.product(assert_boolean(b, x, label), assert_boolean(b, y, label), label=label or "and")
    return out if out.is_constant else _known(b, out)


def either(b: Builder, x: Wire | int, y: Wire | int, label: str = "") -> Wire:
    """x or y."""
    return _as_bit(b, b.wire(x) + y - both(b, x, y, label or "or"))


def differ(b: Builder, x: Wire | int, y: Wire | int, label: str = "") -> Wire:
    """x xor y."""
    return _as_bit(b, b.wire(x) + y - 2 * both(b, x, y, label or "xor"))


def negate(b: Builder, x: Wire | int, label: str = "") -> Wire:
    """not x."""
    return 1 - assert_boolean(b, x, label)


def _as_bit(b: Builder, wire: Wire) -> Wire:
    """A sum that is a bit because of what it is made from."""
    return wire if wire.is_constant else _known(b, b.variable_wire(wire))


def select(b: Builder, bit: Wire | int, yes: Wire | int, no: Wire | int, label: str = "") -> Wire:
    """yes where the bit is 1, no where it is 0."""
    return b.wire(no) + b.product(assert_boolean(b, bit, label), b.wire(yes) - no, label=label or "select")


def is_zero(b: Builder, value: Wire | int, label: str = "") -> Wire:
    """1 where the value is 0, else 0: value x inverse = 1 - out and value x out = 0."""
    wire = b.wire(value)
    if wire.is_constant:
        return b.wire(int(wire.constant == 0))
    wire = b.variable_wire(wire)
    inverse, out = b.compute(lambda x: (pow(x, -1, R) if x else 0, int(x == 0)), wire, count=2)
    b.assert_product(wire, inverse, 1 - out, label=label or "is zero: inverse")
    b.assert_product(wire, out, 0, label=label or "is zero: product")
    return _known(b, out)


def assert_nonzero(b: Builder, value: Wire | int, label: str = "") -> None:
    """The value has an inverse."""
    wire = b.wire(value)
    inverse = b.compute(lambda x: pow(x, -1, R) if x else 0, wire)
    b.assert_product(wire, inverse, 1, label=label or "not zero")


def divide(b: Builder, numerator: Wire | int, denominator: Wire | int, label: str = "") -> Wire:
    """numerator / denominator; the denominator is asserted not to be zero."""
    assert_nonzero(b, denominator, label or "denominator not zero")
    above, below = b.wire(numerator), b.wire(denominator)
    out: Wire = b.compute(lambda x, y: x * pow(y, -1, R) if y else 0, above, below)
    b.assert_product(out, below, above, label=label or "quotient")
    return out


def bits(b: Builder, value: Wire | int, count: int, label: str = "") -> list[Wire]:
    """The bits, lowest first; the value is below 2^count."""
    if not 1 <= count <= MAX_BITS:
        raise Malformed("number of bits", expected=f"1 to {MAX_BITS}", got=str(count))
    out: list[Wire] = b.compute(lambda x: [x >> i & 1 for i in range(count)], value, count=count)
    for bit in out:
        assert_boolean(b, bit, label or "bit")
    together = b.wire(0)
    for i, bit in enumerate(out):
        together = together + bit * (1 << i)
    b.assert_equal(together, value, label=label or "sum of bits")
    return out
