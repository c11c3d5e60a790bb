"""Rules that no generated item reaches, judged by the specification on states made by hand; twins are in rust/core."""

from __future__ import annotations

import pytest

from l2rollup.spec.fault import Fault
from l2rollup.spec.generate import Wallet, make_call
from l2rollup.spec.parameters import MAX_BATCH_ITEMS, MAX_NONCE, Kind
from l2rollup.spec.replay import replay
from l2rollup.spec.script import Script
from l2rollup.spec.state import State
from l2rollup.spec.transition import Rollup

A, B = Wallet(1), Wallet(2)


def test_the_last_nonce_is_held_and_never_used() -> None:
    script = Script(2)
    script.rollup.state.change(2).nonce = MAX_NONCE - 1
    script.begin()
    script.send(B, to=A.address, amount=1)
    script.send(B, to=A.address, amount=1, code="nonce_too_high")
    sealed = script.end()
    with pytest.raises(Fault, match="unknown_account"):
        replay(script.rollup.state, sealed.transactions, sealed.operations)


def test_a_full_account_tree_refuses_creation_only() -> None:
    script = Script(2)
    script.rollup.state.change(0).balance = 1 << 32
    script.begin()
    script.queue(Kind.DEPOSIT, Wallet(9).address, "state_full", amount=1, recipient=A.address)
    script.send(B, to=Wallet(9).address, amount=1, code="state_full")
    script.send(B, to=A.address, amount=1)


def test_a_batch_has_no_room_for_more_ids_than_its_tree() -> None:
    script = Script(2)
    script.begin()
    script.rollup.batch_first -= MAX_BATCH_ITEMS
    script.send(B, to=A.address, amount=1, code="chunk_full")


def test_a_group_waits_whole_for_the_next_batch() -> None:
    script = Script(2)
    script.begin()
    script.rollup.batch_first -= MAX_BATCH_ITEMS - 1
    root = script.rollup.state.root()
    pair = script.link(script.member(A, to=B.address), script.member(B, to=A.address))
    script.offer_all(pair, ["chunk_full"] * 2)
    assert script.rollup.state.root() == root
    script.send(B, to=A.address, amount=1)


def test_a_group_of_a_kind_that_the_circuit_lacks_fails_with_its_first_member() -> None:
    script = Script(2)
    script.rollup.kinds = frozenset(Kind) - {Kind.LINKED_TRANSFER}
    script.begin()
    pair = script.link(script.member(A, to=B.address), script.member(B, to=A.address))
    script.offer_all(pair, ["unsupported_kind", "group_failed"])


def test_one_chunk_at_a_time() -> None:
    rollup = Rollup(Script(1).rollup.chain)
    with pytest.raises(Fault, match="not_ready"):
        rollup.end_chunk()
    with pytest.raises(Fault, match="not_ready"):
        rollup.apply(b"")
    rollup.begin_chunk(1, 1, ((0, 0),))
    with pytest.raises(Fault, match="not_ready"):
        rollup.begin_chunk(1, 1, ((0, 0),))


@pytest.mark.parametrize("prices", [(), ((1, 1),), ((0, 1), (5, 1), (5, 1)), ((0, 1), (6, 1), (5, 1)), ((0, 1),) * 2])
def test_fee_tokens_are_native_first_then_rising(prices: tuple[tuple[int, int], ...]) -> None:
    with pytest.raises(Fault, match="malformed"):
        Rollup(Script(1).rollup.chain).begin_chunk(1, 1, prices)


def test_a_kind_that_the_circuit_lacks_is_refused_after_its_rules() -> None:
    script = Script(2)
    script.rollup.kinds = frozenset(Kind) - {Kind.SET_STORAGE, Kind.FORCED_EXIT}
    script.begin()
    script.send(B, Kind.SET_STORAGE, data=(1, 1), nonce=7, code="nonce_too_high")
    script.send(B, Kind.SET_STORAGE, data=(1, 1), code="unsupported_kind")
    script.queue(Kind.FORCED_EXIT, B.address, "unsupported_kind", recipient=B.address)
    script.force(B, 9, "a noop is proven")


def test_refusals_leave_no_trace_and_an_address_one_account() -> None:
    state = State()
    state.create(0x10000)
    with pytest.raises(ValueError, match="between"):
        state.create(0x10000)
    script = Script(3)
    script.begin()
    root = script.rollup.state.root()
    refused = 0
    for entropy in range(1, 400, 23):
        items = make_call(script.rollup, entropy << 64 | 0xFFFF_FFFF * entropy)
        before = script.rollup.state.copy()
        if any(outcome.accepted for outcome in script.rollup.apply_all(items)):
            script.rollup.state = before
        else:
            refused += 1
        assert script.rollup.state.root() == root
    assert refused > 2
