"""gnark's PLONK over the circuit in gnark/, and the kernels of gnark-crypto: builds the program, runs it, reads it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from benches.peers import rows
from benches.peers.process import run

FOLDER = Path(__file__).parent / "gnark"


@dataclass(frozen=True)
class Peer:
    """The built program."""

    program: Path

    @classmethod
    def build(cls, work: Path) -> Peer:
        """Builds it. Raises Failed where Go or a module is missing."""
        program = work.resolve() / "gnark-peer"
        run(["go", "build", "-o", program, "."], FOLDER)
        return cls(program)

    def prove(self, count: int) -> rows.Row:
        """Sets up, proves once and verifies; the row is gnark's Prove alone, which solves the witness too."""
        text, cost = run([self.program, "transfers", "-count", str(count), "-runs", "1"])
        record = json.loads(text)
        return rows.Row(
            rows.GNARK,
            rows.TRANSFERS,
            rows.count(record, "transfers"),
            rows.count(record, "threads"),
            rows.number(record, "wall_s"),
            rows.number(record, "core_s"),
            cost.rss_mb,
            rows.count(record, "proof_bytes"),
            rows.count(record, "rows"),
            note=f"{rows.count(record, 'gates'):,} gates",
        )

    def kernels(self, logarithm: int, threads: int, runs: int) -> list[rows.Row]:
        """Measures the MSM and the FFT of 2^logarithm elements."""
        flags = ("-log", logarithm, "-threads", threads, "-runs", runs)
        text, _ = run([self.program, "kernels", *map(str, flags)])
        return [decode_kernel(rows.GNARK, line) for line in text.splitlines()]

    def write_crs(self, points: int, folder: Path) -> None:
        """Writes a setup of known tau for barretenberg: for timing only."""
        folder.mkdir(parents=True, exist_ok=True)
        run([self.program, "crs", "-points", str(points), "-out", folder])


def check() -> None:
    """Runs the circuit's own tests: honest batches solve, altered ones do not. Raises Failed."""
    run(["go", "test", "."], FOLDER)


def decode_kernel(system: str, line: str) -> rows.Row:
    """Returns the row of a record {kernel, log, threads, wall_s, core_s}. Raises Malformed."""
    record = json.loads(line)
    what = record.get("kernel")
    if what not in (rows.MSM, rows.FFT):
        raise rows.Malformed(f"kernel: expected msm or fft, got {what!r}")
    return rows.Row(
        record.get("system", system),
        what,
        1 << rows.count(record, "log"),
        rows.count(record, "threads"),
        rows.number(record, "wall_s"),
        rows.number(record, "core_s"),
    )
