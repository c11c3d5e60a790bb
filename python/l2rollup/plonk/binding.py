"""Wires that nothing binds: the mistake that a passing witness never shows.

Each wire in turn gets another value, while all others keep theirs or, for a computed wire, while what is computed from
it follows. Where every row still holds, a prover may choose. Lookups count as held when their tuple is in its table,
because a prover chooses the multiplicities too. A finding is a fact for this witness, and may be harmless (the inverse
that `is_zero` asks for is free where the value is 0). What it is not: a proof of soundness; wires that must change
together, neither following from the other, are not found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

from l2rollup.plonk.builder import EMPTY, Builder
from l2rollup.plonk.expression import Code, Expression, walk
from l2rollup.plonk.gate import Gate
from l2rollup.plonk.layout import Layout
from l2rollup.spec.field import R

_FAR = 0x1234567890ABCDEF1234567890ABCDEF1234567890ABCDEF1234567890ABCDEF % R


@dataclass(frozen=True)
class Unbound:
    """A wire that may be `other` instead of `value`; its name, and the label of a row that reads it (none: unused)."""

    name: str
    label: str
    value: int
    other: int


class _Program:
    """The constraints and lookups of a gate, in one list of operations."""

    def __init__(self, gate: Gate) -> None:
        payloads = [payload for _, payload in gate.lookups]
        roots = [expression for _, expression in gate.constraints] + [part for payload in payloads for part in payload]
        order = walk(roots)
        at = {id(node): i for i, node in enumerate(order)}
        self.nodes = [self._compile(node, at) for node in order]
        self.zeros = [at[id(expression)] for _, expression in gate.constraints]
        self.payloads = [[at[id(part)] for part in payload] for payload in payloads]

    @staticmethod
    def _compile(node: Expression, at: dict[int, int]) -> tuple[Code, int, int]:
        if node.left is None or node.right is None:
            return node.code, node.a, node.b
        return node.code, at[id(node.left)], at[id(node.right)]

    def run(self, params: Sequence[int], here: Sequence[int], below: Sequence[int]) -> list[int]:
        """Every operation's value over the cells of a row and of the next."""
        out: list[int] = []
        for code, a, b in self.nodes:
            if code is Code.MUL:
                out.append(out[a] * out[b] % R)
            elif code is Code.ADD:
                out.append(out[a] + out[b])
            elif code is Code.SUB:
                out.append(out[a] - out[b])
            elif code is Code.CONSTANT:
                out.append(a)
            elif code is Code.FIXED:
                out.append(params[a])
            else:
                cells = below if b else here
                out.append(cells[a] if a < len(cells) else 0)
        return out


class _Finder:
    def __init__(self, builder: Builder, layout: Layout, values: list[int]) -> None:
        self.builder, self.layout, self.values = builder, layout, values
        self.programs: dict[str, _Program] = {gate.name: _Program(gate) for gate in layout.gates}
        self.producer = {v: k for k, step in enumerate(builder.steps) for v in step.outputs}
        self.readers: dict[int, list[int]] = {}
        for k, step in enumerate(builder.steps):
            for variable in step.inputs:
                self.readers.setdefault(variable, []).append(k)
        self.rows: dict[int, list[int]] = {}
        self.ready: dict[int, int] = {}
        for i in range(layout.public_inputs, len(layout.rows)):
            self._index(i)

    def _index(self, row: int) -> None:
        """Which variables a row's gate reads, and the step after which all of them are known."""
        gate = self.layout.rows[row].gate
        if gate is None:
            return
        below = row + 1 if any(leaf.b for leaf in gate.reads) else row
        read = {v for i in (row, below) for v in self.layout.rows[i].cells} - {EMPTY}
        self.ready[row] = max((self.producer.get(v, -1) for v in read), default=-1)
        for variable in read:
            self.rows.setdefault(variable, []).append(row)

    def find(self, variable: int) -> int | None:
        """Another value that every row takes, all other values being as they are or following; one of a few tries.

        What follows from another input is another statement's witness, so inputs are tried with the rest as it is.
        """
        value, modes = self.values[variable], (False, True) if variable in self.producer else (False,)
        for other in (value + 1, value - 1, 1 - value, value + _FAR):
            other %= R
            if other != value and any(self._takes(variable, other, follow) for follow in modes):
                return other
        return None

    def _takes(self, variable: int, other: int, follow: bool) -> bool:
        """Sets a variable; with `follow` computes what follows from it. False as soon as a row does not hold."""
        before = {variable: self.values[variable]}
        try:
            self.values[variable] = other
            return self._propagate(variable, before, follow)
        finally:
            for changed, value in before.items():
                self.values[changed] = value

    def _propagate(self, variable: int, before: dict[int, int], follow: bool) -> bool:
        start = self.producer.get(variable, -1)
        waiting = set(self.rows.get(variable, []))
        queue = list(self.readers.get(variable, [])) if follow else []
        heapify(queue)
        last = -1
        while True:
            at = queue[0] if queue else len(self.builder.steps)
            checkable = {row for row in waiting if self.ready[row] < at}
            if not all(self._holds(row) for row in checkable):
                return False
            waiting -= checkable
            if not queue:
                return True
            step = heappop(queue)
            if step in (last, start):
                continue
            last = step
            for changed in self._run(step, before):
                waiting.update(self.rows.get(changed, []))
                for reader in self.readers.get(changed, []):
                    heappush(queue, reader)

    def _run(self, step: int, before: dict[int, int]) -> list[int]:
        """Runs a step; returns the variables it changed."""
        done = self.builder.steps[step]
        old = [self.values[v] for v in done.outputs]
        done.run(self.values)
        changed = [v for v, value in zip(done.outputs, old, strict=True) if self.values[v] != value]
        for v, value in zip(done.outputs, old, strict=True):
            before.setdefault(v, value)
        return changed

    def _cells(self, row: int) -> list[int]:
        cells = self.layout.rows[row].cells if row < len(self.layout.rows) else ()
        return [0 if variable == EMPTY else self.values[variable] for variable in cells]

    def _holds(self, row: int) -> bool:
        placed = self.layout.rows[row]
        if placed.gate is None:
            return True
        program = self.programs[placed.gate.name]
        out = program.run(placed.params, self._cells(row), self._cells(row + 1))
        width = self.layout.table_width + 1
        messages = (tuple(out[i] % R for i in payload) for payload in program.payloads)
        known = all((*m, *(0,) * (width - len(m))) in self.layout.table_places for m in messages)
        return known and not any(out[i] % R for i in program.zeros)


def find_unbound(builder: Builder, layout: Layout, values: list[int]) -> list[Unbound]:
    """Unbound wires of a witness that holds: secret inputs, and computed wires that stand in a row."""
    finder, out = _Finder(builder, layout, list(values)), []
    given = {v for named in builder.inputs.values() for v in named.variables}
    secret = {v for named in builder.inputs.values() if not named.public for v in named.variables}
    for variable in sorted(secret | (set(finder.rows) - given)):
        other = finder.find(variable)
        if other is not None:
            rows = finder.rows.get(variable, [])
            label = "/".join(layout.rows[rows[0]].label) if rows else ""
            out.append(Unbound(builder.name_of(variable), label, values[variable], other))
    return out
