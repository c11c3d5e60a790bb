"""From rows to a relation: every gate gets a selector, all share the params' columns, tables lie in columns of their
own.

Public inputs come first, one arithmetic row each. Identities, with s the gate's selector: s x constraint = 0; the bus
holds one message a lookup (received by the table as often as its multiplicity says). What it is not: values; see
witness.py.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import prod

from l2rollup import native
from l2rollup.errors import Malformed
from l2rollup.plonk.builder import EMPTY, Builder, Placed
from l2rollup.plonk.expression import Code, Expression, constant, evaluate, walk
from l2rollup.plonk.gate import ARITHMETIC, COPIED, Gate
from l2rollup.plonk.profile import Part, Profile
from l2rollup.plonk.relation import MAX_DEGREE, WORD, Constraint, Group, Relation, Term
from l2rollup.spec.field import R

MIN_LOG_N = 5
TERMS_PER_HELPER = MAX_DEGREE - 2
"""Selector and helper take one degree each; a denominator is linear."""


@dataclass
class Layout:
    """A circuit laid out: rows in order, columns of variables, and what the proof system is given."""

    name: str
    rows: list[Placed]
    gates: list[Gate]
    advice: int
    params: int
    table_width: int
    table_rows: list[tuple[int, ...]]
    described: list[tuple[str, tuple[int, ...]]]
    log_n: int = field(init=False)
    handle: native.PlonkCircuit | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        needed = max(len(self.rows), len(self.table_rows), 1 << MIN_LOG_N)
        self.log_n = (needed - 1).bit_length()

    @property
    def n(self) -> int:
        """Rows of the trace, a power of two."""
        return 1 << self.log_n

    @property
    def public_inputs(self) -> int:
        """Number of public values."""
        return sum(prod(shape) for _, shape in self.described)

    @property
    def selector(self) -> dict[str, int]:
        """Fixed column of each gate's selector."""
        return {gate.name: i for i, gate in enumerate(self.gates)}

    @property
    def columns(self) -> int:
        """Witness columns: advice, and the multiplicities of the tables where there are any."""
        return self.advice + int(bool(self.table_rows))

    @cached_property
    def table_places(self) -> dict[tuple[int, ...], int]:
        """Row of each (tag, values..., zeros) of the tables."""
        return {row: i for i, row in enumerate(self.table_rows)}

    @cached_property
    def relation(self) -> Relation:
        """The relation; its digest depends on the name, the gates and the sizes."""
        first = len(self.gates)
        relation = Relation(
            name_relation(self.name, self.described),
            self.log_n, self.advice, self.columns - self.advice, first + self.params + self._table_columns,
            self.public_inputs, tuple(range(COPIED)),
        )  # fmt: skip
        for i, gate in enumerate(self.gates):
            on = Expression(Code.FIXED, i, name=f"is {gate.name}")
            for label, expression in gate.constraints:
                moved = on * _move(expression, first)
                if gate is ARITHMETIC and self.public_inputs:
                    moved = moved + Expression(Code.INSTANCE)
                relation.constraints.append(Constraint(label, moved))
        self._add_bus(relation)
        return relation

    @property
    def _table_columns(self) -> int:
        return 1 + self.table_width if self.table_rows else 0

    def _add_bus(self, relation: Relation) -> None:
        """Lookups of a gate share a helper with those of other gates, whose rows are others; tables have one alone."""
        first = len(self.gates)
        for i, gate in enumerate(self.gates):
            on = Expression(Code.FIXED, i, name=f"is {gate.name}")
            for start in range(0, len(gate.lookups), TERMS_PER_HELPER):
                part = gate.lookups[start : start + TERMS_PER_HELPER]
                terms = tuple(Term(constant(1), tuple(_move(e, first) for e in payload)) for _, payload in part)
                place = start // TERMS_PER_HELPER
                if place == len(relation.helpers):
                    relation.helpers.append([])
                relation.helpers[place].append(Group(f"lookups of {gate.name}", on, terms))
        if self.table_rows:
            table = [Expression(Code.FIXED, first + self.params + i) for i in range(self._table_columns)]
            taken = Term(-Expression(Code.ADVICE, self.advice), tuple(table))
            relation.helpers.append([Group("tables", constant(1), (taken,))])

    @cached_property
    def encoded(self) -> bytes:
        """The relation's bytes."""
        return self.relation.encode()

    @cached_property
    def fixed(self) -> bytes:
        """Fixed columns, packed: selectors, params, then tag and values of the tables."""
        selector, columns = self.selector, list[bytearray]()
        columns = [bytearray(self.n * WORD) for _ in range(len(self.gates) + self.params + self._table_columns)]
        one = (1).to_bytes(WORD, "little")
        for i, row in enumerate(self.rows):
            if row.gate is None:
                continue
            columns[selector[row.gate.name]][i * WORD : (i + 1) * WORD] = one
            for k, value in enumerate(row.params):
                if value:
                    columns[len(self.gates) + k][i * WORD : (i + 1) * WORD] = value.to_bytes(WORD, "little")
        for k in range(self._table_columns):
            raw = b"".join(row[k].to_bytes(WORD, "little") for row in self.table_rows)
            columns[len(self.gates) + self.params + k][: len(raw)] = raw
        return b"".join(columns)

    @cached_property
    def copies(self) -> bytes:
        """Pairs of cells that hold one variable: each with the one before it."""
        last: dict[int, tuple[int, int]] = {}
        out = []
        for i, row in enumerate(self.rows):
            for column, variable in enumerate(row.cells[:COPIED]):
                if variable == EMPTY:
                    continue
                if variable in last:
                    out.append(struct.pack("<4I", *last[variable], column, i))
                last[variable] = column, i
        if self.rows[-1] is _TIED:
            out.append(struct.pack("<4I", 0, len(self.rows) - 2, 0, len(self.rows) - 1))
        return b"".join(out)

    @cached_property
    def digest(self) -> bytes:
        """SHA-256 of relation, fixed columns and copies: the same for every witness."""
        whole = hashlib.sha256()
        for part in (self.encoded, self.fixed, self.copies):
            whole.update(len(part).to_bytes(8, "big") + part)
        return whole.digest()

    def column(self, index: int) -> list[int]:
        """Variables of an advice column by row; EMPTY where there is none, padding included."""
        cells = [row.cells[index] if index < len(row.cells) else EMPTY for row in self.rows]
        return cells + [EMPTY] * (self.n - len(cells))

    def profile(self) -> Profile:
        """Rows and cells of each label; a row's cells are all advice columns, used or not."""
        counts: dict[tuple[str, ...], int] = {}
        for row in self.rows:
            counts[row.label] = counts.get(row.label, 0) + 1
        parts = [Part(label, rows, rows * self.advice) for label, rows in counts.items()]
        title = f"{self.name}: 2^{self.log_n} rows x {self.advice} advice columns, {len(self.table_rows)} table rows"
        return Profile(title, parts, total_rows=self.n, total_cells=self.n * self.advice)

    def check_budget(self, rows: int, setup: str) -> None:
        """Raises Malformed where the trace needs more rows than the setup has powers, naming the largest parts."""
        if self.n <= rows:
            return
        largest = sorted(self.profile().parts, key=lambda part: -part.rows)[:3]
        named = ", ".join(f"{'/'.join(part.path)} {part.rows}" for part in largest)
        got = f"{len(self.rows)} rows and {len(self.table_rows)} table rows (most: {named})"
        most = 1 << (rows.bit_length() - 1)
        raise Malformed(
            f"circuit {self.name} is over the row budget of setup {setup}", expected=f"at most {most} rows", got=got
        )


def name_relation(name: str, described: Sequence[tuple[str, Sequence[int]]]) -> str:
    """The relation's name: the circuit's, and what its public values are called, so that a key's digest covers both."""
    return f"{name} ({', '.join(x + ''.join(f'[{size}]' for size in shape) for x, shape in described)})"


def _move(expression: Expression, first: int) -> Expression:
    """A gate's expression over the columns of the circuit: its params follow the selectors."""
    moved: dict[int, Expression] = {}
    for node in walk([expression]):
        if node.left is not None and node.right is not None:
            left, right = moved[id(node.left)], moved[id(node.right)]
            moved[id(node)] = Expression(node.code, left=left, right=right)
        elif node.code is Code.FIXED:
            moved[id(node)] = Expression(Code.FIXED, first + node.a, name=node.name)
        else:
            moved[id(node)] = node
    return moved[id(expression)]


def _used_gates(rows: Sequence[Placed]) -> list[Gate]:
    found: dict[str, Gate] = {}
    for row in rows:
        if row.gate is not None and found.setdefault(row.gate.name, row.gate) is not row.gate:
            raise Malformed("gates", expected="one gate of each name", got=f"two named {row.gate.name}")
    return list(found.values())


_TIED = Placed(None, (EMPTY,), (), ("tied cells",))


def _has_copy_across(rows: Sequence[Placed]) -> bool:
    """Whether a variable stands on two rows. Without one the permutation product is constant, and the opening of a
    constant is a point that no verifier takes; two empty cells are then tied."""
    first: dict[int, int] = {EMPTY: -1}
    placed = ((variable, i) for i, row in enumerate(rows) for variable in row.cells[:COPIED])
    return any(first.setdefault(variable, i) != i for variable, i in placed if variable != EMPTY)


def _check_tags(builder: Builder, rows: Sequence[Placed]) -> None:
    """Every lookup names a table of this circuit, and gives at least as many values as its rows have."""
    for row in rows:
        for label, payload in row.gate.lookups if row.gate else ():
            tag = evaluate(payload[0], lambda leaf, row=row: row.params[leaf.a])  # type: ignore[misc]
            if not 1 <= tag <= len(builder.tables):
                expected = f"the tag of one of {len(builder.tables)} tables"
                raise Malformed(f"{label} at {'/'.join(row.label)}", expected=expected, got=str(tag))
            width = builder.tables[tag - 1].width
            if len(payload) - 1 < width:
                got = str(len(payload) - 1)
                raise Malformed(f"{label} at {'/'.join(row.label)}", expected=f"{width} values", got=got)


def lay_out(builder: Builder) -> Layout:
    """Lays a circuit out. Raises Malformed for one without rows, or with two gates of one name."""
    minus = R - 1
    blank, params = (EMPTY,) * (COPIED - 1), (minus, *(0,) * 6)
    shown = [Placed(ARITHMETIC, (v, *blank), params, ("public inputs",)) for v in builder.publics]
    rows = [*shown, *builder.placed]
    if not rows:
        raise Malformed(f"circuit {builder.name}", expected="at least one row", got="none")
    if not _has_copy_across(rows):
        rows += [_TIED, _TIED]
    gates = _used_gates(rows)
    width = max((table.width for table in builder.tables), default=0)
    payloads = [len(payload) - 1 for gate in gates for _, payload in gate.lookups]
    width = max([width, *payloads]) if builder.tables or payloads else 0
    listed = [(table.tag, *row, *(0,) * (width - table.width)) for table in builder.tables for row in table.rows]
    _check_tags(builder, rows)
    return Layout(
        builder.name, rows, gates, max([COPIED, *(len(row.cells) for row in rows)]),
        max(len(gate.param_names) for gate in [ARITHMETIC, *gates]),
        width, listed, [(named.name, named.shape) for named in builder.shown],
    )  # fmt: skip
