"""Whatever is added, taken, refused, expired and restored in whatever order: groups stay whole and nobody starves."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence

import pytest

from l2rollup.errors import Refused
from l2rollup.processor import Intake, Mempool, PoolLimits, PoolTransaction
from l2rollup.types import Kind

NOW = 10.0
SENDERS = [bytes([number]) * 20 for number in range(1, 6)]
SEEDS, STEPS = 400, 40


class Walk:
    """One random history of a pool and of the accounts whose nonces it follows."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.nonces = {sender: self.random.randrange(3) for sender in SENDERS}
        capacity, share = self.random.choice([6, 12, 100]), self.random.choice([3, 8])
        self.pool = Mempool(PoolLimits(gap=8, capacity=capacity, per_account=share))
        self.made = 0
        self.seen: Counter[str] = Counter()

    def step(self) -> None:
        before = {tx.id for tx in self.pool}
        action = self.random.choices(
            [self.add_single, self.add_group, self.expire, self.remove, self.take], [35, 38, 7, 4, 16]
        )[0]
        try:
            action()
            self.seen[action.__name__] += 1
        except Refused:
            self.seen["refused"] += 1
            assert {tx.id for tx in self.pool} == before, "a refusal changed the pool"
        self.check()

    def check(self) -> None:
        for tx in self.pool:
            assert all(id_ in self.pool for id_ in tx.group), "a part of a group"
            same = [t for t in self.pool.of_sender(tx.intake.sender) if t.intake.nonce == tx.intake.nonce]
            assert same == [tx], "two transactions for one nonce"
        if not self.seen["restored"]:
            assert len(self.pool) <= self.pool.limits.capacity

    def make(self, sender: bytes, nonce: int, kind: Kind) -> PoolTransaction:
        self.made += 1
        offer, valid_until = self.random.randrange(1, 200), self.random.choice([0, 0, 0, 50])
        intake = Intake(kind, sender, bytes(20), 0, 0, 1, nonce, 100, offer, valid_until)
        return PoolTransaction(self.made.to_bytes(32, "big"), b"", intake, offer)

    def add_single(self) -> None:
        sender = self.random.choice(SENDERS)
        nonce = self.nonces[sender] + self.random.randrange(5)
        self.pool.add(self.make(sender, nonce, Kind.TRANSFER), self.nonces[sender], NOW)

    def add_group(self) -> None:
        following: dict[bytes, int] = {}
        members = []
        for _ in range(self.random.randrange(2, 6)):
            sender = self.random.choice(SENDERS)
            nonce = following.get(sender, self.nonces[sender] + self.random.choice([0, 0, 0, 1, 2]))
            following[sender] = nonce + 1
            members.append(self.make(sender, nonce, Kind.LINKED_TRANSFER))
        self.pool.add_group(members, self.nonces.__getitem__, NOW)

    def expire(self) -> None:
        now = self.random.choice([NOW, 60.0])
        self.pool.expire(now, self.nonces.__getitem__)
        assert all(not tx.intake.valid_until or now <= tx.intake.valid_until for tx in self.pool)

    def remove(self) -> None:
        if pooled := list(self.pool):
            self.pool.remove(self.random.choice(pooled).id)

    def take(self) -> None:
        limit = self.random.randrange(1, 12)
        unwanted = {tx.id for tx in self.pool if self.random.random() < 0.1}
        taken = self.pool.take(self.nonces.__getitem__, limit, lambda unit: not any(t.id in unwanted for t in unit))
        assert len(taken) <= limit
        after = dict(self.nonces)
        units = self.units_of(taken)
        assert [tx for unit in units for tx in unit] == list(taken), "a group that is not in one piece"
        for unit in units:
            assert not any(tx.id in unwanted for tx in unit)
            assert self.advance(after, unit), "out of nonce order"
        for unit in self.units_of(list(self.pool)):
            if unit[0] in taken or any(tx.id in unwanted for tx in unit) or not self.advance(dict(after), unit):
                continue
            assert len(taken) + len(unit) > limit, "what could be executed was left behind"
        fate = self.random.choice(["executed", "executed", "voided", "kept"])
        if fate != "kept":
            for tx in taken:
                self.pool.remove(tx.id)
        if fate == "executed":
            self.nonces = after
        if fate == "voided":
            for unit in units:
                assert self.pool.restore(unit)
                self.seen["restored"] += 1
        self.seen["groups taken"] += sum(len(unit) > 1 for unit in units)

    @staticmethod
    def units_of(transactions: Sequence[PoolTransaction]) -> list[list[PoolTransaction]]:
        """Splits into whole groups and single transactions, in the order of their first members."""
        by_id = {tx.id: tx for tx in transactions}
        return [[by_id[id_] for id_ in names] for names in dict.fromkeys(tx.group or (tx.id,) for tx in transactions)]

    @staticmethod
    def advance(nonces: dict[bytes, int], unit: Sequence[PoolTransaction]) -> bool:
        """Executes the unit's nonces; False at the first that is not the sender's next."""
        for tx in unit:
            if nonces[tx.intake.sender] != tx.intake.nonce:
                return False
            nonces[tx.intake.sender] += 1
        return True


def test_random_histories() -> None:
    seen: Counter[str] = Counter()
    for seed in range(SEEDS):
        walk = Walk(seed)
        try:
            for _ in range(STEPS):
                walk.step()
        except AssertionError as error:
            pytest.fail(f"seed {seed}: {error}")
        seen += walk.seen
    expected = {"add_single", "add_group", "expire", "remove", "take", "refused", "restored", "groups taken"}
    assert all(seen[name] > 100 for name in expected), seen
