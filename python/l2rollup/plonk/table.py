"""Lookup tables: tuples of field elements that are fixed with the circuit.

What it is not: memory; a table does not change, and a lookup asks only whether a tuple is in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from l2rollup.errors import Malformed
from l2rollup.plonk.gate import COPIED
from l2rollup.plonk.values import to_element


class Table:
    """A set of tuples of one length (1 to 5). `tag` tells it from the circuit's other tables."""

    def __init__(self, name: str, rows: Iterable[int | Sequence[int]], *, tag: int) -> None:
        self.name, self.tag = name, tag
        listed = [(row,) if isinstance(row, int) else tuple(row) for row in rows]
        self.rows = tuple(tuple(to_element(f"table {name}", x) for x in row) for row in listed)
        widths = {len(row) for row in self.rows}
        if len(widths) != 1 or not 1 <= max(widths) <= COPIED:
            got = "no rows" if not widths else f"rows of {sorted(widths)}"
            raise Malformed(f"table {name}", expected=f"rows of one length, 1 to {COPIED}", got=got)
        self.width = widths.pop()
        self.places = {row: i for i, row in enumerate(self.rows)}
        if len(self.places) != len(self.rows):
            raise Malformed(f"table {name}", expected="different rows", got="one twice")

    def __len__(self) -> int:
        return len(self.rows)

    def __repr__(self) -> str:
        return f"Table({self.name!r}, {len(self.rows)} rows of {self.width})"


MAX_WIDTH = 15


def make_range_table(width: int, tag: int) -> Table:
    """The numbers below 2^width. Raises Malformed for widths that the shipped setup has no rows for."""
    if not 1 <= width <= MAX_WIDTH:
        raise Malformed("bits of a limb", expected=f"1 to {MAX_WIDTH}", got=str(width))
    return Table(f"{width}-bit numbers", range(1 << width), tag=tag)
