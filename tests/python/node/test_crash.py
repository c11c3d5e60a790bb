"""kill -9 at the named failpoints, with an L1 that outlives the node: receipts survive, nothing is done twice."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from node_world import NATIVE, World

from l2rollup.client import Client
from l2rollup.config import FAILPOINT_VARIABLE
from l2rollup.errors import ConfigurationError, L2Error
from l2rollup.l1.contracts import RollupContract
from l2rollup.node import Reconstruction
from l2rollup.node.failpoints import EXIT_STATUS, NAMES

ETH = 10**18


def spawn(world: World, failpoint: str = "") -> tuple[subprocess.Popen[str], str]:
    values = {k: str(v) if isinstance(v, Path) else v for k, v in dataclasses.asdict(world.config()).items()}
    environment = {**os.environ, FAILPOINT_VARIABLE: failpoint}
    script = str(Path(__file__).with_name("run_node.py"))
    process = subprocess.Popen(
        [sys.executable, script, json.dumps(values)], stdout=subprocess.PIPE, text=True, env=environment
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("http://"):
            return process, line.strip()
    raise AssertionError(f"node ended with {process.wait()}")


@pytest.mark.parametrize("failpoint", NAMES)
def test_killed_at_a_failpoint(world: World, failpoint: str) -> None:
    world.start()
    world.fund(1, ETH)
    user = world.user(1)
    world.wait(lambda: user.get_batches() and user.get_batches()[-1]["status"] in ("settled", "final"))
    settled = user.get_batches()[-1]["batchId"]
    signed = [user.sign(user.draft_transfer(world.wallet(2).address, 10, nonce=n)) for n in range(3)]
    world.stop()

    process, url = spawn(world, failpoint)
    client = Client(url, world.wallet(1))
    sent = []
    for transaction in signed:
        try:
            sent.append(client.send_transaction(transaction))
        except L2Error:
            break
    receipts = {}
    deadline = time.monotonic() + 90
    while process.poll() is None:
        assert time.monotonic() < deadline
        try:
            receipts.update({tx: client.get_receipt(tx) for tx in sent if tx not in receipts})
        except L2Error:
            time.sleep(0.01)
    assert process.returncode == EXIT_STATUS

    process, url = spawn(world)
    try:
        client = Client(url, world.wallet(1))
        for transaction, n in zip(signed, range(3), strict=True):
            if n >= len(sent):
                sent.append(client.send_transaction(transaction))
        for tx in sent:
            client.wait(tx, "settled")
        for tx, receipt in receipts.items():
            assert client.get_receipt(tx) == receipt
        assert client.get_account_balance(world.wallet(2).address) == "30"
        batches = client.get_batches()
        assert [batch["batchId"] for batch in batches] == list(range(1, len(batches) + 1))
        assert len(batches) > settled
        contract = RollupContract(world.client, world.rollup)
        assert contract.finalized() == contract.committed() == len(batches)
        assert "0x" + contract.state_root().hex() == batches[-1]["newStateRoot"]
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("l1_url", "ftp://h/secret"), ("l1_url", "http://"), ("l1_url", "secret"), ("l1_url", "http://h:x/secret"),
        ("rollup", "0x12"), ("fee_account", "0x12"), ("sequencer_key", "0xsecret"), ("operator_key", "secret" * 11),
        ("confirmations", 0), ("block_time", 0.0), ("batch_items", 0), ("profile", "test"),
    ],
)  # fmt: skip
def test_configurations_that_are_refused(world: World, name: str, value: object) -> None:
    with pytest.raises(ConfigurationError) as caught:
        dataclasses.replace(world.config(), **{name: value}).check()
    assert caught.value.expected
    assert caught.value.got
    assert "secret" not in str(caught.value)


def test_production_refuses_failpoints(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FAILPOINT_VARIABLE, NAMES[0])
    config = dataclasses.replace(world.config(), profile="production", confirmations=None, prover=True)
    with pytest.raises(ConfigurationError, match="failpoint"):
        config.check()


def test_production_does_not_start_on_a_development_rollup(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The keys first, then what L1 says of the contract; nothing is opened or written."""
    world.options.update(profile="production", confirmations=None, prover=True)
    with pytest.raises(ConfigurationError, match="everybody knows"):
        world.start()
    monkeypatch.setattr("l2rollup.node.production.derive_dev_accounts", tuple)
    with pytest.raises(ConfigurationError, match=r"not one for production: code.*minimum bond.*key of the sequencer"):
        world.start()
    assert not world.config().data_dir.exists()


@pytest.mark.parametrize("seed", [1, 2])
def test_killed_at_any_moment(world: World, seed: int) -> None:
    """kill -9 again and again while transactions go in: no receipt is lost, nothing is paid twice."""
    chance = random.Random(seed)
    world.start()
    world.fund(1, ETH)
    user = world.user(1)
    to = world.wallet(2).address
    signed = [user.sign(user.draft_transfer(to, 1, nonce=n)) for n in range(40)]
    world.stop()
    receipts: dict[str, object] = {}
    sent: list[str] = []
    for _ in range(5):
        process, url = spawn(world)
        client = Client(url, world.wallet(1))
        end = time.monotonic() + chance.uniform(0.05, 0.8)
        while time.monotonic() < end and len(sent) < len(signed):
            sent.append(client.send_transaction(signed[len(sent)]))
            with contextlib.suppress(L2Error):
                receipts[sent[-1]] = client.get_receipt(sent[-1])
        if not receipts and sent:
            client.wait(sent[0])
            receipts[sent[0]] = client.get_receipt(sent[0])
        process.send_signal(signal.SIGKILL)
        process.wait()
    world.start()
    user = world.user(1)
    for transaction in signed[len(sent) :]:
        sent.append(user.send_transaction(transaction))
    for tx in sent:
        # An id that was answered but not yet confirmed may be lost with the machine, not with the process.
        user.wait(tx, "settled")
    assert user.get_account_balance(to) == "40"
    assert receipts
    for tx, receipt in receipts.items():
        assert user.get_receipt(tx) == receipt
    world.settle_all()
    fresh = Reconstruction(world.client, world.rollup, NATIVE.Engine)
    assert list(fresh.run())[-1].root == world.running().context.engine.root()
