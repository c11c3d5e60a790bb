"""Timing: wall and CPU seconds of a call, and one line a figure with the rung it stands on."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

Result = TypeVar("Result")


@dataclass(frozen=True)
class Timing:
    """Wall seconds and CPU seconds (all threads of this process) of a call."""

    wall: float
    cpu: float


def measure(call: Callable[[], Result]) -> tuple[Result, Timing]:
    """Returns what the call returned, and what it cost."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = call()
    return result, Timing(time.perf_counter() - wall, time.process_time() - cpu)


def best(call: Callable[[], Result], runs: int = 3) -> tuple[Result, Timing]:
    """Returns the last result and the timing of least CPU time of several runs."""
    measured = [measure(call) for _ in range(runs)]
    return measured[-1][0], min((timing for _, timing in measured), key=lambda timing: timing.cpu)


def show(rung: str, what: str, value: float, unit: str, note: str = "") -> None:
    """Prints a figure. `rung` is executed, proven, verified or a part of one; figures of two rungs do not compare."""
    sys.stdout.write(f"{rung:10} {what:52} {value:>14,.2f} {unit:16} {note}\n")
    sys.stdout.flush()


def show_machine() -> None:
    """Prints what the figures were measured on, and what else ran."""
    load = " ".join(f"{x:.2f}" for x in os.getloadavg())
    sys.stdout.write(f"{os.cpu_count()} cores, load average {load}, Python {sys.version.split()[0]}\n")
