"""A rollup in use and an abandoned one, each made once for all promises about it."""

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
from living_world import ZERO, Living
from running_demo import ROOT, free_port, read_until_record

from l2rollup.cli.accounts import make_dev_wallet
from l2rollup.cli.output import Output
from l2rollup.cli.stack import StackOptions, open_stack
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


@pytest.fixture
def undone(abandoned: Abandoned) -> Iterator[Abandoned]:
    """The abandoned rollup; what a test does to it is undone."""
    snapshot = abandoned.client.request("evm_snapshot", [])
    yield abandoned
    assert abandoned.client.request("evm_revert", [snapshot])


@pytest.fixture(scope="session")
def living(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Living]:
    options = StackOptions(tmp_path_factory.mktemp("living"), l1="anvil", users=6, batch_age=1.0)
    with open_stack(options, Output(True)) as stack:
        for number in range(1, 6):
            stack.user(number).register_key()
            stack.user(number).deposit(ZERO, str(10**17))
            hash_ = stack.user(number).deposit(stack.token, "1000000")
        stack.user(5).wait_credited(hash_)
        yield Living(stack)
