"""The builder: variables, the rows that bind them, and the steps that compute their values, in the order of the calls.

What is laid out never depends on a value, so one circuit serves every witness. What it is not: gadgets (gadgets/) or
the relation (layout.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import prod
from typing import Any

from l2rollup.errors import Malformed
from l2rollup.plonk.gate import ARITHMETIC, COPIED, LOOKUP, Gate
from l2rollup.plonk.table import Table, make_range_table
from l2rollup.plonk.values import Shape, nest, to_shape
from l2rollup.plonk.wire import Wire
from l2rollup.spec.field import R

EMPTY = -1
"""A cell that holds no variable: zero."""
SHORT_SUM = 4
"""Terms that take one row; a longer sum is shortened where it would grow on."""
_MINUS = R - 1
_NAME = re.compile(r"[A-Za-z0-9 ._-]{1,80}")
_RESERVED = {"progress", "limit"}
"""Parameters of the calls that take inputs by name."""


@dataclass(frozen=True)
class Row:
    """A row of a block: a gate (None: cells for the gate above), cells and params by name, or cells by position."""

    gate: Gate | None = None
    cells: Mapping[str, Wire | int] = field(default_factory=dict)
    params: Mapping[str, int] = field(default_factory=dict)
    columns: Sequence[Wire | int | None] = ()


@dataclass(frozen=True)
class Step:
    """One computation of the witness: variables it reads, variables it sets, how."""

    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    run: Callable[[list[int]], None]


@dataclass(frozen=True)
class Placed:
    """A row as laid out: gate, variables of its cells (EMPTY where none), values of its params, label path."""

    gate: Gate | None
    cells: tuple[int, ...]
    params: tuple[int, ...]
    label: tuple[str, ...]


@dataclass(frozen=True)
class Named:
    """An input or an output: name, shape, variables row by row, whether a proof shows it."""

    name: str
    shape: Shape
    variables: tuple[int, ...]
    public: bool


class Builder:
    """Collects a circuit. Not thread-safe; ready when compiled."""

    def __init__(self, name: str, limb_bits: int) -> None:
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise Malformed("name of a circuit", expected="letters, digits, spaces and . _ -", got=repr(name))
        self.name = name
        self.count = 0
        self.steps: list[Step] = []
        self.placed: list[Placed] = []
        self.inputs: dict[str, Named] = {}
        self.outputs: dict[str, Named] = {}
        self.shown: list[Named] = []
        self.tables: list[Table] = []
        self.booleans: set[int] = set()
        self.limb_bits = limb_bits
        self._range_tables: dict[int, Table] = {}
        self._names: dict[int, str] = {}
        self._scope: tuple[str, ...] = ()
        self._copied: set[int] = set()
        self._fixed_place: set[int] = set()
        self._cells: dict[tuple[int, tuple[tuple[int, int], ...]], int] = {}
        self._products: dict[tuple[int, ...], Wire] = {}

    @property
    def publics(self) -> list[int]:
        """Variables of the public inputs, in the proof's order."""
        return [variable for named in self.shown for variable in named.variables]

    # --- variables, names, scopes

    def wire(self, value: Wire | int) -> Wire:
        """A wire as it is; an integer as a constant one. Raises Malformed for anything else."""
        if isinstance(value, Wire):
            if value.builder is not self:
                raise Malformed("wire", expected=f"one of circuit {self.name}", got=f"one of {value.builder.name}")
            return value
        if isinstance(value, int) and not isinstance(value, bool):
            return Wire(self, {}, value % R)
        raise Malformed("wire", expected="a wire or an integer", got=type(value).__name__)

    def variable(self, name: str = "") -> int:
        """A new variable, bound by nothing yet."""
        if name:
            self._names[self.count] = name
        self.count += 1
        return self.count - 1

    def name_of(self, variable: int) -> str:
        """What errors call a variable."""
        return self._names.get(variable, f"w{variable}")

    def _of(self, variable: int) -> Wire:
        return Wire(self, {variable: 1})

    @property
    def path(self) -> tuple[str, ...]:
        """Labels of the scopes around this call."""
        return self._scope

    @contextmanager
    def scope(self, label: str) -> Iterator[None]:
        """Rows laid out inside carry this label, in errors and in the profile."""
        before, self._scope = self._scope, (*self._scope, label)
        try:
            yield
        finally:
            self._scope = before

    # --- inputs and outputs

    def secret(self, name: str, shape: int | Sequence[int] | None = None) -> Any:
        """A named input that only the prover knows: one wire, or nested lists of wires of this shape."""
        return self._input(name, shape, public=False)

    def public(self, name: str, shape: int | Sequence[int] | None = None) -> Any:
        """A named input that the proof shows."""
        return self._input(name, shape, public=True)

    def _input(self, name: str, shape: int | Sequence[int] | None, *, public: bool) -> Any:
        self._claim(name)
        sizes = to_shape(name, shape)
        labels = [name] if sizes == () else [f"{name}[{i}]" for i in range(prod(sizes))]
        variables = tuple(self.variable(label) for label in labels)
        self.inputs[name] = Named(name, sizes, variables, public)
        if public:
            self.shown.append(self.inputs[name])
        return nest([self._of(v) for v in variables], sizes)

    def expose(self, name: str, value: Any) -> None:
        """The proof shows this wire, or these nested lists of wires, under this name. Raises Malformed."""
        self._claim(name)
        flat, shape = _flatten(name, value)
        variables = []
        for i, wire in enumerate(flat):
            variable = self.cell(self.wire(wire))
            self._names.setdefault(variable, name if shape == () else f"{name}[{i}]")
            variables.append(variable)
        self.outputs[name] = Named(name, shape, tuple(variables), True)
        self.shown.append(self.outputs[name])

    def _claim(self, name: str) -> None:
        if not isinstance(name, str) or not name.isidentifier() or not name.isascii() or name in _RESERVED:
            raise Malformed("name of an input or output", expected="an ASCII identifier", got=repr(name))
        if name in self.inputs or name in self.outputs:
            raise Malformed("name of an input or output", expected="one not used yet", got=name)

    # --- values

    def compute(self, function: Callable[..., Any], *inputs: Wire | int, count: int | None = None) -> Any:
        """A wire whose value `function` computes from the integers of `inputs`; `count` wires where it returns a list.

        The wire is bound by nothing: what it must be is for gates and assertions to say.
        """
        wires = [self.wire(x) for x in inputs]
        out = [self.variable() for _ in range(1 if count is None else count)]

        def run(values: list[int]) -> None:
            result = function(*(wire.value(values) for wire in wires))
            listed = [result] if count is None else list(result)
            if len(listed) != len(out):
                raise Malformed("values computed", expected=str(len(out)), got=str(len(listed)))
            for variable, value in zip(out, listed, strict=True):
                values[variable] = int(value) % R

        self.steps.append(Step(tuple({v for wire in wires for v in wire.terms}), tuple(out), run))
        return self._of(out[0]) if count is None else [self._of(v) for v in out]

    def _sum(self, wire: Wire) -> int:
        """A variable that takes the wire's value; no row binds it yet."""
        out = self.variable()
        run = lambda values: values.__setitem__(out, wire.value(values))  # noqa: E731
        self.steps.append(Step(tuple(wire.terms), (out,), run))
        return out

    def cell(self, value: Wire | int) -> int:
        """The variable of a wire; a wire that is a sum gets one, and the rows that bind it."""
        wire = self.wire(value)
        if wire.constant == 0 and len(wire.terms) == 1:
            [(variable, factor)] = wire.terms.items()
            if factor == 1:
                return variable
        key = (wire.constant, tuple(sorted(wire.terms.items())))
        if key not in self._cells:
            self._cells[key] = out = self._sum(wire)
            with self.scope("constants" if wire.is_constant else "sums"):
                self.assert_zero(wire - self._of(out), label=str(wire.constant) if wire.is_constant else "sum")
        return self._cells[key]

    def variable_wire(self, value: Wire | int) -> Wire:
        """The same value as a wire of one cell."""
        return self._of(self.cell(value))

    def shorten(self, wire: Wire) -> Wire:
        """The same value, as one cell where it is a sum of many."""
        return self.variable_wire(wire) if len(wire.terms) > SHORT_SUM else wire

    # --- rows

    def block(self, rows: Sequence[Row], *, label: str = "") -> None:
        """Lays rows out one below the other. Raises Malformed where a cell that a gate reads is not given."""
        prepared = [self._prepare(row) for row in rows]
        path = (*self._scope, label) if label else self._scope
        for i, (gate, cells, params) in enumerate(prepared):
            below = prepared[i + 1][1] if i + 1 < len(prepared) else None
            self._check_reads(gate, cells, below)
            where = path or ((gate.name,) if gate else ("cells",))
            self.place(Placed(gate, cells, params, where))

    def row(self, gate: Gate, *, label: str = "", params: Mapping[str, int] | None = None, **cells: Wire | int) -> None:
        """Lays out one row of a gate, its cells by name."""
        self.block([Row(gate, cells, params or {})], label=label)

    def _prepare(self, row: Row) -> tuple[Gate | None, tuple[int, ...], tuple[int, ...]]:
        if row.columns:
            cells = [EMPTY if value is None else self.cell(value) for value in row.columns]
        else:
            names = row.gate.cell_names if row.gate else ()
            unknown = sorted(set(row.cells) - set(names))
            if unknown:
                raise Malformed(f"cells of {row.gate}", expected=" ".join(names) or "none", got=" ".join(unknown))
            cells = [self.cell(row.cells[name]) if name in row.cells else EMPTY for name in names]
        wanted = row.gate.param_names if row.gate else ()
        if set(row.params) - set(wanted):
            raise Malformed(f"params of {row.gate}", expected=" ".join(wanted) or "none", got=" ".join(row.params))
        return row.gate, tuple(cells), tuple(row.params.get(name, 0) % R for name in wanted)

    def _check_reads(self, gate: Gate | None, cells: tuple[int, ...], below: tuple[int, ...] | None) -> None:
        for leaf in gate.reads if gate else ():
            where = below if leaf.b else cells
            if where is None or leaf.a >= len(where) or where[leaf.a] == EMPTY:
                got = "no row below" if where is None else "nothing"
                raise Malformed(f"gate {gate.name if gate else ''}", expected=f"a wire in cell {leaf}", got=got)

    def place(self, placed: Placed) -> None:
        """Appends a row whose cells are laid out already; what a gate reads is not looked at."""
        if placed.gate is not None:
            placed.gate.is_used = True
        for column, variable in enumerate(placed.cells):
            if variable == EMPTY:
                continue
            if column >= COPIED and (variable in self._copied or variable in self._fixed_place):
                self._refuse_place(placed, variable)
            if column < COPIED and variable in self._fixed_place:
                self._refuse_place(placed, variable)
            (self._copied if column < COPIED else self._fixed_place).add(variable)
        self.placed.append(placed)

    def _refuse_place(self, placed: Placed, variable: int) -> None:
        what = f"{self.name_of(variable)} in {'/'.join(placed.label)}"
        raise Malformed(what, expected=f"one of the first {COPIED} cells, or a wire used nowhere else", got="twice")

    def _arithmetic(
        self, terms: Sequence[tuple[int, int]], constant: int, product: int = 0, label: str = ""
    ) -> None:
        """sum factor x variable + product x first x second + constant = 0; at most five terms."""
        cells = tuple(v for v, _ in terms) + (EMPTY,) * (5 - len(terms))
        factors = tuple(f % R for _, f in terms) + (0,) * (5 - len(terms))
        path = (*self._scope, label) if label else self._scope or ("arithmetic",)
        self.place(Placed(ARITHMETIC, cells, (*factors, product % R, constant % R), path))

    def assert_zero(self, value: Wire | int, *, label: str = "") -> None:
        """The wire is zero."""
        wire = self.wire(value)
        terms, constant = list(wire.terms.items()), wire.constant
        if not terms:
            if constant:
                raise Malformed(label or "assertion over constants", expected="0", got=str(constant))
            return
        while len(terms) > 5:
            part, rest = terms[:4], terms[4:]
            out = self._sum(Wire(self, dict(part)))
            self._arithmetic([*part, (out, _MINUS)], 0, label=label)
            terms = [*rest, (out, 1)]
        self._arithmetic(terms, constant, label=label)

    def assert_equal(self, left: Wire | int, right: Wire | int, *, label: str = "") -> None:
        """Both wires have one value."""
        self.assert_zero(self.wire(left) - right, label=label)

    def _affine(self, wire: Wire) -> tuple[int, int, int]:
        """(variable, factor, constant) of a wire; a sum of several variables gets a variable of its own."""
        if len(wire.terms) != 1:
            return self.cell(wire), 1, 0
        [(variable, factor)] = wire.terms.items()
        return variable, factor, wire.constant

    def product(self, left: Wire, right: Wire, *, label: str = "") -> Wire:
        """The product: one row, none where a side is constant."""
        if left.is_constant or right.is_constant:
            return right.times(left.constant) if left.is_constant else left.times(right.constant)
        key = tuple(x for side in sorted([self._affine(left), self._affine(right)]) for x in side)
        if key not in self._products:
            self._products[key] = out = self.compute(lambda x, y: x * y, left, right)
            self.assert_product(left, right, out, label=label)
        return self._products[key]

    def assert_product(self, left: Wire | int, right: Wire | int, result: Wire | int, *, label: str = "") -> None:
        """left x right = result, in one row where the result is a sum of at most three."""
        left, right, result = self.wire(left), self.wire(right), self.wire(result)
        if left.is_constant or right.is_constant:
            return self.assert_equal(self.product(left, right), result, label=label)
        if len(result.terms) > 3:
            result = self.variable_wire(result)
        (a, fa, ka), (b, fb, kb) = self._affine(left), self._affine(right)
        terms = [(a, fa * kb), (b, fb * ka), *((v, -f) for v, f in result.terms.items())]
        return self._arithmetic(terms, ka * kb - result.constant, fa * fb, label=label)

    # --- tables

    def table(self, name: str, rows: Sequence[Any]) -> Table:
        """A lookup table of this circuit: tuples of one length, or integers."""
        table = Table(name, rows, tag=len(self.tables) + 1)
        return self.add_table(table)

    def add_table(self, table: Table) -> Table:
        """Takes a table that carries the next tag."""
        if table.tag != len(self.tables) + 1:
            raise Malformed(f"tag of table {table.name}", expected=str(len(self.tables) + 1), got=str(table.tag))
        self.tables.append(table)
        return table

    def range_table(self, width: int) -> Table:
        """The table of the numbers below 2^width, made when it is first asked for."""
        if width not in self._range_tables:
            self._range_tables[width] = self.add_table(make_range_table(width, len(self.tables) + 1))
        return self._range_tables[width]

    def assert_in(self, table: Table, *values: Wire | int, label: str = "") -> None:
        """The tuple of wires is a row of the table."""
        self._check_table(table)
        if len(values) != table.width:
            raise Malformed(f"lookup in {table.name}", expected=f"{table.width} values", got=str(len(values)))
        # the columns beyond the table's width are zero in it, and so must these cells be
        cells = tuple(self.cell(value) for value in values) + (EMPTY,) * (COPIED - len(values))
        path = (*self._scope, label or f"lookup in {table.name}")
        self.place(Placed(LOOKUP, cells, (table.tag,), path))

    def _check_table(self, table: Table) -> None:
        if not any(table is known for known in self.tables):
            raise Malformed("table", expected=f"a table of circuit {self.name}", got=table.name)


def _flatten(name: str, value: Any) -> tuple[list[Any], Shape]:
    if not isinstance(value, Sequence):
        return [value], ()
    if not value:
        raise Malformed(f"output {name}", expected="at least one wire", got="an empty list")
    parts = [_flatten(name, part) for part in value]
    if len({shape for _, shape in parts}) != 1:
        raise Malformed(f"output {name}", expected="nested lists of one shape", got="others")
    return [x for flat, _ in parts for x in flat], (len(value), *parts[0][1])
