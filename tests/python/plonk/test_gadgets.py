"""Each gadget: an honest witness passes and proves, and every clause has a breaker that checker and verifier refuse."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from breaking import assert_every_clause_bites, assert_refused

from l2rollup import plonk
from l2rollup.errors import Malformed
from l2rollup.plonk.gadgets import poseidon, poseidon2
from l2rollup.spec import babyjubjub, eddsa
from l2rollup.spec.field import R
from l2rollup.spec.poseidon import poseidon5
from l2rollup.spec.poseidon2 import hash_node, permute
from l2rollup.spec.poseidon2 import sponge as published_sponge

Made = tuple[plonk.Circuit, dict[str, object]]
PEERS = Path(__file__).parents[2] / "vectors" / "peers" / "poseidon_widths.json"


def arithmetic() -> Made:
    c = plonk.Circuit("arithmetic")
    x, y = c.secret("x", 2)
    c.expose("result", (x + 3) * (2 * y - 1) + x**5 - sum([x, y, x * x, y * y, x * y, 7 * x]))
    c.expose("quotient", c.divide(x, y))
    c.assert_nonzero(x - y)
    return c, {"x": [5, 11]}


def booleans() -> Made:
    c = plonk.Circuit("booleans")
    x, y = c.secret("bits", 2)
    logic = [c.and_(x, y), c.or_(x, y), c.xor(x, y), c.not_(x)]
    c.expose("all", [*logic, c.select(x, 10, 20), c.is_zero(x), c.is_equal(x, y)])
    return c, {"bits": [1, 0]}


def ranges() -> Made:
    c = plonk.Circuit("ranges", limb_bits=4)
    x, y = c.secret("x", 2)
    c.range(x, 21)
    c.range(y, 3)
    c.expose("less", c.is_less(y, x, 21))
    c.expose("bits", c.bits(y, 3))
    return c, {"x": [(1 << 21) - 1, 5]}


def lookups() -> Made:
    c = plonk.Circuit("lookups")
    xor = c.table("xor", [(a, b, a ^ b) for a in range(4) for b in range(4)])
    odd = c.table("odd", range(1, 20, 2))
    x, y = c.secret("x", 2)
    [together] = c.look_up(xor, x, y)
    c.assert_in(odd, 4 * x + y)
    c.expose("xor", together)
    return c, {"x": [2, 3]}


def custom() -> Made:
    """A gate over two rows with params and a lookup of its own: a running sum of cubes of small numbers."""
    c = plonk.Circuit("custom")
    small = c.table("small", range(16))
    gate = plonk.Gate("cubes", cells="sum x", params="weight")
    total, x = gate.cells
    [weight] = gate.params
    gate.constrain_equal(total.next, total + weight * x**3, label="running sum")
    gate.look_up(small.tag, x, label="x is small")
    xs = c.secret("xs", 4)
    sums = [c.wire(0)]
    for k, value in enumerate(xs):
        sums.append(c.compute(lambda s, v, k=k: s + (k + 1) * v**3, sums[-1], value))
    pairs = enumerate(zip(sums, xs, strict=False))
    rows = [plonk.Row(gate, {"sum": s, "x": v}, {"weight": k + 1}) for k, (s, v) in pairs]
    c.block([*rows, plonk.Row(columns=[sums[-1]])], label="cubes")
    c.expose("sum", sums[-1])
    return c, {"xs": bytes([1, 2, 3, 15])}


def permutation() -> Made:
    c = plonk.Circuit("permutation")
    c.expose("state", c.poseidon2(*c.secret("x", 4)))
    return c, {"x": [1, 2, 3, R - 1]}


def sponge() -> Made:
    c = plonk.Circuit("sponge")
    c.expose("hash", c.poseidon2_sponge(9, c.secret("x", 4)))
    return c, {"x": [1, 2, 3, R - 1]}


def poseidon_of(count: int) -> Callable[[], Made]:
    def make() -> Made:
        c = plonk.Circuit(f"poseidon{count}")
        c.expose("hash", c.poseidon(*c.secret("x", count)))
        return c, {"x": list(range(1, count + 1))}

    return make


def points() -> Made:
    c = plonk.Circuit("points")
    x, y = c.secret("p", 2)
    c.assert_on_curve((x, y))
    c.expose("double", list(c.add_points((x, y), (x, y))))
    return c, {"p": list(babyjubjub.multiply(babyjubjub.B8, 1234567))}


SEED = bytes(range(32))


def signature(message: int = 77) -> Made:
    c = plonk.Circuit("signature")
    key, m = c.public("key", 2), c.public("message")
    r8, s = c.secret("r8", 2), c.secret("s")
    c.assert_signature(tuple(key), m, tuple(r8), s)
    x, y, scalar = plonk.unpack_signature(eddsa.sign(SEED, message))
    return c, {"key": list(eddsa.public_key(SEED)), "message": message, "r8": [x, y], "s": scalar}


def binary_path() -> Made:
    c = plonk.Circuit("binary path")
    leaf, siblings, position = c.secret("leaf"), c.secret("siblings", 3), c.secret("position", 3)
    c.expose("root", c.merkle_root(leaf, siblings, position, hash_pair=lambda x, y: x * x + 5 * y))
    return c, {"leaf": 9, "siblings": [1, 2, 3], "position": [0, 1, 1]}


def quaternary_path() -> Made:
    c = plonk.Circuit("quaternary path")
    leaf, siblings, position = c.secret("leaf"), c.secret("siblings", (2, 3)), c.secret("position", 4)
    c.expose("root", c.quaternary_root(leaf, siblings, position))
    return c, {"leaf": 9, "siblings": [[1, 2, 3], [4, 5, 6]], "position": [0, 1, 1, 1]}


MADE: list[Callable[[], Made]] = [
    arithmetic, booleans, ranges, lookups, custom, permutation, sponge, poseidon_of(1), poseidon_of(5), points,
    signature, binary_path, quaternary_path,
]  # fmt: skip


@pytest.mark.parametrize("make", MADE, ids=lambda make: make()[0].name)
def test_every_clause_bites(make: Callable[[], Made]) -> None:
    circuit, inputs = make()
    assert_every_clause_bites(circuit, circuit.assign(**inputs))


@pytest.mark.parametrize("make", MADE, ids=lambda make: make()[0].name)
def test_no_cell_is_free(make: Callable[[], Made]) -> None:
    """Every cell that holds a wire (600 of the signature's, which has 3,870), changed alone, is refused."""
    circuit, inputs = make()
    witness, layout = circuit.assign(**inputs), circuit.layout()
    cells = [(i, j) for i, row in enumerate(layout.rows) for j, variable in enumerate(row.cells) if variable >= 0]
    chance = random.Random(7)
    for row, column in chance.sample(cells, min(len(cells), 600)):
        change = chance.choice([1, R - 1, chance.randrange(1, R)])
        changed = witness.with_cell(column, row, (witness.cell(column, row) + change) % R)
        assert changed.violations(1), (layout.rows[row].label, column, row)


def publics(make: Callable[[], Made]) -> dict[str, Any]:
    circuit, inputs = make()
    return circuit.assign(**inputs).public


def test_values_are_those_of_plain_integers() -> None:
    x, y = 5, 11
    expected = (x + 3) * (2 * y - 1) + x**5 - (x + y + x * x + y * y + x * y + 7 * x)
    assert publics(arithmetic) == {"result": expected % R, "quotient": x * pow(y, -1, R) % R}
    assert publics(booleans)["all"] == [0, 1, 1, 0, 10, 0, 0]
    assert publics(ranges) == {"less": 1, "bits": [1, 0, 1]}
    assert publics(lookups)["xor"] == 1
    assert publics(custom)["sum"] == 1 + 2 * 8 + 3 * 27 + 4 * 15**3
    assert publics(points)["double"] == list(babyjubjub.multiply(babyjubjub.B8, 2 * 1234567))


def test_hashes_are_the_published_ones() -> None:
    assert publics(permutation)["state"] == list(permute((1, 2, 3, R - 1)))
    assert publics(poseidon_of(5))["hash"] == poseidon5(1, 2, 3, 4, 5)
    node = hash_node((7, 9, 8, 1))
    circuit = plonk.Circuit("one level")
    circuit.expose("root", circuit.quaternary_root(9, [[7, 8, 1]], [1, 0]))
    assert circuit.assign().public["root"] == node


@pytest.mark.parametrize("length", [0, 1, 3, 4, 7])
def test_the_sponge_is_the_specifications(length: int) -> None:
    message = list(range(5, 5 + length))
    circuit = plonk.Circuit("sponge")
    circuit.expose("hash", circuit.poseidon2_sponge(3, message))
    assert circuit.assign().public["hash"] == published_sponge(3, message)
    with pytest.raises(Malformed, match="tag of a sponge"):
        circuit.poseidon2_sponge(1 << 16, message)


def test_poseidon_of_every_width_is_circomlibs() -> None:
    cases = json.loads(PEERS.read_text())["cases"]
    assert sorted({len(case["input"]) for case in cases}) == list(range(1, 13))
    for case in cases:
        inputs = [int(x, 16) for x in case["input"]]
        witness = poseidon_of(len(inputs))()[0].assign(x=inputs)
        assert witness.public["hash"] == int(case["output"], 16)
        assert witness.violations() == []


@pytest.mark.parametrize("digit", range(4))
def test_quaternary_path_puts_the_node_at_its_digit(digit: int) -> None:
    circuit, inputs = quaternary_path()
    witness = circuit.assign(**inputs | {"position": [digit & 1, digit >> 1, 1, 0]})
    below = hash_node((*[1, 2, 3][:digit], 9, *[1, 2, 3][digit:]))  # type: ignore[arg-type]
    assert witness.public["root"] == hash_node((4, below, 5, 6))
    assert witness.violations() == []


def test_a_bit_that_is_none_is_refused() -> None:
    circuit, _ = booleans()
    witness = circuit.assign(bits=[2, 0])
    assert any("boolean" in violation.label for violation in witness.violations())
    assert_refused(circuit.compile(), witness)


@pytest.mark.parametrize("value", [1 << 21, R - 1, 1 << 200])
def test_a_number_out_of_range_is_refused(value: int) -> None:
    circuit, _ = ranges()
    witness = circuit.assign(x=[value, 5])
    assert any("21-bit range" in violation.label for violation in witness.violations())
    assert_refused(circuit.compile(), witness)


def test_signature_acceptance_set() -> None:
    """Other messages, S + l, a key of small order, R8 the identity: each refused by its own clause."""
    circuit, good = signature()
    key = circuit.compile()
    small = (0, R - 1)  # of order two
    cases: list[tuple[dict[str, object], str]] = [
        ({"message": 78}, "double and add"),
        ({"s": int(str(good["s"])) + babyjubjub.ORDER}, "S below l"),
        ({"key": list(small)}, "key not of small order"),
        ({"key": [1, 1]}, "key on the curve"),
        ({"r8": [0, 1]}, "R8 not the identity"),
    ]
    for change, label in cases:
        witness = circuit.assign(**good | change)
        assert any(label in violation.label for violation in witness.violations()), label
        assert_refused(key, witness)


def test_a_challenge_that_is_not_canonical_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bits of h + r instead of h: the same element, another multiple of the key."""
    message = next(m for m in range(1000) if challenge(m) + R < 1 << 254)
    circuit, inputs = signature(message)
    from l2rollup.plonk.gadgets import eddsa as gadget

    honest, digest = gadget.fill, circuit.layout().digest
    monkeypatch.setattr(gadget, "fill", lambda qx, qy, tx, ty, s, h: honest(qx, qy, tx, ty, s, h + R))
    forged, _ = signature(message)
    assert forged.layout().digest == digest
    labels = {violation.label for violation in forged.assign(**inputs).violations()}
    assert any("double and add" in label for label in labels)
    monkeypatch.setattr(gadget, "high_half", lambda h: (h + R) >> 127)
    forged, _ = signature(message)
    assert any("h below r" in violation.label for violation in forged.assign(**inputs).violations())


def challenge(message: int) -> int:
    x, y, _ = plonk.unpack_signature(eddsa.sign(SEED, message))
    return eddsa.challenge((x, y), eddsa.public_key(SEED), message)


def test_sizes() -> None:
    """Cells a permutation and rows a hash: a change shows here."""
    assert poseidon2.CELLS == 112
    rows = {count: len(poseidon_of(count)()[0].layout().rows) for count in (1, 2, 5)}
    assert rows == {1: 15, 2: 16, 5: 17}
    assert len(signature()[0].layout().rows) == 317
    assert poseidon.MAX_INPUTS == 12


def test_arguments_out_of_bounds_are_refused() -> None:
    c = plonk.Circuit("bounds")
    x = c.secret("x")
    calls: list[Callable[[], object]] = [
        lambda: c.poseidon(),
        lambda: c.poseidon(*[x] * 13),
        lambda: c.poseidon2(x, x, x),
        lambda: c.poseidon2_compress(x, x, x, x, lane=4),
        lambda: c.range(x, 254),
        lambda: c.bits(x, 0),
        lambda: c.is_less(x, x, 253),
        lambda: c.merkle_root(x, [x], []),
        lambda: c.quaternary_root(x, [[x, x]], [0, 0]),
        lambda: c.range(256, 8),
        lambda: c.assert_boolean(2),
        lambda: plonk.unpack_signature(bytes(63)),
        lambda: plonk.Circuit("limbs", limb_bits=16),
    ]
    for call in calls:
        with pytest.raises(Malformed, match=r"expected .*got"):
            call()
