"""The prover process: one spawned child that loads the keys once and proves one chunk after another.

A crash or a kill of the child loses nothing: the job is given again to a fresh one. Ctrl-C reaches only the parent,
which ends the child; a long native call in the child therefore never delays shutdown.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any

from l2rollup.errors import Retryable

STOP_SECONDS = 2.0
MAX_ATTEMPTS = 3


@dataclass(frozen=True)
class Job:
    """A chunk to prove: batch id, witness bytes, z (32 bytes)."""

    batch_id: int
    witness: bytes
    z: bytes


@dataclass(frozen=True)
class Result:
    """A finished proof: batch id, proof bytes, public inputs, seconds of wall time, the verification key it is for,
    and the CPU seconds of all the child's threads meanwhile."""

    batch_id: int
    snark: bytes
    public_inputs: bytes
    seconds: float
    vk: bytes = b""
    core_seconds: float = 0.0


ProveFunction = Callable[[Path | None], Callable[[Job], Result]]
"""What runs in the child: opens keys in a cache folder, returns the function that proves a job."""


def open_native_prover(cache: Path | None) -> Callable[[Job], Result]:
    """Opens the keys and returns the function that proves with the native module."""
    from l2rollup import native
    from l2rollup.proof.setup import open_keys

    key = open_keys(cache)
    module = native.load()

    def prove(job: Job) -> Result:
        began = time.process_time()
        proof = module.prove_chunk(key, job.witness, job.z, None)
        cores = time.process_time() - began
        snark, inputs = bytes(proof.snark), bytes(proof.public_inputs)
        return Result(job.batch_id, snark, inputs, float(proof.seconds), bytes(key.vk()), cores)

    return prove


class Prover:
    """The parent's handle of the child. One job at a time; `poll` never blocks. Thread-safe by one lock."""

    def __init__(self, cache: Path | None = None, open_prover: ProveFunction = open_native_prover) -> None:
        self._cache = cache
        self._open_prover = open_prover
        self._process: SpawnProcess | None = None
        self._connection: Connection | None = None
        self._job: Job | None = None
        self._attempts = 0
        self.started_at = 0.0
        self._lock = threading.RLock()

    @property
    def is_busy(self) -> bool:
        """Whether a job is with the child."""
        return self._job is not None

    def submit(self, job: Job) -> None:
        """Gives the child a job; starts the child when there is none."""
        with self._lock:
            self._job, self._attempts = job, 1
            self._send(job)

    def poll(self) -> Result | None:
        """Returns the finished proof, or None. Raises Retryable when the job failed for good; it is then given up."""
        with self._lock:
            return self._poll()

    def _poll(self) -> Result | None:
        if self._job is None or self._connection is None:
            return None
        if self._connection.poll():
            with contextlib.suppress(EOFError, OSError):
                answer = self._connection.recv()
                self._job = None
                if isinstance(answer, Result):
                    return answer
                raise Retryable("prover failed", expected="a proof", got=str(answer))
        elif self._process is not None and self._process.is_alive():
            return None
        self._retry()
        return None

    def cancel(self) -> None:
        """Ends the job with its child; the next job starts a fresh one."""
        with self._lock:
            self._job = None
            self.stop()

    def stop(self) -> None:
        """Ends the child."""
        with self._lock:
            self._end_child()

    def _end_child(self) -> None:
        process, self._process = self._process, None
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if process is None:
            return
        process.terminate()
        process.join(STOP_SECONDS)
        if process.is_alive():
            process.kill()
            process.join(STOP_SECONDS)

    def _retry(self) -> None:
        job = self._job
        if job is None:
            return
        code = self._process.exitcode if self._process else None
        self.stop()
        if self._attempts >= MAX_ATTEMPTS:
            self._job = None
            raise Retryable("prover process ends again and again", expected="a proof", got=f"exit status {code}")
        self._attempts += 1
        self._send(job)

    def _send(self, job: Job) -> None:
        if self._process is None or not self._process.is_alive() or self._connection is None:
            self.stop()
            spawn = multiprocessing.get_context("spawn")
            ours, theirs = spawn.Pipe()
            process = spawn.Process(
                target=_serve, args=(theirs, self._cache, self._open_prover), name="l2rollup-prover", daemon=True
            )
            process.start()
            theirs.close()
            self._process, self._connection = process, ours
        self.started_at = time.time()
        self._connection.send(job)


def _serve(connection: Connection, cache: Path | None, open_prover: ProveFunction) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    prove: Callable[[Job], Result] | None = None
    while True:
        try:
            job: Any = connection.recv()
        except (EOFError, OSError):
            return
        try:
            prove = prove or open_prover(cache)
            answer: object = prove(job)
        except Exception as error:
            answer = f"{type(error).__name__}: {error}"
        try:
            connection.send(answer)
        except OSError:
            return
