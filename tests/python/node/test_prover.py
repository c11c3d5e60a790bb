"""The prover process: results, failures with their reason, a child that dies, cancel, no orphan of a dead parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from toy_prover import READY, job, open_toy

from l2rollup.errors import Retryable
from l2rollup.proof import Prover, Result


def wait(prover: Prover, seconds: float = 60.0) -> Result:
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
    prover.submit(job(1, b"w"))
    assert wait(prover) == Result(1, b"z", b"inputs", 0.5)
    assert prover.ready == READY
    prover.submit(job(2, b"raise"))
    with pytest.raises(Retryable, match="no such witness"):
        wait(prover)
    assert not prover.is_busy
    prover.submit(job(3, b"die once"))
    assert wait(prover).batch_id == 3
    prover.submit(job(4, b"die"))
    with pytest.raises(Retryable, match="again and again"):
        wait(prover)
    prover.submit(job(5, b"w"))
    assert wait(prover).batch_id == 5
    prover.stop()


def test_keys_are_opened_before_the_first_job(tmp_path: Path) -> None:
    (tmp_path / "no keys").touch()
    prover = Prover(tmp_path, open_toy)
    prover.submit(job(1, b"w"))
    with pytest.raises(Retryable, match="keys are damaged"):
        wait(prover)
    (tmp_path / "no keys").unlink()
    prover.submit(job(1, b"w"))
    assert wait(prover).batch_id == 1
    prover.stop()
    prover = Prover(tmp_path, open_toy)
    prover.start()
    deadline = time.monotonic() + 60
    while prover.ready is None:
        assert prover.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    prover.stop()


def test_cancel_ends_the_child(tmp_path: Path) -> None:
    prover = Prover(tmp_path, open_toy)
    prover.submit(job(1, b"sleep"))
    began = time.monotonic()
    prover.cancel()
    assert time.monotonic() - began < 20
    assert prover.poll() is None
    prover.submit(job(2, b"w"))
    assert wait(prover).batch_id == 2
    prover.stop()


def test_a_killed_parent_leaves_no_child() -> None:
    script = (
        "import sys, time; sys.path.insert(0, sys.argv[1])\n"
        "from toy_prover import open_toy, job\nfrom l2rollup.proof import Prover\n"
        "if __name__ == '__main__':\n"
        "    prover = Prover(None, open_toy); prover.submit(job(1, b'sleep'))\n"
        "    while prover.ready is None: prover.poll(); time.sleep(0.02)\n"
        "    print(prover._process.pid, flush=True); time.sleep(60)\n"
    )
    folder = str(Path(__file__).parent)
    parent = subprocess.Popen(
        [sys.executable, "-c", script, folder], stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": folder},
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    os.kill(child, 0)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    deadline = time.monotonic() + 60
    while is_running(child):
        assert time.monotonic() < deadline, "the child lives on"
        time.sleep(0.05)


def is_running(pid: int) -> bool:
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
