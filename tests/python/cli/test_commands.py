"""The command line without a node: wallets, files, exit statuses, and errors that are typed and never a traceback."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from l2rollup.cli.app import run
from l2rollup.cli.output import Output
from l2rollup.cli.proof_files import parse_change
from l2rollup.errors import Malformed

SEED = "11" * 32
DEAD = "http://127.0.0.1:9"
WORD = "0x" + "00" * 32


@pytest.fixture(autouse=True)
def own_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("L2ROLLUP_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("L2ROLLUP_PASSWORD", "a password")
    monkeypatch.setattr("l2rollup.client.keystore.SCRYPT_N", 1 << 10)


def record(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> Any:
    capsys.readouterr()
    found = run([*arguments, "--json"])
    captured = capsys.readouterr()
    assert found == status, captured.err
    assert "Traceback" not in captured.err
    lines = captured.out.splitlines()
    assert len(lines) == 1, "one record on stdout"
    return json.loads(lines[0])


def test_wallets(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert record(capsys, "wallet", "list") == []
    made = record(capsys, "wallet", "new", "alice")
    assert Path(made["file"]).stat().st_mode & 0o777 == 0o600
    assert record(capsys, "wallet", "list") == [{"name": "alice", "address": made["address"]}]
    shown = record(capsys, "wallet", "show", "alice")
    assert shown == {"address": made["address"], "key": made["key"]}, "no private key without export"
    assert record(capsys, "wallet", "new", "alice", status=1)["error"]["name"] == "wallet"
    (tmp_path / "seed").write_text(SEED + "\n")
    imported = record(capsys, "wallet", "import", "bob", "--eddsa-key-file", str(tmp_path / "seed"))
    exported = record(capsys, "wallet", "export", "bob", "--eddsa")
    assert exported["eddsaPrivateKey"] == SEED
    assert exported["address"] == imported["address"]
    assert "ethereumPrivateKey" not in exported
    assert record(capsys, "wallet", "export", "bob", status=2)["error"]["name"] == "malformed"


def test_keys_from_stdin(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(SEED + "\n"))
    record(capsys, "wallet", "import", "carol", "--eddsa-key-file", "-")
    assert record(capsys, "wallet", "export", "carol", "--eddsa")["eddsaPrivateKey"] == SEED


@pytest.mark.parametrize("name", ["", ".", "..", ".hidden"])
def test_names_that_are_none(capsys: pytest.CaptureFixture[str], name: str) -> None:
    record(capsys, "wallet", "new", name, status=2)


def test_exit_statuses(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    at = ["--node", DEAD]
    gone = record(capsys, "batch", "list", *at, status=75)["error"]
    assert gone["expected"] == DEAD
    assert record(capsys, "tx", "send", "--to", "0x12", "--amount", "1", *at, status=2)["error"]["name"] == "malformed"
    record(capsys, "tx", "status", WORD, "--wait", "never", *at, status=2)
    record(capsys, "node", "health", *at, status=75)
    record(capsys, "state", "root", "--snapshot", str(tmp_path / "none"), status=2)
    record(capsys, "proof", "check", "--witness", str(tmp_path / "none"), status=2)
    assert run(["tx", "fly"]) == 2
    assert run(["tx", "send", "--amount", "1"]) == 2
    assert run(["--version"]) == 0
    assert run(["tx", "--help"]) == 0


def test_an_l1_that_is_not_there(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("l2rollup.l1.client.BACKOFF_SECONDS", 0.001)
    error = record(capsys, "state", "reconstruct", "--l1", DEAD, "--rollup", "0x" + "12" * 20, status=75)["error"]
    assert error["name"] == "l1_unreachable"
    assert error["expected"] == DEAD


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": "other"}', '{"format": "l2rollup-cells-1"}',
                                     '{"format": "l2rollup-cells-1", "columns": ["0x00"], "publicInputs": []}',
                                     '{"format": "l2rollup-chunk-1", "z": "0x", "witness": "0x"}'])  # fmt: skip
def test_witness_files_that_are_none(capsys: pytest.CaptureFixture[str], tmp_path: Path, content: str) -> None:
    (tmp_path / "w").write_text(content)
    error = record(capsys, "proof", "check", "--witness", str(tmp_path / "w"), status=2)["error"]
    assert error["expected"]


@pytest.mark.parametrize("content", [b"", b"{", b"0x12", b"\x00" * 700, b'{"format": "l2rollup-proof-1", "snark": 5}'])
def test_proof_files_that_are_none(capsys: pytest.CaptureFixture[str], tmp_path: Path, content: bytes) -> None:
    (tmp_path / "p").write_bytes(content)
    (tmp_path / "vk").write_bytes(b"")
    arguments = ["proof", "verify", str(tmp_path / "p"), "--vk", str(tmp_path / "vk")]
    assert run([*arguments, "--json"]) in (1, 2)
    assert "error" in json.loads(capsys.readouterr().out)


def test_sample_is_deterministic_and_full(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    first = record(capsys, "proof", "sample", "-o", str(tmp_path / "a"))
    again = record(capsys, "proof", "sample", "-o", str(tmp_path / "b"))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert first["newRoot"] == again["newRoot"]
    assert record(capsys, "proof", "sample", "--transfers", "3", "-o", str(tmp_path / "c"))["items"] == 3
    more = ["--transfers", str(first["items"] + 1), "-o", str(tmp_path / "d")]
    full = record(capsys, "proof", "sample", *more, status=1)
    assert full["error"]["name"] == "chunk_full"


def test_changes() -> None:
    assert parse_change("3,40=5", 2) == ([3, 40], (5).to_bytes(32, "big"))
    assert parse_change("7=0xff", 1) == ([7], (255).to_bytes(32, "big"))
    for text in ("", "3=5", "3,4", "3,4=", "3,4=-1", "a,4=1", "3,4=0xzz", "3,4=" + "9" * 90, "-1,4=1", "1,2,3=4"):
        with pytest.raises(Malformed):
            parse_change(text, 2)


def test_records_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    Output().emit({"a": 1, "list": [{"x": 1, "y": {"z": 2}}, "w"], "empty": [], "none": None})
    assert capsys.readouterr().out.splitlines() == [
        "a:     1", "list:", "  - x: 1", "    y:", "      z: 2", "  - w", "empty: -", "none:  -",
    ]  # fmt: skip


def test_a_production_key_is_nobody_elses(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = tmp_path / "key"
    key.write_text(SEED)
    key.chmod(0o640)
    command = ["node", "run", "--l1", DEAD, "--rollup", "0x" + "11" * 20, "--data-dir", str(tmp_path / "data")]
    error = record(capsys, *command, "--operator-key-file", str(key), status=1)["error"]
    assert error["message"] == "others can read the key file"
    assert error["got"] == "mode 640"
