"""Wires: what a circuit computes with. A wire is a sum of cells with factors, and a constant; sums cost no row.

`a + 2 * b - 1` is written down for later; a product of two wires, or a wire handed to a gate, takes a row. What it is
not: a number. A wire has no value until a witness gives it one, so it cannot be compared or branched on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NoReturn

from l2rollup.errors import Malformed
from l2rollup.spec.field import R

if TYPE_CHECKING:
    from l2rollup.plonk.builder import Builder


MAX_TERMS = 48
"""Longest sum that is only written down; a longer one gets cells for its parts."""


class Wire:
    """constant + sum of factor x variable. Immutable; belongs to one circuit."""

    __slots__ = ("builder", "constant", "terms")

    def __init__(self, builder: Builder, terms: Mapping[int, int], constant: int = 0) -> None:
        self.builder, self.terms, self.constant = builder, terms, constant

    @property
    def is_constant(self) -> bool:
        """Whether no witness can change it."""
        return not self.terms

    def value(self, values: Sequence[int]) -> int:
        """Its value where the variables have these."""
        return (self.constant + sum(factor * values[v] for v, factor in self.terms.items())) % R

    def plus(self, other: Wire | int, factor: int) -> Wire:
        """This wire and `factor` times another."""
        other = self.builder.wire(other)
        if len(self.terms) + len(other.terms) > MAX_TERMS:
            # a sum that grows in a loop would be copied again and again; its rows are needed sooner or later
            return self.builder.shorten(self).plus(self.builder.shorten(other), factor)
        terms = dict(self.terms)
        for v, f in other.terms.items():
            together = (terms.get(v, 0) + factor * f) % R
            if together:
                terms[v] = together
            else:
                terms.pop(v, None)
        return Wire(self.builder, terms, (self.constant + factor * other.constant) % R)

    def times(self, factor: int) -> Wire:
        """This wire times a constant."""
        factor %= R
        terms = {v: f * factor % R for v, f in self.terms.items()} if factor else {}
        return Wire(self.builder, terms, self.constant * factor % R)

    def __add__(self, other: Wire | int) -> Wire:
        return self.plus(other, 1)

    __radd__ = __add__

    def __sub__(self, other: Wire | int) -> Wire:
        return self.plus(other, R - 1)

    def __rsub__(self, other: int) -> Wire:
        return self.times(R - 1).plus(other, 1)

    def __neg__(self) -> Wire:
        return self.times(R - 1)

    def __mul__(self, other: Wire | int) -> Wire:
        return self.builder.product(self, self.builder.wire(other))

    __rmul__ = __mul__

    def __pow__(self, exponent: int) -> Wire:
        if not isinstance(exponent, int) or exponent < 1:
            raise Malformed("exponent", expected="an integer of at least 1", got=repr(exponent))
        if exponent == 1:
            return self
        half = self ** (exponent // 2)
        return half * half * self if exponent % 2 else half * half

    def __bool__(self) -> NoReturn:
        raise Malformed("wire in a condition", expected="circuit.select, is_zero or is_less", got="a Python condition")

    def __eq__(self, other: object) -> NoReturn:
        raise Malformed("wire compared", expected="circuit.assert_equal, or circuit.is_equal for a bit", got="==")

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        named = [f"{'' if f == 1 else f'{f} * '}{self.builder.name_of(v)}" for v, f in list(self.terms.items())[:6]]
        more = ["..."] if len(self.terms) > 6 else []
        return f"Wire({' + '.join([*named, *more, *([str(self.constant)] if self.constant or not named else [])])})"
