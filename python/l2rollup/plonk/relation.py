"""A relation written down as bytes: columns, constraints and bus. Twin of rust/py/src/plonk/codec.rs.

What it is not: a judgement of it; the native module validates what it reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from l2rollup.plonk.expression import Code, Expression, walk

MAGIC = b"l2r-rel1"
MAX_DEGREE = 6
"""Highest degree of an identity in units of the rows (rust/plonk/src/arithmetization/relation.rs)."""
WORD = 32


@dataclass(frozen=True)
class Constraint:
    """An expression that is zero on every row."""

    label: str
    expression: Expression


@dataclass(frozen=True)
class Term:
    """One contribution to the bus: the numerator's sign tells sending from receiving, the payload begins with a tag."""

    numerator: Expression
    payload: tuple[Expression, ...]


@dataclass(frozen=True)
class Group:
    """Terms of the rows where `selector` is 1."""

    label: str
    selector: Expression
    terms: tuple[Term, ...]


@dataclass
class Relation:
    """Everything the proof system needs to know of a circuit but the values of fixed columns and the copies."""

    name: str
    log_n: int
    advice: int
    multiplicity: int
    fixed: int
    public_inputs: int
    copy_columns: tuple[int, ...]
    constraints: list[Constraint] = field(default_factory=list)
    helpers: list[list[Group]] = field(default_factory=list)

    def encode(self) -> bytes:
        """Returns the bytes. Public inputs begin on row 0."""
        writer = _Writer(self._roots())
        out = [MAGIC, _text(self.name)]
        out += [_u32(x) for x in (self.log_n, self.advice, self.multiplicity, self.fixed, self.public_inputs, 0)]
        out += [_u32(len(self.copy_columns)), *(_u32(c) for c in self.copy_columns), _u32(0), writer.encode()]
        out.append(_u32(len(self.constraints)))
        out += [_text(c.label) + writer.number(c.expression) for c in self.constraints]
        out.append(_u32(len(self.helpers)))
        for helper in self.helpers:
            out += [_u32(len(helper)), *(writer.group(group) for group in helper)]
        return b"".join(out)

    def _roots(self) -> list[Expression]:
        groups = [group for helper in self.helpers for group in helper]
        terms = [e for g in groups for term in g.terms for e in (term.numerator, *term.payload)]
        return [*(c.expression for c in self.constraints), *(g.selector for g in groups), *terms]


def read_name(encoded: bytes) -> str:
    """The name in the bytes of a relation."""
    at = len(MAGIC) + 4
    return encoded[at : at + int.from_bytes(encoded[at - 4 : at], "little")].decode(errors="replace")


class _Writer:
    def __init__(self, roots: Sequence[Expression]) -> None:
        self.constants: dict[int, int] = {}
        self.nodes: list[tuple[int, int, int]] = []
        self.places: dict[tuple[int, int, int], int] = {}
        self.at: dict[int, int] = {}
        for node in walk(roots):
            self.at[id(node)] = self._place(node)

    def _place(self, node: Expression) -> int:
        if node.left is not None and node.right is not None:
            key = (int(node.code), self.at[id(node.left)], self.at[id(node.right)])
        elif node.code is Code.CONSTANT:
            key = (0, self.constants.setdefault(node.a, len(self.constants)), 0)
        else:
            key = (int(node.code), node.a, node.b)
        place = self.places.setdefault(key, len(self.nodes))
        if place == len(self.nodes):
            self.nodes.append(key)
        return place

    def encode(self) -> bytes:
        constants = b"".join(value.to_bytes(WORD, "little") for value in self.constants)
        nodes = b"".join(bytes([code]) + _u32(a) + _u32(b) for code, a, b in self.nodes)
        return _u32(len(self.constants)) + constants + _u32(len(self.nodes)) + nodes

    def number(self, expression: Expression) -> bytes:
        return _u32(self.at[id(expression)])

    def group(self, group: Group) -> bytes:
        out = _text(group.label) + self.number(group.selector) + _u32(len(group.terms))
        for term in group.terms:
            out += self.number(term.numerator) + _u32(len(term.payload))
            out += b"".join(self.number(e) for e in term.payload)
        return out


def _u32(value: int) -> bytes:
    return value.to_bytes(4, "little")


def _text(text: str) -> bytes:
    raw = text.encode()
    return _u32(len(raw)) + raw
