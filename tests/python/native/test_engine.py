"""The native engine through its Python handles: known answers, a chunk from request to replay, marks, typed faults."""

from __future__ import annotations

import hashlib
import json
import threading
from typing import Any

import pytest

from l2rollup import _native
from l2rollup.errors import Malformed, NotFound, NotReady, Refused

CHAIN_ID = 31337
ROLLUP = bytes([0x42]) * 20
TOKEN = bytes([0x33]) * 20
ALICE, BOB = bytes([0xAA]) * 20, bytes([0xBB]) * 20
SEED = bytes([1]) * 32
DEPOSIT, REGISTER_KEY = 5, 6


def word(value: int) -> bytes:
    return value.to_bytes(32, "big")


def queue_record(
    kind: int, address: bytes, *, token: int = 0, amount: int = 0, key: tuple[bytes, bytes] | None = None
) -> bytes:
    """The 150 bytes of data.md, written here by hand."""
    head = bytes([kind]) + token.to_bytes(2, "big") + bytes(10) + amount.to_bytes(16, "big") + bytes(1)
    middle = bytes(10) + address
    if key is None:
        tail = bytes(10) + address + bytes(60)
    else:
        x, y = (int.from_bytes(part, "big") for part in key)
        low = (1 << 136) - 1
        tail = (x >> 136).to_bytes(15, "big") + (y >> 136).to_bytes(15, "big")
        tail += (x & low).to_bytes(30, "big") + (y & low).to_bytes(30, "big")
    return head + middle + tail


def request(to: bytes, value: int, nonce: int, signature: bytes = bytes(64)) -> dict[str, Any]:
    return {
        "from": "0x" + ALICE.hex(), "to": "0x" + to.hex(), "value": str(value), "data": "0x", "nonce": nonce,
        "gasLimit": 1000, "gasPrice": "10", "signature": "0x" + (signature + bytes(10)).hex(),
    }  # fmt: skip


def funded() -> _native.Engine:
    engine = _native.Engine.genesis(CHAIN_ID, ROLLUP)
    engine.begin_chunk(1, 1, [(0, 0)])
    items = [
        queue_record(REGISTER_KEY, ALICE, key=_native.eddsa_public_key(SEED)),
        queue_record(DEPOSIT, ALICE, amount=10**20),
        queue_record(DEPOSIT, ALICE, token=1, amount=10**9),
    ]
    assert [outcome.fault for outcome in engine.apply(items)] == [None] * 3
    assert engine.end_chunk().items == 3
    return engine


def intake(engine: _native.Engine, to: bytes, value: int, nonce: int) -> bytes:
    """An intake record whose signature is made for the id of the unsigned one."""
    anything = _native.eddsa_sign(SEED, word(1))
    unsigned = engine.decode([json.dumps(request(to, value, nonce, anything)).encode()], [bytes(20), TOKEN])[0]
    assert isinstance(unsigned, bytes), unsigned
    [identifier] = engine.transaction_ids([unsigned])
    signed = json.dumps(request(to, value, nonce, _native.eddsa_sign(SEED, identifier))).encode()
    record = engine.decode([signed], [bytes(20), TOKEN])[0]
    assert isinstance(record, bytes), record
    return record


def test_known_answers() -> None:
    first = _native.poseidon2_permute([word(i) for i in range(4)])[0]
    assert first.hex() == "01bd538c2ee014ed5141b29e9ae240bf8db3fe5b9a38629a9647cf8d76c01737"
    hashed = _native.poseidon([word(i) for i in range(1, 6)])
    assert hashed.hex() == "0dab9449e4a1398a15224c0b15a49d598b2174d305a316c918125f8feeb123c0"
    seed = bytes(range(10)) * 3 + bytes(range(2))
    message = word(int.from_bytes(bytes(range(10)), "little"))
    x, y = _native.eddsa_public_key(seed)
    assert int.from_bytes(x, "big") == 13277427435165878497778222415993513565335242147425444199013288855685581939618
    signature = _native.eddsa_sign(seed, message)
    assert _native.eddsa_verify(x, y, message, signature)
    assert _native.unpack_point(_native.pack_point(x, y)) == (x, y)
    with pytest.raises(Refused, match="signature"):
        _native.eddsa_verify(x, y, word(7), signature)
    with pytest.raises(Malformed):
        _native.poseidon([b"\xff" * 32] * 5)
    with pytest.raises(Malformed):
        _native.eddsa_verify(x, x, message, signature)


def test_a_chunk_from_request_to_replay() -> None:
    engine = funded()
    follower = _native.Engine.restore(engine.snapshot())
    records = [intake(engine, BOB, 12345, 0), intake(engine, ALICE, 5, 1)]
    assert engine.check(records) == [None, None]
    engine.begin_chunk(2, 1, [(0, 3), (1, 1)])
    outcomes = engine.apply([*records, records[0]])
    assert [outcome.accepted for outcome in outcomes] == [True, True, False]
    fault = outcomes[2].fault
    assert fault is not None and (fault.code, fault.expected, fault.got) == ("nonce_too_low", "2", "0")
    assert [outcome.id for outcome in outcomes[:2]] == engine.transaction_ids(records)
    sealed = engine.end_chunk()
    assert (sealed.first_sequence, sealed.end_sequence, sealed.first_queue, sealed.end_queue) == (3, 5, 3, 3)
    assert engine.balance(BOB, 0) == 12345
    # Creation 250 and transfer 100 units at price 3, back to the fee account, which is the sender.
    assert engine.balance(ALICE, 0) == 10**20 - 12345
    ids = [outcome.id for outcome in outcomes[:2]]
    with pytest.raises(Malformed, match="ids"):
        follower.replay(sealed.transactions, sealed.operations, ids[:1])
    assert follower.root() == sealed.old_root
    done = follower.replay(sealed.transactions, sealed.operations, ids)
    assert done.id_root == sealed.id_root
    assert (done.old_root, done.new_root, done.tx_c, done.op_c) == (
        sealed.old_root, sealed.new_root, sealed.tx_c, sealed.op_c
    )  # fmt: skip
    assert (done.first_sequence, done.end_sequence) == (3, 5)
    assert follower.root() == engine.root() and follower.snapshot() == engine.snapshot()
    assert len(sealed.transactions) % 30 == 0 and sealed.operations == b""
    z = _native.data_challenge(
        word(1), CHAIN_ID, ROLLUP, 1, sealed.tx_c, sealed.op_c, sealed.transactions, sealed.operations
    )
    y, prime = 0, 21888242871839275222246405745257275088548364400416034343698204186575808495617
    for i in range(0, len(sealed.transactions), 30):
        y = (y * int.from_bytes(z, "big") + int.from_bytes(sealed.transactions[i : i + 30], "big")) % prime
    assert _native.data_evaluation(sealed.transactions, z) == word(y)
    engine.audit()


def test_marks_return_to_an_open_chunk() -> None:
    engine = funded()
    records = [intake(engine, BOB, 7, nonce) for nonce in range(3)]
    engine.begin_chunk(2, 1, [(0, 3)])
    engine.apply(records[:1])
    mark, root = engine.mark(), engine.root()
    engine.apply(records[1:])
    first = engine.end_chunk()
    engine.rewind(mark)
    assert (engine.root(), engine.sequence) == (root, 4)
    engine.apply(records[1:])
    again = engine.end_chunk()
    assert again.witness == first.witness and again.new_root == first.new_root
    engine.forget(mark)
    with pytest.raises(NotFound):
        engine.rewind(mark)


def test_faults_and_errors_are_typed() -> None:
    engine = funded()
    requests = [b"{", b"{}", json.dumps({**request(BOB, 1, 0), "extra": 1}).encode()]
    faults = engine.decode(requests, [bytes(20)])
    assert [getattr(fault, "code", None) for fault in faults] == ["malformed_json", "missing_field", "unknown_field"]
    with pytest.raises(NotReady):
        engine.apply([])
    with pytest.raises(NotReady):
        engine.end_chunk()
    with pytest.raises(Malformed):
        engine.begin_chunk(1, 1, [(1, 1)])
    with pytest.raises(Malformed):
        engine.balance(b"short", 0)
    with pytest.raises(Malformed):
        _native.Engine.restore(engine.snapshot()[:-1])
    with pytest.raises(Malformed):
        engine.replay(b"\x00" * 60, b"")
    assert engine.account(BOB) is None


def test_account_proof_is_json() -> None:
    engine = funded()
    proof = json.loads(engine.account_proof(ALICE, 1))
    assert proof["included"] and proof["index"] == 1 and len(proof["path"]) == 16 and len(proof["token"]["path"]) == 8
    assert bytes.fromhex(proof["root"][2:]) == engine.root()
    assert int(proof["token"]["value"], 16) == 10**9
    absent = json.loads(engine.account_proof(BOB))
    assert not absent["included"] and absent["token"] is None
    assert int(absent["leaf"]["address"], 16) < int(BOB.hex(), 16) < int(absent["leaf"]["nextAddress"], 16)


def test_threads_share_an_engine() -> None:
    engine = funded()
    roots: list[bytes] = []
    threads = [threading.Thread(target=lambda: roots.extend(engine.root() for _ in range(50))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(roots) == 200 and len(set(roots)) == 1
    assert hashlib.sha256(engine.snapshot()).digest() == hashlib.sha256(engine.snapshot()).digest()
