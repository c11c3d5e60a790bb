"""Receipts promise covers that half of the bond can pay, and no more, through restarts and finality."""

from __future__ import annotations

from node_world import ETH, FINALITY, World

from l2rollup.client import Client
from l2rollup.client.receipt import verify_receipt
from l2rollup.l1 import Sender
from l2rollup.l1.bonds import find_bonds
from l2rollup.l1.terms import DEVELOPMENT

EACH = DEVELOPMENT.minimum_bond // 2 // 3
"""Three open receipts fit."""


def pay(world: World, user: Client, count: int) -> list[tuple[int, int]]:
    """Covers and outstanding covers of that many transfers, one block after another."""
    found = []
    for _ in range(count):
        hash_ = user.transfer(world.wallet(2).address, "1")
        user.wait(hash_)
        receipt = user.get_receipt(hash_)
        header = verify_receipt(receipt, user.chain_info(), hash_)
        found.append((int(receipt["cover"]), header.outstanding_cover))
    return found


def finalize_all(world: World) -> None:
    world.settle_all()
    world.mine(FINALITY + 1)
    world.wait(lambda: not world.running().context.batches)


def test_half_of_the_bond_and_no_more(world: World) -> None:
    world.options["receipt_cover"] = EACH
    world.start()
    world.fund(1, ETH)
    user = world.user(1)
    finalize_all(world)
    promised = [(EACH, EACH), (EACH, 2 * EACH), (EACH, 3 * EACH), (0, 3 * EACH)]
    assert pay(world, user, 4) == promised
    # A restart forgets nothing of what is open.
    world.settle_all()
    world.stop()
    world.start()
    user = world.user(1)
    assert pay(world, user, 1) == [(0, 3 * EACH)]
    finalize_all(world)
    assert pay(world, user, 1) == [(EACH, EACH)]


def test_what_is_unbonding_is_no_bond(world: World) -> None:
    world.options["receipt_cover"] = EACH
    world.start()
    world.fund(1, ETH)
    finalize_all(world)
    bonds = find_bonds(world.client, world.rollup)
    sender = Sender(world.client, world.chain.accounts[0].private_key)
    bonds.transact(sender, "startUnbonding", DEVELOPMENT.minimum_bond - 1)
    world.wait(lambda: world.running().context.bond == 1)
    assert pay(world, world.user(1), 1) == [(0, 0)]
    # Nothing is committed below the minimum; what is sealed waits until the bond is whole again.
    bonds.transact(sender, "addBond", value=DEVELOPMENT.minimum_bond)
    world.settle_all()


def test_without_a_cover_nothing_is_promised(world: World) -> None:
    world.start()
    world.fund(1, ETH)
    assert pay(world, world.user(1), 2) == [(0, 0), (0, 0)]
    assert world.running().context.bond == 0
