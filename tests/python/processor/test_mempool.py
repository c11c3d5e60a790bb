"""Pool rules: order, gap, replacement, capacity, expiry; a refused transaction leaves the pool as it was."""

from __future__ import annotations

import pytest

from l2rollup.errors import Refused
from l2rollup.processor import FeePolicy, Intake, Mempool, PoolLimits, PoolTransaction
from l2rollup.types import Kind

NOW = 1_000_000.0
counter = iter(range(1, 10**6))


def tx(sender: int, nonce: int, offer: int = 100, valid_until: int = 0, kind: Kind = Kind.TRANSFER) -> PoolTransaction:
    intake = Intake(kind, bytes([sender]) * 20, bytes(20), 0, 0, 1, nonce, 100, offer, valid_until)
    return PoolTransaction(next(counter).to_bytes(32, "big"), b"", intake, offer)


def take(pool: Mempool, limit: int = 100, base: int = 0) -> list[tuple[int, int]]:
    taken = pool.take(lambda _: base, limit, lambda _: True)
    return [(entry.intake.sender[0], entry.intake.nonce) for entry in taken]


def refuse(pool: Mempool, entry: PoolTransaction, code: str, nonce: int = 0) -> None:
    before = {e.id for e in pool}
    with pytest.raises(Refused) as caught:
        pool.add(entry, nonce, NOW)
    assert caught.value.code == code
    assert {e.id for e in pool} == before


def test_nonce_order_and_price_order() -> None:
    pool = Mempool()
    for entry in (tx(1, 1, 500), tx(1, 0, 10), tx(2, 0, 50), tx(3, 1, 900)):
        pool.add(entry, 0, NOW)
    assert take(pool) == [(2, 0), (1, 0), (1, 1)]
    assert take(pool, 1) == [(2, 0)]
    assert len(pool) == 4


def test_passing_over_one_passes_over_its_successors() -> None:
    pool = Mempool()
    for nonce in range(3):
        pool.add(tx(1, nonce, 100 - nonce), 0, NOW)
    assert [e.intake.nonce for e in pool.take(lambda _: 0, 9, lambda unit: unit[0].intake.nonce != 1)] == [0]


def test_nonce_limits() -> None:
    pool = Mempool(PoolLimits(gap=4))
    refuse(pool, tx(1, 4), "nonce_too_low", nonce=5)
    refuse(pool, tx(1, 9), "nonce_gap", nonce=5)
    pool.add(tx(1, 8), 5, NOW)
    assert pool.pending_nonce(bytes([1]) * 20, 5) == 5
    pool.add(tx(1, 5), 5, NOW)
    assert pool.pending_nonce(bytes([1]) * 20, 5) == 6


def test_replacement_needs_ten_percent() -> None:
    pool = Mempool()
    first = tx(1, 0, 1000)
    pool.add(first, 0, NOW)
    refuse(pool, first, "already_known")
    refuse(pool, tx(1, 0, 1099), "replacement_underpriced")
    dropped = pool.add(tx(1, 0, 1100), 0, NOW)
    assert [(d.transaction.id, d.code) for d in dropped] == [(first.id, "replaced")]
    assert len(pool) == 1


def test_a_free_set_key_is_not_replaced_by_another() -> None:
    pool = Mempool()
    pool.add(tx(1, 0, 0, kind=Kind.SET_KEY), 0, NOW)
    refuse(pool, tx(1, 0, 0, kind=Kind.SET_KEY), "replacement_underpriced")


def test_capacity_evicts_the_lowest_tail_only_for_more() -> None:
    pool = Mempool(PoolLimits(capacity=3))
    low_tail = tx(1, 1, 5)
    for entry in (tx(1, 0, 1), low_tail, tx(2, 0, 50)):
        pool.add(entry, 0, NOW)
    refuse(pool, tx(3, 0, 5), "pool_full")
    dropped = pool.add(tx(3, 0, 6), 0, NOW)
    assert [(d.transaction.id, d.code) for d in dropped] == [(low_tail.id, "evicted")]
    assert len(pool) == 3


def test_per_account_limit() -> None:
    pool = Mempool(PoolLimits(per_account=2))
    pool.add(tx(1, 0), 0, NOW)
    pool.add(tx(1, 1), 0, NOW)
    refuse(pool, tx(1, 2), "pool_full")


def test_expiry() -> None:
    pool = Mempool()
    refuse(pool, tx(1, 0, valid_until=int(NOW) - 1), "expired")
    pool.add(tx(1, 0, valid_until=int(NOW)), 0, NOW)
    pool.add(tx(2, 0), 0, NOW)
    assert pool.expire(NOW, lambda _: 0) == []
    assert [d.code for d in pool.expire(NOW + 1, lambda _: 0)] == ["expired"]
    assert [d.code for d in pool.expire(NOW, lambda _: 1)] == ["nonce_too_low"]
    assert len(pool) == 0
    assert take(pool) == []


def test_restore_keeps_what_waits() -> None:
    pool = Mempool(PoolLimits(gap=1))
    far = tx(1, 7)
    pool.restore([far])
    pool.restore([far])
    pool.restore([tx(1, 7, 10**9)])
    assert [e.id for e in pool] == [far.id]


def test_price_follows_load_within_bounds() -> None:
    policy = FeePolicy(800, minimum=100, maximum=1000, target=10, rates={5: 2 * 10**18, 3: 10**6})
    policy.update(20, 100)
    assert policy.price == 900
    for _ in range(50):
        policy.update(20, 100)
    assert policy.price == 1000
    for _ in range(500):
        policy.update(0, 0)
    assert policy.price == 100
    assert policy.list_prices({3: b"", 5: b"", 9: b""}) == [(0, 100), (3, 1), (5, 200)]
    assert policy.floor(9) is None
    assert policy.floor(5) == 200
