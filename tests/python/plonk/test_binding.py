"""The finder of unbound wires finds the usual mistakes, and finds none in the gadgets."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from test_gadgets import MADE, Made

from l2rollup import plonk
from l2rollup.errors import WitnessRejected


@pytest.mark.parametrize("make", MADE, ids=lambda make: make()[0].name)
def test_gadgets_bind_every_wire(make: Callable[[], Made]) -> None:
    circuit, inputs = make()
    assert circuit.find_unbound(**inputs) == []


def test_usual_mistakes_are_found() -> None:
    c = plonk.Circuit("mistakes")
    x, unused = c.secret("x"), c.secret("unused")
    root = c.compute(lambda v: int(v**0.5), x)  # computed, ranged, never squared
    c.range(root, 8, label="root")
    c.expose("y", x + 1)
    found = c.find_unbound(x=49, unused=3)
    assert [unbound.name for unbound in found] == ["unused", "w2"]
    assert {unbound.label for unbound in found} == {"", "root"}
    assert found[0].value == 3 and unused is not None
    c.assert_equal(root * root, x)
    assert [unbound.name for unbound in c.find_unbound(x=49, unused=3)] == ["unused"]


def test_a_free_hint_is_found() -> None:
    c = plonk.Circuit("hint")
    c.expose("zero", c.is_zero(c.public("x")))
    assert len(c.find_unbound(x=0)) == 1
    assert c.find_unbound(x=5) == []


def test_a_false_witness_is_refused_first() -> None:
    c = plonk.Circuit("false")
    c.assert_equal(c.secret("x"), 5, label="five")
    with pytest.raises(WitnessRejected, match="five"):
        c.find_unbound(x=6)
