"""The page docs/benchmarks/prover.md: conditions, tables, ratios, and what the statements do not have in common.

The prose is notes.md beside this file; the numbers come from the rows. What it is not: a place where a number is typed.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benches.peers import plot, rows
from benches.peers.rows import ARKWORKS, BARRETENBERG, FFT, GNARK, MSM, OURS, TRANSFERS, Row

NOTES = Path(__file__).with_name("notes.md")
NAMES = {OURS: "l2rollup", BARRETENBERG: "UltraHonk (barretenberg)", GNARK: "gnark PLONK", ARKWORKS: "arkworks"}
KERNELS = {MSM: "MSM G1", FFT: "FFT Fr"}


def table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """Returns a Markdown table; every column after the first is a number and set to the right."""
    rule = ["---", *("---:" for _ in head[1:])]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [head, rule, *lines])


def figure(value: float) -> str:
    """Returns a number with three significant digits, and thousands set apart."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.3g}"


def sort(joined: Sequence[Row]) -> list[Row]:
    """Returns rows by kind and system in the order of NAMES and KERNELS, then by size and threads."""
    kinds, systems = [TRANSFERS, *KERNELS], list(NAMES)
    return sorted(joined, key=lambda row: (kinds.index(row.what), systems.index(row.system), row.size, row.threads))


def describe(condition: dict[str, Any]) -> str:
    """Returns the conditions of a run as a list."""
    return "\n".join(f"- {name}: {value}" for name, value in condition.items())


def proofs(joined: Sequence[Row]) -> str:
    """Returns the table of proofs."""
    head = (
        "system",
        "transfers",
        "rows",
        "core-s",
        "wall s",
        "core-ms a transfer",
        "transfers/s",
        "peak MB",
        "bytes",
        "detail",
    )
    lines = [
        (
            NAMES[row.system], str(row.size), f"{row.rows:,}", figure(row.core_s), figure(row.wall_s),
            figure(row.core_ms_each), figure(row.size / row.wall_s), figure(row.rss_mb), f"{row.proof_bytes:,}",
            row.note,
        )
        for row in joined
        if row.what == TRANSFERS
    ]  # fmt: skip
    return table(head, lines)


def cheapest(joined: Sequence[Row], system: str) -> Row | None:
    """Returns the system's proof of least core time a transfer."""
    found = [row for row in joined if row.system == system and row.what == TRANSFERS]
    return min(found, key=lambda row: row.core_ms_each, default=None)


def ratios(joined: Sequence[Row]) -> str:
    """Returns how many times a peer's cost a transfer is ours, each at its own cheapest size."""
    ours = cheapest(joined, OURS)
    if ours is None:
        return ""
    lines = []
    for system in (BARRETENBERG, GNARK):
        peer = cheapest(joined, system)
        if peer is not None:
            core = peer.core_ms_each / ours.core_ms_each
            wall = (peer.wall_s / peer.size) / (ours.wall_s / ours.size)
            lines.append((NAMES[system], f"{peer.size} / {ours.size}", f"{figure(core)}x", f"{figure(wall)}x"))
    head = ("ours against", "transfers theirs / ours", "core time a transfer", "transfers/s")
    return table(head, lines)


def find(joined: Sequence[Row], system: str, like: Row) -> Row | None:
    """Returns the row of another system for the same kernel, size and threads."""
    same = (like.what, like.size, like.threads)
    return next((r for r in joined if r.system == system and (r.what, r.size, r.threads) == same), None)


def kernels(joined: Sequence[Row]) -> str:
    """Returns the table of kernels: core time an element of each library, and how many times theirs is ours."""
    head = ("kernel", "size", "threads", "gnark-crypto", "arkworks", "ours", "times gnark-crypto", "times arkworks")
    lines = []
    for like in (row for row in joined if row.system == GNARK and row.what in KERNELS):
        ours, other = find(joined, OURS, like), find(joined, ARKWORKS, like)

        def each(row: Row | None) -> str:
            return "-" if row is None else figure(row.core_ms_each * 1e6)

        def times(theirs: Row | None, mine: Row | None = ours) -> str:
            both = theirs is not None and mine is not None
            return f"{figure(theirs.core_s / mine.core_s)}x" if both and theirs and mine else "-"

        size = f"2^{like.size.bit_length() - 1}"
        values = (each(like), each(other), each(ours), times(like), times(other))
        lines.append((KERNELS[like.what], size, str(like.threads), *values))
    return table(head, lines)


def draw(joined: Sequence[Row]) -> str:
    """Returns the plot of size against core-seconds."""
    lines = {
        NAMES[system]: [(float(r.size), r.core_s) for r in joined if r.system == system and r.what == TRANSFERS]
        for system in (OURS, BARRETENBERG, GNARK)
    }
    shown = {name: points for name, points in lines.items() if points}
    return plot.draw("Proving a batch of transfers", "transfers in the batch", "core-seconds", shown)


def write(folder: Path, measured: Sequence[Row], conditions: dict[str, Any], text: str) -> None:
    """Writes prover.md and prover.svg; `text` is the notes, whose marks {name} take the parts."""
    joined = sort(rows.join(measured))
    parts = {
        "conditions": describe(conditions),
        "proofs": proofs(joined),
        "ratios": ratios(joined),
        "kernels": kernels(joined),
    }
    for name, part in parts.items():
        text = text.replace("{" + name + "}", part)
    (folder / "prover.md").write_text(text)
    (folder / "prover.svg").write_text(draw(joined))
