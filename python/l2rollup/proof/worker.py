"""The prover process: one spawned child that loads the keys once and proves one chunk after another.

A crash or a kill of the child loses nothing: the job is given again to a fresh one. Ctrl-C reaches only the parent,
which ends the child; a long native call in the child therefore never delays shutdown. When the parent is killed, the
child ends too. A proof is verified, against public inputs that the parent names, before it is handed over.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import multiprocessing.connection
import os
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
    """A chunk to prove: batch id, witness bytes, z (32 bytes), the public inputs its proof must be of (832 bytes)."""

    batch_id: int
    witness: bytes
    z: bytes
    public_inputs: bytes


@dataclass(frozen=True)
class Result:
    """A finished and verified proof: batch id, proof bytes, the public inputs it was verified against, seconds of
    proving by the wall and by the CPUs."""

    batch_id: int
    snark: bytes
    public_inputs: bytes
    seconds: float
    core_seconds: float = 0.0


@dataclass(frozen=True)
class Ready:
    """The child has opened its keys: verifying key, its digest as vkDigest() on L1, name of its setup."""

    vk: bytes
    vk_digest: bytes
    setup: str


ProveFunction = Callable[[Path | None, Path | None], tuple[Ready, Callable[[Job], Result]]]
"""What runs in the child: opens the keys of a cache folder and a setup, returns them and the function that proves."""


def open_native_prover(cache: Path | None, setup: Path | None = None) -> tuple[Ready, Callable[[Job], Result]]:
    """Opens the keys and returns the function that proves with the native module."""
    from l2rollup import native
    from l2rollup.proof.setup import open_keys

    key = open_keys(cache, setup=setup)
    module = native.load()
    ready = Ready(bytes(key.vk()), bytes(key.vk_digest), key.setup)

    def prove(job: Job) -> Result:
        began = time.process_time()
        proof = module.prove_chunk(key, job.witness, job.z, None)
        cores = time.process_time() - began
        module.verify(ready.vk, job.public_inputs, bytes(proof.snark))
        return Result(job.batch_id, bytes(proof.snark), job.public_inputs, float(proof.seconds), cores)

    return ready, prove


class Prover:
    """The parent's handle of the child. One job at a time; `poll` never blocks. Thread-safe by one lock."""

    def __init__(
        self, cache: Path | None = None, open_prover: ProveFunction = open_native_prover, *, setup: Path | None = None
    ) -> None:
        self._cache, self._setup = cache, setup
        self._open_prover = open_prover
        self._process: SpawnProcess | None = None
        self._connection: Connection | None = None
        self._job: Job | None = None
        self._attempts = 0
        self.ready: Ready | None = None
        self._lock = threading.RLock()

    @property
    def is_busy(self) -> bool:
        """Whether a job is with the child."""
        return self._job is not None

    def start(self) -> None:
        """Starts the child, which opens its keys at once; `ready` is set by a later `poll`."""
        with self._lock:
            self._ensure_child()

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
        connection, process = self._connection, self._process
        if connection is None or process is None:
            return None
        with contextlib.suppress(EOFError, OSError):
            while connection.poll():
                answer = connection.recv()
                if isinstance(answer, Ready):
                    self.ready = answer
                    continue
                self._job = None
                if isinstance(answer, Result):
                    return answer
                raise Retryable("prover failed", expected="a proof", got=str(answer))
        if not process.is_alive():
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
        code = self._process.exitcode if self._process else None
        self._end_child()
        if job is None:
            return
        if self._attempts >= MAX_ATTEMPTS:
            self._job = None
            raise Retryable("prover process ends again and again", expected="a proof", got=f"exit status {code}")
        self._attempts += 1
        self._send(job)

    def _send(self, job: Job) -> None:
        # A child that dies right now breaks the pipe; the next poll finds it dead and tries again.
        with contextlib.suppress(OSError):
            self._ensure_child().send(job)

    def _ensure_child(self) -> Connection:
        if self._process is not None and self._process.is_alive() and self._connection is not None:
            return self._connection
        self._end_child()
        spawn = multiprocessing.get_context("spawn")
        ours, theirs = spawn.Pipe()
        process = spawn.Process(
            target=_serve, args=(theirs, self._cache, self._setup, self._open_prover), name="l2rollup-prover",
            daemon=True,
        )  # fmt: skip
        process.start()
        theirs.close()
        self._process, self._connection = process, ours
        return ours


def _serve(connection: Connection, cache: Path | None, setup: Path | None, open_prover: ProveFunction) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    prove: Callable[[Job], Result] | None = None
    with contextlib.suppress(EOFError, OSError):
        with contextlib.suppress(Exception):
            # What fails here fails again with the first job, and is then reported.
            prove = _open(connection, cache, setup, open_prover)
        while True:
            job: Any = connection.recv()
            try:
                prove = prove or _open(connection, cache, setup, open_prover)
                answer: object = prove(job)
            except Exception as error:
                answer = f"{type(error).__name__}: {error}"
            connection.send(answer)


def _open(
    connection: Connection, cache: Path | None, setup: Path | None, open_prover: ProveFunction
) -> Callable[[Job], Result]:
    ready, prove = open_prover(cache, setup)
    connection.send(ready)
    return prove


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)
