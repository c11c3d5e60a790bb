"""circomlib's EdDSA over BabyJubJub with Poseidon: S B8 = R8 + (8h) A, shown as S B8 + h Q = R8 with Q = -8A.

One joint double-and-add over {O, B8, Q, T = B8 + Q}, 256 rows:

| c0, c1 | c2 | c3 | c5, c6 | c7, c8 | c9, c10 | c11, c12 | c13, c14 |
|---|---|---|---|---|---|---|---|
| p | S so far | h so far | d = 2p | s, chosen by the bits | bits of S, h | Q | T |

Row 0 loads Q and T and starts p at the identity; rows 1 to 254 take a bit each, highest first; row 255 holds the
result. Clauses beside it: A on the curve, 8A not the identity, R8 not the identity, S < l (its first three bits are
zero and l - 1 - S is below 2^252), h canonical (below r as an integer, compared by halves of 127 bits). R8 needs no
curve check: it is a sum of curve points. Twin of rust/core/src/circuit/signature.rs. What it is not: hashing of
messages to one element.
"""

from __future__ import annotations

from functools import cache

from l2rollup.errors import Malformed
from l2rollup.plonk.builder import Builder, Row
from l2rollup.plonk.gadgets import edwards, logic, poseidon, ranges
from l2rollup.plonk.gate import Gate
from l2rollup.plonk.wire import Wire
from l2rollup.spec import babyjubjub
from l2rollup.spec.babyjubjub import B8, ORDER
from l2rollup.spec.field import R

BITS = 254
ZERO_BITS = 3
HALF = 127
WIDTH = 15
IDENTITY = (0, 1)


@cache
def load_gate() -> Gate:
    """Q and T come in by the copied cells; the next row starts."""
    gate = Gate("eddsa load", cells=[f"c{i}" for i in range(WIDTH)])
    c = gate.cells
    for cell, value in zip(c[:4], (0, 1, 0, 0), strict=True):
        gate.constrain(cell.next - value, label=f"start of {cell.name}")
    for i in range(4):
        gate.constrain(c[11 + i].next - c[i], label=f"load of c{11 + i}")
    return gate


@cache
def step_gate() -> Gate:
    """d = 2p, p' = d + s, both accumulators take a bit."""
    gate = Gate("eddsa step", cells=[f"c{i}" for i in range(WIDTH)])
    c = gate.cells
    p, d, s = (c[0], c[1]), (c[5], c[6]), (c[7], c[8])
    bit_s, bit_h = c[9], c[10]
    edwards.add_law(gate, p, p, d, "double")
    edwards.add_law(gate, d, s, (c[0].next, c[1].next), "add")
    for bit, accumulator in ((bit_s, c[2]), (bit_h, c[3])):
        gate.constrain(bit * bit - bit, label=f"bit {bit.name}")
        gate.constrain(accumulator.next - 2 * accumulator - bit, label=f"accumulator {accumulator.name}")
    both, neither = bit_s * bit_h, (1 - bit_s) * (1 - bit_h)
    for axis in range(2):
        chosen = (bit_s - both) * B8[axis] + (bit_h - both) * c[11 + axis] + both * c[13 + axis]
        gate.constrain(s[axis] - chosen - neither * IDENTITY[axis], label=f"chosen point, {'xy'[axis]}")
    for i in range(11, WIDTH):
        gate.constrain(c[i].next - c[i], label=f"carry of c{i}")
    return gate


def fill(qx: int, qy: int, tx: int, ty: int, s: int, h: int) -> list[int]:
    """Cells of rows 1 to 255: fourteen a row (c4 is unused), of the last row the first two and Q, T."""
    points = (IDENTITY, B8, (qx, qy), (tx, ty))
    out, p, sums = list[int](), IDENTITY, [0, 0]
    for i in reversed(range(BITS)):
        bits = (s >> i & 1, h >> i & 1)
        d, chosen = edwards.add_values(p, p), points[bits[0] + 2 * bits[1]]
        out += [*p, *sums, *d, *chosen, *bits, qx, qy, tx, ty]
        p, sums = edwards.add_values(d, chosen), [2 * x + bit for x, bit in zip(sums, bits, strict=True)]
    return [*out, *p, qx, qy, tx, ty]


def high_half(h: int) -> int:
    """The high 127 of 254 bits."""
    return h >> HALF


def assert_signature(
    b: Builder, key: tuple[Wire | int, Wire | int], message: Wire | int, r8: tuple[Wire | int, Wire | int],
    s: Wire | int, label: str = "",
) -> None:  # fmt: skip
    """(R8, S) is a signature of the message by the key, by the acceptance set of docs/spec/hash.md."""
    with b.scope(label or "eddsa"):
        edwards.assert_on_curve(b, key, "key on the curve")
        eight = key
        for _ in range(3):
            eight = edwards.add(b, eight, eight, "8A")
        logic.assert_nonzero(b, eight[0], "key not of small order")
        logic.assert_nonzero(b, r8[0], "R8 not the identity")
        q = (-b.wire(eight[0]), b.wire(eight[1]))
        h = poseidon.hash_inputs(b, [*r8, *key, message], "challenge")
        t = edwards.add(b, q, B8, "B8 - 8A")
        middle = _double_and_add(b, q, t, (b.wire(s), h), r8)
        ranges.assert_range(b, ORDER - 1 - b.wire(s), 252, "S below l")
        _assert_canonical(b, h, middle)


def _double_and_add(
    b: Builder, q: edwards.Point, t: edwards.Point, scalars: tuple[Wire, Wire], r8: tuple[Wire | int, Wire | int]
) -> Wire:
    """S B8 + h Q = R8, with S < 2^251; returns the high half of h's 254 bits."""
    cells: list[Wire] = b.compute(fill, *q, *t, *scalars, count=14 * BITS + 6)
    middle: Wire = b.compute(high_half, scalars[1])
    rows = [Row(load_gate(), columns=[*q, *t])]
    for i in range(BITS):
        row: list[Wire | int | None] = list(cells[14 * i : 14 * i + 4])
        if i == ZERO_BITS:
            row[2] = 0
        if i == HALF:
            row[3] = middle
        rows.append(Row(step_gate(), columns=[*row, None, *cells[14 * i + 4 : 14 * i + 14]]))
    rows.append(Row(columns=[*r8, *scalars, *[None] * 7, *cells[14 * BITS + 2 :]]))
    b.block(rows, label="double and add")
    return middle


def _assert_canonical(b: Builder, h: Wire, middle: Wire) -> None:
    """The 254 bits of h are those of an integer below r: compared with r - 1 by one borrow."""
    high, low = (R - 1) >> HALF, (R - 1) & ((1 << HALF) - 1)
    rest = h - middle * (1 << HALF)
    borrow = b.compute(lambda x: int(x > low), rest)
    logic.assert_boolean(b, borrow, "h below r: borrow")
    ranges.assert_range(b, low - rest + borrow * (1 << HALF), HALF + 1, "h below r: low half")
    ranges.assert_range(b, high - middle - borrow, HALF + 1, "h below r: high half")


def unpack_signature(signature: bytes) -> tuple[int, int, int]:
    """(R8.x, R8.y, S) of the 64 bytes that circomlibjs packs and `eddsa_sign` gives. Raises Malformed."""
    if not isinstance(signature, bytes) or len(signature) != 64:
        raise Malformed("signature", expected="64 bytes", got=f"{len(signature)} bytes")
    try:
        x, y = babyjubjub.unpack(signature[:32])
    except ValueError as error:
        raise Malformed("signature", expected="a packed point, then S", got=str(error)) from error
    return x, y, int.from_bytes(signature[32:], "little")
