"""A challenge that nobody answers takes batches back; the node commits its signed blocks again, byte for byte."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from eth_utils.crypto import keccak
from node_world import DEADLINES, ETH, FINALITY, ZERO, World, deploy_rollup
from test_reorg import check_fresh_replay

from l2rollup.client.receipt import verify_receipt
from l2rollup.l1 import L1Client, RollupContract, Sender
from l2rollup.l1.local import start_anvil
from l2rollup.l1.terms import Terms
from l2rollup.node.stages.settle import Settle

WINDOW = 600
TERMS = Terms(
    minimum_bond=ETH, challenge_bond=ETH // 10, challenge_forfeit=ETH // 2, proof_window=WINDOW, challenge_window=WINDOW
)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with start_anvil(finality_blocks=FINALITY) as chain:
        client = L1Client(chain.url)
        world = World(chain, client, deploy_rollup(client, chain, DEADLINES, TERMS), tmp_path)
        yield world
        world.stop()


def call(world: World, i: int, signature: str, *words: int, value: int = 0) -> None:
    """Calls the contract of bonds as user i."""
    bonds = str(RollupContract(world.client, world.rollup).view("bonds"))
    data = keccak(text=signature)[:4] + b"".join(word.to_bytes(32, "big") for word in words)
    Sender(world.client, world.chain.accounts[i].private_key).transact(bonds, data, value=value)


def take_back(world: World) -> None:
    """Challenges the oldest unproven batch, lets the window pass, and reverts."""
    contract = RollupContract(world.client, world.rollup)
    call(world, 5, "challengeBatch(uint256)", contract.finalized() + 1, value=TERMS.challenge_bond)
    world.client.request("evm_increaseTime", [WINDOW + 1])
    call(world, 6, "revertBatches()")
    # The forfeit took the bond below its minimum: nothing is committed until it is whole again.
    call(world, 0, "addBond()", value=TERMS.minimum_bond)


def hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Settle, "advance", lambda self: False)


def test_batches_are_committed_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.start()
    world.fund(1, ETH)
    world.settle_all()
    contract = RollupContract(world.client, world.rollup)
    proven = contract.finalized()
    hold(monkeypatch)
    alice, bob = world.user(1), world.wallet(2).address
    sent = [alice.transfer(bob, "5")]
    alice.wait(sent[0], "published")
    sent.append(alice.transfer(bob, "7"))
    alice.wait(sent[1], "published")
    last = contract.committed()
    assert last >= proven + 2
    before = [contract.header_hash(i) for i in range(proven + 1, last + 1)]
    receipts = [alice.get_receipt(hash_) for hash_ in sent]

    take_back(world)
    assert contract.committed() <= last
    world.wait(lambda: contract.committed() >= last)
    assert [contract.header_hash(i) for i in range(proven + 1, last + 1)] == before
    assert [alice.get_receipt(hash_) for hash_ in sent] == receipts
    monkeypatch.undo()
    for hash_, receipt in zip(sent, receipts, strict=True):
        alice.wait(hash_, "settled")
        verify_receipt(receipt, alice.chain_info(), hash_)
    assert alice.get_account_balance(bob) == "12"
    check_fresh_replay(world)


def test_also_after_a_restart(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The revert happens while the node is away."""
    world.start()
    world.fund(1, ETH)
    world.settle_all()
    hold(monkeypatch)
    hash_ = world.user(1).transfer(world.wallet(2).address, "5")
    world.user(1).wait(hash_, "published")
    world.stop()
    take_back(world)
    monkeypatch.undo()
    world.start()
    world.user(1).wait(hash_, "settled")
    check_fresh_replay(world)


def test_a_revert_that_l1_loses(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The block that took the batch back is gone: the first commit counts again and is adopted."""
    node = world.start()
    world.fund(1, ETH)
    world.settle_all()
    hold(monkeypatch)
    alice = world.user(1)
    hash_ = alice.transfer(world.wallet(2).address, "5")
    alice.wait(hash_, "published")
    contract = RollupContract(world.client, world.rollup)
    batch = contract.committed()
    committed = alice.get_batch_status(batch)["l1"]["commitTx"]
    call(world, 5, "challengeBatch(uint256)", contract.finalized() + 1, value=TERMS.challenge_bond)
    world.client.request("evm_increaseTime", [WINDOW + 1])
    fork = world.client.head()
    call(world, 6, "revertBatches()")
    world.wait(lambda: alice.get_batch_status(batch)["status"] in ("sealed", "executed"))
    before = node.context.reorgs
    world.undo_blocks(fork)
    world.mine()
    world.wait(lambda: node.context.reorgs > before)
    assert contract.committed() == batch
    monkeypatch.undo()
    alice.wait(hash_, "settled")
    assert alice.get_batch_status(batch)["l1"]["commitTx"] == committed
    check_fresh_replay(world)


def test_nothing_is_lost_to_a_deposit(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A queue entry that a reverted batch had consumed is consumed again, and once."""
    world.start()
    world.fund(1, ETH)
    world.settle_all()
    hold(monkeypatch)
    alice = world.user(1)
    deposit = alice.deposit(ZERO, "9")
    world.credited(deposit)
    contract = RollupContract(world.client, world.rollup)
    world.wait(lambda: contract.committed() > contract.finalized())
    take_back(world)
    monkeypatch.undo()
    world.wait(lambda: contract.view("queueHead") == contract.view("queueLength"))
    world.settle_all()
    assert alice.get_account_balance(alice.wallet.address) == str(ETH + 9)
    check_fresh_replay(world)
