"""The wire forms of docs/spec/transactions.md: the engine reads an L2Transaction as the specification's record."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from pair import CHAIN, ROLLUP, native

from l2rollup.spec.keccak import keccak256, word
from l2rollup.spec.parameters import Kind
from l2rollup.spec.script import A, B, C, Script
from l2rollup.spec.transaction import Transaction

TOKENS = [0, *(0x3333 << 100 | i for i in range(1, 6))]
SYSTEM = 0x101
SCRIPT = Script(3)
CALLS = {
    Kind.WITHDRAW: "withdraw(address,uint256,address)",
    Kind.SET_KEY: "setKey(uint256,uint256)",
    Kind.ROTATE_KEY: "setKey(uint256,uint256)",
    Kind.SET_STORAGE: "setStorage(uint256,uint256)",
    Kind.LINKED_TRANSFER: "linkedTransfer(address,address,uint256,uint256)",
}


def arguments(t: Transaction) -> list[int]:
    """What the call of a kind carries."""
    if t.kind == Kind.WITHDRAW:
        return [TOKENS[t.token], t.amount, t.to]
    if t.kind == Kind.LINKED_TRANSFER:
        return [TOKENS[t.token], t.to, t.amount, t.data[0]]
    return list(t.data)


def call(signature: str, values: list[int]) -> str:
    """ABI data."""
    return "0x" + (keccak256(signature.encode())[:4] + b"".join(word(value) for value in values)).hex()


def request(t: Transaction) -> dict[str, str | int]:
    """The transaction as an L2Transaction."""
    to, value, data = t.to, t.amount, "0x"
    if t.kind in CALLS:
        to, value, data = SYSTEM, 0, call(CALLS[t.kind], arguments(t))
    elif t.token:
        to, value, data = TOKENS[t.token], 0, call("transfer(address,uint256)", [t.to, t.amount])
    return {
        "from": f"0x{t.sender:040x}", "to": f"0x{to:040x}", "value": str(value), "data": data, "nonce": t.nonce,
        "gasLimit": t.gas_limit, "gasPrice": str(t.gas_price), "signature": "0x" + t.wire_signature().hex(),
    }  # fmt: skip


def decode(document: dict[str, str | int]) -> bytes | str:
    """The intake record, or the code of the refusal."""
    engine = native.Engine.genesis(CHAIN.chain_id, ROLLUP)
    [found] = engine.decode([json.dumps(document).encode()], [token.to_bytes(20, "big") for token in TOKENS])
    return found if isinstance(found, bytes) else found.code


def samples() -> list[Transaction]:
    """One of each user kind, transfers of native and of a token."""
    linked = SCRIPT.link(SCRIPT.member(B, to=C.address, amount=5, token=5), SCRIPT.member(C, to=B.address, amount=1))
    return [
        SCRIPT.build(B, to=C.address, amount=1 << 100, valid_until=7),
        SCRIPT.build(B, to=C.address, amount=3, token=5, fee_token=5),
        SCRIPT.build(B, Kind.WITHDRAW, to=C.address, amount=3, token=5),
        SCRIPT.build(B, Kind.SET_KEY, data=A.key),
        SCRIPT.build(B, Kind.ROTATE_KEY, data=A.key, fee_token=5, valid_until=1 << 63),
        SCRIPT.build(B, Kind.SET_STORAGE, data=(65535, (1 << 240) - 1)),
        *[Transaction.from_bytes(item) for item in linked],
    ]


@pytest.mark.parametrize("t", samples(), ids=lambda t: t.kind.name.lower())
def test_read_as_the_specification_writes(t: Transaction) -> None:
    assert len(t.wire_signature()) == (75 if t.kind == Kind.SET_KEY else 74)
    assert decode(request(t)) == t.to_bytes()


def test_the_length_of_the_signature_says_whose_it_is() -> None:
    by_key, by_owner = (SCRIPT.build(B, kind, data=A.key) for kind in (Kind.ROTATE_KEY, Kind.SET_KEY))
    assert request(by_key)["data"] == request(by_owner)["data"]
    # r and s of the owner are no R8 and S
    assert decode({**request(by_key), "signature": str(request(by_owner)["signature"])[:-2]}) == "malformed_signature"
    # gas is the owner's only in a rotation, and a byte more makes it none
    assert decode({**request(by_owner), "gasLimit": 1}) == "out_of_range"
    assert decode({**request(by_key), "signature": str(request(by_key)["signature"]) + "00"}) == "out_of_range"


def test_a_linked_transfer_names_a_group() -> None:
    t = Transaction.from_bytes(SCRIPT.link(SCRIPT.member(B, to=C.address), SCRIPT.member(C, to=B.address))[0])
    assert decode(request(replace(t, data=(0, 0)))) == "malformed"
    assert decode(request(replace(t, to=0xFFFF))) == "reserved_address"
    assert decode({**request(t), "to": f"0x{C.address:040x}"}) == "unknown_call"
    unknown = call(CALLS[t.kind], [1 << 90, t.to, 0, t.data[0]])
    assert decode({**request(t), "data": unknown}) == "unknown_token"
    assert decode({**request(t), "data": str(request(t)["data"])[:-64] + "f" * 64}) == "out_of_range"
