"""Bounds of a batch beside its slots: what meets one waits for the next batch, and the batch goes on with others."""

from __future__ import annotations

from node_world import ETH, NATIVE, World

from l2rollup.node.room import Room, Use, bounds_of, use_of
from l2rollup.processor import Intake
from l2rollup.types import Kind


def intake(kind: Kind) -> Intake:
    return Intake(kind, bytes(20), bytes(20), 0, 0, 0, 0, 0, 0, 0)


def test_what_each_kind_takes() -> None:
    expected = {
        Kind.TRANSFER: Use(),
        Kind.LINKED_TRANSFER: Use(arguments=1),
        Kind.WITHDRAW: Use(operations=1),
        Kind.SET_KEY: Use(operations=1, changes=1, arguments=1),
        Kind.ROTATE_KEY: Use(operations=1, changes=1, arguments=1),
        Kind.SET_STORAGE: Use(arguments=1, writes=1),
    }
    assert {kind: use_of(intake(kind), False) for kind in expected} == expected
    assert use_of(intake(Kind.TRANSFER), True) == Use(changes=1)


def test_the_bounds_are_those_of_the_shape() -> None:
    shape = NATIVE.shape()
    assert bounds_of(shape) == Use(16, 16, 12, 8)
    assert shape.slots == 99


def test_room_is_taken_until_there_is_none() -> None:
    room = Room(Use(arguments=3, writes=1))
    assert room.take(Use(arguments=2))
    assert not room.take(Use(arguments=2)) and room.is_short
    assert room.take(Use(arguments=1, writes=1))
    assert not room.take(Use(writes=1))
    assert room.take(Use())
    # what no batch can hold is the engine's to refuse
    assert room.take(Use(writes=2))


def test_a_batch_goes_on_when_writes_run_out(world: World) -> None:
    """Ten writes that pay best and twenty transfers: the last two writes come after these, in the next batch."""
    world.options |= {"batch_age": 60.0}
    world.start()
    world.fund(1, ETH)
    world.fund(2, ETH)
    alice, bob = world.user(1), world.user(2)
    nonces = [user.get_account_nonce(user.wallet.address) for user in (alice, bob)]
    writes = [alice.draft_set_storage(i, i + 1, nonce=nonces[0] + i) for i in range(10)]
    rich = [alice.sign(draft.with_fee(10**12)) for draft in writes]
    plain = [bob.sign(bob.draft_transfer(alice.wallet.address, i + 1, nonce=nonces[1] + i)) for i in range(20)]
    hashes = [str(answer) for answer in alice.submit_all([*rich, *plain])]
    sequences = [alice.wait(hash_)["sequence"] for hash_ in hashes]
    assert max(sequences[10:]) < sequences[8] < sequences[9]
    first = {alice.wait(hash_, "sealed")["batchId"] for hash_ in [*hashes[:8], *hashes[10:]]}
    assert len(first) == 1
    assert [alice.get_transaction_status(hash_)["status"] for hash_ in hashes[8:10]] == ["confirmed"] * 2
    assert alice.get_storage(alice.wallet.address, 9) == 10
