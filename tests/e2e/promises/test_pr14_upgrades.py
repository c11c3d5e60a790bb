"""PR14: code, a key, a fee or a role changes before users can leave. By time travel, in seconds."""

from __future__ import annotations

from typing import Any

import pytest
from abandoned_world import ETH, Abandoned
from eth_abi.abi import decode as abi_decode
from eth_abi.abi import encode as abi_encode
from eth_utils.crypto import keccak

from l2rollup import native
from l2rollup.cli.accounts import make_dev_wallet
from l2rollup.errors import L1Rejected
from l2rollup.l1 import Receipt, Sender
from l2rollup.l1.contracts import explain
from l2rollup.node import LastState

DAY = 86_400


def call(world: Abandoned, number: int, signature: str, *values: Any) -> Receipt:
    """Calls the governor as a development account; 0 is its owner."""
    sender = Sender(world.client, make_dev_wallet(number).export_ethereum_key())
    types = signature[signature.index("(") + 1 : -1]
    data = keccak(text=signature)[:4] + abi_encode([types] if types else [], list(values))
    return sender.transact(str(world.contract.view("governor")), data)


def propose(world: Abandoned) -> tuple[int, int]:
    """Proposes the verifier in use once more; returns the proposal's number and when it may be executed."""
    call(world, 0, "proposeVerifier(address)", world.contract.view("verifier"))
    governor = str(world.contract.view("governor"))
    number = int.from_bytes(world.client.call(governor, keccak(text="proposalCount()")[:4]), "big")
    data = keccak(text="proposal(uint256)")[:4] + abi_encode(["uint256"], [number])
    (found,) = abi_decode(["(uint8,address,uint16,uint64,bytes32)"], world.client.call(governor, data))
    return number, int(found[3])


def refused(world: Abandoned, number: int) -> str:
    with pytest.raises(L1Rejected) as error:
        call(world, 7, "execute(uint256)", number)
    return str(explain(error.value).got)


def test_thirty_days_are_left_after_the_slowest_way_out(undone: Abandoned) -> None:
    """Whoever asks on the day of the proposal and is ignored has left 36 days before anything changes."""
    began = undone.now()
    number, ready = propose(undone)
    assert ready - began >= 43 * DAY
    owner = make_dev_wallet(3).address_bytes
    undone.bridge(3).request_forced_exit(ETH)
    undone.travel(int(undone.contract.view("escapeOpensAt")))
    undone.bridge(7).activate_escape()
    state = LastState(undone.client, undone.rollup, native.load().Engine)
    state.rebuild()
    (holding, *_) = state.holdings(owner)
    undone.bridge(7).force_exit(state.prove(owner, holding.index), holding.token)
    left = undone.now()
    assert left - began <= 7 * DAY + 60
    assert ready - left >= (30 + 3 + 3) * DAY - 60, "held claims and a pause would fit in between, and 30 days"
    # and once escape is open nothing changes any more
    undone.travel(ready + 1)
    assert refused(undone, number).startswith("EscapeOpen")


def test_not_a_second_early(undone: Abandoned) -> None:
    number, ready = propose(undone)
    undone.travel(ready - 60)
    assert refused(undone, number).startswith("NotReady")
    undone.travel(ready)
    assert call(undone, 7, "execute(uint256)", number).success, "anyone, when it is due"
    assert refused(undone, number).startswith("UnknownProposal")


def test_an_expired_proposal_is_gone(undone: Abandoned) -> None:
    number, ready = propose(undone)
    undone.travel(ready + 14 * DAY + 60)
    assert refused(undone, number).startswith("Expired")


def test_a_stranger_proposes_nothing(undone: Abandoned) -> None:
    with pytest.raises(L1Rejected) as error:
        call(undone, 7, "proposeVerifier(address)", undone.contract.view("verifier"))
    assert str(explain(error.value).got).startswith("NotOwner")
