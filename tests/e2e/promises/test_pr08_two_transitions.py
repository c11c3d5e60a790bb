"""PR8: two components disagree on semantics. The executable specification and the engine make the same of all data."""

from __future__ import annotations

from living_world import Living

from l2rollup import native
from l2rollup.spec.replay import replay
from l2rollup.spec.state import State


def test_specification_and_engine_agree_on_every_batch(living: Living) -> None:
    stack = living.stack
    living.settle(stack.user(1).transfer(stack.wallets[2].address, "34", stack.token))
    rollup = bytes.fromhex(stack.contract.address[2:])
    state, engine = State(), native.load().Engine.genesis(stack.client.chain_id(), rollup)
    batches = living.batches()
    assert batches
    for batch in batches:
        state, done = replay(state, batch.transactions, batch.operations)
        found = engine.replay(batch.transactions, batch.operations)
        assert done.new_root == int.from_bytes(found.new_root, "big"), f"batch {batch.batch_id}: two transitions"
