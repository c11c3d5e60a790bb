"""PR13: a pause, breaker or limit stops a forced exit or escape, or has no end. All that can be shut is shut."""

from __future__ import annotations

import pytest
from abandoned_world import ETH, Abandoned
from eth_abi.abi import encode as abi_encode
from eth_utils.crypto import keccak

from l2rollup import native
from l2rollup.cli.accounts import make_dev_wallet
from l2rollup.errors import L1Rejected
from l2rollup.l1 import Sender
from l2rollup.l1.contracts import explain
from l2rollup.node import LastState

HOUR, DAY = 3_600, 86_400
BOTH = 3


def pause(world: Abandoned) -> None:
    """By the guardian, which in a development stack is the operator."""
    guardian = Sender(world.client, make_dev_wallet(0).export_ethereum_key())
    data = keccak(text="pause(uint8)")[:4] + abi_encode(["uint8"], [BOTH])
    guardian.transact(str(world.contract.view("breakers")), data)


def error_of(world: Abandoned, number: int) -> str:
    """What a deposit meets."""
    with pytest.raises(L1Rejected) as refused:
        world.bridge(number).deposit(ETH, 1)
    return str(explain(refused.value).got)


def test_no_pause_stops_a_way_out(undone: Abandoned) -> None:
    contract, stranger = undone.contract, undone.bridge(7)
    undone.travel(int(contract.view("escapeOpensAt")) - HOUR)
    pause(undone)
    assert error_of(undone, 5).startswith("DepositsPaused")
    assert undone.bridge(3).request_forced_exit(ETH).success, "the queue takes requests"
    state = LastState(undone.client, undone.rollup, native.load().Engine)
    state.rebuild()
    (account, claim), *_ = [(a, c) for a in undone.accounts for c in state.claims(a)]
    stranger.claim(claim.proof, claim.token, claim.amount, claim.recipient)
    held = int(contract.view("delayedUntil", claim.batch_id, claim.index))
    assert held and not contract.view("isClaimed", claim.batch_id, claim.index), "held, not refused"

    undone.travel(int(contract.view("escapeOpensAt")))
    stranger.activate_escape()
    before = stranger.token_balance(claim.token, "0x" + account.hex())
    stranger.claim(claim.proof, claim.token, claim.amount, claim.recipient)
    assert stranger.token_balance(claim.token, "0x" + account.hex()) >= before + claim.amount - 10**16
    assert contract.view("isClaimed", claim.batch_id, claim.index), "paid at once in escape"
    holder = next(a for a in undone.accounts if state.holdings(a))
    (holding, *_) = state.holdings(holder)
    assert stranger.force_exit(state.prove(holder, holding.index), holding.token).success
    assert contract.view("isExited", state._index(holder), holding.index)


def test_pauses_are_bounded(undone: Abandoned) -> None:
    """72 hours in any 30 days: a tenth of the time, in which nobody is kept from leaving."""
    pause(undone)
    began = undone.now()
    assert error_of(undone, 5).startswith("DepositsPaused")
    undone.travel(began + 72 * HOUR + 1)
    assert undone.bridge(5).deposit(ETH, 1).success, "it ends by itself"
    for day in (4, 15, 29):
        undone.travel(began + day * DAY)
        with pytest.raises(L1Rejected) as refused:
            pause(undone)
        assert "PauseTooSoon" in str(explain(refused.value).got)
    undone.travel(began + 30 * DAY + 1)
    pause(undone)
    assert error_of(undone, 5).startswith("DepositsPaused")
