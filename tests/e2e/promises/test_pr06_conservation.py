"""PR6: value is created or destroyed in a batch. By token: before + deposits = after + what is paid out."""

from __future__ import annotations

from collections import Counter

from living_world import Living

from l2rollup import native
from l2rollup.bridge import parse_operations
from l2rollup.types import Kind


def test_every_batch_conserves_every_token(living: Living) -> None:
    stack = living.stack
    living.settle(stack.user(1).transfer(stack.wallets[2].address, "32", stack.token))
    rollup = bytes.fromhex(stack.contract.address[2:])
    engine = native.load().Engine.genesis(stack.client.chain_id(), rollup)
    moved_any = 0
    for batch in living.batches():
        sums = Counter(engine.totals())
        engine.replay(batch.transactions, batch.operations)
        for record in parse_operations(batch.operations):
            if record.kind is Kind.DEPOSIT:
                sums[record.token] += record.amount
            elif record.pays:
                sums[record.token] -= record.amount
            moved_any += record.amount
        after = engine.totals()
        assert {t: a for t, a in sums.items() if a} == {t: a for t, a in after.items() if a}, batch.batch_id
    assert moved_any > 0
