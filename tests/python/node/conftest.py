"""Fixture: the Rollup contract, with a verifier that accepts everything, on an embedded chain."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from l2rollup.l1 import L1Client, Sender  # noqa: E402
from l2rollup.l1.deploy import deploy  # noqa: E402
from l2rollup.l1.embedded import EmbeddedChain  # noqa: E402
from node_world import FINALITY, NATIVE, YES_INIT, World  # noqa: E402


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with EmbeddedChain(finality_blocks=FINALITY) as chain:
        client = L1Client(chain.url)
        sender = Sender(client, chain.accounts[0].private_key)
        verifier = sender.transact(None, YES_INIT).contract
        genesis = NATIVE.Engine.genesis(1, b"").root()
        fee = 5 * 10**16
        rollup = deploy(sender, "Rollup", [verifier, sender.address, genesis, b"\1" * 32, fee, 0])
        world = World(chain, client, rollup, tmp_path)
        yield world
        world.stop()
