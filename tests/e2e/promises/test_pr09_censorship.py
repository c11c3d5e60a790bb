"""PR9: the operator censors beyond the deadline: escape opens to anyone one second after it, by time travel."""

from __future__ import annotations

import pytest
from abandoned_world import ETH, Abandoned

from l2rollup.errors import L1Rejected


def test_escape_opens_to_anyone_one_second_after_the_deadline(abandoned: Abandoned) -> None:
    snapshot = abandoned.client.request("evm_snapshot", [])
    stranger = abandoned.bridge(7)
    owner = abandoned.bridge(3)
    receipt = owner.request_forced_exit(ETH)
    queued = abandoned.client.block(receipt.block)
    assert queued is not None
    due = queued.time + int(abandoned.contract.view("forcedDeadline"))
    assert int(abandoned.contract.view("escapeOpensAt")) == due + 1
    abandoned.travel(due)
    with pytest.raises(L1Rejected) as early:
        stranger.activate_escape()
    assert "NotOverdue" in str(early.value.got)
    abandoned.travel(due + 1)
    stranger.activate_escape()
    assert int(abandoned.contract.view("escapedAt")) == due + 1
    # and nothing comes in any more
    with pytest.raises(L1Rejected) as closed:
        owner.deposit(ETH, 1)
    assert "EscapeOpen" in str(closed.value.got)
    abandoned.client.request("evm_revert", [snapshot])
