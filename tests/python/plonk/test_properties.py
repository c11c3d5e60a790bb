"""Properties on generated inputs: expressions mean the same on both sides of the seam, ranges are exact."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from l2rollup import plonk
from l2rollup.plonk.expression import Expression, evaluate
from l2rollup.plonk.gadgets.ranges import split_widths
from l2rollup.spec.field import R

FAST = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
elements = st.one_of(st.integers(0, 5), st.integers(R - 3, R - 1), st.integers(0, R - 1))


def grow(gate: plonk.Gate, steps: list[tuple[int, int, int]]) -> Expression:
    """An expression of degree at most five: each step joins two earlier ones."""
    known: list[Any] = [*gate.cells[:3], gate.cells[0].next, *gate.params]
    for kind, i, j in steps:
        left, right = known[i % len(known)], known[j % len(known)]
        if kind == 0 and left.degree + right.degree <= 5:
            known.append(left * right)
        elif kind <= 1:
            known.append(left - right + (i - j))
        else:
            known.append(left + right * (j + 2))
    result: Expression = known[-1]
    return result


@FAST
@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 30), st.integers(0, 30)), max_size=20),
    st.lists(elements, min_size=5, max_size=5), elements,
)  # fmt: skip
def test_expressions_mean_the_same_on_both_sides(
    steps: list[tuple[int, int, int]], values: list[int], error: int
) -> None:
    gate = plonk.Gate("generated", cells="a b c out", params="k")
    expression = grow(gate, steps)
    gate.constrain(gate.cells[3] - expression)
    named = {"a": values[0], "b": values[1], "c": values[2], "a.next": values[3], "k": values[4]}
    expected = evaluate(expression, lambda leaf: named[leaf.name + (".next" if leaf.b else "")])
    c = plonk.Circuit("generated")
    wires = c.secret("wires", 5)
    row = plonk.Row(gate, dict(zip(("a", "b", "c", "out"), wires, strict=False)), {"k": values[4]})
    c.block([row, plonk.Row(columns=[wires[4]])])
    inputs = [*values[:3], (expected + error) % R, values[3]]
    assert bool(c.check(wires=inputs)) == (error != 0)


@FAST
@given(st.integers(1, 253), st.integers(1, 9), st.integers(0, R - 1), st.booleans())
def test_range_is_exact(count: int, limb_bits: int, value: int, near: bool) -> None:
    value = ((1 << count) + value % 3 - 1) % R if near else value % (1 << count + 1) % R
    c = plonk.Circuit("range", limb_bits=limb_bits)
    c.range(c.secret("x"), count)
    assert bool(c.check(x=value)) == (value >= 1 << count)
    widths = split_widths(count, limb_bits)
    assert sum(widths) == count and max(widths) <= limb_bits


@FAST
@given(st.integers(1, 60), st.integers(0, 1 << 61), st.integers(0, 1 << 61))
def test_is_less_is_exact(count: int, left: int, right: int) -> None:
    left, right = left % (1 << count), right % (1 << count)
    c = plonk.Circuit("less")
    x, y = c.secret("x", 2)
    c.expose("less", [c.is_less(x, y, count), c.is_less(y, x, count), c.is_less(x, x, count)])
    witness = c.assign(x=[left, right])
    assert witness.public["less"] == [int(left < right), int(right < left), 0]
    assert witness.violations() == []
    for index in range(3):
        other = 1 - witness.instance[index]
        assert witness.with_public(index, other).with_cell(0, index, other).violations(1)


@FAST
@given(st.lists(elements, min_size=1, max_size=130))
def test_long_sums_keep_their_value(values: list[int]) -> None:
    c = plonk.Circuit("sum")
    total = c.wire(7)
    for k, wire in enumerate(c.secret("x", len(values))):
        total = total + (k + 1) * wire
    c.expose("total", total - total + total)
    witness = c.assign(x=values)
    assert witness.public["total"] == (7 + sum((k + 1) * x for k, x in enumerate(values))) % R
    assert witness.violations() == []
