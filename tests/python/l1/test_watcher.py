"""The watcher: events in order, reorgs by parent hash, restart from known blocks, long final stretches at once."""

from __future__ import annotations

import pytest
from l1_chain import Chain

from l2rollup.errors import L1Reorg
from l2rollup.l1.client import Block, L1Client, Log
from l2rollup.l1.events import BatchCommitted
from l2rollup.l1.watcher import NewBlock, Reorg, Watcher, confirmed_head


def decode(log: Log) -> BatchCommitted:
    return BatchCommitted(int.from_bytes(log.data, "big"), bytes(32), log.transaction)


def watch(chain: Chain, known: list[Block] | None = None) -> Watcher:
    return Watcher(chain.client, chain.logger, decode, start=0, known=known or [])


def emit(chain: Chain, *numbers: int) -> None:
    for number in numbers:
        chain.sender.transact(chain.logger, bytes([number]))


def read(watcher: Watcher) -> list[int | str]:
    """Polls until nothing is new; events as their number, reorgs as text."""
    seen: list[int | str] = []
    while updates := watcher.poll():
        for update in updates:
            if isinstance(update, Reorg):
                seen.append(f"reorg to {update.ancestor}")
            else:
                seen += [event.batch_id for event, _ in update.events if isinstance(event, BatchCommitted)]
    return seen


def test_events_come_once_and_in_order(chain: Chain) -> None:
    watcher = watch(chain)
    emit(chain, 1, 2)
    assert read(watcher) == [1, 2]
    emit(chain, 3)
    assert read(watcher) == [3]
    assert read(watcher) == []


def test_reorg_rewinds_to_the_common_ancestor(chain: Chain) -> None:
    watcher = watch(chain)
    emit(chain, 1)
    fork = chain.client.head()
    snapshot = chain.client.request("evm_snapshot", [])
    emit(chain, 2, 3)
    assert read(watcher) == [1, 2, 3]
    chain.client.request("evm_revert", [snapshot])
    emit(chain, 7)
    assert read(watcher) == [f"reorg to {fork}", 7]
    assert watcher.tip is not None
    assert watcher.tip.hash == chain.client.latest().hash


def test_a_shorter_chain_is_a_reorg_too(chain: Chain) -> None:
    watcher = watch(chain)
    fork = chain.client.head()
    snapshot = chain.client.request("evm_snapshot", [])
    emit(chain, 1, 2, 3)
    assert read(watcher) == [1, 2, 3]
    chain.client.request("evm_revert", [snapshot])
    assert read(watcher) == [f"reorg to {fork}"]


def test_reorg_while_the_node_was_down(chain: Chain) -> None:
    emit(chain, 1)
    fork = chain.client.head()
    snapshot = chain.client.request("evm_snapshot", [])
    emit(chain, 2)
    known = [block for number in range(fork + 2) if (block := chain.client.block(number)) is not None]
    chain.client.request("evm_revert", [snapshot])
    emit(chain, 8, 9)
    assert read(watch(chain, known)) == [f"reorg to {fork}", 8, 9]


def test_nothing_in_common_rereads_from_the_start(chain: Chain) -> None:
    emit(chain, 1)
    assert read(watch(chain, [Block(0, b"\x05" * 32, bytes(32), 0)])) == ["reorg to -1", 1]


class Holed(L1Client):
    """An L1 that does not show one of its blocks."""

    missing: int | None = None

    def block(self, number: int) -> Block | None:
        return None if number == self.missing else super().block(number)


def test_a_hole_below_the_head_is_told_and_survived(chain: Chain) -> None:
    emit(chain, 1)
    client = Holed(chain.client.url)
    watcher = Watcher(client, chain.logger, decode, start=0)
    assert read(watcher) == [1]
    emit(chain, 2, 3)
    client.missing = client.head() - 1
    for _ in range(2):
        with pytest.raises(L1Reorg) as caught:
            watcher.poll()
    assert caught.value.expected is not None
    assert caught.value.expected.startswith(f"block {client.missing} on ")
    assert caught.value.got == f"head {client.head()}"
    client.missing = None
    assert read(watcher) == [2, 3]


def test_what_is_before_a_hole_is_read(chain: Chain) -> None:
    client = Holed(chain.client.url)
    watcher = Watcher(client, chain.logger, decode, start=0)
    emit(chain, 1, 2)
    client.missing = client.head()
    assert [event.batch_id for u in watcher.poll() if isinstance(u, NewBlock) for event, _ in u.events] == [1]
    with pytest.raises(L1Reorg):
        watcher.poll()


def test_long_final_stretches_lose_no_event(chain: Chain) -> None:
    emit(chain, 1)
    chain.client.request("anvil_mine", [150])
    emit(chain, 2)
    chain.client.request("anvil_mine", [5])
    emit(chain, 3)
    watcher = watch(chain)
    first = watcher.poll()
    assert len(first) == 1
    assert isinstance(first[0], NewBlock)
    assert first[0].block.number > 100
    assert [e.batch_id for e, _ in first[0].events if isinstance(e, BatchCommitted)] == [1, 2]
    assert first[0].events[0][1].number == 2
    assert read(watcher) == [3]


def test_confirmed_head(chain: Chain) -> None:
    chain.client.request("anvil_mine", [9])
    assert confirmed_head(chain.client, 10, 1) == 10
    assert confirmed_head(chain.client, 10, 4) == 7
    assert confirmed_head(chain.client, 10, None) == 8
