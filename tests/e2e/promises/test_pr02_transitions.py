"""PR2, PR6, PR7, PR8: each finalised root is what two implementations make of the data on L1, and conserves value.

The executable specification in Python and the engine in Rust replay every batch from genesis.
"""

from __future__ import annotations

from collections import Counter

from living_world import Living

from l2rollup import native
from l2rollup.bridge import parse_operations
from l2rollup.spec.replay import replay
from l2rollup.spec.state import State
from l2rollup.types import Kind


def test_every_root_is_rebuilt_twice_and_value_is_conserved(living: Living) -> None:
    stack = living.stack
    living.settle(stack.user(1).transfer(stack.wallets[2].address, "31", stack.token))
    rollup = bytes.fromhex(stack.contract.address[2:])
    state, engine = State(), native.load().Engine.genesis(stack.client.chain_id(), rollup)
    batches = living.batches()
    assert len(batches) == stack.contract.finalized() > 0
    for batch in batches:
        before = Counter(engine.totals())
        state, done = replay(state, batch.transactions, batch.operations)
        found = engine.replay(batch.transactions, batch.operations)
        assert done.new_root == int.from_bytes(found.new_root, "big"), f"batch {batch.batch_id}: two transitions"
        moved: Counter[int] = Counter()
        for record in parse_operations(batch.operations):
            if record.kind is Kind.DEPOSIT:
                moved[record.token] += record.amount
            elif record.pays:
                moved[record.token] -= record.amount
        before.update(moved)
        after = Counter(engine.totals())
        assert {t: a for t, a in before.items() if a} == {t: a for t, a in after.items() if a}, batch.batch_id
    assert engine.root() == stack.contract.state_root()
