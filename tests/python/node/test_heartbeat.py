"""An idle rollup stays alive: the node finalises an empty batch before L1 takes it for abandoned."""

from __future__ import annotations

import time
from pathlib import Path

from node_world import FINALITY, World, deploy_rollup

from l2rollup.l1 import L1Client, RollupContract
from l2rollup.l1.local import start_anvil

DEADLINE = 8


def test_an_idle_rollup_is_not_taken_for_abandoned(tmp_path: Path) -> None:
    with start_anvil(finality_blocks=FINALITY) as chain:
        client = L1Client(chain.url)
        world = World(chain, client, deploy_rollup(client, chain, (3600, DEADLINE)), tmp_path)
        contract = RollupContract(client, world.rollup)
        try:
            world.start()
            end = time.monotonic() + 2.5 * DEADLINE
            while time.monotonic() < end:
                world.mine()  # L1 goes on by itself
                time.sleep(0.5)
                newest = client.block(client.head())
                assert newest is not None and newest.time < int(contract.view("escapeOpensAt"))
            assert contract.finalized() >= 2
            batches = [world.running().queries.batch_status(i) for i in range(1, contract.finalized() + 1)]
            assert all((b.transactions, b.operations) == (0, 0) for b in batches)
        finally:
            world.stop()
