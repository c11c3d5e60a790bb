"""Item 7 of the demo: a stranger rebuilds the state. A fresh process, an empty folder, the L1's URL and an address."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from typing import Any

from l2rollup.cli.stack import Stack
from l2rollup.errors import ProofRejected, Refused

TIMEOUT_SECONDS = 300


def reconstruct(stack: Stack) -> list[dict[str, Any]]:
    """Runs `state reconstruct` as another process; returns its batches (id, root, final)."""
    command = [
        sys.executable, "-m", "l2rollup", "state", "reconstruct", "--l1", stack.chain.url, "--rollup",
        stack.contract.address, "--start-block", str(stack.deployment.start_block), "--json",
    ]  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="l2rollup-empty-") as empty:
        done = subprocess.run(  # noqa: S603
            command, cwd=empty, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False
        )
    if done.returncode != 0:
        raise Refused("reconstruction failed", expected="exit status 0", got=done.stderr.strip()[-400:])
    record: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    batches: list[dict[str, Any]] = record["batches"]
    return batches


def compare(stack: Stack, rebuilt: list[dict[str, Any]]) -> str:
    """Compares every rebuilt root with the contract's of that batch; returns the last. Raises ProofRejected."""
    roots = {batch["batchId"]: batch["root"] for batch in rebuilt}
    count = stack.contract.finalized()
    if sorted(roots) != list(range(1, stack.contract.committed() + 1)):
        raise ProofRejected("batches are missing", expected=f"1 .. {count}", got=str(sorted(roots)))
    for batch_id in range(1, count + 1):
        onchain = find_root(stack, batch_id)
        if roots[batch_id] != onchain:
            raise ProofRejected(f"rebuilt root of batch {batch_id}", expected=onchain, got=roots[batch_id])
    return str(roots[count])


def find_root(stack: Stack, batch_id: int) -> str:
    """Returns the root that L1 accepted for a batch, from the event of its finalisation."""
    from l2rollup.l1 import BatchFinalized

    head = stack.client.head()
    for log in stack.client.logs_between(stack.contract.address, stack.deployment.start_block, head):
        event = stack.contract.decode(log)
        if isinstance(event, BatchFinalized) and event.batch_id == batch_id:
            return "0x" + event.root.hex()
    raise ProofRejected(f"batch {batch_id} was never finalised", expected="BatchFinalized", got="no event")
