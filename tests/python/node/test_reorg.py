"""L1 reorgs (anvil_reorg): what was read is taken back, credited or not, and the state equals a fresh replay."""

from __future__ import annotations

import time

import pytest
from node_world import ETH, NATIVE, ZERO, InstantProver, World

from l2rollup.client import RpcError
from l2rollup.node import Reconstruction
from l2rollup.proof import Result


def reorg(world: World, last_kept: int) -> None:
    """Replaces every block above `last_kept` by an empty one, and one more, and waits until the node has seen it."""
    node = world.running()
    before = node.context.reorgs
    world.undo_blocks(last_kept)
    world.mine()
    world.wait(lambda: node.context.reorgs > before)


def check_fresh_replay(world: World) -> None:
    """The node's state is what L1's data alone leads to, byte for byte, and its hashes are those of its leaves."""
    world.settle_all()
    fresh = Reconstruction(world.client, world.rollup, NATIVE.Engine)
    rebuilt = list(fresh.run())
    node = world.running()
    assert rebuilt[-1].root == node.context.engine.root()
    assert fresh.engine.snapshot() == node.context.engine.snapshot()
    node.context.engine.audit()


def test_an_uncredited_deposit(world: World) -> None:
    world.options["confirmations"] = 4
    node = world.start()
    alice = world.user(1)
    alice.register_key()
    alice.deposit(ZERO, str(ETH))
    world.mine(4)
    world.wait(lambda: alice.get_account_balance(alice.wallet.address) == str(ETH))
    fork, root = world.client.head(), alice.chain_info(refresh=True)["stateRoot"]
    gone = alice.deposit(ZERO, "5")
    world.wait(lambda: node.context.l1_tip > fork)
    assert alice.get_transaction_status(gone)["status"] == "pending"
    generation = node.context.generation
    reorg(world, fork)
    with pytest.raises(RpcError) as caught:
        alice.get_transaction_status(gone)
    assert caught.value.code == "not_found"
    assert alice.chain_info(refresh=True)["stateRoot"] == root
    assert node.context.generation == generation
    check_fresh_replay(world)


def test_a_credited_deposit_and_what_was_paid_with_it(world: World) -> None:
    world.start()
    world.fund(1, ETH)
    world.settle_all()
    fork = world.client.head()
    bob, alice = world.user(2), world.user(1)
    world.fund(2, 2 * ETH)
    paid = bob.transfer(world.wallet(3).address, ETH)
    bob.wait(paid)
    kept = alice.transfer(world.wallet(4).address, 5)
    alice.wait(kept)
    more = alice.deposit(ZERO, "7")
    world.credited(more)
    world.settle_all()
    reorg(world, fork)
    world.wait(lambda: alice.get_account_balance(bob.wallet.address) == "0")
    assert alice.get_transaction_status(more)["status"] == "reverted"
    world.wait(lambda: alice.get_transaction_status(paid)["status"] == "rejected")
    alice.wait(kept, "settled")
    assert alice.get_account_balance(world.wallet(4).address) == "5"
    assert alice.get_account_balance(world.wallet(3).address) == "0"
    assert int(alice.get_account_balance(alice.wallet.address)) == ETH - 5
    check_fresh_replay(world)
    world.fund(2, ETH // 2)
    assert int(alice.get_account_balance(bob.wallet.address)) == ETH // 2
    # The old request's place in the queue holds another one now.
    assert alice.get_transaction_status(more)["status"] == "reverted"
    check_fresh_replay(world)


def test_commits_and_finalisations_are_sent_again(world: World) -> None:
    node = world.start()
    world.fund(1, ETH)
    world.settle_all()
    alice, fork = world.user(1), world.client.head()
    tx = alice.transfer(world.wallet(2).address, 5)
    alice.wait(tx, "settled")
    receipt, first = alice.get_receipt(tx), alice.get_transaction_status(tx)["l1TxHash"]
    generation = node.context.generation
    reorg(world, fork)
    alice.wait(tx, "settled")
    assert alice.get_receipt(tx) == receipt
    assert node.context.generation == generation
    assert alice.get_transaction_status(tx)["l1TxHash"] != first or world.client.receipt(first) is not None
    check_fresh_replay(world)


def test_a_claim_that_is_gone_can_be_made_again(world: World) -> None:
    world.start()
    world.fund(1, ETH)
    alice = world.user(1)
    withdrawal = alice.withdraw(ZERO, "5000")
    alice.wait(withdrawal, "settled")
    world.settle_all()
    fork = world.client.head()
    alice.claim(withdrawal)
    world.wait(lambda: alice.get_transaction_status(withdrawal)["status"] == "paid")
    reorg(world, fork)
    assert alice.get_transaction_status(withdrawal)["status"] == "claimable"
    assert "paid" not in alice.get_transaction_status(withdrawal)["times"]
    alice.claim(withdrawal)
    world.wait(lambda: alice.get_transaction_status(withdrawal)["status"] == "paid")


def test_a_reorg_while_the_node_was_down(world: World) -> None:
    world.start()
    world.fund(1, ETH)
    world.settle_all()
    fork = world.client.head()
    world.fund(2, ETH)
    world.settle_all()
    world.stop()
    world.undo_blocks(fork)
    world.mine()
    node = world.start()
    world.wait(lambda: node.context.reorgs == 1)
    alice = world.user(1)
    assert alice.get_account_balance(world.wallet(2).address) == "0"
    alice.wait(alice.transfer(world.wallet(3).address, 1), "settled")
    check_fresh_replay(world)


def test_on_the_embedded_chain(any_world: World) -> None:
    """The same by evm_snapshot and evm_revert, which both chains have."""
    world = any_world
    node = world.start()
    world.fund(1, ETH)
    world.settle_all()
    snapshot = world.client.request("evm_snapshot", [])
    world.fund(2, ETH)
    with world.quiet():
        world.client.request("evm_revert", [snapshot])
    world.mine(2)
    world.wait(lambda: node.context.reorgs == 1)
    alice = world.user(1)
    assert alice.get_account_balance(world.wallet(2).address) == "0"
    alice.wait(alice.transfer(world.wallet(3).address, 1), "settled")
    check_fresh_replay(world)


def test_a_proof_of_a_voided_batch_is_not_taken_for_its_successor(world: World) -> None:
    """The prover answers late, with a proof of a batch that a reorg has voided; another one has its number now."""
    node = world.start()
    world.fund(1, ETH)
    world.settle_all()
    fork, number = world.client.head(), node.context.last_batch + 1
    node.pipeline.hold("prove")
    world.fund(2, ETH)
    world.wait(lambda: number in node.context.batches and node.context.batches[number].z)
    prove = node.pipeline.prove
    late = Result(number, b"\2" * 32, prove._inputs(node.context.batches[number]), 0.0)
    reorg(world, fork)
    world.fund(2, ETH // 2)
    world.wait(lambda: number in node.context.batches and node.context.batches[number].z)
    prover = prove._prover
    assert isinstance(prover, InstantProver)
    prover.results.insert(0, late)
    node.pipeline.resume("prove")
    world.settle_all()
    record = node.context.batches[number]
    assert record.snark == b"\1" * 32


def test_a_batch_from_the_future_of_the_new_chain_is_committed_when_its_time_comes(world: World) -> None:
    """anvil_reorg sets the clock back; nothing is mined then but what the node itself sends."""
    node = world.start()
    world.fund(1, ETH)
    world.settle_all()
    alice, fork = world.user(1), world.client.head()
    time.sleep(3)
    world.mine()
    world.wait(lambda: node.context.l1_tip > fork)
    tx = alice.transfer(world.wallet(2).address, 5)
    alice.wait(tx, "settled")
    sealed = node.context.last_batch
    before = node.context.reorgs
    world.undo_blocks(fork)
    assert world.client.latest().time < node.context.batches[sealed].time
    world.wait(lambda: node.context.reorgs > before)
    alice.wait(tx, "settled")
    check_fresh_replay(world)
