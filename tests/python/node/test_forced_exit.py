"""A forced exit in an ordinary life: asked on L1, executed by the node, claimed on L1; and one that pays nothing."""

from __future__ import annotations

from node_world import ETH, World

from l2rollup.l1 import RollupContract


def settled(world: World, l1_transaction: str) -> None:
    """Waits until a finalised batch has consumed every entry of the queue."""
    world.credited(l1_transaction)
    contract = RollupContract(world.client, world.rollup)
    world.wait(lambda: contract.view("queueHead") == contract.view("queueLength"))


def test_a_forced_exit_is_served_and_claimed(world: World) -> None:
    world.start()
    world.fund(1, ETH)  # the fee account
    world.fund(4, ETH)
    user = world.user(4)
    owner = user.wallet.address
    user.wait(user.transfer(world.wallet(3).address, "1000"))
    left = int(user.get_account_balance(owner))
    receipt = user.bridge.request_forced_exit(bytes(20))
    settled(world, receipt.hash)
    assert user.get_account_balance(owner) == "0"
    before = world.client.balance(owner)
    anyone = world.user(6)
    anyone.claim(receipt.hash)
    assert world.client.balance(owner) - before == left
    # nothing is left: the next one is a no-op that consumes its entry
    again = user.bridge.request_forced_exit(bytes(20))
    settled(world, again.hash)
    assert user.get_account_balance(owner) == "0"


def test_a_forced_exit_of_a_stranger_pays_nothing(world: World) -> None:
    world.start()
    stranger = world.user(5)
    receipt = stranger.bridge.request_forced_exit(bytes(20))
    settled(world, receipt.hash)
    assert stranger.get_account_balance(stranger.wallet.address) == "0"
