"""Account proofs of the real engine pass; changed in any member, or against another root or address, they do not."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from l2rollup import native
from l2rollup.bridge import encode_deposit
from l2rollup.client.account_proof import verify_account_proof
from l2rollup.errors import L2Error, ProofMalformed, ProofRejected

MODULE = native.load()
TOKEN = 3
PAYER = (1 << 100).to_bytes(20, "big")
OWNERS = [(i << 100).to_bytes(20, "big") for i in (5, 9, 7)]
ABSENT = [(i << 100).to_bytes(20, "big") for i in (1, 6, 8, 10)]


@pytest.fixture(scope="module")
def engine() -> native.Engine:
    engine = MODULE.Engine.genesis(1, bytes(20))
    engine.begin_chunk(1, 1, [(0, 1)])
    for owner in OWNERS:
        engine.apply([encode_deposit(0, 10**18, owner, PAYER), encode_deposit(TOKEN, 77, owner, PAYER)])
    engine.end_chunk()
    return engine


def check(engine: native.Engine, proof: dict[str, Any], address: bytes, root: bytes | None = None) -> bool:
    return verify_account_proof(proof, root or engine.root(), address, MODULE.poseidon2_permute, token=TOKEN)


def test_existence_and_absence(engine: native.Engine) -> None:
    for address in OWNERS:
        assert check(engine, json.loads(engine.account_proof(address, TOKEN)), address) is True
    for address in ABSENT:
        assert check(engine, json.loads(engine.account_proof(address, None)), address) is False


def test_neither_root_nor_address_can_be_exchanged(engine: native.Engine) -> None:
    proof = json.loads(engine.account_proof(OWNERS[0], TOKEN))
    absent = json.loads(engine.account_proof(ABSENT[1], None))
    with pytest.raises(ProofRejected):
        check(engine, proof, OWNERS[0], b"\1" * 32)
    for address in (OWNERS[1], ABSENT[0]):
        with pytest.raises(ProofRejected):
            check(engine, proof, address)
    for address in (OWNERS[0], OWNERS[1], ABSENT[0], ABSENT[2]):
        with pytest.raises(ProofRejected):
            check(engine, absent, address)
    with pytest.raises(ProofRejected):
        verify_account_proof(proof, engine.root(), OWNERS[0], MODULE.poseidon2_permute, token=TOKEN + 1)
    with pytest.raises(ProofMalformed):
        check(engine, {**proof, "token": None}, OWNERS[0])


def _leaves_of(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [p for key, inner in value.items() for p in _leaves_of(inner, (*at, key))]
    if isinstance(value, list):
        return [p for key, inner in enumerate(value) for p in _leaves_of(inner, (*at, key))]
    return [at]


UNREAD = {("root",), ("address",), ("storage",)}
"""Members that repeat what the caller knows already, or were not asked for."""


def test_every_member_is_bound(engine: native.Engine) -> None:
    proof = json.loads(engine.account_proof(OWNERS[0], TOKEN))
    changed = 0
    for at in _leaves_of(proof):
        if at in UNREAD:
            continue
        false = copy.deepcopy(proof)
        place = false
        for key in at[:-1]:
            place = place[key]
        place[at[-1]] = _change(place[at[-1]])
        with pytest.raises(L2Error) as caught:
            check(engine, false, OWNERS[0])
        assert isinstance(caught.value, ProofRejected | ProofMalformed), at
        changed += 1
    assert changed >= 4 * (16 + 8) + 10


def _change(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    text = str(value)
    return text[:-1] + ("1" if text[-1] != "1" else "2")


def test_what_is_no_proof_is_malformed(engine: native.Engine) -> None:
    for proof in ({}, {"leaf": None}, {"leaf": {}}, []):
        with pytest.raises(ProofMalformed):
            check(engine, proof, OWNERS[0])  # type: ignore[arg-type]
