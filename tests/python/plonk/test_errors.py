"""Every mistake of a circuit's writer and every false witness is a typed error that names the place and the values."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from l2rollup import plonk
from l2rollup.errors import Malformed, ProofMalformed, WitnessRejected
from l2rollup.plonk.expression import total
from l2rollup.spec.field import R


def small() -> plonk.Circuit:
    c = plonk.Circuit("small")
    x, y = c.secret("x"), c.public("y")
    square = c.table("squares", [(k, k * k) for k in range(16)])
    with c.scope("outer"):
        c.assert_equal(x * 3 + 1, y, label="three x plus one")
        c.assert_in(square, x, y - 21, label="square")
    return c


def test_a_violated_constraint_is_named_with_label_and_values() -> None:
    circuit = small()
    [violation, *_] = circuit.check(x=7, y=23)
    assert violation.constraint == "arithmetic: equation"
    assert violation.label == "outer/three x plus one"
    assert 7 in violation.values.values() and 23 in violation.values.values()
    assert any("(x)" in name for name in violation.values)
    key = circuit.compile()
    with pytest.raises(WitnessRejected, match="outer/three x plus one") as raised:
        key.prove(x=7, y=23)
    assert raised.value.got is not None and "(x) = 7" in raised.value.got and "(y) = 23" in raised.value.got


def test_a_lookup_outside_its_table_is_named() -> None:
    circuit = small()
    [violation] = circuit.check(x=7, y=22)
    assert violation.label == "outer/square"
    assert "(7, 1) is not in table squares" in str(violation)
    with pytest.raises(WitnessRejected, match="lookups of lookup at outer/square") as raised:
        circuit.compile().prove(x=7, y=22)
    assert raised.value.got == "(7, 1) is not in table squares"


def test_a_wrong_multiplicity_is_named() -> None:
    circuit = plonk.Circuit("count")
    x = circuit.secret("x")
    circuit.assert_in(circuit.table("few", [3, 5, 7]), x)
    witness = circuit.assign(x=5)
    column = len(witness.columns) - 1
    assert [witness.cell(column, row) for row in range(3)] == [0, 1, 0]
    [violation] = witness.with_cell(column, 1, 2).violations()
    assert "(5,) of table few: asked for -1 times more than counted" in violation.detail
    assert witness.with_cell(column, 0, 1).violations()


def test_a_changed_public_input_is_named() -> None:
    circuit = plonk.Circuit("shown")
    circuit.expose("y", circuit.secret("x") + 1)
    [violation] = circuit.assign(x=1).with_public(0, 5).violations()
    assert violation.label == "public inputs" and violation.values["public input"] == 5


def gate_errors() -> list[Callable[[], object]]:
    """Gates that cannot be proved, or say something else than their writer may think."""
    gate = plonk.Gate("gate", cells="a b", params="k")
    a, b = gate.cells
    other = plonk.Gate("other", cells="a b c")
    used = plonk.Gate("used", cells="a")
    used.constrain(used.cells[0])
    plonk.Circuit("user").row(used, a=0)

    def too_deep() -> None:
        deep = a
        for _ in range(2000):
            deep = deep + b
        gate.constrain(deep)

    return [
        lambda: gate.constrain(a**6),
        lambda: gate.constrain(other.cells[2]),
        lambda: gate.constrain(a.next.next),
        lambda: gate.look_up(1, a * b),
        lambda: gate.look_up(a, b),
        lambda: gate.look_up(1),
        lambda: a**0,
        lambda: a * 1.5,  # type: ignore[operator]
        lambda: a * True,
        too_deep,
        lambda: used.constrain(used.cells[0] - 1),
        lambda: plonk.Gate("names", cells="a a"),
        lambda: plonk.Gate("none", cells=""),
    ]


def circuit_errors() -> list[Callable[[], object]]:
    """Rows, wires and tables that do not belong together."""
    c = plonk.Circuit("wrong")
    x, strange = c.secret("x"), plonk.Circuit("strange").secret("x")
    table = c.table("table", [(1, 2)])
    used, twice = plonk.Gate("used", cells="a"), plonk.Gate("used", cells="a")
    for gate in (used, twice):
        gate.constrain(gate.cells[0])
    wide = plonk.Gate("wide", cells=[f"c{i}" for i in range(6)])
    wide.constrain(wide.cells[5] - 1)
    unknown, untagged = plonk.Gate("unknown", cells="a"), plonk.Circuit("untagged")
    unknown.look_up(3, unknown.cells[0])
    untagged.row(unknown, a=untagged.secret("x"))
    return [
        lambda: c.row(used, d=1),
        lambda: c.row(used, params={"q": 1}, a=x),
        lambda: c.row(used),
        lambda: c.row(wide, **{f"c{i}": x for i in range(6)}),
        lambda: (c.row(used, a=x), c.row(twice, a=x), c.layout()),
        lambda: x + strange,
        lambda: x + "1",
        lambda: bool(x),
        lambda: x == 1,
        lambda: x**0,
        lambda: c.assert_equal(1, 2),
        lambda: plonk.Circuit("nothing").compile(),
        lambda: untagged.layout(),
        lambda: c.assert_in(table, x),
        lambda: c.assert_in(plonk.Circuit("else").table("t", [1]), x),
        lambda: c.look_up(table),
        *(lambda rows=rows: c.table("bad", rows) for rows in ([], [(1,), (1, 2)], [(1, 2, 3, 4, 5, 6)], [1, 1], [-1])),
    ]


MISTAKES = [(make, i) for make in (gate_errors, circuit_errors) for i in range(len(make()))]


@pytest.mark.parametrize(("make", "number"), MISTAKES, ids=[f"{make.__name__} {i}" for make, i in MISTAKES])
def test_a_writers_mistake_is_refused_where_it_is_made(
    make: Callable[[], list[Callable[[], object]]], number: int
) -> None:
    with pytest.raises(Malformed) as raised:
        make()[number]()
    assert raised.value.expected and raised.value.got


def test_a_gate_that_reads_below_needs_a_row_below() -> None:
    gate = plonk.Gate("step", cells="a")
    [a] = gate.cells
    gate.constrain(a.next - a - 1)
    c = plonk.Circuit("below")
    x = c.secret("x")
    with pytest.raises(Malformed, match=r"a wire in cell a\.next; got no row below"):
        c.row(gate, a=x)
    with pytest.raises(Malformed, match=r"a wire in cell a\.next; got nothing"):
        c.block([plonk.Row(gate, {"a": x}), plonk.Row(columns=[None])])


def test_a_circuit_over_the_row_budget_names_its_largest_parts() -> None:
    c = plonk.Circuit("large")
    x = c.secret("x")
    with c.scope("many"):
        for k in range(40):
            x = x * x + k
    c.expose("y", x)
    with pytest.raises(Malformed, match="over the row budget of setup unsafe-dev-tau") as raised:
        c.compile(plonk.Setup.unsafe(5, 33))
    assert raised.value.expected == "at most 32 rows"
    assert raised.value.got is not None and "many" in raised.value.got
    tables = plonk.Circuit("tables", limb_bits=15)
    tables.range(tables.secret("x"), 30)
    tables.range(tables.secret("y"), 14)
    with pytest.raises(Malformed, match="49152 table rows"):
        tables.compile()


def test_a_computation_of_another_length_is_refused() -> None:
    c = plonk.Circuit("lengths")
    x = c.secret("x")
    c.compute(lambda v: [v], x, count=2)
    c.assert_nonzero(x)
    with pytest.raises(Malformed, match="values computed; expected 2; got 1"):
        c.assign(x=1)


def test_a_proof_of_other_public_values_is_refused() -> None:
    circuit = plonk.Circuit("other values")
    circuit.expose("y", [circuit.secret("x") + 1, circuit.wire(9)])
    key = circuit.compile()
    proof = key.prove(x=4)
    key.verifying_key.verify(proof, y=[5, 9])
    with pytest.raises(Exception, match="pairing") as raised:
        key.verifying_key.verify(proof, y=[6, 9])
    assert type(raised.value).__name__ == "ProofRejected"
    with pytest.raises(Malformed, match="expected y; got z"):
        key.verifying_key.verify(proof, z=1)
    another = plonk.Circuit("another")
    another.expose("y", another.secret("x", 2))
    with pytest.raises(ProofMalformed, match="another key"):
        another.compile().verifying_key.verify(proof)
    with pytest.raises(Malformed, match="witness of another circuit"):
        another.compile().prove_witness(circuit.assign(x=4))


def wide() -> tuple[plonk.Circuit, dict[str, object]]:
    """One row of the widest gate: every wire stands once, so nothing is copied."""
    gate = plonk.Gate("wide", cells=[f"c{i}" for i in range(64)])
    gate.constrain(total(cell**5 for cell in gate.cells[:63]) - gate.cells[63])
    c = plonk.Circuit("wide")
    xs = c.secret("x", 63)
    c.row(gate, **{f"c{i}": x for i, x in enumerate(xs)}, c63=c.compute(lambda *v: sum(a**5 for a in v), *xs))
    return c, {"x": list(range(63))}


def bit() -> tuple[plonk.Circuit, dict[str, object]]:
    """One boolean: its two cells are on one row."""
    c = plonk.Circuit("bit")
    c.assert_boolean(c.secret("x"))
    return c, {"x": 1}


def deep() -> tuple[plonk.Circuit, dict[str, object]]:
    """The longest chain of operations that a gate may have."""
    gate = plonk.Gate("deep", cells="a b")
    a, b = gate.cells
    chain = a
    for _ in range(248):
        chain = chain + b
    gate.constrain(chain - 1)
    c = plonk.Circuit("deep")
    x, y = c.secret("x", 2)
    c.row(gate, a=x, b=y)
    return c, {"x": [1, 0]}


@pytest.mark.parametrize("make", [wide, bit, deep])
def test_extreme_circuits_prove_on_a_small_stack(
    make: Callable[[], tuple[plonk.Circuit, dict[str, object]]],
) -> None:
    circuit, inputs = make()
    done: list[str] = []

    def run() -> None:
        key = circuit.compile()
        key.verifying_key.verify(key.prove(**inputs))
        key.verifying_key.export_solidity("Extreme")
        done.append(circuit.name)

    before = threading.stack_size(256 * 1024)
    try:
        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before)
    assert done == [circuit.name]


def test_sums_of_expressions_are_balanced() -> None:
    gate = plonk.Gate("sum", cells=[f"c{i}" for i in range(64)])
    assert total(gate.cells).depth <= 7
    assert str(total([])) == "0" and str(gate.cells[0] - (R - 1)) == "(c0 - -1)"
