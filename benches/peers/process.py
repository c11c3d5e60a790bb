"""Runs a program to its end and says what it cost: wall and CPU seconds by wait4, and its peak memory."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


class Failed(Exception):
    """A program ended with another status than 0. The message carries the command and the end of its output."""


@dataclass(frozen=True)
class Cost:
    """Of one process and the children it waited for: seconds of the wall clock and of all cores, MB at the peak."""

    wall_s: float
    core_s: float
    rss_mb: float


def run(
    command: Sequence[str | Path], folder: Path | None = None, environment: Mapping[str, str] | None = None
) -> tuple[str, Cost]:
    """Returns what a program printed on stdout, and its cost. Raises Failed."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as error:
        began = time.perf_counter()
        process = subprocess.Popen(  # noqa: S603
            [str(part) for part in command],
            cwd=folder,
            env={**os.environ, **(environment or {})},
            stdout=out,
            stderr=error,
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        error.seek(0)
        text = out.read().decode(errors="replace")
        if process.returncode:
            tail = (text + error.read().decode(errors="replace"))[-2000:]
            raise Failed(f"{command[0]}: expected status 0, got {process.returncode}\n{tail}")
    return text, Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)
