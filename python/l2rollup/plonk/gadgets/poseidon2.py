"""Poseidon2 with t = 4 (ePrint 2023/323): one permutation in seven rows of sixteen cells.

| row | c0..c3 | c4..c7 | c8..c11 | c12..c15 |
|---|---|---|---|---|
| 0 | x | s1 | s2 | s3 |
| 1..4 | state | twelve S-box outputs of partial rounds | | |
| 5 | state | eight S-box outputs | | f1 |
| 6 | result | f2 | f3 | unused |

s_k and f_k are the states after full round k of either half. Constants of partial rounds are params, those of full
rounds are in the equations. Twin of rust/core/src/circuit/gates/poseidon2.rs in another layout. What it is not: a
domain separation; the caller chooses what the four elements mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from l2rollup.errors import Malformed
from l2rollup.plonk.builder import Builder, Row
from l2rollup.plonk.expression import Expression, total
from l2rollup.plonk.gate import Gate
from l2rollup.plonk.wire import Wire
from l2rollup.spec.field import R
from l2rollup.spec.poseidon2_constants import DIAGONAL, FULL, PARTIAL

MATRIX = ((5, 7, 1, 3), (4, 6, 1, 1), (1, 3, 5, 7), (1, 1, 4, 6))
BODY, BODY_ROWS, TAIL = 12, 4, 8
WIDTH = 4
TAG_SHIFT, MAX_TAG = 64, 1 << 16
CELLS = 112
"""Cells of a permutation."""
State = list[Expression]


def _mix(x: State) -> State:
    return [total(cell * factor for cell, factor in zip(x, row, strict=True)) for row in MATRIX]


def _round(x: State, constants: tuple[int, ...]) -> State:
    return _mix([(cell + k) ** 5 for cell, k in zip(x, constants, strict=True)])


def _partial(gate: Gate, state: State, outputs: State, constants: State) -> State:
    """Binds the S-box outputs of consecutive partial rounds; returns the state after them."""
    for k, (output, constant) in enumerate(zip(outputs, constants, strict=True)):
        gate.constrain(output - (state[0] + constant) ** 5, label=f"partial round {k}")
        summed = total([output, *state[1:]])
        state = [cell * d + summed for cell, d in zip([output, *state[1:]], DIAGONAL, strict=True)]
    return state


def _bind(gate: Gate, cells: State, values: State, label: str) -> None:
    for lane, (cell, value) in enumerate(zip(cells, values, strict=True)):
        gate.constrain(cell - value, label=f"{label}, lane {lane}")


@cache
def gates() -> tuple[Gate, Gate, Gate, Gate]:
    """Rows 0, 1 to 4, 5 and 6."""
    names = [f"c{i}" for i in range(16)]
    first, tail = Gate("poseidon2 first", cells=names), Gate("poseidon2 tail", cells=names[:12])
    body = Gate("poseidon2 body", cells=names, params=[f"k{i}" for i in range(BODY)])
    last = Gate("poseidon2 last", cells=names, params=[f"k{i}" for i in range(TAIL)])
    c = first.cells
    _bind(first, c[4:8], _round(_mix(c[:4]), FULL[0]), "full round 0")
    _bind(first, c[8:12], _round(c[4:8], FULL[1]), "full round 1")
    _bind(first, c[12:], _round(c[8:12], FULL[2]), "full round 2")
    _bind(first, [x.next for x in c[:4]], _round(c[12:], FULL[3]), "full round 3")
    c = body.cells
    _bind(body, [x.next for x in c[:4]], _partial(body, c[:4], c[4:], body.params), "state")
    c = last.cells
    _bind(last, c[12:], _round(_partial(last, c[:4], c[4:12], last.params), FULL[4]), "full round 4")
    _bind(last, [x.next for x in c[4:8]], _round(c[12:], FULL[5]), "full round 5")
    c = tail.cells
    _bind(tail, c[8:], _round(c[4:8], FULL[6]), "full round 6")
    _bind(tail, c[:4], _round(c[8:], FULL[7]), "full round 7")
    return first, body, last, tail


def _mixed(x: list[int]) -> list[int]:
    return [sum(a * b for a, b in zip(x, row, strict=True)) % R for row in MATRIX]


def _full(x: list[int], constants: tuple[int, ...]) -> list[int]:
    return _mixed([pow(a + k, 5, R) for a, k in zip(x, constants, strict=True)])


def fill(*x: int) -> list[int]:
    """Cells of rows 0 to 6 after x itself: 12, then 16 a row, then 12."""
    out: list[int] = []
    state = _mixed(list(x))
    for k in range(4):
        state = _full(state, FULL[k])
        out += state
    for k, constant in enumerate(PARTIAL):
        if k and k % BODY == 0:
            out += state
        state[0] = pow(state[0] + constant, 5, R)
        out.append(state[0])
        summed = sum(state)
        state = [(a * d + summed) % R for a, d in zip(state, DIAGONAL, strict=True)]
    for k in range(4, 7):
        state = _full(state, FULL[k])
        out += state
    # the result comes first on its row
    return [*out[:-8], *_full(state, FULL[7]), *out[-8:]]


def permute(b: Builder, x: list[Wire | int], label: str = "") -> list[Wire]:
    """The permutation of four elements."""
    wires = [b.variable_wire(value) for value in x]
    cells: list[Wire] = b.compute(fill, *wires, count=CELLS - 8)
    first, body, last, tail = gates()
    rows = [Row(first, columns=[*wires, *cells[:12]])]
    at = 12
    for k in range(BODY_ROWS):
        params = {f"k{i}": PARTIAL[BODY * k + i] for i in range(BODY)}
        rows.append(Row(body, columns=cells[at : at + 16], params=params))
        at += 16
    params = {f"k{i}": PARTIAL[BODY * BODY_ROWS + i] for i in range(TAIL)}
    rows += [Row(last, columns=cells[at : at + 16], params=params), Row(tail, columns=cells[at + 16 :])]
    b.block(rows, label=label or "poseidon2")
    return cells[at + 16 : at + 20]


def compress(b: Builder, x: list[Wire | int], lane: int = 0, label: str = "") -> Wire:
    """P(x)[lane] + x[lane], as the trees of docs/spec/hash.md use it; the lane tells domains apart."""
    wires: list[Wire | int] = [b.variable_wire(value) for value in x]
    return permute(b, wires, label)[lane] + wires[lane]


def sponge(b: Builder, tag: int, message: Sequence[Wire | int], label: str = "") -> Wire:
    """The sponge of docs/spec/hash.md: three elements a permutation; tag and length sit in the capacity lane."""
    if not isinstance(tag, int) or not 0 <= tag < MAX_TAG:
        raise Malformed("tag of a sponge", expected=f"0 to {MAX_TAG - 1}", got=repr(tag))
    state = [b.wire(x) for x in (0, 0, 0, (tag << TAG_SHIFT) + len(message))]
    for start in range(0, max(len(message), 1), 3):
        absorbed: list[Wire | int] = [*message[start : start + 3], 0, 0, 0]
        state = permute(b, [*(x + y for x, y in zip(state[:3], absorbed, strict=False)), state[3]], label or "sponge")
    return state[0]
