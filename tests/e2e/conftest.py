"""One demo a chain, left running (`--keep`), that all tests of this folder look at: real proofs, made once."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from running_demo import ROOT, Demo, free_port, read_until_record

from l2rollup.client import Client


@pytest.fixture(scope="session", params=["embedded", "anvil"])
def demo(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    kind, port = request.param, free_port()
    log = tmp_path_factory.mktemp(kind) / "stderr"
    command = [sys.executable, "-m", "l2rollup", "demo", "--l1", kind, "--port", str(port), "--keep", "--json"]
    with log.open("w") as stderr:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, text=True, cwd=ROOT)
    try:
        lines = read_until_record(process, log)
        node = f"http://127.0.0.1:{port}"
        info = Client(node).chain_info()
        yield Demo(kind, json.loads(lines[-1]), node, info["l1"]["url"], info["rollup"], log, lines)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            code = process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
    assert code == 0, log.read_text()
