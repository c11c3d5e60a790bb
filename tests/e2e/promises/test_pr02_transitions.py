"""PR2: an invalid transition is finalised. Every finalised root is the root of a replay of the data on L1."""

from __future__ import annotations

from living_world import Living

from l2rollup import native


def test_every_finalised_root_is_that_of_a_replay(living: Living) -> None:
    stack = living.stack
    living.settle(stack.user(1).transfer(stack.wallets[2].address, "31", stack.token))
    rollup = bytes.fromhex(stack.contract.address[2:])
    engine = native.load().Engine.genesis(stack.client.chain_id(), rollup)
    finalised = living.finalised_roots()
    batches = living.batches()
    assert [batch.batch_id for batch in batches] == list(range(1, stack.contract.finalized() + 1)) != []
    for batch in batches:
        engine.replay(batch.transactions, batch.operations)
        assert engine.root() == finalised[batch.batch_id], batch.batch_id
    assert engine.root() == stack.contract.state_root()
