"""Our prover by `l2rollup bench prove`, and our kernels beside arkworks' by the bench target `peers` of rust/plonk."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benches.peers import rows
from benches.peers.gnark import decode_kernel
from benches.peers.process import run

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Proven:
    """The medians of one size: its row, and the record of docs/proof.md that it was read from."""

    row: rows.Row
    record: dict[str, Any]


def prove(count: int, runs: int) -> Proven:
    """Proves so many plain transfers among 2^20 accounts with the production key on the shipped setup."""
    command = (sys.executable, "-m", "l2rollup", "bench", "prove", "--json", "--transfers", str(count))
    text, _ = run([*command, "--runs", str(runs)], ROOT)
    return decode(json.loads(text))


def slots() -> int:
    """Returns the transfers of a full chunk."""
    text, _ = run([sys.executable, "-c", "from l2rollup import native; print(native.load().shape().slots)"], ROOT)
    return int(text)


def decode(record: dict[str, Any]) -> Proven:
    """Reads a record of `l2rollup bench prove --json`. Raises Malformed."""
    chunks, rows_each = rows.count(record, "chunks"), rows.count(record, "n")
    columns = rows.count(record, "columns")
    row = rows.Row(
        rows.OURS,
        rows.TRANSFERS,
        rows.count(record, "transfers"),
        rows.count(record, "threads"),
        rows.number(record, "wall_s"),
        rows.number(record, "prove_core_seconds"),
        rows.number(record, "rss_mb"),
        rows.count(record, "proof_bytes") * chunks,
        rows_each,
        rows_each * columns * chunks,
        f"{chunks} of {columns} columns, {figure(record, 'cells_per_transfer')} cells a transfer, "
        f"{figure(record, 'core_us_per_cell')} core-us a cell, {record.get('simd')}, setup {record.get('setup')}",
    )
    return Proven(row, record)


def figure(record: dict[str, Any], name: str) -> str:
    """Returns a number of a record, short. Raises Malformed."""
    value = rows.number(record, name)
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"


BENCH = ("cargo", "bench", "--quiet", "--locked", "-p", "l2rollup-plonk", "--bench", "peers")


def build() -> None:
    """Builds the program of the kernels. Raises Failed."""
    run([*BENCH, "--no-run"], ROOT)


def kernels(logarithms: list[int], runs: int) -> list[rows.Row]:
    """Measures our MSM and FFT, and arkworks', with one thread and two."""
    text, _ = run([*BENCH, "--", str(runs), *map(str, logarithms)], ROOT)
    return [decode_kernel(rows.OURS, line) for line in text.splitlines() if line.startswith("{")]
