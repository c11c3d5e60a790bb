"""What was sent to L1 and is not mined yet: a stage that comes again waits for it instead of paying twice.

One entry a sort of transaction, in the store, so that it survives a restart. L1 decides: a transaction it no longer
knows is forgotten and sent anew; one it does not mine is offered again for more.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from l2rollup.errors import Retryable
from l2rollup.l1 import Receipt
from l2rollup.node.context import Context
from l2rollup.storage import Family, SentRecord

WAIT_SECONDS = 60.0
RAISE_SECONDS = 120.0
MAX_RAISES = 12
"""A quarter more each time: up to 15 times the first offer, then it waits."""
POLL_SECONDS = 0.1
SENT_KEY = "sent/"
COMMIT, FINALIZE = "commit", "finalize"


class Outbox:
    """The last transaction of one sort (COMMIT or FINALIZE)."""

    def __init__(self, context: Context, sort: str) -> None:
        self._context = context
        self._key = f"{SENT_KEY}{sort}"
        self._offered: tuple[str, float] = ("", 0.0)
        self._raises = 0

    def deliver(self, batch_id: int, header: bytes, send: Callable[[], str], reorgs: int) -> Receipt:
        """Returns the receipt of the transaction for this batch and header: of one under way, else of a new one.

        reorgs: the context's count when the stage looked at L1. Raises Retryable while it is not mined.
        """
        under_way = self._under_way(batch_id, header)
        self._raises = 0 if under_way is None else self._raises
        hash_ = send() if under_way is None else self._raise_offer(under_way)
        if hash_ != under_way:
            self._context.store.put(Family.META, self._key, SentRecord(batch_id, header, hash_))
        return self._wait(hash_, reorgs)

    def _raise_offer(self, hash_: str) -> str:
        """Replaces a transaction that L1 has had for a while without mining it; returns the one to wait for."""
        offered, since = self._offered
        if offered != hash_:
            self._offered = (hash_, time.monotonic())
            return hash_
        is_early = time.monotonic() - since < RAISE_SECONDS or self._raises >= MAX_RAISES
        if is_early or self._context.client.receipt(hash_) is not None:
            return hash_
        self._raises += 1
        return self._context.operator.replace(hash_) or hash_

    def _under_way(self, batch_id: int, header: bytes) -> str | None:
        sent = self._context.store.get(Family.META, self._key, SentRecord)
        if sent is None or (sent.batch_id, sent.header) != (batch_id, header):
            return None
        client = self._context.client
        if client.transaction_input(sent.transaction) is None:
            return None
        receipt = client.receipt(sent.transaction)
        return None if receipt is not None and not receipt.success else sent.transaction

    def _wait(self, hash_: str, reorgs: int) -> Receipt:
        context = self._context
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            receipt = context.client.receipt(hash_)
            if receipt is not None:
                return receipt
            if context.reorgs != reorgs or context.stopping.is_set() or time.monotonic() > deadline:
                raise Retryable("transaction is not mined", expected=hash_, got="nothing")
            time.sleep(POLL_SECONDS)
