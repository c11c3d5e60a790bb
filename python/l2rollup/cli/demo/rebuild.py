"""Item 7 of the demo: a stranger rebuilds the state. A fresh process, an empty folder, the L1's URL and an address."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from typing import Any

from l2rollup.cli.stack import Stack
from l2rollup.errors import ProofRejected, Refused
from l2rollup.l1 import BatchFinalized
from l2rollup.types import to_hex

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
    onchain = read_roots(stack)
    if not onchain or sorted(roots) != sorted(onchain):
        raise ProofRejected("batches are missing", expected=str(sorted(onchain)), got=str(sorted(roots)))
    for batch_id, root in onchain.items():
        if roots[batch_id] != root:
            raise ProofRejected(f"rebuilt root of batch {batch_id}", expected=root, got=roots[batch_id])
    return str(roots[max(onchain)])


def read_roots(stack: Stack) -> dict[int, str]:
    """Returns the roots that L1 accepted, by batch, from the events of their finalisation."""
    logs = stack.client.logs_between(stack.contract.address, stack.deployment.start_block, stack.client.head())
    events = (stack.contract.decode(log) for log in logs)
    return {event.batch_id: to_hex(event.root) for event in events if isinstance(event, BatchFinalized)}
