"""A row is one measurement; rows of the same thing are joined to their medians. Written to prover.json as they came."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from statistics import median
from typing import Any

TRANSFERS, MSM, FFT = "transfers", "msm", "fft"
THREADS = 2
OURS, BARRETENBERG, GNARK, ARKWORKS = "l2rollup", "barretenberg", "gnark", "arkworks"


class Malformed(ValueError):
    """A record of a program is not what this module expects."""


@dataclass(frozen=True)
class Row:
    """One measurement.

    `size` is the number of transfers of a proof, or of elements of a kernel. `core_s` sums the CPU seconds of all
    threads. `rows` is the height of the trace, `cells` the committed witness cells; 0 where they say nothing.
    """

    system: str
    what: str
    size: int
    threads: int
    wall_s: float
    core_s: float
    rss_mb: float = 0.0
    proof_bytes: int = 0
    rows: int = 0
    cells: int = 0
    note: str = ""

    @property
    def core_ms_each(self) -> float:
        """CPU milliseconds a transfer, or an element."""
        return self.core_s / self.size * 1e3


def number(record: dict[str, Any], name: str) -> float:
    """Returns a non-negative number of a record. Raises Malformed."""
    value = record.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
        raise Malformed(f"{name}: expected a number >= 0, got {value!r}")
    return value


def count(record: dict[str, Any], name: str) -> int:
    """Returns a positive whole number of a record. Raises Malformed."""
    value = number(record, name)
    if value != int(value) or value < 1:
        raise Malformed(f"{name}: expected a whole number >= 1, got {value!r}")
    return int(value)


def join(rows: Iterable[Row]) -> list[Row]:
    """Returns one row for each (system, what, size, threads), in order of appearance, with the medians of its rows."""
    groups: dict[tuple[str, str, int, int], list[Row]] = {}
    for row in rows:
        groups.setdefault((row.system, row.what, row.size, row.threads), []).append(row)
    return [
        replace(
            group[0],
            wall_s=median(row.wall_s for row in group),
            core_s=median(row.core_s for row in group),
            rss_mb=median(row.rss_mb for row in group),
        )
        for group in groups.values()
    ]


def encode(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Returns rows as JSON objects."""
    return [asdict(row) for row in rows]


def decode(objects: Iterable[dict[str, Any]]) -> list[Row]:
    """Returns the rows of JSON objects. Raises Malformed."""
    try:
        return [Row(**fields) for fields in objects]
    except TypeError as error:
        raise Malformed(f"expected the fields of a row, got {error}") from None
