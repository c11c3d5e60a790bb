"""The pool of transactions that wait: nonce order per account, replacement by price, limits, expiry.

It holds well-formed, signature-checked transactions only. It is not the state: every rule here is intake policy, and
execution decides again. A refused transaction leaves the pool unchanged.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from l2rollup.errors import Refused
from l2rollup.processor.intake import Intake


@dataclass(frozen=True)
class PoolLimits:
    """gap: how far a nonce may lie ahead of the account's; capacity: transactions in all; per_account: of one sender;
    bump_percent: by how much a replacement must raise the price."""

    gap: int = 64
    capacity: int = 20_000
    per_account: int = 64
    bump_percent: int = 10


@dataclass(frozen=True)
class PoolTransaction:
    """A waiting transaction: id (32 bytes), intake record, the record read, its offer in wei per gas, arrival order."""

    id: bytes
    record: bytes
    intake: Intake
    offer: int
    order: int = 0


@dataclass(frozen=True)
class Dropped:
    """A transaction that left the pool unexecuted, and why: `replaced`, `evicted` or `expired`."""

    transaction: PoolTransaction
    code: str
    message: str
    expected: str | None = None
    got: str | None = None


@dataclass
class _Queue:
    by_nonce: dict[int, PoolTransaction] = field(default_factory=dict)


class Mempool:
    """Not thread-safe: the node calls it under its own lock. Nonces come from the caller's view of the state."""

    def __init__(self, limits: PoolLimits | None = None) -> None:
        self.limits = limits or PoolLimits()
        self._by_id: dict[bytes, PoolTransaction] = {}
        self._accounts: dict[bytes, _Queue] = {}
        self._order = 0

    def __len__(self) -> int:
        return len(self._by_id)

    def __contains__(self, id_: bytes) -> bool:
        return id_ in self._by_id

    def __iter__(self) -> Iterator[PoolTransaction]:
        return iter(list(self._by_id.values()))

    def pending_nonce(self, sender: bytes, account_nonce: int) -> int:
        """Returns the next free nonce: the account's, past the unbroken run of waiting ones."""
        queue = self._accounts.get(sender)
        nonce = account_nonce
        while queue is not None and nonce in queue.by_nonce:
            nonce += 1
        return nonce

    def add(self, tx: PoolTransaction, account_nonce: int, now: float) -> list[Dropped]:
        """Takes a transaction in; returns what it replaced or evicted.

        Raises Refused: already_known, expired, nonce_too_low, nonce_gap, replacement_underpriced, pool_full.
        """
        intake = tx.intake
        if tx.id in self._by_id:
            raise Refused("transaction is in the pool already", code="already_known", got="0x" + tx.id.hex())
        if intake.valid_until and intake.valid_until < now:
            raise Refused("transaction has expired", expected=f"validUntil >= {int(now)} or 0",
                          got=str(intake.valid_until), code="expired")  # fmt: skip
        if intake.nonce < account_nonce:
            raise Refused("nonce has been used", expected=str(account_nonce), got=str(intake.nonce),
                          code="nonce_too_low")  # fmt: skip
        if intake.nonce - account_nonce >= self.limits.gap:
            raise Refused("nonce is too far ahead", expected=f"< {account_nonce + self.limits.gap}",
                          got=str(intake.nonce), code="nonce_gap")  # fmt: skip
        queue = self._accounts.get(intake.sender) or _Queue()
        old = queue.by_nonce.get(intake.nonce)
        dropped = self._replace(old, tx) if old is not None else self._make_room(tx, queue)
        self._order += 1
        stored = PoolTransaction(tx.id, tx.record, intake, tx.offer, self._order)
        for entry in dropped:
            self._forget(entry.transaction)
        self._accounts.setdefault(intake.sender, queue).by_nonce[intake.nonce] = stored
        self._by_id[tx.id] = stored
        return dropped

    def of_sender(self, sender: bytes) -> list[PoolTransaction]:
        """Returns the waiting transactions of an account."""
        queue = self._accounts.get(sender)
        return list(queue.by_nonce.values()) if queue is not None else []

    def restore(self, tx: PoolTransaction) -> bool:
        """Puts back a transaction that was taken in before (after a restart or a voided block), without intake rules.

        One that waits with the same nonce stays and the restored one is left out: the result is then False.
        """
        waiting = self._accounts.get(tx.intake.sender, _Queue()).by_nonce.get(tx.intake.nonce)
        if waiting is not None:
            return waiting.id == tx.id
        queue = self._accounts.setdefault(tx.intake.sender, _Queue())
        self._order += 1
        stored = PoolTransaction(tx.id, tx.record, tx.intake, tx.offer, self._order)
        queue.by_nonce[tx.intake.nonce] = stored
        self._by_id[tx.id] = stored
        return True

    def take(
        self, nonce_of: Callable[[bytes], int], limit: int, accept: Callable[[PoolTransaction], bool]
    ) -> list[PoolTransaction]:
        """Returns at most `limit` executable transactions, best offer first and in nonce order per account.

        They stay in the pool until `remove`. `accept` may pass over one (and so its successors), as one whose offer is
        below the chunk's price.
        """
        heads: list[tuple[int, int, bytes, int]] = []
        for sender, queue in self._accounts.items():
            nonce = nonce_of(sender)
            first = queue.by_nonce.get(nonce)
            if first is not None:
                heads.append((-first.offer, first.order, sender, nonce))
        heapq.heapify(heads)
        taken: list[PoolTransaction] = []
        while heads and len(taken) < limit:
            _, _, sender, nonce = heapq.heappop(heads)
            queue = self._accounts[sender]
            tx = queue.by_nonce[nonce]
            if not accept(tx):
                continue
            taken.append(tx)
            following = queue.by_nonce.get(nonce + 1)
            if following is not None:
                heapq.heappush(heads, (-following.offer, following.order, sender, nonce + 1))
        return taken

    def remove(self, id_: bytes) -> None:
        """Takes a transaction out; an absent one is no error."""
        tx = self._by_id.get(id_)
        if tx is not None:
            self._forget(tx)

    def expire(self, now: float, nonce_of: Callable[[bytes], int]) -> list[Dropped]:
        """Removes and returns what can no longer be executed: validUntil has passed, or the nonce has been used."""
        dropped: list[Dropped] = []
        for sender, queue in self._accounts.items():
            nonce = nonce_of(sender)
            for tx in queue.by_nonce.values():
                until, used = tx.intake.valid_until, tx.intake.nonce
                if until and until < now:
                    dropped.append(Dropped(tx, "expired", "transaction has expired", f">= {int(now)}", str(until)))
                elif used < nonce:
                    dropped.append(Dropped(tx, "nonce_too_low", "nonce has been used", str(nonce), str(used)))
        for entry in dropped:
            self._forget(entry.transaction)
        return dropped

    def _replace(self, old: PoolTransaction, tx: PoolTransaction) -> list[Dropped]:
        needed = old.offer + max(1, -(-old.offer * self.limits.bump_percent // 100))
        if tx.offer < needed:
            raise Refused("replacement does not raise the price enough", expected=f"offer >= {needed}",
                          got=str(tx.offer), code="replacement_underpriced")  # fmt: skip
        return [Dropped(old, "replaced", "another transaction took its nonce", None, "0x" + tx.id.hex())]

    def _make_room(self, tx: PoolTransaction, queue: _Queue) -> list[Dropped]:
        if len(queue.by_nonce) >= self.limits.per_account:
            raise Refused("too many transactions of this account wait", expected=f"< {self.limits.per_account}",
                          got=str(len(queue.by_nonce)), code="pool_full")  # fmt: skip
        if len(self._by_id) < self.limits.capacity:
            return []
        # Only the last transaction of an account may go, so that no gap opens below others.
        tails = (q.by_nonce[max(q.by_nonce)] for s, q in self._accounts.items() if s != tx.intake.sender)
        lowest = min(tails, key=lambda other: (other.offer, -other.order), default=None)
        if lowest is None or lowest.offer >= tx.offer:
            raise Refused("the pool is full", expected=f"offer > {lowest.offer if lowest else tx.offer}",
                          got=str(tx.offer), code="pool_full")  # fmt: skip
        return [Dropped(lowest, "evicted", "a better offer took its place", f"> {lowest.offer}", str(tx.offer))]

    def _forget(self, tx: PoolTransaction) -> None:
        self._by_id.pop(tx.id, None)
        queue = self._accounts.get(tx.intake.sender)
        if queue is not None and queue.by_nonce.get(tx.intake.nonce) == tx:
            del queue.by_nonce[tx.intake.nonce]
            if not queue.by_nonce:
                del self._accounts[tx.intake.sender]
