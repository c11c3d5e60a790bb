"""Fixtures: worlds on anvil, on the embedded chain, or on each of them in turn."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from node_world import FINALITY, Chain, World, deploy_rollup

from l2rollup.l1 import L1Client
from l2rollup.l1.embedded import EmbeddedChain
from l2rollup.l1.local import start_anvil


def open_world(chain: Chain, folder: Path) -> Iterator[World]:
    client = L1Client(chain.url)
    world = World(chain, client, deploy_rollup(client, chain), folder)
    yield world
    world.stop()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """On anvil. Fails, and does not skip, where anvil is not installed: it is a development dependency (npm ci)."""
    with start_anvil(finality_blocks=FINALITY) as chain:
        yield from open_world(chain, tmp_path)


@pytest.fixture(params=["anvil", "embedded"])
def any_world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    if request.param == "anvil":
        with start_anvil(finality_blocks=FINALITY) as chain:
            yield from open_world(chain, tmp_path)
    else:
        with EmbeddedChain(finality_blocks=FINALITY) as embedded:
            yield from open_world(embedded, tmp_path)
