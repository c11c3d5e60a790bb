"""The abandoned rollup, made once for all promises about it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))

from abandoned_world import Abandoned, populate
from running_demo import ROOT, free_port, read_until_record

from l2rollup.cli.accounts import make_dev_wallet
from l2rollup.l1 import open_l1


@pytest.fixture(scope="session")
def abandoned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Abandoned]:
    with open_l1("anvil") as chain:
        port, log = free_port(), tmp_path_factory.mktemp("operator") / "stderr"
        command = [sys.executable, "-m", "l2rollup", "devnet", "--l1", chain.url, "--port", str(port), "--json",
                   "--batch-age", "1"]  # fmt: skip
        with log.open("w") as stderr:
            operator = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, text=True, cwd=ROOT)
        try:
            record = json.loads(read_until_record(operator, log)[-1])
            accounts, tokens = populate(chain.url, record["rollup"], record["node"])
        finally:
            operator.send_signal(signal.SIGKILL)
            operator.wait(timeout=30)
        users = [make_dev_wallet(i).address_bytes for i in range(9)]
        yield Abandoned(chain.url, record["rollup"], accounts + users, tokens)
