"""Long calls: progress is reported, an exception of the callback or Ctrl-C ends them, other threads run meanwhile."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from l2rollup import plonk

SIZE = 1 << 13


def make() -> plonk.Circuit:
    """A chain of squares that fills most of 2^13 rows: a second or more to prove."""
    c = plonk.Circuit("long")
    x = c.secret("x")
    for k in range(SIZE - 200):
        x = x * x + k
    c.expose("y", x)
    return c


@pytest.fixture(scope="module")
def key() -> plonk.ProvingKey:
    return make().compile(plonk.Setup.unsafe(5, SIZE + 1))


def test_progress_goes_through_all_rounds(key: plonk.ProvingKey) -> None:
    heard: list[tuple[str, float]] = []
    key.verifying_key.verify(key.prove(lambda step, part: heard.append((step, part)), x=3))
    assert [step for step, _ in heard] == [f"round {k} of 5" for k in range(1, 6)]
    assert [part for _, part in heard] == sorted(part for _, part in heard)


def test_an_exception_of_the_callback_ends_the_call(key: plonk.ProvingKey) -> None:
    class Enough(Exception):
        pass

    def stop(step: str, _: float) -> None:
        if step.startswith("round 2"):
            raise Enough(step)

    with pytest.raises(Enough, match="round 2 of 5"):
        key.prove(stop, x=3)
    key.verifying_key.verify(key.prove(x=3))


def test_an_exception_of_the_callback_ends_the_making_of_a_key() -> None:
    def stop(step: str, _: float) -> None:
        raise RuntimeError(step)

    with pytest.raises(RuntimeError, match="making the key"):
        make().compile(plonk.Setup.unsafe(5, SIZE + 1), progress=stop)


def test_other_threads_run_while_it_proves(key: plonk.ProvingKey) -> None:
    """The count of a thread that only counts, while the main thread is inside one native call."""
    witness, done, counted = key.circuit.assign(x=3), threading.Event(), [0]

    def count() -> None:
        while not done.is_set():
            counted[0] += 1
            time.sleep(0.001)

    thread = threading.Thread(target=count)
    thread.start()
    before = counted[0]
    key.prove_witness(witness, check=False)
    during = counted[0] - before
    done.set()
    thread.join()
    assert during >= 5


PROGRAM = """
import sys
sys.path.insert(0, {folder!r})
from test_long_calls import SIZE, make
from l2rollup import plonk
key = make().compile(plonk.Setup.unsafe(5, SIZE + 1))
witness = key.circuit.assign(x=3)
print("ready", flush=True)
try:
    while True:
        key.prove_witness(witness, check=False)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


def test_ctrl_c_ends_a_proof() -> None:
    folder = os.path.dirname(__file__)
    command = [sys.executable, "-c", PROGRAM.format(folder=folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=30)
        assert output == "interrupted\n"
        assert process.returncode == 0
