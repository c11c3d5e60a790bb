"""What a circuit costs, part by part: a text table and a flame picture (SVG) of rows and cells per label.

It draws whatever it is given: parts named by a path ("merkle/level 3/poseidon2"), each with rows, cells and, where
known, seconds. What it is not: a measurement; whoever lays out a circuit counts, whoever runs one times.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from l2rollup.errors import Malformed

PICTURE_WIDTH = 960
_BAR, _TEXT, _LETTER = 22, 11, 6.6
_COLOURS = ("#f2b880", "#e7c6a5", "#c9d6a3", "#a3c9b8", "#a7c0de", "#c8b5dc", "#e0b1c0", "#d8cfa8")


@dataclass(frozen=True)
class Part:
    """One part of a circuit: its path, outermost first, its rows and cells, seconds where they were measured."""

    path: tuple[str, ...]
    rows: int
    cells: int
    seconds: float | None = None


@dataclass
class _Node:
    name: str
    rows: int = 0
    cells: int = 0
    seconds: float = 0.0
    below: dict[str, _Node] | None = None

    def add(self, part: Part, depth: int) -> None:
        self.rows += part.rows
        self.cells += part.cells
        self.seconds += part.seconds or 0.0
        if depth < len(part.path):
            self.below = self.below or {}
            name = part.path[depth]
            self.below.setdefault(name, _Node(name)).add(part, depth + 1)

    def children(self) -> list[_Node]:
        return sorted((self.below or {}).values(), key=lambda node: -node.cells)

    def depth(self) -> int:
        return 1 + max((child.depth() for child in self.children()), default=0)


class Profile:
    """Cells of a circuit by part. `total_cells` (rows x columns) also holds what no part uses, shown as padding."""

    def __init__(self, title: str, parts: Iterable[Part], *, total_rows: int, total_cells: int) -> None:
        self.title = title
        self.parts = tuple(parts)
        self.total_rows, self.total_cells = total_rows, total_cells
        used = sum(part.cells for part in self.parts)
        if used > total_cells:
            raise Malformed("parts of a profile", expected=f"at most {total_cells} cells", got=str(used))
        self._root = _Node(title)
        for part in self.parts:
            self._root.add(part, 0)

    @property
    def used_rows(self) -> int:
        """Rows of all parts together."""
        return self._root.rows

    @property
    def used_cells(self) -> int:
        """Cells of all parts together."""
        return self._root.cells

    @property
    def is_timed(self) -> bool:
        """Whether any part carries seconds."""
        return any(part.seconds is not None for part in self.parts)

    def records(self) -> list[dict[str, object]]:
        """Returns the parts as plain records: path, rows, cells, share of all cells, seconds where known."""
        out: list[dict[str, object]] = []
        for part in self.parts:
            record: dict[str, object] = {"path": "/".join(part.path), "rows": part.rows, "cells": part.cells}
            record["share"] = round(part.cells / self.total_cells, 6) if self.total_cells else 0.0
            out.append(record if part.seconds is None else record | {"seconds": part.seconds})
        return out

    def table(self, depth: int = 3) -> str:
        """Returns the parts down to `depth` names as an aligned table, largest first, padding last."""
        head = ["part", "rows", "cells", "share", *(["seconds"] if self.is_timed else [])]
        lines = [head, *self._lines(self._root, 0, depth)]
        spare = self.total_cells - self.used_cells
        blank = [""] if self.is_timed else []
        lines.append(["(padding)", str(self.total_rows - self.used_rows), str(spare), self._share(spare), *blank])
        lines.append(["total", str(self.total_rows), str(self.total_cells), self._share(self.total_cells), *blank])
        widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
        rows = [
            "  ".join([line[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(line[1:], widths[1:], strict=True))])
            for line in lines
        ]
        return "\n".join([self.title, *(row.rstrip() for row in rows)])

    def _lines(self, node: _Node, indent: int, depth: int) -> list[list[str]]:
        out = []
        for child in node.children() if indent < depth else []:
            line = ["  " * indent + child.name, str(child.rows), str(child.cells), self._share(child.cells)]
            out.append([*line, f"{child.seconds:.3f}"] if self.is_timed else line)
            out += self._lines(child, indent + 1, depth)
        return out

    def _share(self, cells: int) -> str:
        return f"{100 * cells / self.total_cells:.1f}%" if self.total_cells else "-"

    def svg(self, width: int = PICTURE_WIDTH) -> str:
        """Returns a flame picture: a bar a part, as wide as its cells, under the bar of the part that holds it."""
        bars: list[str] = []
        scale = width / max(self.total_cells, 1)
        label = f"{self.title}: {self.used_cells} of {self.total_cells} cells, "
        label += f"{self.used_rows} of {self.total_rows} rows"
        self._bar(bars, self._root, 0.0, 0, scale, label)
        height = self._root.depth() * _BAR + 4
        head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        head += f'viewBox="0 0 {width} {height}" font-family="monospace" font-size="{_TEXT}">'
        ground = f'<rect width="{width}" height="{height}" fill="#ffffff"/>'
        return "\n".join([head, ground, *bars, "</svg>\n"])

    def _bar(self, bars: list[str], node: _Node, x: float, level: int, scale: float, label: str) -> None:
        wide = max(node.cells, self.total_cells if level == 0 else 0) * scale
        y = level * _BAR + 2
        colour = "#eeeeee" if level == 0 else _COLOURS[sum(node.name.encode()) % len(_COLOURS)]
        seconds = f", {node.seconds:.3f} s" if self.is_timed else ""
        title = label if level == 0 else f"{node.name}: {node.rows} rows, {node.cells} cells, {self._share(node.cells)}"
        shown = label if level == 0 else node.name
        fits = int((wide - 6) / _LETTER)
        text = shown if len(shown) <= fits else shown[: fits - 1] + "…" if fits >= 3 else ""
        bars.append(
            f'<g><title>{escape(title + seconds)}</title><rect x="{x:.2f}" y="{y}" width="{max(wide - 0.5, 0.2):.2f}" '
            f'height="{_BAR - 2}" fill="{colour}"/>'
            f'<text x="{x + 3:.2f}" y="{y + 14}">{escape(text)}</text></g>'
        )
        for child in node.children():
            self._bar(bars, child, x, level + 1, scale, label)
            x += child.cells * scale

    def _repr_svg_(self) -> str:
        """What a notebook shows."""
        return self.svg()

    def __str__(self) -> str:
        return self.table()
