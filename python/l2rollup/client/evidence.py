"""Signed headers and receipts as evidence: read strictly, named, kept in a folder, put in the form that L1 reads.

Digests and signers are computed here; what a node says about them is not looked at. Nothing is judged: watch.py does.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from eth_utils.crypto import keccak

from l2rollup.client.receipt import MAX_INCLUDE_SECONDS, parse_header, recover_signer
from l2rollup.errors import Malformed
from l2rollup.processor import BlockHeader, compute_leaf
from l2rollup.state import verify_path
from l2rollup.types import parse_amount, parse_hex, parse_integer

SIGNATURE_BYTES = 65


@dataclass(frozen=True)
class SignedHeader:
    """A block header, its EIP-712 digest, its signature (65 bytes), and who made that (0x-hex)."""

    header: BlockHeader
    digest: bytes
    signature: bytes
    signer: str

    def to_abi(self) -> tuple[Any, ...]:
        """Returns the SignedHeader of types/Bond.sol."""
        return (_to_abi(self.header), self.signature)


@dataclass(frozen=True)
class Paper:
    """A receipt whose path leads to its header: sequence number, id (32 bytes), cover (wei), index, path."""

    signed: SignedHeader
    sequence: int
    id: bytes
    cover: int
    index: int
    path: tuple[bytes, ...]

    @property
    def key(self) -> bytes:
        """Returns what L1 files it under."""
        return to_key(self.name)

    @property
    def name(self) -> tuple[bytes, int, bytes, int]:
        """Returns the ReceiptName of types/Bond.sol."""
        return (self.signed.digest, self.sequence, self.id, self.cover)

    @property
    def due(self) -> int:
        """Returns the last second (unix) in which a finalised batch is still in time."""
        header = self.signed.header
        return min(header.include_by, header.time + MAX_INCLUDE_SECONDS)

    def to_abi(self) -> tuple[Any, ...]:
        """Returns the Receipt of types/Bond.sol."""
        return (self.signed.to_abi(), self.sequence, self.id, self.cover, self.index, list(self.path))


def to_key(name: tuple[bytes, int, bytes, int]) -> bytes:
    """Returns keccak256(digest, leaf): the key of a named receipt."""
    digest, sequence, id_, cover = name
    return bytes(keccak(digest + compute_leaf(sequence, id_, cover)))


def parse_signed(raw: Any, separator: bytes) -> SignedHeader:
    """Reads {header, signature} in the form of l2_getBlocks and l2_getReceipt. Raises Malformed for another form."""
    try:
        header = parse_header(raw["header"])
        signature = parse_hex(raw["signature"], length=SIGNATURE_BYTES, what="signature")
    except (KeyError, TypeError) as error:
        raise Malformed("not a signed header", expected="header and signature", got=repr(error)[:200]) from error
    digest = header.digest(separator)
    return SignedHeader(header, digest, signature, recover_signer(digest, signature))


def parse_paper(raw: Any, separator: bytes) -> Paper:
    """Reads a receipt in the form of l2_getReceipt. Raises Malformed for another form or a wrong path."""
    signed = parse_signed(raw, separator)
    try:
        paper = Paper(
            signed, parse_integer(raw["sequence"], bits=63, what="sequence"),
            parse_hex(raw["id"], length=32, what="id"), parse_amount(raw["cover"], bits=256, what="cover"),
            parse_integer(raw["index"], bits=32, what="index"),
            tuple(parse_hex(node, length=32, what="path") for node in raw["path"]),
        )  # fmt: skip
    except (KeyError, TypeError) as error:
        raise Malformed("not a receipt", expected="the members of l2_getReceipt", got=repr(error)[:200]) from error
    header, leaf = signed.header, compute_leaf(paper.sequence, paper.id, paper.cover)
    in_block = paper.index < header.count and paper.sequence == header.first_sequence + paper.index
    if not in_block or not verify_path(header.leaves_root, leaf, paper.index, paper.path):
        raise Malformed("receipt's path does not lead to its header", expected="0x" + header.leaves_root.hex(),
                        got=f"sequence {paper.sequence}, index {paper.index}")  # fmt: skip
    return paper


class Evidence:
    """What was seen so far. With a folder it is kept there, one JSON object a line, and the next start reads it.

    newest: highest number of the headers that came by themselves, -1 at first; a receipt's header may be far ahead.
    """

    def __init__(self, separator: bytes, folder: Path | None = None) -> None:
        self._separator = separator
        self._folder = folder
        self._headers: dict[int, dict[bytes, SignedHeader]] = {}
        self._papers: dict[bytes, Paper] = {}
        self._rivals: set[int] = set()
        self._endings: list[SignedHeader] = []
        self.newest = -1
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            for name in ("headers.jsonl", "receipts.jsonl"):
                _mend(folder / name)
            for raw in _read_lines(folder / "headers.jsonl"):
                self._take(parse_signed(raw, separator))
            for raw in _read_lines(folder / "receipts.jsonl"):
                paper = parse_paper(raw, separator)
                self._keep(paper.signed)
                self._papers[paper.key] = paper

    def add_header(self, raw: Any) -> SignedHeader:
        """Takes a signed header in its JSON form; returns it. Raises Malformed."""
        signed = parse_signed(raw, self._separator)
        if self._take(signed):
            self._append("headers.jsonl", {name: raw[name] for name in ("header", "signature")})
        return signed

    def add_paper(self, raw: Any) -> Paper:
        """Takes a receipt in its JSON form; returns it. Raises Malformed."""
        paper = parse_paper(raw, self._separator)
        self._keep(paper.signed)
        if paper.key not in self._papers:
            self._papers[paper.key] = paper
            names = ("header", "signature", "sequence", "id", "cover", "index", "path")
            self._append("receipts.jsonl", {name: raw[name] for name in names})
        return paper

    def papers(self) -> list[Paper]:
        """Returns the receipts, oldest block first."""
        return sorted(self._papers.values(), key=lambda paper: (paper.signed.header.number, paper.index))

    def rivals(self) -> Iterator[list[SignedHeader]]:
        """Yields the headers of each number that has several."""
        for number in sorted(self._rivals):
            yield list(self._headers[number].values())

    def endings(self) -> Iterator[SignedHeader]:
        """Yields the headers that end a batch, as they came."""
        yield from self._endings

    @property
    def count(self) -> int:
        """Number of headers."""
        return sum(map(len, self._headers.values()))

    def _take(self, signed: SignedHeader) -> bool:
        self.newest = max(self.newest, signed.header.number)
        return self._keep(signed)

    def _keep(self, signed: SignedHeader) -> bool:
        found = self._headers.setdefault(signed.header.number, {})
        if signed.digest in found:
            return False
        found[signed.digest] = signed
        if len(found) > 1:
            self._rivals.add(signed.header.number)
        if signed.header.batch_id:
            self._endings.append(signed)
        return True

    def _append(self, name: str, raw: dict[str, Any]) -> None:
        if self._folder is not None:
            with (self._folder / name).open("a") as file:
                file.write(json.dumps(raw) + "\n")


def _to_abi(header: BlockHeader) -> tuple[Any, ...]:
    return tuple(list(value) if isinstance(value, tuple) else value for value in astuple(header))


def _mend(path: Path) -> None:
    """Takes away a last line that a crash cut short."""
    raw = path.read_bytes() if path.exists() else b""
    if raw and not raw.endswith(b"\n"):
        path.write_bytes(raw[: raw.rfind(b"\n") + 1])


def _read_lines(path: Path) -> Iterator[Any]:
    for line in path.read_text().splitlines() if path.exists() else ():
        try:
            yield json.loads(line)
        except ValueError as error:
            raise Malformed("evidence is damaged", expected=f"JSON lines in {path.name}", got=line[:60]) from error


def read_paper(path: Path) -> Any:
    """Returns the JSON of a receipt's file. Raises Malformed."""
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise Malformed("cannot read a receipt", expected="JSON of l2_getReceipt", got=str(error)) from error


