"""Receipts: a true one passes; every lie about any member of one is refused, with the right kind of error."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data

from l2rollup.client import verify_receipt
from l2rollup.client.receipt import MAX_S
from l2rollup.errors import ProofMalformed, ProofRejected
from l2rollup.processor import BlockHeader, compute_leaf
from l2rollup.processor.block import compute_domain_separator
from l2rollup.state.keccak_tree import compute_layers, compute_path

SEQUENCER = Account.from_key(b"\1" * 32)
ROLLUP = "0x" + "ab" * 20
INFO = {"chainId": 31337, "rollup": ROLLUP, "sequencer": SEQUENCER.address}
IDS = [bytes([i]) * 32 for i in range(1, 6)]
FIRST, INDEX = 40, 3
HEADER = BlockHeader(
    number=3, parent=b"\1" * 32, first_sequence=FIRST, count=len(IDS), leaves_root=b"", outstanding_cover=0,
    queue_index=7, queue_hash=b"\3" * 32, time=1000, include_by=1000 + 3 * 86400, chunk_ends=(FIRST + 5,), batch_id=2,
    state_root=b"\4" * 32,
)  # fmt: skip
HASH = "0x" + IDS[INDEX].hex()


def to_receipt(header: BlockHeader, cover: int = 0) -> dict[str, Any]:
    layers = compute_layers([compute_leaf(FIRST + i, id_, cover) for i, id_ in enumerate(IDS)])
    header = replace(header, leaves_root=layers[-1][0])
    digest = header.digest(compute_domain_separator(31337, bytes.fromhex(ROLLUP[2:])))
    fields = {"parent": "parent", "leavesRoot": "leaves_root", "queueHash": "queue_hash", "stateRoot": "state_root"}
    words = {name: "0x" + getattr(header, field).hex() for name, field in fields.items()}
    return {
        "header": {
            "number": header.number, "firstSequence": header.first_sequence, "count": header.count,
            "outstandingCover": str(header.outstanding_cover), "queueIndex": header.queue_index, "time": header.time,
            "includeBy": header.include_by, "chunkEnds": list(header.chunk_ends), "batchId": header.batch_id, **words,
        },
        "signature": "0x" + bytes(SEQUENCER.unsafe_sign_hash(digest).signature).hex(),
        "sequence": FIRST + INDEX, "id": HASH, "cover": str(cover), "index": INDEX,
        "path": ["0x" + node.hex() for node in compute_path(layers, INDEX)],
    }  # fmt: skip


def test_a_true_receipt_passes() -> None:
    assert verify_receipt(to_receipt(HEADER), INFO, HASH).number == 3
    covered = to_receipt(replace(HEADER, outstanding_cover=9), cover=9)
    assert verify_receipt(covered, INFO, "0x" + HASH[2:].upper())


LIES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "sequence": lambda r: r.update(sequence=r["sequence"] + 1),
    "id": lambda r: r.update(id="0x" + "00" * 32),
    "cover": lambda r: r.update(cover="1"),
    "index": lambda r: r.update(index=r["index"] + 1, sequence=r["sequence"] + 1),
    "index beyond the block": lambda r: r.update(index=r["index"] + 8, sequence=r["sequence"] + 8),
    "path shorter": lambda r: r["path"].pop(),
    "path longer": lambda r: r["path"].append("0x" + "00" * 32),
    "signature": lambda r: r.update(signature="0x" + "11" * 64 + "1b"),
    "signature's end": lambda r: r.update(signature=r["signature"][:-2] + "07"),
    **{
        f"header.{name}": lambda r, name=name, value=value: r["header"].update({name: value})
        for name, value in {
            "number": 4, "parent": "0x" + "00" * 32, "firstSequence": 41, "count": 6, "leavesRoot": "0x" + "00" * 32,
            "outstandingCover": "5", "queueIndex": 8, "queueHash": "0x" + "00" * 32, "time": 999, "includeBy": 1001,
            "chunkEnds": [], "batchId": 3, "stateRoot": "0x" + "05" * 32,
        }.items()
    },
}


@pytest.mark.parametrize("name", LIES)
def test_every_lie_is_refused(name: str) -> None:
    receipt = to_receipt(HEADER)
    before = copy.deepcopy(receipt)
    LIES[name](receipt)
    assert receipt != before
    with pytest.raises(ProofRejected):
        verify_receipt(receipt, INFO, HASH)


@pytest.mark.parametrize("header", [
    replace(HEADER, include_by=999), replace(HEADER, include_by=1000 + 8 * 86400),
    replace(HEADER, chunk_ends=(FIRST - 1,)), replace(HEADER, chunk_ends=(FIRST + 5, FIRST + 5)),
    replace(HEADER, chunk_ends=(FIRST + 6,)), replace(HEADER, batch_id=0), replace(HEADER, state_root=bytes(32)),
])  # fmt: skip
def test_signed_contradictions_are_refused(header: BlockHeader) -> None:
    with pytest.raises(ProofRejected):
        verify_receipt(to_receipt(header), INFO, HASH)


def test_what_nobody_could_be_held_to_is_refused() -> None:
    """Dated so that it cannot be filed, too long for a transaction, or signed in a form that L1 refuses."""
    now, many = int(time.time()), tuple(range(FIRST, FIRST + 257))
    ahead = replace(HEADER, time=now + 1000, include_by=now + 1000)
    assert verify_receipt(to_receipt(replace(ahead, time=now + 800)), INFO, HASH)
    with pytest.raises(ProofRejected, match="ahead"):
        verify_receipt(to_receipt(ahead), INFO, HASH)
    with pytest.raises(ProofRejected, match="too long"):
        verify_receipt(to_receipt(replace(HEADER, chunk_ends=many)), INFO, HASH)
    receipt = to_receipt(HEADER)
    raw = bytes.fromhex(receipt["signature"][2:])
    high = (2 * MAX_S + 1 - int.from_bytes(raw[32:64], "big")).to_bytes(32, "big")
    for twin in (raw[:32] + high + bytes([55 - raw[64]]), raw[:64] + bytes([raw[64] - 27])):
        with pytest.raises(ProofRejected, match="no valid signature"):
            verify_receipt({**receipt, "signature": "0x" + twin.hex()}, INFO, HASH)


def test_another_chain_contract_or_sequencer() -> None:
    for other in ({"chainId": 1}, {"rollup": "0x" + "ac" * 20}, {"sequencer": "0x" + "11" * 20}):
        with pytest.raises(ProofRejected):
            verify_receipt(to_receipt(HEADER), {**INFO, **other}, HASH)


@pytest.mark.parametrize("change", [
    {"header": None}, {"header": {}}, {"signature": "0x11"}, {"path": None}, {"index": "3"}, {"sequence": 1.0},
    {"index": -1}, {"cover": 0}, {"id": 5},
])  # fmt: skip
def test_what_is_no_receipt_is_malformed(change: dict[str, Any]) -> None:
    with pytest.raises(ProofMalformed):
        verify_receipt({**to_receipt(HEADER), **change}, INFO, HASH)
    with pytest.raises(ProofMalformed):
        verify_receipt({}, INFO, HASH)


@pytest.mark.parametrize("ends", [(), (7,), (7, 9, 1 << 63)])
def test_header_digest_is_eip712(ends: tuple[int, ...]) -> None:
    header = replace(HEADER, leaves_root=b"\2" * 32, chunk_ends=ends)
    signable = encode_typed_data(full_message=header.to_typed_data(31337, ROLLUP))
    digest = header.digest(compute_domain_separator(31337, bytes.fromhex(ROLLUP[2:])))
    assert SEQUENCER.unsafe_sign_hash(digest).signature == SEQUENCER.sign_message(signable).signature
