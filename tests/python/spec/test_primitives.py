"""The specification's own primitives against Ethereum's libraries, and the edge of EdDSA against the native module."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_keys import keys
from eth_utils.crypto import keccak
from hypothesis import given, settings
from hypothesis import strategies as st
from pair import native, verify

from l2rollup.errors import Malformed
from l2rollup.spec import babyjubjub, batch, eddsa, secp256k1
from l2rollup.spec.field import R
from l2rollup.spec.generate import Wallet
from l2rollup.spec.keccak import keccak256, word
from l2rollup.spec.parameters import Kind
from l2rollup.spec.script import CHAIN, Script

EDGE: dict[str, Any] = json.loads((Path(__file__).parents[2] / "vectors/eddsa_edge.json").read_text())
DOMAIN = {
    "name": "l2rollup",
    "version": "1",
    "chainId": CHAIN.chain_id,
    "verifyingContract": f"0x{CHAIN.rollup:040x}",
}


@given(st.binary(max_size=500))
def test_keccak(data: bytes) -> None:
    assert keccak256(data) == keccak(data)


@settings(max_examples=20, deadline=None)
@given(st.integers(1, secp256k1.N - 1), st.binary(min_size=32, max_size=32))
def test_ecdsa(secret: int, digest: bytes) -> None:
    ours = secp256k1.sign(secret, digest)
    key = keys.PrivateKey(secret.to_bytes(32, "big"))
    theirs = keys.Signature(ours[:64] + bytes([ours[64] - 27])).recover_public_key_from_msg_hash(digest)
    assert theirs == key.public_key
    r, s, v = int.from_bytes(ours[:32], "big"), int.from_bytes(ours[32:64], "big"), ours[64]
    address = int(key.public_key.to_address(), 16)
    assert secp256k1.recover(digest, r, s, v) == address == secp256k1.address_of(secret)
    assert secp256k1.recover(digest, r, secp256k1.N - s, 55 - v) is None
    assert secp256k1.recover(digest, r, s, 55 - v) != address


def test_set_key_is_eip_712() -> None:
    script, wallet = Script(1), Wallet(1)
    t = script.build(wallet, Kind.SET_KEY, data=Wallet(2).key)
    types = {"SetKey": [("account", "address"), ("ax", "uint256"), ("ay", "uint256"), ("nonce", "uint64")]}
    message = {"account": f"0x{t.sender:040x}", "ax": t.data[0], "ay": t.data[1], "nonce": t.nonce}
    signable = encode_typed_data(DOMAIN, {k: [{"name": n, "type": x} for n, x in v] for k, v in types.items()}, message)
    recovered = Account.recover_message(signable, signature=t.signature)
    assert int(recovered, 16) == wallet.address


def test_block_headers_are_eip_712() -> None:
    header = batch.BlockHeader(
        7, b"\1" * 32, 2, 3, b"\4" * 32, 5, 6, b"\7" * 32, 8, 8 + batch.INCLUDE_WITHIN, (3, 5), 9, 10
    )
    members = [
        part.split(" ") for part in batch.BLOCK_TYPE.decode().removeprefix("Block(").removesuffix(")").split(",")
    ]
    values = vars(header).values()
    message = {
        name: word(value) if kind == "bytes32" and isinstance(value, int) else value
        for (kind, name), value in zip(members, values, strict=True)
    }
    types = {"Block": [{"name": name, "type": kind} for kind, name in members]}
    signable = encode_typed_data(DOMAIN, types, {**message, "chunkEnds": list(header.chunk_ends)})
    signed = Account.sign_message(signable, private_key=Wallet(3).secret.to_bytes(32, "big"))
    assert signed.message_hash == header.digest(CHAIN)


def _key(case: dict[str, Any]) -> tuple[int, int]:
    x, y = (int(part, 16) for part in case["key"])
    return x, y


def test_one_verdict_on_the_edge_of_eddsa() -> None:
    for case in EDGE["cases"]:
        x, y = (int(part, 16) for part in case["r8"])
        message, s = int(case["message"], 16), int(case["s"], 16)
        assert eddsa.is_valid(_key(case), message, (x, y), s) == case["valid"], case["why"]
        if case["signature"] is not None:
            signature = bytes.fromhex(case["signature"][2:])
            assert eddsa.is_valid_signature(_key(case), message, signature) == case["valid"], case["why"]
            assert verify(_key(case), message, signature) == case["valid"], case["why"]
    for case in EDGE["refusedForms"]:
        signature = bytes.fromhex(case["signature"][2:])
        assert not eddsa.is_valid_signature(_key(case), int(case["message"], 16), signature), case["why"]
        assert not verify(_key(case), int(case["message"], 16), signature), case["why"]


@settings(max_examples=150, deadline=None)
@given(st.binary(min_size=64, max_size=64), st.integers(0, 511), st.integers(0, 3))
def test_one_verdict_on_changed_signatures(noise: bytes, bit: int, case: int) -> None:
    seed, message = b"\5" * 32, 99
    key, signature = eddsa.public_key(seed), bytearray(eddsa.sign(seed, message))
    if case == 0:
        signature = bytearray(noise)
    elif case == 1:
        signature[bit // 8] ^= 1 << bit % 8
    elif case == 2:
        signature[:32] = babyjubjub.pack(babyjubjub.multiply(babyjubjub.B8, 1 + noise[0]))
    verdicts = eddsa.is_valid_signature(key, message, bytes(signature)), verify(key, message, bytes(signature))
    assert verdicts == (case == 3, case == 3)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, (1 << 256) - 1))
def test_points_unpack_alike(value: int) -> None:
    packed = value.to_bytes(32, "little")
    try:
        ours: tuple[int, int] | None = babyjubjub.unpack(packed)
    except ValueError:
        ours = None
    try:
        x, y = native.unpack_point(packed)
        theirs: tuple[int, int] | None = int.from_bytes(x, "big"), int.from_bytes(y, "big")
    except Malformed:
        theirs = None
    assert ours == theirs
    assert ours is None or max(ours) < R
