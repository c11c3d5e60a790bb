"""The prover process: results, failures with their reason, a child that dies, cancel, and no orphan after stop."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from l2rollup.errors import Retryable
from l2rollup.proof import Job, Prover, Result


def open_toy(cache: Path | None) -> Callable[[Job], Result]:
    def prove(job: Job) -> Result:
        if job.witness == b"raise":
            raise ValueError("no such witness")
        if job.witness == b"die":
            os._exit(9)
        if job.witness == b"die once" and cache is not None and not (cache / "died").exists():
            (cache / "died").touch()
            os._exit(9)
        if job.witness == b"sleep":
            time.sleep(60)
        return Result(job.batch_id, job.z, job.witness, 0.5, b"vk")

    return prove


def wait(prover: Prover, seconds: float = 20.0) -> Result:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        result = prover.poll()
        if result is not None:
            return result
        time.sleep(0.02)
    raise AssertionError("no result")


def test_results_failures_and_deaths(tmp_path: Path) -> None:
    prover = Prover(tmp_path, open_toy)
    assert prover.poll() is None
    prover.submit(Job(1, b"w", b"z"))
    assert wait(prover) == Result(1, b"z", b"w", 0.5, b"vk")
    prover.submit(Job(2, b"raise", b"z"))
    with pytest.raises(Retryable, match="no such witness"):
        wait(prover)
    assert not prover.is_busy
    prover.submit(Job(3, b"die once", b"z"))
    assert wait(prover).batch_id == 3
    prover.submit(Job(4, b"die", b"z"))
    with pytest.raises(Retryable, match="again and again"):
        wait(prover)
    prover.submit(Job(5, b"w", b"z"))
    assert wait(prover).batch_id == 5
    prover.stop()


def test_cancel_ends_the_child(tmp_path: Path) -> None:
    prover = Prover(tmp_path, open_toy)
    prover.submit(Job(1, b"sleep", b"z"))
    began = time.monotonic()
    prover.cancel()
    assert time.monotonic() - began < 5 and prover.poll() is None
    prover.submit(Job(2, b"w", b"z"))
    assert wait(prover).batch_id == 2
    prover.stop()
