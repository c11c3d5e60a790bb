"""Measures all systems in one run: `python -m benches.peers [--quick] [--rounds N] [--out FOLDER]`.

The full run takes about a quarter of an hour and writes docs/benchmarks; `--quick` takes under five minutes and writes
build/peers. Systems take turns, so that what else the machine does meets all of them.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benches.peers import barretenberg, gnark, ours, report, rows, setup
from benches.peers.process import Failed

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / "build" / "peers"
REAL_ROWS = 1 << 15


@dataclass(frozen=True)
class Plan:
    """Sizes and repetitions. A peer's size nearly fills a power of two of rows; ours are parts of a full chunk."""

    gnark: tuple[int, ...]
    barretenberg: tuple[int, ...]
    chunks: tuple[float, ...]
    kernels: tuple[int, ...]
    rounds: int


FULL = Plan((1, 3, 6), (3, 7, 16, 32), (0.25, 1, 4), (15, 18, 20), 3)
QUICK = Plan((1,), (3, 32), (1,), (15,), 1)


def say(words: str) -> None:
    """Prints progress with the load of the machine."""
    print(f"[load {os.getloadavg()[0]:.2f}] {words}", file=sys.stderr, flush=True)  # noqa: T201


def prepare(plan: Plan) -> tuple[gnark.Peer, list[barretenberg.Prover]]:
    """Builds, checks that both circuits refuse what is wrong, and writes the setups."""
    WORK.mkdir(parents=True, exist_ok=True)
    say("building our kernels' program")
    ours.build()
    say("building gnark's program and checking its circuit")
    peer = gnark.Peer.build(WORK)
    gnark.check()
    refused = barretenberg.check(WORK)
    say(f"the Noir circuit accepts an honest transfer and refuses {refused} altered ones")
    setup.write_real(WORK / "ceremony")
    setup.write_timing(WORK / "unsafe", (1 << 18) + 1, peer.write_crs)
    provers = []
    for count in plan.barretenberg:
        say(f"barretenberg: compiling {count} transfers")
        real = count <= 3
        home = WORK / ("ceremony" if real else "unsafe")
        provers.append(barretenberg.Prover.prepare(count, WORK, home, real))
    return peer, provers


def measure(plan: Plan) -> Iterator[rows.Row]:
    """Yields the rows of a run as they are measured."""
    peer, provers = prepare(plan)
    for turn in range(plan.rounds):
        for count in plan.gnark:
            say(f"gnark: {count} transfers, round {turn + 1} of {plan.rounds}")
            yield peer.prove(count)
        for prover in provers:
            say(f"barretenberg: {prover.count} transfers, round {turn + 1} of {plan.rounds}")
            yield prover.prove()
        if turn == plan.rounds // 2:
            for chunks in plan.chunks:
                say(f"l2rollup: {chunks:g} of a full chunk, {plan.rounds} time(s)")
                yield ours.prove(int(ours.slots() * chunks), plan.rounds).row
    yield from measure_kernels(plan, peer)


def measure_kernels(plan: Plan, peer: gnark.Peer) -> Iterator[rows.Row]:
    """Yields the rows of the kernels, size by size, so that the libraries alternate."""
    for logarithm in plan.kernels:
        say(f"kernels of 2^{logarithm}")
        for threads in (1, 2):
            yield from peer.kernels(logarithm, threads, plan.rounds)
        yield from ours.kernels([logarithm], plan.rounds)


def conditions(began: float, load: float, plan: Plan) -> dict[str, Any]:
    """Returns what the figures were measured on."""
    facts = {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in read("/proc/cpuinfo"))}
    processor = f"{facts.get('model name', platform.processor())}, family {facts.get('cpu family', '?')}"
    lanes = "AVX-512 IFMA" if "avx512ifma" in facts.get("flags", "") else "no AVX-512 IFMA"
    command = ("git", "rev-parse", "--short", "HEAD")
    commit = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)  # noqa: S603
    return {
        "commit": commit.stdout.strip() or "unknown",
        "date": time.strftime("%Y-%m-%d", time.gmtime(began)),
        "processor": f"{processor}, {os.cpu_count()} cores, {lanes}",
        "system": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        "load average": f"{load:.2f} before the run, {os.getloadavg()[0]:.2f} at its end (alone it would be near 2)",
        "rounds": f"{plan.rounds}; figures are medians",
        "minutes": f"{(time.time() - began) / 60:.1f}",
    }


def read(path: str) -> list[str]:
    """Returns a file's lines, none where there is no such file."""
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []


def main() -> int:
    """Runs the plan and writes the page, the plot and the rows."""
    parser = argparse.ArgumentParser(prog="python -m benches.peers", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer and smaller sizes, once each")
    parser.add_argument("--rounds", type=int, choices=range(1, 10), help="how often each is measured")
    parser.add_argument("--out", type=Path, help="folder to write to")
    arguments = parser.parse_args()
    plan = QUICK if arguments.quick else FULL
    plan = replace(plan, rounds=arguments.rounds or plan.rounds)
    out: Path = arguments.out or (WORK if arguments.quick else ROOT / "docs" / "benchmarks")
    out.mkdir(parents=True, exist_ok=True)
    began, load = time.time(), os.getloadavg()[0]
    try:
        measured = list(measure(plan))
    except (Failed, FileNotFoundError, rows.Malformed) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    facts = conditions(began, load, plan)
    record = {"regenerate": "make bench-peers", "conditions": facts, "rows": rows.encode(measured)}
    (out / "prover.json").write_text(json.dumps(record, indent=1) + "\n")
    report.write(out, measured, facts, report.NOTES.read_text())
    joined = report.sort(rows.join(measured))
    print(report.proofs(joined), report.ratios(joined), report.kernels(joined), sep="\n\n")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
