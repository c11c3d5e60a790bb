"""A running rollup in use: circomlibjs signs, the command line sends, and what is refused is refused in types."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from running_demo import ROOT, Demo, find_node, read_record, run_cli

from l2rollup.cli.accounts import make_dev_wallet
from l2rollup.cli.app import run
from l2rollup.client import verify_receipt

ETH = "0x" + "00" * 20


def test_a_transaction_signed_with_circomlibjs_is_accepted(demo: Demo) -> None:
    client, receiver = demo.client(4), make_dev_wallet(5).address
    before = int(client.get_account_balance(receiver))
    order = {
        "node": demo.node, "l1": demo.l1, "seed": client.wallet.export_eddsa_key(), "from": client.wallet.address,
        "to": receiver, "value": "31337",
    }  # fmt: skip
    script = Path(__file__).with_name("sign_transfer.mjs")
    command = [find_node(), str(script), json.dumps(order)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["hash"] == said["id"], "the hash is the message that circomlibjs signed"
    assert said["key"] == [str(part) for part in client.wallet.public_key]
    client.wait(said["hash"])
    verify_receipt(client.transport.call("l2_getReceipt", said["hash"]), client.chain_info(), said["hash"])
    assert int(client.get_account_balance(receiver)) == before + 31337


def test_the_command_line_sends_and_refuses(demo: Demo, capsys: pytest.CaptureFixture[str]) -> None:
    at = ["--node", demo.node, "--dev", "3", "--json"]
    to = make_dev_wallet(6).address
    sent = read_record(run_cli("tx", "send", "--to", to, "--amount", "5", *at))
    assert sent["receipt"] == "checked"
    assert read_record(run_cli("tx", "status", sent["hash"], "--node", demo.node, "--json"))["hash"] == sent["hash"]
    token = demo.client().chain_info()["tokens"][1]["address"]
    paid = read_record(run_cli("tx", "send", "--to", to, "--amount", "5", "--token", token, *at))
    assert paid["receipt"] == "checked"
    for arguments, name, status in (
        (["--to", to, "--amount", str(10**30)], "insufficient_balance", 1),
        (["--to", to, "--amount", "1.5"], "not_an_integer", 2),
        (["--to", to[:-1], "--amount", "1"], "malformed_address", 2),
        (["--to", to, "--amount", "1", "--token", "0x" + "99" * 20], "unknown_token", 1),
        (["--to", to, "--amount", "1", "--nonce", "0"], "nonce_too_low", 1),
        (["--to", "0x" + "00" * 19 + "07", "--amount", "1"], "reserved_address", 1),
    ):
        capsys.readouterr()
        found = run(["tx", "send", *arguments, *at])
        captured = capsys.readouterr()
        error = json.loads(captured.out)["error"]
        assert (error["name"], found) == (name, status), captured.err
        assert "Traceback" not in captured.err and "expected" in error


def test_keystores_of_the_command_line(demo: Demo, tmp_path: Path) -> None:
    """A circomlibjs key goes into a keystore, sends, and comes out as it went in."""
    source = make_dev_wallet(7)
    (tmp_path / "eth").write_text(source.export_ethereum_key())
    (tmp_path / "eddsa").write_text(source.export_eddsa_key())
    (tmp_path / "password").write_text("correct horse\n")
    keystore, password = str(tmp_path / "w.json"), ["--password-file", str(tmp_path / "password")]
    files = ["--eddsa-key-file", str(tmp_path / "eddsa"), "--ethereum-key-file", str(tmp_path / "eth")]
    made = read_record(run_cli("wallet", "import", keystore, *files, *password, "--json"))
    assert made["address"] == source.address
    receiver = make_dev_wallet(1).address
    sending = ["tx", "send", "--to", receiver, "--amount", "9", "--node", demo.node, "--wallet", keystore, "--json"]
    assert read_record(run_cli(*sending, *password))["receipt"] == "checked"
    exported = read_record(run_cli("wallet", "export", keystore, "--eddsa", *password, "--json"))
    assert exported["eddsaPrivateKey"] == source.export_eddsa_key()
    (tmp_path / "password").write_text("wrong")
    done = run_cli("wallet", "export", keystore, "--eddsa", *password, "--json")
    assert done.returncode == 1 and json.loads(done.stdout)["error"]["name"] == "wallet"


def test_deposit_and_withdraw_by_the_command_line(demo: Demo) -> None:
    at = ["--node", demo.node, "--dev", "2", "--json"]
    client = demo.client(2)
    before = int(client.get_account_balance(client.wallet.address))
    credited = read_record(run_cli("bridge", "deposit", "--amount", "1000", *at))
    assert credited["l1TxHash"].startswith("0x")
    assert int(client.get_account_balance(client.wallet.address)) == before + 1000
    withdrawn = read_record(run_cli("bridge", "withdraw", "--amount", "700", *at))
    assert withdrawn["receipt"] == "checked"
    claimed = run_cli("bridge", "claim", "0x" + "11" * 32, *at)
    assert claimed.returncode == 1
    assert json.loads(claimed.stdout)["error"]["name"] == "not_found"


def test_client_is_layer2api_over_a_dev_node(demo: Demo) -> None:
    client = demo.client(5)
    caller = {"from": client.wallet.address}
    hash_ = client.transport.call("l2_deposit", ETH, "11", caller)
    assert client.wait_credited(hash_)["status"] in ("confirmed", "sealed", "published", "proven", "settled", "final")
    sent = client.transport.call("l2_withdraw", ETH, "3", caller)
    assert client.wait(sent)["hash"] == sent
