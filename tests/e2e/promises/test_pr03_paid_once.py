"""PR3: value leaves twice. Every ordered pair of ways out of one unit pays it once.

Ways: claim of a withdrawal, claim of a forced exit, escape by proof, refund of a deposit. The world is put back after.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from abandoned_world import ETH, WITHDRAWN, Abandoned

from l2rollup import native
from l2rollup.bridge import Claim
from l2rollup.cli.accounts import make_dev_wallet
from l2rollup.errors import L1Rejected
from l2rollup.l1 import UserBridge
from l2rollup.node import LastState

DEPOSIT = 10**18
"""What devnet deposits for every account."""


@pytest.fixture
def escape(abandoned: Abandoned) -> Iterator[tuple[LastState, UserBridge]]:
    snapshot = abandoned.client.request("evm_snapshot", [])
    abandoned.bridge(5).deposit(ETH, 777)
    abandoned.travel(int(abandoned.contract.view("escapeOpensAt")))
    bridge = abandoned.bridge(7)
    bridge.activate_escape()
    state = LastState(abandoned.client, abandoned.rollup, native.load().Engine)
    state.rebuild()
    yield state, bridge
    abandoned.client.request("evm_revert", [snapshot])


def fails(error: str, call: object, *arguments: object) -> None:
    with pytest.raises(L1Rejected) as refused:
        call(*arguments)  # type: ignore[operator]
    assert error in str(refused.value.got), refused.value


def claim_of(state: LastState, number: int) -> Claim:
    (claim,) = list(state.claims(make_dev_wallet(number).address_bytes))
    return claim


@pytest.mark.parametrize("first", ["claim", "escape"])
def test_a_withdrawal_and_what_it_left_behind(escape: tuple[LastState, UserBridge], first: str) -> None:
    state, bridge = escape
    owner = make_dev_wallet(4)
    claim, proof = claim_of(state, 4), state.prove(owner.address_bytes, 0)
    ways = [
        (bridge.claim, (claim.proof, claim.token, claim.amount, claim.recipient), "AlreadyClaimed"),
        (bridge.force_exit, (proof, ETH), "AlreadyExited"),
    ]
    before = bridge.token_balance(ETH, owner.address)
    for way, arguments, _ in ways if first == "claim" else reversed(ways):
        way(*arguments)
    for way, arguments, error in ways:
        fails(error, way, *arguments)
    paid = bridge.token_balance(ETH, owner.address) - before
    assert claim.amount == WITHDRAWN and state.holdings(owner.address_bytes) == []
    # deposited, less one fee of 400 units
    assert DEPOSIT - 10**13 < paid < DEPOSIT


@pytest.mark.parametrize("first", ["claim", "escape"])
def test_a_forced_exit_leaves_nothing_to_escape_with(escape: tuple[LastState, UserBridge], first: str) -> None:
    state, bridge = escape
    owner = make_dev_wallet(6)
    claim, proof = claim_of(state, 6), state.prove(owner.address_bytes, 0)
    before = bridge.token_balance(ETH, owner.address)
    if first == "escape":
        fails("AmountZero", bridge.force_exit, proof, ETH)
    bridge.claim(claim.proof, claim.token, claim.amount, claim.recipient)
    fails("AmountZero", bridge.force_exit, proof, ETH)
    fails("AlreadyClaimed", bridge.claim, claim.proof, claim.token, claim.amount, claim.recipient)
    assert bridge.token_balance(ETH, owner.address) - before == claim.amount == DEPOSIT


def test_a_deposit_is_consumed_or_refunded(escape: tuple[LastState, UserBridge]) -> None:
    state, bridge = escape
    owner = make_dev_wallet(5)
    (open_,) = list(state.deposits(owner.address_bytes))
    arguments = (open_.index, open_.token, open_.amount, open_.recipient, open_.depositor)
    before = bridge.token_balance(ETH, owner.address)
    bridge.refund_deposit(*arguments)
    fails("AlreadyRefunded", bridge.refund_deposit, *arguments)
    assert bridge.token_balance(ETH, owner.address) - before == 777
    # a consumed one is in the state, and leaves from there only
    consumed = (0, *arguments[1:])
    fails("EntryConsumed", bridge.refund_deposit, *consumed)
    bridge.force_exit(state.prove(owner.address_bytes, 0), ETH)
    fails("AlreadyExited", bridge.force_exit, state.prove(owner.address_bytes, 0), ETH)
    fails("EntryConsumed", bridge.refund_deposit, *consumed)
