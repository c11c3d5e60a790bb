"""The same client, sender and watcher on anvil: start on a free port, anvil_reorg, finality."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from l1_chain import LOGGER_INIT
from test_watcher import decode, read

from l2rollup.errors import L1Rejected
from l2rollup.l1 import L1Chain, L1Client, Sender, Watcher, open_l1
from l2rollup.l1.contracts import explain


@pytest.fixture
def anvil() -> Iterator[L1Chain]:
    """Fails, and does not skip, where no anvil is installed: it is a development dependency (npm ci)."""
    with open_l1("anvil") as chain:
        yield chain


def test_two_chains_at_once(anvil: L1Chain) -> None:
    with open_l1("anvil") as other:
        assert other.url != anvil.url
        L1Client(other.url).request("evm_mine", [])
        assert (L1Client(other.url).head(), L1Client(anvil.url).head()) == (1, 0)


def test_reorg(anvil: L1Chain) -> None:
    client = L1Client(anvil.url)
    sender = Sender(client, anvil.accounts[0].private_key)
    address = sender.transact(None, LOGGER_INIT).contract
    assert address is not None
    watcher = Watcher(client, address, decode, start=0)
    for number in (1, 2, 3):
        sender.transact(address, bytes([number]))
    assert read(watcher) == [1, 2, 3]
    head = client.head()
    client.request("anvil_reorg", [2, []])
    assert read(watcher) == [f"reorg to {head - 2}"]
    sender.transact(address, b"\x09")
    assert read(watcher) == [9]


def test_finality_follows(anvil: L1Chain) -> None:
    client = L1Client(anvil.url)
    client.request("anvil_mine", ["0xa"])
    assert 0 < client.finalized() < client.head() == 10


def test_unknown_reverts_stay_as_they_are() -> None:
    error = L1Rejected("L1 reverts", "0x12345678")
    assert explain(error) is error
