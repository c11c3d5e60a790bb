"""Answer: whoever files a receipt that was honoured, or registers its cover, is shown the id in a finalised batch.

A batch whose header L1 has in its archive alone is restored first, so that an answer is never too old to be given.
Unanswered within the opening window a filed receipt takes the whole bond, and the ids are in no L1 data, so the node
that has them answers (docs/spec/bridge.md, Offences). What it is not: an accuser; that is `l2rollup watch`.
"""

from __future__ import annotations

import structlog

from l2rollup.errors import L1Rejected, NotFound, NotReady
from l2rollup.l1 import HeaderLog
from l2rollup.l1.bonds import OPEN, BondsContract, CoverRegistered, ReceiptFiled, decode_bonds_event
from l2rollup.l1.client import Log
from l2rollup.node.context import Context
from l2rollup.node.headers import to_header
from l2rollup.node.openings import Openings
from l2rollup.node.stages.base import Rewind

RANGE_BLOCKS = 2000
NOBODY = "0x" + "00" * 20
log = structlog.get_logger("l2rollup.node")

Question = ReceiptFiled | CoverRegistered


class Answer:
    """Follows the logs of Bonds. What is open is asked of L1 before anything is sent, so nothing is answered twice."""

    name = "answer"

    def __init__(self, context: Context) -> None:
        self._context = context
        self._openings = Openings(context)
        self._headers = HeaderLog(context.contract, start_block=context.config.start_block)
        self._bonds: BondsContract | None = None
        self._open: dict[tuple[int, bytes], Question] = {}
        self._closed: dict[tuple[int, bytes], int] = {}
        self._head = -1
        self._next = 0
        self._is_stale = True

    def advance(self) -> bool:
        """Answers what can be answered, once for each new L1 block; returns whether anything was sent."""
        context = self._context
        head = context.client.head()
        if head == self._head and not self._is_stale:
            return False
        if self._bonds is None:
            self._bonds = BondsContract(context.client, str(context.contract.view("bonds")))
        if self._is_stale:
            # Lowered first: a rewind that comes meanwhile raises it again.
            self._is_stale = False
            try:
                self._next = self._find_start(self._bonds, head)
            except BaseException:
                self._is_stale = True
                raise
        while self._next <= head:
            last = min(head, self._next + RANGE_BLOCKS - 1)
            for found in context.client.logs_between(self._bonds.address, self._next, last):
                self._read(found)
            self._next = last + 1
        answered = self._answer_all(self._bonds, head)
        self._head = head
        return answered

    def rewind(self, to: Rewind) -> None:
        """Reads all again that can be open: a question may be among what L1 has lost."""
        self._is_stale = True

    def _answer_all(self, bonds: BondsContract, head: int) -> bool:
        """Goes through what was asked. A question is forgotten once L1 has finalised that it is closed: L1 can lose an
        answer before anybody here has read that it was there."""
        answered, refused = False, None
        for key, question in list(self._open.items()):
            if self._is_open(bonds, question):
                self._closed.pop(key, None)
                try:
                    answered |= self._answer(bonds, question)
                except L1Rejected as error:
                    # One that L1 refuses must not keep the others from their answer.
                    refused = error
            elif self._context.client.finalized() >= self._closed.setdefault(key, head):
                del self._open[key], self._closed[key]
        if refused is not None:
            raise refused
        return answered

    def _read(self, found: Log) -> None:
        question = decode_bonds_event(found)
        if isinstance(question, ReceiptFiled):
            self._open[0, question.key] = question
        elif isinstance(question, CoverRegistered):
            self._open[question.case, question.key] = question

    def _answer(self, bonds: BondsContract, question: Question) -> bool:
        """Sends the opening of one receipt, if a finalised batch has its id."""
        _, sequence, id_, _ = question.name
        try:
            record, found, siblings = self._openings.find(sequence)
        except (NotFound, NotReady):
            return False
        if found != id_ or record.batch_id > self._context.contract.finalized():
            return False
        opening = (to_header(record).to_tuple(), [int.from_bytes(node, "big") for node in siblings])
        sender = self._context.operator
        restored = self._headers.restore(sender, record.batch_id)
        if restored is not None:
            log.warning("header_restored", batch=record.batch_id, transaction=restored[0])
        if isinstance(question, ReceiptFiled):
            receipt = bonds.transact(sender, "answerReceipt", question.name, opening)
        else:
            receipt = bonds.transact(sender, "strikeCover", question.case, question.name, opening)
        log.warning("receipt_answered", sequence=sequence, batch=record.batch_id, transaction=receipt.hash)
        self._context.count("receipts_answered")
        return True

    def _is_open(self, bonds: BondsContract, question: Question) -> bool:
        if isinstance(question, ReceiptFiled):
            return int(bonds.view("filing", question.key)[2]) == OPEN
        return str(bonds.view("registration", question.case, question.key)[1]) != NOBODY

    def _find_start(self, bonds: BondsContract, head: int) -> int:
        """First block that can hold something still open: none is older than registration and strikes together."""
        client = self._context.client
        newest = client.block(head)
        if newest is None:
            return self._context.config.start_block
        since = newest.time - int(bonds.view("claimWindow")) - int(bonds.view("openingWindow"))
        low, high = self._context.config.start_block, head
        while low < high:
            middle = (low + high) // 2
            block = client.block(middle)
            if block is not None and block.time < since:
                low = middle + 1
            else:
                high = middle
        return low
