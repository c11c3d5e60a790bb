"""PR7: a batch finalises whose data cannot rebuild the state. A fresh process rebuilds every root from L1 alone."""

from __future__ import annotations

from living_world import Living
from running_demo import read_record, run_cli


def test_every_batch_is_rebuilt_from_l1_alone(living: Living) -> None:
    stack = living.stack
    living.settle(stack.user(1).transfer(stack.wallets[2].address, "33"))
    final = stack.contract.finalized()
    record = read_record(run_cli("state", "reconstruct", "--l1", stack.chain.url, "--rollup", stack.contract.address,
                                 "--json"))  # fmt: skip
    rebuilt = {batch["batchId"]: batch["root"] for batch in record["batches"]}
    assert sorted(rebuilt) == list(range(1, len(rebuilt) + 1)) and len(rebuilt) >= final > 0
    for batch_id, root in living.finalised_roots().items():
        assert batch_id > len(rebuilt) or rebuilt[batch_id] == "0x" + root.hex(), batch_id
