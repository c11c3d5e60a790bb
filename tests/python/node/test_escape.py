"""Escape opens under a running node: it takes nothing more in, says why, and goes on to answer."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from node_world import ETH, FINALITY, World, deploy_rollup

from l2rollup.client.transport import RpcError
from l2rollup.l1 import L1Client, RollupContract
from l2rollup.l1.local import start_anvil

DEADLINE = 3600


def test_a_node_stops_where_escape_opens(tmp_path: Path) -> None:
    with start_anvil(finality_blocks=FINALITY) as chain:
        client = L1Client(chain.url)
        world = World(chain, client, deploy_rollup(client, chain, (DEADLINE, DEADLINE)), tmp_path)
        contract = RollupContract(client, world.rollup)
        try:
            world.start()
            world.fund(1, ETH)
            world.wait(lambda: contract.view("queueHead") == contract.view("queueLength"))
            user = world.user(1)
            # nothing is finalised for longer than the deadline, as L1's clock says
            client.request("evm_setNextBlockTimestamp", [int(contract.view("escapeOpensAt"))])
            world.user(2).bridge.activate_escape()
            deadline = time.monotonic() + 30
            while world.running().queries.health()["status"] != "halted":
                assert time.monotonic() < deadline, world.running().queries.health()
                time.sleep(0.05)
            assert "escape is open" in str(world.running().queries.health())
            with pytest.raises(RpcError, match="escape is open"):
                user.transfer(world.wallet(2).address, "1")
            assert int(user.get_account_balance(user.wallet.address)) >= ETH
            # and after a restart
            world.stop()
            world.start()
            with pytest.raises(RpcError, match="escape is open"):
                world.user(1).transfer(world.wallet(2).address, "1")
        finally:
            world.stop()
