"""Holds a sequencer to what it signed: compares headers and receipts with L1, and says what contradicts what.

L1 is believed, through the contracts at the two addresses; the node is not: its headers are checked by their
signatures, its openings by the id roots of finalised batches. What it is not: a sender of transactions; see accuse.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from eth_abi.abi import decode as abi_decode

from l2rollup.client.evidence import Evidence, Paper, SignedHeader, parse_paper, parse_signed
from l2rollup.client.transport import RpcError, Transport
from l2rollup.errors import L1Rejected, L2Error, Malformed, ProofRejected, Retryable
from l2rollup.l1 import HeaderLog, L1Client, RollupContract
from l2rollup.l1.bonds import find_bonds
from l2rollup.processor.block import compute_domain_separator
from l2rollup.state import BatchHeader
from l2rollup.state.header import HEADER_TYPE
from l2rollup.state.id_tree import compute_id_root
from l2rollup.types import parse_hex, to_hex

PAGE = 100
Permute = Callable[[list[bytes]], list[bytes]]


class Standing(StrEnum):
    """How a receipt stands. The last three are violations."""

    VOID = "void"
    WAITING = "waiting"
    INCLUDED = "included"
    OVERDUE = "overdue"
    UNOPENED = "unopened"
    OTHER_ID = "other_id"


VIOLATIONS = (Standing.OVERDUE, Standing.UNOPENED, Standing.OTHER_ID)


@dataclass(frozen=True)
class Opening:
    """What a finalised batch has at a sequence number: its header, the id there, 24 siblings from the leaf upwards."""

    batch: BatchHeader
    id: bytes
    siblings: tuple[bytes, ...]

    def to_abi(self) -> tuple[Any, ...]:
        """Returns the Opening of types/Bond.sol."""
        return (self.batch.to_tuple(), [int.from_bytes(node, "big") for node in self.siblings])


@dataclass(frozen=True)
class Equivocation:
    """Two headers of one number, both signed, neither void."""

    first: SignedHeader
    second: SignedHeader


@dataclass(frozen=True)
class ContradictedRoot:
    """A signed header and the finalised batch that it names, which has another root."""

    signed: SignedHeader
    batch: BatchHeader


@dataclass(frozen=True)
class Judged:
    """A receipt, how it stands, and the opening that says so, if there is one."""

    paper: Paper
    standing: Standing
    opening: Opening | None = None


class Watch:
    """Watches one rollup. node: where headers and openings are asked for; without it, what is handed in is checked.

    Raises L1Rejected where the rollup names no contract of bonds.
    """

    def __init__(
        self, client: L1Client, rollup: str, permute: Permute, *, node: Transport | None = None,
        folder: Path | None = None, start_block: int = 0,
    ) -> None:  # fmt: skip
        self.client = client
        self.contract = RollupContract(client, rollup)
        self.bonds = find_bonds(client, rollup)
        self._permute = permute
        self._node = node
        self._separator = compute_domain_separator(client.chain_id(), bytes.fromhex(rollup[2:]))
        self.evidence = Evidence(self._separator, folder)
        self._batches: dict[int, BatchHeader] = {}
        self.headers = HeaderLog(self.contract, start_block=start_block, keep=self._keep)
        self._start = start_block
        self._signers: dict[str, bool] = {}
        self._included: dict[bytes, Judged] = {}
        self.refused: list[str] = []

    # ------------------------------------------------------------------ what comes in

    def take_paper(self, raw: Any) -> Paper:
        """Takes a receipt (JSON of l2_getReceipt). Raises Malformed, or ProofRejected for a stranger's signature."""
        self._check_signer(parse_paper(raw, self._separator).signed)
        return self.evidence.add_paper(raw)

    def take_header(self, raw: Any) -> SignedHeader:
        """Takes a signed header (JSON of l2_getBlocks). Raises as take_paper."""
        self._check_signer(parse_signed(raw, self._separator))
        return self.evidence.add_header(raw)

    def collect(self) -> int:
        """Takes the node's new headers; returns how many. What the node gives that is none is noted in `refused`."""
        if self._node is None:
            return 0
        start, count = self.evidence.newest + 1, 0
        while True:
            page = self._node.call("l2_getBlocks", start, PAGE)
            for raw in page if isinstance(page, list) else []:
                try:
                    self.take_header(raw)
                    count += 1
                except (Malformed, ProofRejected) as error:
                    self.refused.append(str(error))
            if not isinstance(page, list) or len(page) < PAGE:
                return count
            start += PAGE

    def _check_signer(self, signed: SignedHeader) -> None:
        if signed.signer not in self._signers:
            self._signers[signed.signer] = bool(self.bonds.view("isSigner", signed.signer))
        if not self._signers[signed.signer]:
            raise ProofRejected("header is not signed by a sequencer", expected=str(self.bonds.view("sequencer")),
                                got=signed.signer)  # fmt: skip

    # ------------------------------------------------------------------ L1

    def now(self) -> int:
        """Returns the time of L1's newest block."""
        return self.client.latest().time

    def is_void(self, signed: SignedHeader) -> bool:
        """Tells whether the header names a queue that L1 does not have."""
        return bool(self.bonds.view("isVoid", signed.header.queue_index, signed.header.queue_hash))

    def follow(self) -> None:
        """Reads the batches that L1 has finalised since the last call. Raises L1Rejected where logs are missing."""
        self._signers.clear()
        if not self.headers.follow():
            raise L1Rejected("no log has a header that L1 has archived",
                             expected=f"headers of {self.contract.finalized()} batches",
                             got=f"the logs since block {self._start}")  # fmt: skip

    def _keep(self, batch_id: int, header: bytes) -> None:
        self._batches[batch_id] = BatchHeader(*abi_decode([HEADER_TYPE], header)[0])

    def finalised(self, batch_id: int) -> BatchHeader | None:
        """Returns the header of a finalised batch, None for another one."""
        return self._batches.get(batch_id) if batch_id <= self.headers.final else None

    def covering(self, sequence: int) -> BatchHeader | None:
        """Returns the finalised batch that has a sequence number."""
        low, high = 1, self.headers.final
        while low <= high:
            middle = (low + high) // 2
            batch = self._batches[middle]
            if batch.end_sequence <= sequence:
                low = middle + 1
            elif batch.first_sequence > sequence:
                high = middle - 1
            else:
                return batch
        return None

    # ------------------------------------------------------------------ judgement

    def equivocations(self) -> Iterator[Equivocation]:
        """Yields two binding headers for each number that has several."""
        for found in self.evidence.rivals():
            binding = [signed for signed in found if not self.is_void(signed)]
            if len(binding) > 1:
                yield Equivocation(binding[0], binding[1])

    def contradicted_roots(self) -> Iterator[ContradictedRoot]:
        """Yields the binding headers that end a finalised batch with another root than it has."""
        for signed in self.evidence.endings():
            batch = self.finalised(signed.header.batch_id)
            if batch is not None and batch.new_root != signed.header.state_root and not self.is_void(signed):
                yield ContradictedRoot(signed, batch)

    def judge(self, paper: Paper) -> Judged:
        """Returns how a receipt stands now. What a finalised batch includes stays included."""
        if paper.key in self._included:
            return self._included[paper.key]
        opening, is_due = self.find_opening(paper.sequence), self.now() > paper.due
        if opening is not None and opening.id == paper.id:
            return self._included.setdefault(paper.key, Judged(paper, Standing.INCLUDED, opening))
        if self.is_void(paper.signed):
            return Judged(paper, Standing.VOID)
        if opening is not None:
            return Judged(paper, Standing.OTHER_ID, opening)
        if not is_due:
            return Judged(paper, Standing.WAITING)
        return Judged(paper, Standing.OVERDUE if self.covering(paper.sequence) is None else Standing.UNOPENED)

    def find_opening(self, sequence: int) -> Opening | None:
        """Returns what a finalised batch has at a sequence number, where the node shows it and it is true."""
        batch = self.covering(sequence)
        if batch is None or self._node is None:
            return None
        try:
            raw = self._node.call("l2_getOpening", sequence)
            id_ = parse_hex(raw["id"], length=32, what="id")
            siblings = tuple(parse_hex(node, length=32, what="sibling") for node in raw["siblings"])
            root = compute_id_root(id_, sequence - batch.first_sequence, siblings, self._permute)
        except (RpcError, Retryable) as error:
            self.refused.append(str(error))
            return None
        except (L2Error, KeyError, TypeError, ValueError, IndexError) as error:
            self.refused.append(f"l2_getOpening of {sequence}: {error!r}")
            return None
        if root != batch.id_root:
            self.refused.append(f"opening of {sequence} leads to {to_hex(root)}, not to {to_hex(batch.id_root)}")
            return None
        return Opening(batch, id_, siblings)
