"""Evidence: read strictly, named as L1 names it, kept across restarts and crashes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from l2rollup.client.evidence import Evidence, parse_paper, parse_signed
from l2rollup.client.receipt import MAX_S, recover_signer
from l2rollup.errors import L2Error, Malformed

VECTORS = json.loads((Path(__file__).parents[2] / "vectors/headers.json").read_text())
SEPARATOR = bytes.fromhex(VECTORS["separator"][2:])
ORDER = 2 * MAX_S + 1
NUMBERS = ("number", "firstSequence", "count", "queueIndex", "time", "includeBy", "batchId")


def to_node(block: dict[str, Any]) -> dict[str, Any]:
    """A block of the vectors as the node writes it: small numbers as integers."""
    header = dict(block["header"]) | {name: int(block["header"][name]) for name in NUMBERS}
    header["chunkEnds"] = [int(end) for end in header["chunkEnds"]]
    return {"header": header, "digest": block["digest"], "signature": block["signature"]}


def receipt(index: int) -> dict[str, Any]:
    block = VECTORS["blocks"][1]
    return to_node(block) | block["receipts"][index] | {"index": index, "path": block["paths"][index]}


@pytest.mark.parametrize("index", [0, 1])
def test_digest_and_signer(index: int) -> None:
    signed = parse_signed(to_node(VECTORS["blocks"][index]), SEPARATOR)
    assert signed.digest.hex() == VECTORS["blocks"][index]["digest"][2:]
    assert signed.signer == VECTORS["sequencer"]


def test_a_lying_digest_is_not_looked_at() -> None:
    raw = to_node(VECTORS["blocks"][0]) | {"digest": "0x" + "00" * 32}
    assert parse_signed(raw, SEPARATOR).digest.hex() == VECTORS["blocks"][0]["digest"][2:]


def test_one_form_of_a_signature() -> None:
    signed = parse_signed(to_node(VECTORS["blocks"][1]), SEPARATOR)
    good, digest = signed.signature, signed.digest
    high = ORDER - int.from_bytes(good[32:64], "big")
    for bad in (
        good[:32] + high.to_bytes(32, "big") + bytes([55 - good[64]]),
        good[:64] + bytes([good[64] - 27]),
        bytes(65),
        bytes(64) + b"\x1b",
    ):
        assert int(recover_signer(digest, bad), 16) == 0
    assert recover_signer(digest, good) == VECTORS["sequencer"]


@pytest.mark.parametrize("index", [0, 1, 2])
def test_receipts(index: int) -> None:
    paper = parse_paper(receipt(index), SEPARATOR)
    assert paper.due == int(VECTORS["blocks"][1]["header"]["includeBy"])
    assert (paper.sequence, paper.cover) == (18 + index, index * 10**18)


@pytest.mark.parametrize(
    "change",
    [
        {"sequence": 19}, {"index": 1}, {"index": 3}, {"index": 4}, {"cover": "1"}, {"id": "0x" + "00" * 32},
        {"path": []}, {"path": None}, {"signature": "0x00"}, {"header": {}}, {"header": None},
    ],
)  # fmt: skip
def test_what_is_no_receipt(change: dict[str, Any]) -> None:
    with pytest.raises(L2Error):
        parse_paper(receipt(0) | change, SEPARATOR)
    with pytest.raises(Malformed):
        parse_paper([], SEPARATOR)


def test_kept_across_restarts_and_crashes(tmp_path: Path) -> None:
    evidence = Evidence(SEPARATOR, tmp_path)
    for _ in range(2):
        evidence.add_header(to_node(VECTORS["blocks"][0]))
        evidence.add_paper(receipt(1))
    with (tmp_path / "headers.jsonl").open("a") as file:
        file.write('{"header": {"num')  # the process ended here
    again = Evidence(SEPARATOR, tmp_path)
    assert (again.count, again.newest) == (2, 1), "the receipt's header is no reason to leave out those before it"
    assert [paper.sequence for paper in again.papers()] == [19]
    again.add_header(to_node(VECTORS["blocks"][1]))
    assert Evidence(SEPARATOR, tmp_path).count == 2
    (tmp_path / "receipts.jsonl").write_text("{}\n")
    with pytest.raises(Malformed):
        Evidence(SEPARATOR, tmp_path)


def test_rivals(tmp_path: Path) -> None:
    evidence = Evidence(SEPARATOR)
    evidence.add_header(to_node(VECTORS["blocks"][1]))
    assert list(evidence.rivals()) == []
    other = to_node(VECTORS["blocks"][1])
    other["header"]["time"] += 1
    evidence.add_header(other)
    ((first, second),) = evidence.rivals()
    assert first.header.number == second.header.number == 2
    assert [signed.header.batch_id for signed in evidence.endings()] == [2, 2]
