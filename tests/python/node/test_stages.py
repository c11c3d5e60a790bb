"""One suite for all stages: with work and without, after a rewind, without L1, and when a write fails.

The stages are held and driven by hand, so each is met exactly where its work lies before it.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from node_world import ETH, FINALITY, NATIVE, ZERO, World

from l2rollup.errors import L1Unreachable, Retryable, StorageError
from l2rollup.node import Reconstruction
from l2rollup.node.stages import Rewind, Stage
from l2rollup.storage import FAMILIES, Batch

STAGES = ("ingest", "sequence", "execute", "publish", "prove", "settle", "finalize")
WITHOUT_L1 = ("sequence", "execute", "prove")


@pytest.fixture
def held(world: World) -> World:
    """A started world whose stages all rest, with a deposit and a key on L1 that nobody has read yet."""
    world.options["batch_age"] = 0.0
    node = world.start()
    for name in STAGES:
        node.pipeline.hold(name)
    alice = world.user(1)
    alice.register_key()
    alice.deposit(ZERO, str(ETH))
    return world


def stage_of(world: World, name: str) -> Stage:
    return next(stage for stage in world.running().pipeline.stages if stage.name == name)


def exhaust(stage: Stage) -> int:
    """Advances until nothing is left to do; returns how often something was."""
    count = 0
    while stage.advance():
        count += 1
        assert count < 200
    return count


def bring_work_to(world: World, name: str) -> Stage:
    """Runs the stages before `name` dry; for finalize L1 finalises first."""
    for earlier in STAGES[: STAGES.index(name)]:
        exhaust(stage_of(world, earlier))
    if name == "finalize":
        world.mine(FINALITY + 1)
    return stage_of(world, name)


def dump(world: World) -> dict[str, list[tuple[bytes, bytes]]]:
    """Everything stored."""
    store = world.running().context.store
    return {family: list(store._entries(family, b"", backwards=False)) for family in FAMILIES}


def step(stage: Stage) -> bool:
    """Advances as the pipeline does: a stage that waits, for L1 to mine what a failed write forgot, comes again."""
    try:
        return stage.advance()
    except Retryable:
        time.sleep(0.02)
        return True


def finish(world: World) -> None:
    """Runs everything dry and compares the state with what L1 alone tells."""
    deadline = time.monotonic() + 60
    while sum(step(stage_of(world, name)) for name in STAGES):
        assert time.monotonic() < deadline
    context = world.running().context
    assert all(record.status in ("settled", "final") for record in context.batches.values()), context.batches
    fresh = Reconstruction(world.client, world.rollup, NATIVE.Engine)
    assert list(fresh.run())[-1].root == context.engine.root()
    assert fresh.engine.snapshot() == context.engine.snapshot()


@contextmanager
def no_l1(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def fail(*_: object) -> None:
        raise L1Unreachable("L1 does not answer", expected=world.chain.url, got="a closed port")

    with monkeypatch.context() as patch:
        patch.setattr(world.running().context.client, "_call", fail)
        yield


@pytest.mark.parametrize("name", STAGES)
def test_work_is_done_once(held: World, name: str) -> None:
    stage = bring_work_to(held, name)
    before = dump(held)
    assert exhaust(stage) > 0
    done = dump(held)
    assert done != before
    assert stage.advance() is False
    assert dump(held) == done


@pytest.mark.parametrize("name", STAGES)
@pytest.mark.parametrize("voided", [False, True])
def test_a_rewind_of_nothing_loses_nothing(held: World, name: str, voided: bool) -> None:
    stage = bring_work_to(held, name)
    tip = held.running().context.l1_tip
    for _ in range(2):
        stored = dump(held)
        with held.running().context.lock:
            stage.rewind(Rewind(tip, voided))
        assert dump(held) == stored
        stage.advance()
    finish(held)


@pytest.mark.parametrize("name", STAGES)
def test_without_l1_it_waits_or_does_what_needs_none(
    held: World, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = bring_work_to(held, name)
    before = dump(held)
    with no_l1(held, monkeypatch):
        if name in WITHOUT_L1:
            assert stage.advance() is True
        else:
            with pytest.raises(Retryable, match="does not answer"):
                stage.advance()
            assert dump(held) == before
    finish(held)


@pytest.mark.parametrize("name", STAGES)
def test_a_failed_write_leaves_no_trace(held: World, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = bring_work_to(held, name)
    before = dump(held)

    def fail(*_: object) -> None:
        raise StorageError("write failed", expected="an atomic write", got="a full disk")

    with monkeypatch.context() as patch:
        patch.setattr(Batch, "put", fail)
        with pytest.raises(StorageError):
            exhaust(stage)
    assert dump(held) == before
    finish(held)


@pytest.mark.parametrize("seed", range(3))
def test_any_order_of_steps_leads_to_the_same_state(held: World, seed: int) -> None:
    chance = random.Random(seed)
    alice = held.user(1)
    for name in ("ingest", "sequence"):
        exhaust(stage_of(held, name))
    for nonce in range(6):
        alice.submit(alice.draft_transfer(held.wallet(2 + nonce % 3).address, 1 + nonce, nonce=nonce))
        for _ in range(6):
            step(stage_of(held, chance.choice(STAGES)))
    finish(held)
    assert [alice.get_account_balance(held.wallet(i).address) for i in (2, 3, 4)] == ["5", "7", "9"]


def test_a_held_stage_says_so_and_goes_on_when_released(world: World) -> None:
    node = world.start()
    node.pipeline.hold("settle")
    world.fund(1, ETH)
    world.wait(lambda: any(r.status == "proven" for r in list(node.context.batches.values())))
    assert node.queries.health()["stages"]["settle"]["state"] == "waiting"
    node.pipeline.resume("settle")
    world.settle_all()
