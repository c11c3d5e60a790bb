"""The pool of transactions that wait: nonce order per account, replacement by price, limits, expiry.

It holds well-formed, signature-checked transactions only. A group of linked transfers is one unit: it is taken in,
replaced, evicted, expired and executed whole, and its offer is the lowest of its members'. It is not the state: every
rule here is intake policy, and execution decides again. A refused unit leaves the pool unchanged.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

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
    """A waiting transaction: id (32 bytes), intake record, the record read, its offer in wei per gas, arrival order.

    `group` are the ids of all members of its group, itself included, in their order; empty for one by itself. In the
    pool the offer of a member is that of its group.
    """

    id: bytes
    record: bytes
    intake: Intake
    offer: int
    order: int = 0
    group: tuple[bytes, ...] = ()


Unit = tuple[PoolTransaction, ...]
"""A transaction by itself, or all members of a group in their order."""


@dataclass(frozen=True)
class Dropped:
    """A transaction that left the pool unexecuted, and why: `replaced`, `evicted`, `expired`, `nonce_too_low`, or
    `group_failed` when it is another member's reason."""

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
        return self._add((tx,), lambda _: account_nonce, now)

    def add_group(
        self, members: Sequence[PoolTransaction], nonce_of: Callable[[bytes], int], now: float
    ) -> list[Dropped]:
        """Takes a group in as one unit, or none of it; returns what it replaced or evicted.

        Members of one sender have nonces that follow each other in list order. Raises Refused as `add` does.
        """
        following: dict[bytes, int] = {}
        for tx in members:
            expected = following.setdefault(tx.intake.sender, tx.intake.nonce)
            if tx.intake.nonce != expected:
                raise Refused("nonces of one sender do not follow each other in the group", expected=str(expected),
                              got=str(tx.intake.nonce), code="nonce_gap")  # fmt: skip
            following[tx.intake.sender] += 1
        return self._add(_unite(members), nonce_of, now)

    def of_sender(self, sender: bytes) -> list[PoolTransaction]:
        """Returns the waiting transactions of an account."""
        queue = self._accounts.get(sender)
        return list(queue.by_nonce.values()) if queue is not None else []

    def restore(self, members: Sequence[PoolTransaction]) -> bool:
        """Puts back a unit that was taken in before (after a restart or a voided block), without intake rules.

        What waits with the nonce of a member stays and the restored unit is left out: the result is then False.
        """
        unit = _unite(members) if len(members) > 1 else tuple(members)
        waiting = [self._waiting(tx) for tx in unit]
        if any(old is not None for old in waiting):
            return all(old is not None and old.id == tx.id for old, tx in zip(waiting, unit, strict=True))
        self._store(unit)
        return True

    def take(
        self, nonce_of: Callable[[bytes], int], limit: int, accept: Callable[[Unit], bool],
        too_long: Callable[[Unit], None] | None = None,
    ) -> Unit:  # fmt: skip
        """Returns at most `limit` executable transactions, best offer first and in nonce order per account; members of
        a group stand one after another, once every one of them is next in turn.

        They stay in the pool until `remove`. `accept` may pass over a unit (and so its successors), as one whose offer
        is below the chunk's price. `too_long` hears of an executable group that is passed over because it is longer
        than what is left of the limit.
        """
        nonces = {sender: nonce_of(sender) for sender in self._accounts}
        heads: list[tuple[int, int, bytes]] = []
        taken: list[PoolTransaction] = []

        def push(sender: bytes) -> None:
            head = self._accounts[sender].by_nonce.get(nonces[sender])
            if head is not None:
                heapq.heappush(heads, (-head.offer, head.order, head.id))

        for sender in nonces:
            push(sender)
        while heads and len(taken) < limit:
            unit = self._unit(self._by_id[heapq.heappop(heads)[2]])
            # A group comes up with each of its senders; it goes when the last of them has come to it.
            if not _is_next(unit, nonces):
                continue
            if len(taken) + len(unit) > limit:
                if too_long is not None:
                    too_long(unit)
                continue
            if not accept(unit):
                continue
            taken += unit
            senders = dict.fromkeys(tx.intake.sender for tx in unit)
            for tx in unit:
                nonces[tx.intake.sender] += 1
            for sender in senders:
                push(sender)
        return tuple(taken)

    def remove(self, id_: bytes) -> None:
        """Takes a transaction out, and with it its group; an absent one is no error."""
        tx = self._by_id.get(id_)
        if tx is not None:
            self._forget(self._unit(tx))

    def expire(self, now: float, nonce_of: Callable[[bytes], int]) -> list[Dropped]:
        """Removes and returns what can no longer be executed: validUntil has passed, or the nonce has been used; and
        the other members of its group."""
        dropped: dict[bytes, list[Dropped]] = {}
        for sender, queue in self._accounts.items():
            nonce = nonce_of(sender)
            for tx in queue.by_nonce.values():
                until, used = tx.intake.valid_until, tx.intake.nonce
                unit = self._unit(tx)
                if unit[0].id in dropped:
                    continue
                if until and until < now:
                    dropped[unit[0].id] = _drop(
                        unit, tx, "expired", "transaction has expired", f">= {int(now)}", str(until)
                    )
                elif used < nonce:
                    dropped[unit[0].id] = _drop(unit, tx, "nonce_too_low", "nonce has been used", str(nonce), str(used))
        entries = [entry for unit_dropped in dropped.values() for entry in unit_dropped]
        self._forget([entry.transaction for entry in entries])
        return entries

    def _add(self, unit: Unit, nonce_of: Callable[[bytes], int], now: float) -> list[Dropped]:
        for tx in unit:
            self._check(tx, nonce_of(tx.intake.sender), now)
        replaced = self._replace(unit)
        dropped = [*replaced, *self._make_room(unit, {entry.transaction.id for entry in replaced})]
        self._forget([entry.transaction for entry in dropped])
        self._store(unit)
        return dropped

    def _check(self, tx: PoolTransaction, account_nonce: int, now: float) -> None:
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

    def _replace(self, unit: Unit) -> list[Dropped]:
        """What gives way to a unit: whoever waits with one of its nonces, whole, if the unit offers enough more."""
        dropped: dict[bytes, list[Dropped]] = {}
        for tx in unit:
            old = self._waiting(tx)
            if old is None:
                continue
            needed = old.offer + max(1, -(-old.offer * self.limits.bump_percent // 100))
            if tx.offer < needed:
                raise Refused("replacement does not raise the price enough", expected=f"offer >= {needed}",
                              got=str(tx.offer), code="replacement_underpriced")  # fmt: skip
            whole = self._unit(old)
            got = "0x" + tx.id.hex()
            dropped.setdefault(
                whole[0].id, _drop(whole, old, "replaced", "another transaction took its nonce", None, got)
            )
        return [entry for entries in dropped.values() for entry in entries]

    def _make_room(self, unit: Unit, gone: set[bytes]) -> list[Dropped]:
        """What is evicted for a unit, besides `gone`, which it replaces."""
        gone = set(gone)
        own = {tx.intake.sender for tx in unit}
        for sender in own:
            held = sum(tx.id not in gone for tx in self.of_sender(sender))
            more = sum(tx.intake.sender == sender for tx in unit)
            if held + more > self.limits.per_account:
                raise Refused("too many transactions of this account wait", expected=f"<= {self.limits.per_account}",
                              got=str(held + more), code="pool_full")  # fmt: skip
        dropped: list[Dropped] = []
        while len(self._by_id) - len(gone) + len(unit) > self.limits.capacity:
            tails = (tail for tail in self._tails(gone) if own.isdisjoint(tx.intake.sender for tx in tail))
            lowest = min(tails, key=lambda tail: (tail[0].offer, -tail[0].order), default=None)
            if lowest is None or lowest[0].offer >= unit[0].offer:
                raise Refused("the pool is full", expected=f"offer > {lowest[0].offer if lowest else unit[0].offer}",
                              got=str(unit[0].offer), code="pool_full")  # fmt: skip
            expected, got = f"> {lowest[0].offer}", str(unit[0].offer)
            dropped += [Dropped(tx, "evicted", "a better offer took its place", expected, got) for tx in lowest]
            gone.update(tx.id for tx in lowest)
        return dropped

    def _tails(self, gone: set[bytes]) -> Iterator[Unit]:
        """Units of which nothing waits behind a member, so that no gap opens below others when they go."""
        last: dict[bytes, int] = {}
        for sender, queue in self._accounts.items():
            kept = [nonce for nonce, tx in queue.by_nonce.items() if tx.id not in gone]
            if kept:
                last[sender] = max(kept)
        for sender, nonce in last.items():
            unit = self._unit(self._accounts[sender].by_nonce[nonce])
            ends = {tx.intake.sender: tx.intake.nonce for tx in unit}
            if all(last.get(other) == end for other, end in ends.items()):
                yield unit

    def _waiting(self, tx: PoolTransaction) -> PoolTransaction | None:
        queue = self._accounts.get(tx.intake.sender)
        return None if queue is None else queue.by_nonce.get(tx.intake.nonce)

    def _unit(self, tx: PoolTransaction) -> Unit:
        return tuple(self._by_id[id_] for id_ in tx.group) if tx.group else (tx,)

    def _store(self, unit: Unit) -> None:
        self._order += 1
        for tx in unit:
            stored = replace(tx, order=self._order)
            self._accounts.setdefault(tx.intake.sender, _Queue()).by_nonce[tx.intake.nonce] = stored
            self._by_id[tx.id] = stored

    def _forget(self, transactions: Sequence[PoolTransaction]) -> None:
        for tx in transactions:
            self._by_id.pop(tx.id, None)
            queue = self._accounts.get(tx.intake.sender)
            if queue is not None and queue.by_nonce.get(tx.intake.nonce) == tx:
                del queue.by_nonce[tx.intake.nonce]
                if not queue.by_nonce:
                    del self._accounts[tx.intake.sender]


def _unite(members: Sequence[PoolTransaction]) -> Unit:
    """Members as one unit: each knows the others, and all have the lowest offer."""
    ids, offer = tuple(tx.id for tx in members), min(tx.offer for tx in members)
    return tuple(replace(tx, group=ids, offer=offer) for tx in members)


def _is_next(unit: Unit, nonces: dict[bytes, int]) -> bool:
    """Whether every member has its sender's next nonce when it comes to it, in the order of the unit."""
    ahead = dict[bytes, int]()
    for tx in unit:
        sender = tx.intake.sender
        if tx.intake.nonce != nonces[sender] + ahead.get(sender, 0):
            return False
        ahead[sender] = ahead.get(sender, 0) + 1
    return True


def _drop(
    unit: Unit, because: PoolTransaction, code: str, message: str, expected: str | None, got: str | None
) -> list[Dropped]:
    """The whole unit leaves for what is wrong with one of its members."""
    named = f"member {[tx.id for tx in unit].index(because.id) + 1}: {code}"
    return [
        Dropped(tx, code, message, expected, got)
        if tx.id == because.id
        else Dropped(tx, "group_failed", "another member of the group left the pool", "every member stays", named)
        for tx in unit
    ]
