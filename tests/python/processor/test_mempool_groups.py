"""A group is one unit of the pool: kept, replaced, evicted, expired, restored and taken whole."""

from __future__ import annotations

import pytest

from l2rollup.errors import Refused
from l2rollup.processor import Dropped, Intake, Mempool, PoolLimits, PoolTransaction
from l2rollup.types import Kind

NOW = 1_000_000.0
counter = iter(range(1, 10**6))


def tx(
    sender: int, nonce: int, offer: int = 100, valid_until: int = 0, kind: Kind = Kind.LINKED_TRANSFER
) -> PoolTransaction:
    intake = Intake(kind, bytes([sender]) * 20, bytes(20), 0, 0, 1, nonce, 100, offer, valid_until)
    return PoolTransaction(next(counter).to_bytes(32, "big"), b"", intake, offer)


def single(sender: int, nonce: int, offer: int = 100) -> PoolTransaction:
    return tx(sender, nonce, offer, kind=Kind.TRANSFER)


def put(pool: Mempool, *members: PoolTransaction) -> list[Dropped]:
    return pool.add_group(members, lambda _: 0, NOW)


def take(pool: Mempool, limit: int = 100, **nonces: int) -> list[tuple[int, int]]:
    taken = pool.take(lambda sender: nonces.get(f"n{sender[0]}", 0), limit, lambda _: True)
    return [(entry.intake.sender[0], entry.intake.nonce) for entry in taken]


def refuse(pool: Mempool, code: str, *members: PoolTransaction) -> None:
    before = [entry.id for entry in pool]
    with pytest.raises(Refused) as caught:
        put(pool, *members)
    assert caught.value.code == code
    assert [entry.id for entry in pool] == before


def test_members_are_taken_one_after_another_in_list_order() -> None:
    pool = Mempool()
    put(pool, tx(2, 0), tx(1, 0), tx(2, 1), tx(3, 0))
    pool.add(single(1, 1, 10**6), 0, NOW)
    pool.add(single(4, 0, 50), 0, NOW)
    assert take(pool) == [(2, 0), (1, 0), (2, 1), (3, 0), (1, 1), (4, 0)]


def test_the_lowest_offer_counts() -> None:
    pool = Mempool()
    put(pool, tx(1, 0, 10**6), tx(2, 0, 40))
    pool.add(single(3, 0, 50), 0, NOW)
    assert take(pool) == [(3, 0), (1, 0), (2, 0)]
    assert {entry.offer for entry in pool if entry.group} == {40}


def test_a_group_waits_until_every_member_is_next() -> None:
    pool = Mempool()
    put(pool, tx(1, 0, 900), tx(2, 1, 900))
    pool.add(single(1, 1, 900), 0, NOW)
    assert take(pool) == [], "the second sender lacks nonce 0, and nothing goes past a group that waits"
    pool.add(single(2, 0, 5), 0, NOW)
    assert take(pool) == [(2, 0), (1, 0), (2, 1), (1, 1)]
    assert take(pool, n2=1) == [(1, 0), (2, 1), (1, 1)]


def test_two_groups_that_wait_for_each_other_block_nobody_else() -> None:
    pool = Mempool()
    put(pool, tx(1, 0), tx(2, 1))
    put(pool, tx(2, 0), tx(1, 1))
    pool.add(single(3, 0), 0, NOW)
    assert take(pool) == [(3, 0)]


def test_no_room_for_all_takes_none() -> None:
    pool = Mempool()
    put(pool, tx(1, 0, 900), tx(2, 0, 900), tx(3, 0, 900))
    pool.add(single(4, 0, 5), 0, NOW)
    pool.add(single(5, 0, 4), 0, NOW)
    assert take(pool, 2) == [(4, 0), (5, 0)]
    assert take(pool, 3) == [(1, 0), (2, 0), (3, 0)]


def test_passing_over_one_passes_over_all_of_it() -> None:
    pool = Mempool()
    put(pool, tx(1, 0), tx(2, 0))
    pool.add(single(1, 1), 0, NOW)
    units: list[int] = []

    def accept(unit: tuple[PoolTransaction, ...]) -> bool:
        units.append(len(unit))
        return False

    assert pool.take(lambda _: 0, 9, accept) == ()
    assert set(units) == {2}


def test_nonces_of_one_sender_follow_each_other() -> None:
    pool = Mempool()
    for nonces in ((0, 0), (1, 0), (0, 2)):
        refuse(pool, "nonce_gap", *[tx(1, nonce) for nonce in nonces])
    put(pool, tx(1, 3), tx(2, 0), tx(1, 4))


def test_one_member_that_is_refused_refuses_all() -> None:
    pool = Mempool(PoolLimits(gap=4, per_account=3))
    known = tx(9, 0)
    put(pool, known, tx(8, 0))
    refuse(pool, "already_known", tx(1, 0), known)
    refuse(pool, "expired", tx(1, 0), tx(2, 0, valid_until=int(NOW) - 1))
    refuse(pool, "nonce_gap", tx(1, 0), tx(2, 4))
    refuse(pool, "pool_full", *[tx(1, nonce) for nonce in range(4)])
    with pytest.raises(Refused, match="used"):
        pool.add_group([tx(1, 0), tx(2, 0)], lambda sender: sender[0] - 1, NOW)
    assert len(pool) == 2


def test_a_replacement_beats_the_whole_group_and_drops_it() -> None:
    pool = Mempool()
    first, second = tx(1, 0, 1000), tx(2, 0, 5000)
    put(pool, first, second)
    with pytest.raises(Refused) as caught:
        pool.add(single(2, 0, 1099), 0, NOW)
    assert caught.value.code == "replacement_underpriced"
    assert len(pool) == 2
    dropped = pool.add(single(2, 0, 1100), 0, NOW)
    assert {(d.transaction.id, d.code) for d in dropped} == {(first.id, "group_failed"), (second.id, "replaced")}
    assert "member 2: replaced" in str([d.got for d in dropped])
    assert take(pool) == [(2, 0)]


def test_a_group_replaces_singles_and_groups() -> None:
    pool = Mempool()
    old = single(1, 0, 100)
    pool.add(old, 0, NOW)
    put(pool, tx(2, 0, 200), tx(3, 0, 200))
    refuse(pool, "replacement_underpriced", tx(1, 0, 10**6), tx(2, 0, 219))
    dropped = put(pool, tx(1, 0, 10**6), tx(2, 0, 220))
    assert sorted(d.code for d in dropped) == ["group_failed", "replaced", "replaced"]
    assert take(pool) == [(1, 0), (2, 0)]


def test_a_full_pool_evicts_and_is_evicted_whole() -> None:
    pool = Mempool(PoolLimits(capacity=4))
    put(pool, tx(1, 0, 10), tx(2, 0, 10))
    pool.add(single(3, 0, 20), 0, NOW)
    pool.add(single(4, 0, 30), 0, NOW)
    refuse(pool, "pool_full", tx(5, 0, 10), tx(6, 0, 99))
    dropped = pool.add(single(5, 0, 11), 0, NOW)
    assert [d.code for d in dropped] == ["evicted", "evicted"]
    assert len(pool) == 3
    dropped = put(pool, tx(6, 0, 50), tx(7, 0, 50), tx(8, 0, 50))
    assert sorted(d.transaction.offer for d in dropped) == [11, 20]
    assert len(pool) == 4


def test_only_a_group_with_nothing_behind_it_is_evicted() -> None:
    pool = Mempool(PoolLimits(capacity=3))
    put(pool, tx(1, 0, 10), tx(2, 0, 10))
    pool.add(single(2, 1, 500), 0, NOW)
    with pytest.raises(Refused):
        pool.add(single(3, 0, 400), 0, NOW)
    assert [d.transaction.intake.nonce for d in pool.add(single(3, 0, 501), 0, NOW)] == [1]


def test_expiry_takes_all_members() -> None:
    for valid_until, base, code in ((int(NOW), 0, "expired"), (0, 1, "nonce_too_low")):
        pool = Mempool()
        put(pool, tx(1, 0, valid_until=valid_until), tx(2, 1))
        dropped = pool.expire(NOW + 1, lambda sender, base=base: base if sender[0] == 1 else 0)  # type: ignore[misc]
        assert [d.code for d in dropped] == [code, "group_failed"]
        assert len(pool) == 0


def test_removing_one_removes_all() -> None:
    pool = Mempool()
    first, second = tx(1, 0), tx(2, 0)
    put(pool, first, second)
    pool.remove(second.id)
    pool.remove(first.id)
    assert len(pool) == 0
    assert take(pool) == []


def test_restored_whole_or_not_at_all() -> None:
    pool = Mempool(PoolLimits(gap=1))
    members = [tx(1, 7), tx(2, 9)]
    assert pool.restore(members)
    assert pool.restore(members), "again: it waits already"
    assert {entry.group for entry in pool} == {tuple(m.id for m in members)}
    assert not pool.restore([tx(3, 0), tx(2, 9)]), "one nonce is taken"
    assert len(pool) == 2
    assert take(pool, n1=7, n2=9) == [(1, 7), (2, 9)]
