"""Files what a watch has found, with a key: slashes, receipts, covers; and answers for an honest sequencer.

Every call is one that anyone may make (Bonds.sol). A call that L1 refuses, because somebody was first or the offence
is used up, is reported and not tried again in this process. A call that shows a header which L1 has in its archive
alone is made after the header is restored.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from l2rollup.client.watch import (
    VIOLATIONS,
    ContradictedRoot,
    Equivocation,
    Judged,
    Standing,
    Watch,
)
from l2rollup.errors import L1Rejected
from l2rollup.l1 import Sender
from l2rollup.l1.bonds import OPEN, CoverRegistered, ReceiptFiled, decode_bonds_event
from l2rollup.state import BatchHeader
from l2rollup.types import to_hex

RANGE_BLOCKS = 2000
PAY_AT_ONCE = 50
Action = dict[str, Any]


class Accuser:
    """Acts for one account. Methods yield what was sent: {call, what, l1TxHash, gas} or {call, what, error}."""

    def __init__(self, watch: Watch, sender: Sender, *, start_block: int = 0) -> None:
        self._watch = watch
        self._bonds = watch.bonds
        self._sender = sender
        self._next_block = start_block
        self._refused: set[str] = set()
        self._filed: dict[bytes, ReceiptFiled] = {}
        self._registered: dict[tuple[int, bytes], CoverRegistered] = {}

    def slash_equivocation(self, found: Equivocation) -> Iterator[Action]:
        """Reports two headers of one number."""
        what = f"number {found.first.header.number}"
        yield from self._send("slashEquivocation", what, found.first.to_abi(), found.second.to_abi())

    def slash_root(self, found: ContradictedRoot) -> Iterator[Action]:
        """Reports a root that a finalised batch contradicts."""
        what = f"block {found.signed.header.number}, batch {found.batch.batch_id}"
        yield from self._show(found.batch, "slashRoot", what, found.signed.to_abi(), found.batch.to_tuple())

    def pursue(self, judged: Judged) -> Iterator[Action]:
        """Does what is next for a violated receipt: file, contradict or slash; and register its cover."""
        if judged.standing not in VIOLATIONS or self._watch.now() <= judged.paper.due:
            return
        paper, what = judged.paper, f"sequence {judged.paper.sequence}"
        _, deadline, state = self._bonds.view("filing", paper.key)
        if state == 0 and self._bond():
            bond = int(self._bonds.view("filingBond"))
            yield from self._send("fileReceipt", what, paper.to_abi(), value=bond)
            _, deadline, state = self._bonds.view("filing", paper.key)
        if state == OPEN and judged.standing == Standing.OTHER_ID and judged.opening is not None:
            opening = judged.opening
            yield from self._show(opening.batch, "contradictReceipt", what, paper.name, opening.id, opening.to_abi())
        elif state == OPEN and self._watch.now() > deadline:
            yield from self._send("slashReceipt", what, paper.key)
        if paper.cover:
            yield from self._register(judged)

    def _register(self, judged: Judged) -> Iterator[Action]:
        """Registers the cover in every case that takes registrations."""
        paper, now = judged.paper, self._watch.now()
        for case in range(1, int(self._bonds.view("caseCount")) + 1):
            _, closes_at, payable_at, closed = self._bonds.view("caseOf", case)
            what = f"case {case}, sequence {paper.sequence}"
            _, _, _, cover = self._bonds.view("registration", case, paper.key)
            if now < closes_at and not cover:
                bond = int(self._bonds.view("filingBond"))
                yield from self._send("registerCover", what, case, paper.to_abi(), bytes(32), value=bond)
            elif now >= payable_at and not closed and cover:
                yield from self._send("payCovers", what, case, PAY_AT_ONCE)

    def answer(self) -> Iterator[Action]:
        """Opens filed receipts and strikes registrations, where a finalised batch has the id and the node shows it."""
        self._follow()
        for key, filed in list(self._filed.items()):
            if self._bonds.view("filing", key)[2] != OPEN:
                del self._filed[key]
                continue
            opening = self._watch.find_opening(filed.name[1])
            if opening is not None and opening.id == filed.name[2]:
                what = f"sequence {filed.name[1]}"
                yield from self._show(opening.batch, "answerReceipt", what, filed.name, opening.to_abi())
        for (case, key), entry in list(self._registered.items()):
            if int(self._bonds.view("registration", case, key)[1], 16) == 0:
                del self._registered[case, key]
                continue
            opening = self._watch.find_opening(entry.name[1])
            if opening is not None and opening.id == entry.name[2]:
                what = f"case {case}, sequence {entry.name[1]}"
                yield from self._show(opening.batch, "strikeCover", what, case, entry.name, opening.to_abi())

    def withdraw(self) -> Iterator[Action]:
        """Takes what the account is owed."""
        amount = int(self._bonds.view("owed", self._sender.address))
        if amount:
            yield from self._send("withdraw", f"{amount} wei", self._sender.address)

    def _follow(self) -> None:
        client = self._watch.client
        head = client.head()
        for first in range(self._next_block, head + 1, RANGE_BLOCKS):
            for log in client.logs_between(self._bonds.address, first, min(head, first + RANGE_BLOCKS - 1)):
                event = decode_bonds_event(log)
                if isinstance(event, ReceiptFiled):
                    self._filed[event.key] = event
                elif isinstance(event, CoverRegistered):
                    self._registered[event.case, event.key] = event
        self._next_block = head + 1

    def _bond(self) -> int:
        """What a slash would take."""
        return int(self._bonds.view("bondOf")) + int(self._bonds.view("unbonding")[1])

    def _show(self, batch: BatchHeader, call: str, what: str, *values: Any) -> Iterator[Action]:
        """Sends one call that shows L1 the header of a finalised batch, which is restored where it has to be."""
        name = f"batch {batch.batch_id}"
        if f"{call} {what}" in self._refused:
            return
        try:
            restored = self._watch.headers.restore(self._sender, batch.batch_id)
        except L1Rejected as error:
            yield {"call": "restoreHeader", "what": name, "error": str(error.got or error)}
            return
        if restored is not None:
            yield {"call": "restoreHeader", "what": name, "l1TxHash": restored[0], "gas": restored[1]}
        yield from self._send(call, what, *values)

    def _send(self, call: str, what: str, *values: Any, value: int = 0) -> Iterator[Action]:
        """Sends one call. What L1 refused before is not sent again."""
        name = f"{call} {what}"
        if name in self._refused:
            return
        try:
            receipt = self._bonds.transact(self._sender, call, *values, value=value)
        except L1Rejected as error:
            self._refused.add(name)
            yield {"call": call, "what": what, "error": str(error.got or error)}
            return
        yield {"call": call, "what": what, "l1TxHash": receipt.hash, "gas": receipt.gas_used}


def show_equivocation(found: Equivocation) -> dict[str, Any]:
    """Returns the finding as a record."""
    digests = [to_hex(found.first.digest), to_hex(found.second.digest)]
    return {"kind": "equivocation", "number": found.first.header.number, "digests": digests}


def show_root(found: ContradictedRoot) -> dict[str, Any]:
    """Returns the finding as a record."""
    return {
        "kind": "contradicted_root", "number": found.signed.header.number, "batchId": found.batch.batch_id,
        "signed": to_hex(found.signed.header.state_root), "proven": to_hex(found.batch.new_root),
    }  # fmt: skip


def show_receipt(judged: Judged) -> dict[str, Any]:
    """Returns the finding as a record."""
    paper = judged.paper
    return {
        "kind": "receipt", "standing": str(judged.standing), "sequence": paper.sequence, "id": to_hex(paper.id),
        "number": paper.signed.header.number, "cover": str(paper.cover), "due": paper.due,
    }  # fmt: skip
