"""Keystores: round trip, wrong password, tampering, mixed halves; keys in circomlibjs's form; receipts that lie."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from node_world import World

from l2rollup.client import Wallet
from l2rollup.client.client import verify_receipt
from l2rollup.client.keystore import load_keystore, save_keystore
from l2rollup.errors import ProofRejected, WalletError
from l2rollup.processor import BlockHeader
from l2rollup.processor.block import compute_domain_separator

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


@pytest.mark.parametrize("ends", [(), (7,), (7, 9, 1 << 63)])
def test_header_digest_is_eip712(ends: tuple[int, ...]) -> None:
    rollup = "0x" + "ab" * 20
    header = BlockHeader(3, b"\1" * 32, 4, 5, b"\2" * 32, 6, 7, b"\3" * 32, 8, 9, ends, 10, b"\4" * 32)
    signable = encode_typed_data(full_message=header.to_typed_data(31337, rollup))
    digest = header.digest(compute_domain_separator(31337, bytes.fromhex(rollup[2:])))
    account = Account.from_key(ETHEREUM)
    assert account.unsafe_sign_hash(digest).signature == account.sign_message(signable).signature


def test_receipts_that_lie_are_refused(world: World) -> None:
    world.start()
    world.fund(1, 10**18)
    alice = world.user(1)
    tx = alice.transfer(world.wallet(2).address, 1)
    alice.wait(tx)
    receipt, info = alice.get_receipt(tx), alice.chain_info()
    lies = [
        lambda r: r.update(sequence=r["sequence"] + 1),
        lambda r: r.update(id="0x" + "00" * 32),
        lambda r: r.update(cover="1"),
        lambda r: r["header"].update(stateRoot="0x" + "01" * 32),
        lambda r: r["header"].update(number=r["header"]["number"] + 1),
        lambda r: r.update(index=r["index"] + 1, sequence=r["sequence"] + 1),
    ]
    for lie in lies:
        false = copy.deepcopy(receipt)
        lie(false)
        with pytest.raises(ProofRejected):
            verify_receipt(false, info, tx)
