"""Keystores: round trip, wrong password, tampering, mixed halves; keys in circomlibjs's form."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest

from l2rollup.client import Wallet
from l2rollup.client.keystore import load_keystore, save_keystore
from l2rollup.errors import WalletError

VECTORS = Path(__file__).parents[2] / "vectors" / "peers" / "eddsa.json"
ETHEREUM, SEED = b"\1" * 32, b"\2" * 32


@pytest.fixture(autouse=True)
def cheap_scrypt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("l2rollup.client.keystore.SCRYPT_N", 1 << 10)


def test_round_trip_and_mode(tmp_path: Path) -> None:
    path = tmp_path / "a" / "wallet.json"
    wallet = Wallet(ETHEREUM, SEED)
    wallet.save(path, "pässword")
    assert path.stat().st_mode & 0o777 == 0o600
    text = path.read_text()
    assert ETHEREUM.hex() not in text
    assert SEED.hex() not in text
    again = Wallet.load(path, "pässword")
    assert again.export_eddsa_key() == SEED.hex()
    assert again.export_ethereum_key() == "0x" + ETHEREUM.hex()
    assert again.public_key == wallet.public_key
    with pytest.raises(WalletError, match="exists"):
        wallet.save(path, "x")


@pytest.mark.parametrize("password", ["", "Password", "password "])
def test_wrong_password(tmp_path: Path, password: str) -> None:
    save_keystore(tmp_path / "w", "password", ETHEREUM, SEED)
    with pytest.raises(WalletError):
        load_keystore(tmp_path / "w", password)


def test_tampering_and_mixing(tmp_path: Path) -> None:
    save_keystore(tmp_path / "a", "p", ETHEREUM, SEED)
    save_keystore(tmp_path / "b", "p", b"\3" * 32, b"\4" * 32)
    a, b = json.loads((tmp_path / "a").read_text()), json.loads((tmp_path / "b").read_text())
    damaged = []
    for change in (
        lambda k: k.update(eddsa=b["eddsa"]),
        lambda k: k.update(ethereum=b["ethereum"]),
        lambda k: k.update(address=b["address"]),
        lambda k: k.update(version=2),
        lambda k: k.pop("eddsa"),
        lambda k: k["eddsa"].update(n=1 << 40),
        lambda k: k["eddsa"].update(ciphertext="00" + k["eddsa"]["ciphertext"][2:]),
    ):
        content = copy.deepcopy(a)
        change(content)
        damaged.append(json.dumps(content))
    for text in [*damaged, "", "[]", "{"]:
        (tmp_path / "c").write_text(text)
        with pytest.raises(WalletError):
            load_keystore(tmp_path / "c", "p")
    with pytest.raises(WalletError):
        load_keystore(tmp_path / "none", "p")


@pytest.mark.parametrize("key", ["", "zz" * 32, "11" * 31, "11" * 33, b"\1" * 31])
def test_keys_that_are_none(key: str | bytes) -> None:
    with pytest.raises(WalletError):
        Wallet(ETHEREUM, key)
    with pytest.raises(WalletError):
        Wallet(bytes(32), SEED)


def test_circomlibjs_keys_go_in_and_out() -> None:
    for case in json.loads(VECTORS.read_text())["cases"]:
        wallet = Wallet(ETHEREUM, case["seed"])
        assert [f"0x{part:064x}" for part in wallet.public_key] == case["key"]
        assert "0x" + wallet.export_eddsa_key() == case["seed"]
        assert Wallet(ETHEREUM, wallet.export_eddsa_key()).public_key == wallet.public_key
