"""Fixture: an embedded chain per test, with a contract that logs its calldata."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from l1_chain import LOGGER_INIT, Chain

from l2rollup.l1.client import L1Client
from l2rollup.l1.embedded import EmbeddedChain
from l2rollup.l1.sender import Sender


@pytest.fixture
def chain() -> Iterator[Chain]:
    with EmbeddedChain() as embedded:
        client = L1Client(embedded.url)
        sender = Sender(client, embedded.accounts[0].private_key)
        contract = sender.transact(None, LOGGER_INIT).contract
        assert contract is not None
        yield Chain(embedded, client, sender, contract)
