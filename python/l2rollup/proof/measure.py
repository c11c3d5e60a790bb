"""What proving costs: chunks proven again and again in a process of their own, with wall, CPU seconds and peak memory.

The process holds the key and the witnesses and nothing else, as a node's prover does, so its peak memory is a prover's.
Every proof is verified before it counts. What it is not: a workload; whoever asks brings the chunks.
"""

from __future__ import annotations

import multiprocessing
import resource
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from l2rollup import native
from l2rollup.errors import L2Error, Retryable
from l2rollup.proof.setup import open_keys

_KIB, _MIB = 1 << 10, 1 << 20
_STATUS = Path("/proc/self/status")

Report = Callable[[str, float | None], object]


@dataclass(frozen=True)
class Statement:
    """A chunk to prove: witness bytes, z (32 bytes), its number of transfers."""

    witness: bytes
    z: bytes
    transfers: int


@dataclass(frozen=True)
class Cost:
    """Cost of proving all statements once, the median of several runs. Seconds of CPU are of all threads together."""

    wall_s: float
    prove_core_seconds: float
    """Of the whole: cells assigned, the proof made and verified."""
    witness_core_seconds: float
    """The part of it that assigns the cells."""
    verify_core_seconds: float
    """Of one verification."""
    rss_mb: float
    """Peak resident memory of the proving process, in units of 2^20 bytes."""
    proof_bytes: int
    vk_digest: bytes
    setup: str
    simd: str
    threads: int


def measure_proving(
    statements: Sequence[Statement], *, runs: int, cache: Path | None = None, setup: Path | None = None,
    report: Report | None = None,
) -> Cost:  # fmt: skip
    """Proves all statements `runs` times in a fresh process. Raises what proving raises, Retryable when it dies."""
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    process = spawn.Process(target=_serve, args=(theirs, list(statements), runs, cache, setup), daemon=True)
    process.start()
    theirs.close()
    try:
        while True:
            answer: Any = ours.recv()
            if isinstance(answer, Cost):
                return answer
            if isinstance(answer, L2Error):
                raise answer
            if report is not None:
                report(*answer)
    except EOFError as error:
        process.join()
        raise Retryable("the proving process ended", expected="a measurement", got=str(process.exitcode)) from error
    finally:
        ours.close()
        process.kill()
        process.join()


def _serve(
    connection: Connection, statements: list[Statement], runs: int, cache: Path | None, setup: Path | None
) -> None:
    def report(step: str, part: float | None) -> None:
        connection.send((step, part))

    try:
        answer: object = _measure(open_keys(cache, report, setup=setup), statements, runs, report)
    except L2Error as error:
        answer = error
    except KeyboardInterrupt:
        return
    connection.send(answer)


def _measure(key: native.ProverKey, statements: list[Statement], runs: int, report: Report) -> Cost:
    module = native.load()
    vk, simd_threads = key.vk(), module.kernels()
    walls, cores, witness, verifying, size = [], [], [], [], 0
    for run in range(runs):
        report(f"run {run + 1} of {runs}", run / runs)
        wall, core = time.perf_counter(), time.process_time()
        proofs = [module.prove_chunk(key, s.witness, s.z, None) for s in statements]
        walls.append(time.perf_counter() - wall)
        cores.append(time.process_time() - core)
        size, peak = len(proofs[0].snark), peak_memory_mb()
        began = time.process_time()
        for statement in statements:
            module.dump_chunk(statement.witness, statement.z)
        witness.append(time.process_time() - began)
        began = time.process_time()
        for proof in proofs:
            module.verify(vk, proof.public_inputs, proof.snark)
        verifying.append((time.process_time() - began) / len(proofs))
    median = statistics.median
    return Cost(
        median(walls), median(cores), median(witness), median(verifying), peak, size, key.vk_digest, key.setup,
        *simd_threads,
    )  # fmt: skip


def peak_memory_mb() -> float:
    """Returns the peak resident memory of this process, in units of 2^20 bytes.

    Linux tells it for this program alone (VmHWM); getrusage also counts the parent that this process was forked from.
    """
    if _STATUS.exists():
        for line in _STATUS.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / _KIB
    unit = _MIB if sys.platform == "darwin" else _KIB
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
