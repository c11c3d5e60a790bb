"""The files of `l2rollup proof`: chunk (witness and z), cells (a whole trace), proof (public inputs and snark).

JSON with a `format` member; bytes are 0x-hex. A proof is also read as abi.encode(header, snark), raw or hex: what a
node's `batch proof` gives and finalizeBatch takes. Reading and writing only.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from l2rollup import native
from l2rollup.cli.options import read_bytes, write_bytes
from l2rollup.errors import L2Error, Malformed, ProofMalformed
from l2rollup.state import build_public_inputs, compute_domain, compute_empty_id_root
from l2rollup.state.header import decode_proof
from l2rollup.types import parse_address, parse_hex, to_hex

CHUNK_FORMAT = "l2rollup-chunk-1"
CELLS_FORMAT = "l2rollup-cells-1"
PROOF_FORMAT = "l2rollup-proof-1"
MESSAGES_FORMAT = "l2rollup-proof-messages-1"
WORD_BYTES = 32


@dataclass(frozen=True)
class ChunkFile:
    """A chunk to prove: witness bytes and z (32 bytes)."""

    witness: bytes
    z: bytes


@dataclass(frozen=True)
class ProofFile:
    """A proof and what it is a proof of: public inputs (32 bytes each), snark."""

    public_inputs: bytes
    snark: bytes

    def to_record(self) -> dict[str, Any]:
        """Returns the file's members."""
        return {"format": PROOF_FORMAT, "publicInputs": split_words(self.public_inputs), "snark": to_hex(self.snark)}


def split_words(content: bytes) -> list[str]:
    """Returns 32-byte words as 0x-hex."""
    return [to_hex(content[i : i + WORD_BYTES]) for i in range(0, len(content), WORD_BYTES)]


def read_json(path: Path, *formats: str) -> dict[str, Any]:
    """Reads a file of one of these formats. Raises Malformed."""
    try:
        record = json.loads(read_bytes(path, "file"))
    except (ValueError, RecursionError) as error:
        raise Malformed("file is no JSON", expected=" or ".join(formats), got=str(error)[:120]) from error
    found = record.get("format") if isinstance(record, dict) else None
    if found not in formats:
        raise Malformed("file has another format", expected=" or ".join(formats), got=str(found))
    return dict(record)


def write_json(path: Path, record: dict[str, Any]) -> None:
    """Writes a file."""
    write_bytes(path, json.dumps(record).encode() + b"\n", "file")


def _member(record: dict[str, Any], name: str, length: int | None = None) -> bytes:
    return parse_hex(record.get(name), length=length, what=name)


def write_chunk(path: Path, chunk: ChunkFile) -> None:
    """Writes a chunk file."""
    write_json(path, {"format": CHUNK_FORMAT, "z": to_hex(chunk.z), "witness": to_hex(chunk.witness)})


def read_cells(path: Path) -> native.Cells:
    """Returns the trace of a chunk file or of a cells file."""
    record = read_json(path, CHUNK_FORMAT, CELLS_FORMAT)
    if record["format"] == CHUNK_FORMAT:
        return native.load().dump_chunk(_member(record, "witness"), _member(record, "z", WORD_BYTES))
    columns, inputs = record.get("columns"), record.get("publicInputs")
    if not isinstance(columns, list) or not isinstance(inputs, list):
        raise Malformed("cells file lacks members", expected="columns and publicInputs", got="no lists")
    words = b"".join(parse_hex(word, length=WORD_BYTES, what="public input") for word in inputs)
    return native.load().Cells.of([parse_hex(column, what="column") for column in columns], words)


def write_cells(path: Path, cells: native.Cells) -> None:
    """Writes a whole trace: every column as one hex string, 32 bytes a row."""
    write_json(path, {
        "format": CELLS_FORMAT, "rows": cells.rows, "publicInputs": split_words(cells.public_inputs),
        "columns": [to_hex(cells.column(i)) for i in range(cells.columns)],
    })  # fmt: skip


def read_proof(path: Path, *, chain_id: int | None = None, rollup: str | None = None) -> ProofFile:
    """Reads a proof. One in the form of L1 needs chain id and contract, which its public inputs depend on."""
    content = read_bytes(path, "proof")
    # White space belongs to text alone: the last byte of a proof in binary may well be one.
    if content.lstrip()[:1] == b"{":
        record = read_json(path, PROOF_FORMAT)
        words = record.get("publicInputs")
        if not isinstance(words, list):
            raise ProofMalformed("public inputs are no list", expected="32-byte words", got=type(words).__name__)
        try:
            inputs = b"".join(parse_hex(word, length=WORD_BYTES, what="public input") for word in words)
            return ProofFile(inputs, _member(record, "snark"))
        except L2Error as error:
            raise ProofMalformed(error.message, expected=error.expected, got=error.got) from error
    if content.lstrip()[:2] == b"0x":
        content = parse_hex(content.decode(errors="replace").strip(), what="proof")
    header, snark = decode_proof(content)
    if chain_id is None or rollup is None:
        raise Malformed("this proof is of a batch on L1", expected="--chain-id and --rollup", got="not both")
    domain = compute_domain(chain_id, parse_address(rollup, what="rollup"))
    return ProofFile(build_public_inputs(header, domain, compute_empty_id_root(native.load().poseidon2_permute)), snark)


def to_messages(vk: bytes, proof: ProofFile) -> dict[str, Any]:
    """Returns a proof as its named messages."""
    fields = native.load().decode_proof(vk, proof.snark)
    return {
        "format": MESSAGES_FORMAT, "publicInputs": split_words(proof.public_inputs),
        "messages": [{"name": name, "value": to_hex(value)} for name, value in fields],
    }  # fmt: skip


def from_messages(vk: bytes, record: dict[str, Any]) -> ProofFile:
    """Joins a proof from its messages; values are not checked, lengths and names are. Raises ProofMalformed."""
    messages, words = record.get("messages"), record.get("publicInputs")
    if not isinstance(messages, list) or not isinstance(words, list):
        raise ProofMalformed("members are missing", expected="messages and publicInputs", got="no lists")
    try:
        fields = [(str(entry["name"]), parse_hex(entry["value"], what=str(entry["name"]))) for entry in messages]
        inputs = b"".join(parse_hex(word, length=WORD_BYTES, what="public input") for word in words)
    except (KeyError, TypeError) as error:
        raise ProofMalformed("a message lacks members", expected="name and value", got=repr(error)) from error
    except L2Error as error:
        raise ProofMalformed(error.message, expected=error.expected, got=error.got) from error
    return ProofFile(inputs, native.load().encode_proof(vk, fields))


def parse_change(text: str, parts: int) -> tuple[list[int], bytes]:
    """Reads COLUMN,ROW=VALUE or INDEX=VALUE; the value is decimal or 0x-hex, below 2^256. Raises Malformed."""
    place, _, value = text.partition("=")
    numbers: Sequence[str] = place.split(",")
    try:
        if len(numbers) != parts or not all(number.isdecimal() and number.isascii() for number in numbers):
            raise ValueError(place)
        word = int(value, 16) if value.startswith("0x") else int(value if value.isdecimal() else "no")
        return [int(number) for number in numbers], word.to_bytes(WORD_BYTES, "big")
    except (ValueError, OverflowError) as error:
        wanted = "COLUMN,ROW=VALUE" if parts == 2 else "INDEX=VALUE"
        raise Malformed("not a change", expected=wanted, got=text) from error
