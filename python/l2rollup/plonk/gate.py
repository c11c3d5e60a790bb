"""Gates: named cells of a row, the constraints that hold on it, and the tables its cells are looked up in.

    cube = plonk.Gate("cube", cells="x y")
    x, y = cube.cells
    cube.constrain(y - x**3, label="y is the cube of x")

A gate says what holds; `Circuit.row` puts one on a row. The first five cells can be tied to wires used elsewhere, the
others are the row's own. `params` are constants that each use of the gate sets. What it is not: a value or a place.
"""

from __future__ import annotations

from collections.abc import Sequence

from l2rollup.errors import Malformed
from l2rollup.plonk.expression import Code, Expression, constant, leaves, lift
from l2rollup.plonk.relation import MAX_DEGREE

COPIED = 5
"""Columns whose cells take part in copies: the permutation's degree is one more."""
MAX_CELLS = 64
MAX_CONSTRAINT = MAX_DEGREE - 1
"""Degree of a constraint; the gate's selector takes one more."""
MAX_LOOKUPS = 16
MAX_DEPTH = 250
"""Longest chain of operations; rust/py/src/plonk/codec.rs allows a few more, for selectors."""


class Gate:
    """A kind of row. `cells` and `params` are names, separated by spaces or in a list."""

    def __init__(self, name: str, *, cells: str | Sequence[str], params: str | Sequence[str] = ()) -> None:
        self.name = name
        self.cell_names = _names(f"cells of gate {name}", cells)
        self.param_names = _names(f"params of gate {name}", params)
        if not 1 <= len(self.cell_names) <= MAX_CELLS:
            raise Malformed(f"cells of gate {name}", expected=f"1 to {MAX_CELLS}", got=str(len(self.cell_names)))
        self.cells = [Expression(Code.ADVICE, i, name=cell) for i, cell in enumerate(self.cell_names)]
        self.params = [Expression(Code.FIXED, i, name=param) for i, param in enumerate(self.param_names)]
        self.constraints: list[tuple[str, Expression]] = []
        self.lookups: list[tuple[str, tuple[Expression, ...]]] = []
        self.reads: list[Expression] = []
        self.is_used = False

    def constrain(self, expression: Expression, *, label: str = "") -> None:
        """Adds `expression == 0`. Raises Malformed for a degree above 5 or a cell that is not this gate's."""
        expression = lift(expression)
        label = f"{self.name}: {label or f'constraint {len(self.constraints)}'}"
        self._check_unused(label)
        if expression.degree > MAX_CONSTRAINT:
            raise Malformed(f"degree of {label}", expected=f"at most {MAX_CONSTRAINT}", got=str(expression.degree))
        self._check(label, expression)
        self.constraints.append((label, expression))

    def constrain_equal(self, left: Expression, right: Expression | int, *, label: str = "") -> None:
        """Adds `left == right`."""
        self.constrain(left - right, label=label)

    def look_up(self, tag: Expression | int, *values: Expression | int, label: str = "") -> None:
        """The tuple of `values` is in the table of this tag (`Table.tag`); the tag may be a param. Raises Malformed."""
        label = f"{self.name}: {label or f'lookup {len(self.lookups)}'}"
        payload = tuple(lift(value) for value in (tag, *values))
        self._check_unused(label)
        if any(leaf.code is not Code.FIXED for leaf in leaves(payload[0])):
            raise Malformed(f"tag in {label}", expected="a number or a param", got=str(payload[0]))
        for part in payload:
            if part.degree > 1:
                raise Malformed(f"degree in {label}", expected="at most 1", got=str(part.degree))
            self._check(label, part)
        if len(self.lookups) == MAX_LOOKUPS:
            raise Malformed(f"lookups of gate {self.name}", expected=f"at most {MAX_LOOKUPS}", got="one more")
        if not values or len(values) > COPIED:
            raise Malformed(f"values in {label}", expected=f"1 to {COPIED}", got=str(len(values)))
        self.lookups.append((label, payload))

    def _check_unused(self, label: str) -> None:
        """Rows laid out before would not have been asked for the cells that a later constraint reads."""
        if self.is_used:
            raise Malformed(label, expected="all constraints before the gate's first row", got="one after it")

    def _check(self, label: str, expression: Expression) -> None:
        if expression.depth > MAX_DEPTH:
            expected = f"chains of at most {MAX_DEPTH} operations (total() adds many)"
            raise Malformed(label, expected=expected, got=str(expression.depth))
        for leaf in leaves(expression):
            mine = {Code.ADVICE: self.cells, Code.FIXED: self.params}.get(leaf.code, [])
            if leaf.a >= len(mine) or mine[leaf.a].name != leaf.name:
                raise Malformed(label, expected=f"cells and params of gate {self.name}", got=str(leaf))
            if leaf.code is Code.ADVICE and not any((leaf.a, leaf.b) == (x.a, x.b) for x in self.reads):
                self.reads.append(leaf)

    def __repr__(self) -> str:
        return f"Gate({self.name!r}, cells={list(self.cell_names)})"


def _names(what: str, names: str | Sequence[str]) -> tuple[str, ...]:
    listed = tuple(names.split()) if isinstance(names, str) else tuple(names)
    if len(set(listed)) != len(listed) or not all(isinstance(name, str) and name for name in listed):
        raise Malformed(what, expected="different names", got=", ".join(map(str, listed)))
    return listed


def make_arithmetic() -> Gate:
    """qa a + qb b + qc c + qd d + qe e + qm a b + qk = 0: sums of five wires, one product. Public inputs add to it."""
    gate = Gate("arithmetic", cells="a b c d e", params="qa qb qc qd qe qm qk")
    *linear, qm, qk = gate.params
    a, b = gate.cells[:2]
    expression = qm * (a * b) + qk
    for q, cell in zip(linear, gate.cells, strict=True):
        expression = expression + q * cell
    gate.constrain(expression, label="equation")
    return gate


def make_limbs() -> Gate:
    """A number from three limbs of one width and a rest: value = k0 l0 + k1 l1 + k2 l2 + kr rest."""
    gate = Gate("limbs", cells="value l0 l1 l2 rest", params="k0 k1 k2 kr width_tag")
    value, *parts = gate.cells
    *factors, tag = gate.params
    expression = value + constant(0)
    for factor, part in zip(factors, parts, strict=True):
        expression = expression - factor * part
    gate.constrain(expression, label="sum of limbs")
    for limb in parts[:3]:
        gate.look_up(tag, limb, label=f"{limb.name} in range")
    return gate


def make_lookup() -> Gate:
    """Five wires in the table that the row names."""
    gate = Gate("lookup", cells="a b c d e", params="tag")
    gate.look_up(gate.params[0], *gate.cells, label="in table")
    return gate


ARITHMETIC, LIMBS, LOOKUP = make_arithmetic(), make_limbs(), make_lookup()
