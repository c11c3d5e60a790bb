"""`l2rollup tx group`, `tx rotate-key`, `tx set-storage` and `state storage` against a running node."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "node"))

from node_world import ETH, FINALITY, World, deploy_rollup

from l2rollup.cli.accounts import make_dev_wallet
from l2rollup.cli.app import run
from l2rollup.client import Client
from l2rollup.l1 import L1Client
from l2rollup.l1.embedded import EmbeddedChain


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A running node in which development accounts 1 and 2 have keys and ETH."""
    monkeypatch.setenv("L2ROLLUP_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("L2ROLLUP_PASSWORD", "a password")
    monkeypatch.setattr("l2rollup.client.keystore.SCRYPT_N", 1 << 10)
    with EmbeddedChain(finality_blocks=FINALITY) as chain:
        client = L1Client(chain.url)
        world = World(chain, client, deploy_rollup(client, chain), tmp_path)
        world.start()
        assert world.server is not None
        monkeypatch.setenv("L2ROLLUP_NODE", world.server.url)
        for number in (1, 2):
            user = Client(world.server.url, make_dev_wallet(number))
            user.register_key()
            world.credited(user.deposit("0x" + "00" * 20, str(ETH)))
        yield world
        world.stop()


def record(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> Any:
    capsys.readouterr()
    found = run([*arguments, "--json"])
    captured = capsys.readouterr()
    assert found == status, captured.err
    assert "Traceback" not in captured.err
    return json.loads(captured.out)


def test_a_group_goes_from_party_to_party(
    world: World, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = str(tmp_path / "swap.json")
    alice, bob = make_dev_wallet(1).address, make_dev_wallet(2).address
    record(capsys, "tx", "group", "add", file, "--dev", "1", "--to", bob, "--amount", "1000")
    record(capsys, "tx", "group", "add", file, "--dev", "2", "--to", alice, "--amount", "70")
    added = record(capsys, "tx", "group", "add", file, "--dev", "1", "--to", bob, "--amount", "5")
    assert [member["nonce"] for member in added["members"]] == [0, 0, 1]
    assert added["missing"] == 3
    refused = record(capsys, "tx", "group", "send", file, status=1)
    assert refused["error"]["name"] == "incomplete_group"
    assert record(capsys, "tx", "group", "sign", file, "--dev", "1")["missing"] == 1
    refused = record(capsys, "tx", "group", "add", file, "--dev", "2", "--to", alice, "--amount", "1", status=1)
    assert refused["error"]["name"] == "incomplete_group"
    assert record(capsys, "tx", "group", "sign", file, "--dev", "3", status=1)["error"]["name"] == "unknown_account"
    assert record(capsys, "tx", "group", "sign", file, "--dev", "2")["missing"] == 0
    shown = record(capsys, "tx", "group", "show", file)
    assert [(m["from"], m["amount"], m["signature"]) for m in shown["members"]] == [
        (alice, "1000", True), (bob, "70", True), (alice, "5", True),
    ]  # fmt: skip
    sent = record(capsys, "tx", "group", "send", file)
    assert [entry["receipt"] for entry in sent] == ["checked"] * 3
    first = sent[0]["sequence"]
    assert [entry["sequence"] for entry in sent] == [first, first + 1, first + 2]
    again = record(capsys, "tx", "group", "send", file, status=1)
    assert again["error"]["name"] == "already_known"


def test_files_that_are_no_group(world: World, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for content in ("", "{", "[]", '{"format": "other"}'):
        (tmp_path / "g").write_text(content)
        assert record(capsys, "tx", "group", "show", str(tmp_path / "g"), status=2)["error"]["expected"]
    assert record(capsys, "tx", "group", "show", str(tmp_path / "absent"), status=2)["error"]["name"] == "malformed"


def test_storage_and_keys(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    address = make_dev_wallet(2).address
    record(capsys, "tx", "set-storage", "--dev", "2", "--slot", "7", "--value", "0xff")
    record(capsys, "tx", "set-storage", "--dev", "2", "--slot", "65535", "--value", str((1 << 240) - 1))
    assert int(record(capsys, "state", "storage", address, "7")["value"], 16) == 255
    assert int(record(capsys, "state", "storage", address, "65535")["value"], 16) == (1 << 240) - 1
    shown = record(capsys, "state", "proof", address, "--slot", "7")
    assert shown["checked"]
    assert int(shown["proof"]["storage"]["value"], 16) == 255
    for value in (str(1 << 240), "0x" + "01" * 31, "-1", "0x", "x"):
        refused = record(capsys, "tx", "set-storage", "--dev", "2", "--slot", "7", "--value", value, status=2)
        assert refused["error"]["expected"], value
    record(capsys, "tx", "rotate-key", "--dev", "2", "--to-wallet", "successor")
    old = record(capsys, "tx", "set-storage", "--dev", "2", "--slot", "1", "--value", "1", status=1)
    assert old["error"]["name"] == "bad_signature"
    record(capsys, "tx", "set-storage", "--wallet", "successor", "--slot", "7", "--value", "0")
    assert int(record(capsys, "state", "storage", address, "7")["value"], 16) == 0
