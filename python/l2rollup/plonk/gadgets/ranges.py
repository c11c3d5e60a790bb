"""Ranges by lookup: a number below 2^bits is a sum of limbs, three to a row, each in the table of its width.

What it is not: a bit decomposition (logic.bits), which costs a row a bit and needs no table.
"""

from __future__ import annotations

from collections.abc import Iterator

from l2rollup.errors import Malformed
from l2rollup.plonk.builder import EMPTY, Builder, Placed
from l2rollup.plonk.gadgets.logic import MAX_BITS, assert_boolean
from l2rollup.plonk.gate import LIMBS
from l2rollup.plonk.wire import Wire

PER_ROW = 3


def split_widths(count: int, largest: int) -> list[int]:
    """Widths of the limbs of a number of `count` bits, lowest first: as few as can be, of one width if possible."""
    limbs = -(-count // largest)
    if count % limbs == 0:
        return [count // limbs] * limbs
    return [largest] * (limbs - 1) + [count - largest * (limbs - 1)]


def _rows(widths: list[int]) -> Iterator[list[int]]:
    row: list[int] = []
    for width in widths:
        if row and (len(row) == PER_ROW or row[0] != width):
            yield row
            row = []
        row.append(width)
    yield row


def assert_range(b: Builder, value: Wire | int, count: int, label: str = "") -> None:
    """value < 2^count; count is at most 253."""
    if not 1 <= count <= MAX_BITS:
        raise Malformed("bits of a range", expected=f"1 to {MAX_BITS}", got=str(count))
    wire, label = b.wire(value), label or f"{count}-bit range"
    if wire.is_constant:
        if wire.constant >> count:
            raise Malformed(label, expected=f"below 2^{count}", got=str(wire.constant))
        return
    current, rows = b.variable_wire(wire), list(_rows(split_widths(count, b.limb_bits)))
    for i, widths in enumerate(rows):
        width, last = widths[0], i == len(rows) - 1
        mask, low = (1 << width) - 1, width * len(widths)
        # the highest limbs take what is left, so that a number out of range shows in a limb outside its table
        def split(x: int, n: int = len(widths), width: int = width, mask: int = mask, last: bool = last) -> list[int]:
            parts = [x >> width * k & mask for k in range(n - 1)]
            top = x >> width * (n - 1)
            return [*parts, top, 0] if last else [*parts, top & mask, x >> width * n]

        *limbs, rest = b.compute(split, current, count=len(widths) + 1)
        cells = [b.cell(x) for x in (current, *limbs)] + [EMPTY] * (PER_ROW - len(widths))
        factors = [1 << width * k for k in range(len(widths))] + [0] * (PER_ROW - len(widths))
        cells.append(EMPTY if last else b.cell(rest))
        params = (*factors, 0 if last else 1 << low, b.range_table(width).tag)
        b.place(Placed(LIMBS, tuple(cells), params, (*b.path, label)))
        current = rest


def is_less(b: Builder, left: Wire | int, right: Wire | int, count: int, label: str = "") -> Wire:
    """1 where left < right, else 0; both are asserted to be below 2^count (at most 252)."""
    if not 1 <= count < MAX_BITS:
        raise Malformed("bits of a comparison", expected=f"1 to {MAX_BITS - 1}", got=str(count))
    label = label or f"{count}-bit comparison"
    assert_range(b, left, count, label)
    assert_range(b, right, count, label)
    shifted = b.variable_wire(b.wire(left) - right + (1 << count))
    top: Wire = b.compute(lambda x: x >> count & 1, shifted)
    assert_boolean(b, top, label)
    assert_range(b, shifted - top * (1 << count), count, label)
    return 1 - top
