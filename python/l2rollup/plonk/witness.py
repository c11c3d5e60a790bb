"""A witness: every variable's value, packed as columns; what it violates, in the words of the circuit.

It may be changed cell by cell, to see that a circuit refuses what it should. What it is not: a proof.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod

from l2rollup import native
from l2rollup.errors import Malformed, WitnessRejected
from l2rollup.plonk.builder import EMPTY, Builder, Placed
from l2rollup.plonk.expression import Code, Expression, evaluate, leaves
from l2rollup.plonk.layout import Layout
from l2rollup.plonk.relation import WORD
from l2rollup.plonk.values import nest, to_element, to_elements
from l2rollup.spec.field import R

_ZERO = bytes(WORD)
_MESSAGE = re.compile(r"(\d+) x \((.*)\)")


@dataclass(frozen=True)
class Violation:
    """A clause that does not hold: constraint, label of the row, row, values of the cells it reads."""

    constraint: str
    label: str
    row: int
    values: dict[str, int] = field(default_factory=dict)
    detail: str = ""

    def __str__(self) -> str:
        shown = ", ".join(f"{name} = {value}" for name, value in self.values.items())
        return f"{self.constraint} at {self.label}, row {self.row}: {shown or self.detail}"

    def error(self) -> WitnessRejected:
        """The exception that names it."""
        shown = ", ".join(f"{name} = {value}" for name, value in self.values.items())
        return WitnessRejected(
            f"the witness violates {self.constraint} at {self.label} (row {self.row})",
            expected="a witness of the circuit", got=shown or self.detail,
        )  # fmt: skip


class Witness:
    """Columns of a circuit. `public` are the values that a proof of it shows, by name."""

    def __init__(self, builder: Builder, layout: Layout, columns: list[bytearray], instance: list[int]) -> None:
        self._builder, self.layout = builder, layout
        self.columns, self.instance = columns, instance

    @property
    def public(self) -> dict[str, object]:
        """Public inputs and outputs, in their shapes."""
        return name_publics(self.layout.described, self.instance)

    def packed(self) -> bytes:
        """All columns, one after another, 32 bytes a cell, little endian."""
        return b"".join(self.columns)

    def packed_instance(self) -> bytes:
        """The public inputs, 32 bytes each, little endian."""
        return b"".join(value.to_bytes(WORD, "little") for value in self.instance)

    def cell(self, column: int, row: int) -> int:
        """The value of a cell. Raises Malformed."""
        self._check_place(column, row)
        return int.from_bytes(self.columns[column][row * WORD : (row + 1) * WORD], "little")

    def with_cell(self, column: int, row: int, value: int) -> Witness:
        """The same witness with one cell changed. Raises Malformed."""
        self._check_place(column, row)
        columns = list(self.columns)
        columns[column] = bytearray(columns[column])
        columns[column][row * WORD : (row + 1) * WORD] = to_element("cell", value).to_bytes(WORD, "little")
        return Witness(self._builder, self.layout, columns, self.instance)

    def with_public(self, index: int, value: int) -> Witness:
        """The same witness with one public input changed, its cell left. Raises Malformed."""
        if not 0 <= index < len(self.instance):
            raise Malformed("public input", expected=f"below {len(self.instance)}", got=str(index))
        instance = [*self.instance[:index], to_element("public input", value), *self.instance[index + 1 :]]
        return Witness(self._builder, self.layout, self.columns, instance)

    def _check_place(self, column: int, row: int) -> None:
        if not (0 <= column < len(self.columns) and 0 <= row < self.layout.n):
            expected = f"column below {len(self.columns)}, row below {self.layout.n}"
            raise Malformed("cell", expected=expected, got=f"({column}, {row})")

    def violations(self, limit: int = 100) -> list[Violation]:
        """What does not hold, at most `limit` clauses."""
        circuit = open_circuit(self.layout)
        found = circuit.check(self.packed(), self.packed_instance(), limit)
        return [self._explain(label, row, values) for label, row, values in found]

    def require(self) -> None:
        """Raises WitnessRejected naming the first violated clause, its label and the values it reads."""
        for violation in self.violations(1):
            raise violation.error()

    def _explain(self, label: str, row: int, values: str) -> Violation:
        where = self._label(row)
        if label.startswith("bus "):
            return Violation(label.removeprefix("bus "), where, row, detail=self._explain_bus(values))
        for constraint in self.layout.relation.constraints:
            if constraint.label == label:
                return Violation(label, where, row, self._read(constraint.expression, row))
        return Violation(label, where, row, detail=values)

    def _label(self, row: int) -> str:
        return "/".join(self.layout.rows[row].label) if row < len(self.layout.rows) else "padding"

    def _read(self, expression: Expression, row: int) -> dict[str, int]:
        out: dict[str, int] = {}
        for leaf in leaves(expression):
            if leaf.code is Code.ADVICE:
                at = (row + leaf.b) % self.layout.n
                name, value = self._name(leaf, at), self.cell(leaf.a, at)
                if value or name != str(leaf):
                    out[name] = value
            elif leaf.code is Code.INSTANCE and row < len(self.instance):
                out["public input"] = self.instance[row]
        return out

    def _name(self, leaf: Expression, row: int) -> str:
        cells = self.layout.rows[row].cells if row < len(self.layout.rows) else ()
        variable = cells[leaf.a] if leaf.a < len(cells) else EMPTY
        return str(leaf) if variable == EMPTY else f"{leaf} ({self._builder.name_of(variable)})"

    def _explain_bus(self, values: str) -> str:
        match = _MESSAGE.fullmatch(values)
        parts = [int(x) for x in match.group(2).split(", ") if x] if match else []
        if match is None or not parts or parts[0] > len(self._builder.tables):
            return values
        table = self._builder.tables[parts[0] - 1]
        # the native check drops zeros at the end of a message
        row = (parts[1:] + [0] * table.width)[: max(table.width, len(parts) - 1)]
        balance = int(match.group(1))
        if tuple(row) not in table.places:
            return f"{tuple(row)} is not in table {table.name}"
        more = balance if balance <= R // 2 else balance - R
        return f"{tuple(row)} of table {table.name}: asked for {more:+d} times more than counted"


def name_publics(described: Sequence[tuple[str, tuple[int, ...]]], instance: Sequence[int]) -> dict[str, object]:
    """Values by name, in their shapes."""
    out: dict[str, object] = {}
    at = 0
    for name, shape in described:
        out[name] = nest(instance[at : at + prod(shape)], shape)
        at += prod(shape)
    return out


def open_circuit(layout: Layout) -> native.PlonkCircuit:
    """The native handle of a layout, made once."""
    handle = layout.handle
    if handle is None:
        handle = native.load().plonk_circuit(layout.encoded, layout.fixed, layout.copies)
        layout.handle = handle
    return handle


def compute_values(builder: Builder, inputs: Mapping[str, object]) -> list[int]:
    """Every variable's value. Raises Malformed for inputs that are missing, unknown or of another form."""
    missing, unknown = sorted(set(builder.inputs) - set(inputs)), sorted(set(inputs) - set(builder.inputs))
    if missing or unknown:
        got = f"no {', '.join(missing)}" if missing else f"also {', '.join(unknown)}"
        raise Malformed(f"inputs of {builder.name}", expected=", ".join(builder.inputs) or "none", got=got)
    values = [0] * builder.count
    for name, named in builder.inputs.items():
        for variable, value in zip(named.variables, to_elements(name, inputs[name], named.shape), strict=True):
            values[variable] = value
    for step in builder.steps:
        step.run(values)
    return values


def assign(builder: Builder, layout: Layout, inputs: Mapping[str, object]) -> Witness:
    """Computes every value and packs the columns. Raises as `compute_values`."""
    values = compute_values(builder, inputs)
    packed = [value.to_bytes(WORD, "little") for value in values]
    packed.append(_ZERO)  # EMPTY is -1
    columns = [bytearray().join(map(packed.__getitem__, layout.column(i))) for i in range(layout.advice)]
    if layout.table_rows:
        columns.append(_count_lookups(layout, values))
    return Witness(builder, layout, columns, [values[v] for v in builder.publics])


def _count_lookups(layout: Layout, values: list[int]) -> bytearray:
    """The multiplicity column: how often each row of the tables is asked for. What is in no table counts nowhere."""
    counts = [0] * layout.n
    width = layout.table_width
    for message in _messages(layout.rows, values):
        place = layout.table_places.get((*message, *(0,) * (width + 1 - len(message))))
        if place is not None:
            counts[place] += 1
    return bytearray().join(count.to_bytes(WORD, "little") for count in counts)


def _messages(rows: list[Placed], values: list[int]) -> Iterator[tuple[int, ...]]:
    def value(row: Placed, leaf: Expression) -> int:
        if leaf.code is Code.FIXED:
            return row.params[leaf.a]
        cell = row.cells[leaf.a] if leaf.a < len(row.cells) else EMPTY
        return 0 if cell == EMPTY else values[cell]

    for i, row in enumerate(rows):
        if row.gate is None or not row.gate.lookups:
            continue

        def read(leaf: Expression, i: int = i) -> int:
            return value(rows[i + 1] if leaf.b else rows[i], leaf)

        for _, payload in row.gate.lookups:
            yield tuple(evaluate(part, read) for part in payload)
