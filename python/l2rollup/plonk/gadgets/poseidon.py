"""circomlib's Poseidon of one to twelve inputs (ePrint 2019/458), on rows of at most sixteen cells.

A full round is a row: next = matrix (state + constants)^5. Several partial rounds share a row: constants are pushed
forward through the matrix, so that only lane 0 has one, and every S-box output but the row's last has a cell. Lane 0
starts at zero; the hash is lane 0 of the final state. Twin of rust/core/src/circuit/gates/poseidon5.rs for any width.
What it is not: a sponge; the number of inputs is part of the function.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from l2rollup.errors import Malformed
from l2rollup.plonk.builder import Builder, Row
from l2rollup.plonk.expression import total
from l2rollup.plonk.gate import Gate
from l2rollup.plonk.wire import Wire
from l2rollup.spec.field import R
from l2rollup.spec.poseidon import FULL_ROUNDS, PARTIAL_OF_WIDTH, constants

MAX_INPUTS = 12
COLUMNS = 16
HALF = FULL_ROUNDS // 2


class Folded(NamedTuple):
    """Constants of the full rounds, lane 0's of the partial rounds, the matrix, and partial rounds by row."""

    full: list[list[int]]
    partial: list[int]
    matrix: tuple[tuple[int, ...], ...]
    steps: tuple[int, ...]


@cache
def fold(width: int) -> Folded:
    """Pushes the constants of lanes 1 and up of each partial round through the matrix into the next round."""
    rounds, matrix = constants(width)
    count = PARTIAL_OF_WIDTH[width]
    full = [list(r) for r in (*rounds[:HALF], *rounds[HALF + count :])]
    carry, partial = [0] * width, []
    for row in rounds[HALF : HALF + count]:
        added = [(x + y) % R for x, y in zip(row, carry, strict=True)]
        partial.append(added[0])
        carry = _multiply(matrix, [0, *added[1:]])
    full[HALF] = [(x + y) % R for x, y in zip(full[HALF], carry, strict=True)]
    most = COLUMNS + 1 - width
    lines = -(-count // most)
    step = -(-count // lines)
    steps = [step] * (count // step) + ([count % step] if count % step else [])
    return Folded(full, partial, matrix, tuple(steps))


def _multiply(matrix: tuple[tuple[int, ...], ...], state: list[int]) -> list[int]:
    return [sum(m * x for m, x in zip(row, state, strict=True)) % R for row in matrix]


@cache
def full_gate(width: int) -> Gate:
    """next = matrix (state + k)^5."""
    lanes = range(width)
    gate = Gate(f"poseidon{width - 1} full", cells=[f"s{i}" for i in lanes], params=[f"k{i}" for i in lanes])
    powers = [(cell + k) ** 5 for cell, k in zip(gate.cells, gate.params, strict=True)]
    for lane, row in enumerate(fold(width).matrix):
        value = total(x * m for x, m in zip(powers, row, strict=True))
        gate.constrain(gate.cells[lane].next - value, label=f"full round, lane {lane}")
    return gate


@cache
def partial_gate(width: int, step: int) -> Gate:
    """`step` partial rounds: lane 0 to the fifth, then the matrix."""
    names = [f"s{i}" for i in range(width)] + [f"o{i}" for i in range(step - 1)]
    gate = Gate(f"poseidon{width - 1} partial {step}", cells=names, params=[f"k{i}" for i in range(step)])
    matrix = fold(width).matrix
    inputs = gate.cells[width:]
    # the state as linear forms over s1.. and the S-box outputs: their factors multiply up, the expressions stay flat
    forms = [[int(i == j) for j in range(1, width)] + [0] * step for i in range(width)]
    outputs = [*inputs, None]
    for k in range(step):
        if k == 0:
            power = (gate.cells[0] + gate.params[0]) ** 5
        else:
            terms = [*gate.cells[1:width], *inputs[:k]]
            linear = total(x * f for x, f in zip(terms, forms[0], strict=False) if f)
            power = (linear + gate.params[k]) ** 5
        output = outputs[k]
        if output is not None:
            gate.constrain(output - power, label=f"S-box {k}")
        forms[0] = [int(j == width - 1 + k) for j in range(width - 1 + step)]
        forms = [
            [sum(m * form[j] for m, form in zip(row, forms, strict=True)) % R for j in range(width - 1 + step)]
            for row in matrix
        ]
    everything = [*gate.cells[1:width], *inputs, power]
    for lane, form in enumerate(forms):
        value = total(x * f for x, f in zip(everything, form, strict=True))
        gate.constrain(gate.cells[lane].next - value, label=f"partial rounds, lane {lane}")
    return gate


def fill(*inputs: int) -> list[int]:
    """The cells row by row, the first row's zero and inputs left out."""
    width = len(inputs) + 1
    folded = fold(width)
    state, out = [0, *inputs], list[int]()

    def full(k: int) -> None:
        nonlocal state
        powers = [pow(x + c, 5, R) for x, c in zip(state, folded.full[k], strict=True)]
        state = _multiply(folded.matrix, powers)
        out.extend(state)

    for k in range(HALF):
        full(k)
    at = 0
    for step in folded.steps:
        for k in range(step):
            state[0] = pow(state[0] + folded.partial[at + k], 5, R)
            if k + 1 < step:
                out.append(state[0])
            state = _multiply(folded.matrix, state)
        out += state
        at += step
    for k in range(HALF, FULL_ROUNDS):
        full(k)
    return out


def hash_inputs(b: Builder, inputs: list[Wire | int], label: str = "") -> Wire:
    """The hash of one to twelve elements."""
    if not 1 <= len(inputs) <= MAX_INPUTS:
        raise Malformed("inputs of poseidon", expected=f"1 to {MAX_INPUTS}", got=str(len(inputs)))
    width, folded = len(inputs) + 1, fold(len(inputs) + 1)
    wires = [b.variable_wire(value) for value in inputs]
    count = width * (FULL_ROUNDS + len(folded.steps)) + sum(step - 1 for step in folded.steps)
    cells: list[Wire] = b.compute(fill, *wires, count=count)
    state, at, rows = [b.variable_wire(0), *wires], 0, []

    def take(number: int) -> list[Wire]:
        nonlocal at
        at += number
        return cells[at - number : at]

    def full(k: int) -> None:
        nonlocal state
        params = {f"k{i}": c for i, c in enumerate(folded.full[k])}
        rows.append(Row(full_gate(width), columns=state, params=params))
        state = take(width)

    for k in range(HALF):
        full(k)
    first = 0
    for step in folded.steps:
        params = {f"k{i}": folded.partial[first + i] for i in range(step)}
        rows.append(Row(partial_gate(width, step), columns=[*state, *take(step - 1)], params=params))
        state, first = take(width), first + step
    for k in range(HALF, FULL_ROUNDS):
        full(k)
    rows.append(Row(columns=state))
    b.block(rows, label=label or f"poseidon{width - 1}")
    return state[0]
