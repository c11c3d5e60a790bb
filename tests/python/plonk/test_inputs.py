"""Inputs as integers, bytes and numpy arrays mean the same; whatever else is refused with expected and got."""

from __future__ import annotations

import numpy as np
import pytest

from l2rollup import plonk
from l2rollup.errors import Malformed
from l2rollup.plonk.values import to_elements
from l2rollup.spec.field import R


def grid() -> plonk.Circuit:
    c = plonk.Circuit("grid")
    rows = c.secret("rows", (2, 3))
    weight = c.public("weight")
    c.expose("sums", [sum(row, start=c.wire(0)) * weight for row in rows])
    return c


SAME = [
    [[1, 2, 3], [4, 5, 6]],
    [(1, 2, 3), [4, 5, b"\x06"]],
    [bytes([1, 2, 3]), bytes([4, 5, 6])],
    bytes([1, 2, 3, 4, 5, 6]),
    b"".join(x.to_bytes(32, "big") for x in range(1, 7)),
    np.arange(1, 7, dtype=np.uint8).reshape(2, 3),
    np.arange(1, 7, dtype=np.int64).reshape(2, 3),
    np.array([[1, 2, 3], [4, 5, 6]], dtype=object),
    [np.array([1, 2, 3]), np.array([4, 5, 6], dtype=np.uint16)],
]


@pytest.mark.parametrize("rows", SAME, ids=range(len(SAME)))
@pytest.mark.parametrize("weight", [2, b"\x02", (2).to_bytes(32, "big"), np.uint64(2), np.array(2)], ids=range(5))
def test_forms_of_one_value(rows: object, weight: object) -> None:
    witness = grid().assign(rows=rows, weight=weight)
    assert witness.public == {"weight": 2, "sums": [12, 30]}


BAD: list[tuple[object, str, str]] = [
    ([[1, 2, 3], [4, 5, R]], "rows[1][2]", "0 <= x < r"),
    ([[1, 2, 3], [4, 5, -1]], "rows[1][2]", "0 <= x < r"),
    ([[1, 2, 3], [4, 5, 6.0]], "rows[1][2]", "an integer or bytes"),
    ([[1, 2, 3], [4, 5, "6"]], "rows[1][2]", "an integer or bytes"),
    ([[1, 2, 3], [4, 5]], "rows[1]", "3 values"),
    ([[1, 2, 3]], "rows", "2 values"),
    (5, "rows", "a sequence of 2"),
    ("123456", "rows", "a sequence of 2"),
    (bytes(5), "rows", "6 or 192 bytes"),
    (b"\xff" * 192, "rows[0]", "0 <= x < r"),
    (np.zeros((3, 2), dtype=int), "rows", "shape (2, 3)"),
    (np.zeros((2, 3)), "rows", "an array of integers"),
    (np.array([[1, 2, 3], [4, 5, 1.5]], dtype=object), "rows[1][2]", "an integer or bytes"),
    (np.full((2, 3), -1), "rows[0][0]", "0 <= x < r"),
    ([[1, 2, 3], [4, 5, 1 << 5000]], "rows[1][2]", "0 <= x < r"),
]


@pytest.mark.parametrize(("rows", "place", "expected"), BAD, ids=range(len(BAD)))
def test_other_values_are_refused(rows: object, place: str, expected: str) -> None:
    with pytest.raises(Malformed) as raised:
        grid().assign(rows=rows, weight=1)
    assert raised.value.message == place
    assert raised.value.expected is not None and expected in raised.value.expected
    assert raised.value.got


def test_names_must_be_those_of_the_circuit() -> None:
    circuit = grid()
    with pytest.raises(Malformed, match="expected rows, weight; got no rows"):
        circuit.assign(weight=1)
    with pytest.raises(Malformed, match="got also heigth"):
        circuit.assign(rows=SAME[0], weight=1, heigth=2)


def test_empty_shapes_and_names() -> None:
    c = plonk.Circuit("names")
    c.secret("x")
    for call in (
        lambda: c.secret("x"), lambda: c.secret("not a name"), lambda: c.secret("progress"), lambda: c.secret("y", 0),
        lambda: c.secret("z", (2, True)), lambda: c.expose("e", []), lambda: plonk.Circuit(""),
        lambda: plonk.Circuit("a\nb"),
    ):  # fmt: skip
        with pytest.raises(Malformed):
            call()
    assert to_elements("scalar", 7, ()) == [7]
