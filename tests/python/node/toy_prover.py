"""A prover of nothing for tests of the prover process: the witness says what it does. Spawned children import it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from l2rollup.proof import Job, Ready, Result

READY = Ready(b"vk", b"digest", "aztec-ignition")


def open_toy(cache: Path | None, setup: Path | None = None) -> tuple[Ready, Callable[[Job], Result]]:
    if cache is not None and (cache / "no keys").exists():
        raise ValueError("keys are damaged")

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
        return Result(job.batch_id, job.z, job.public_inputs, 0.5)

    return READY, prove


def job(batch_id: int, witness: bytes) -> Job:
    return Job(batch_id, witness, b"z", b"inputs")
