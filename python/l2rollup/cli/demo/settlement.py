"""Waiting for batches: shows how far they are, and fails at once when a stage of the node has halted."""

from __future__ import annotations

import time
from collections.abc import Callable

from l2rollup.cli.demo.scenario import Scenario
from l2rollup.cli.output import Report
from l2rollup.cli.stack import Stack
from l2rollup.errors import Refused, Retryable

WAIT_SECONDS = 600.0
POLL_SECONDS = 0.2


def settle_all(stack: Stack, scenario: Scenario, report: Report) -> None:
    """Waits until every transaction's batch is settled; on a local L1, which makes blocks, until all are final."""
    done = ("final",) if stack.is_local else ("settled", "final")

    def is_done() -> bool:
        client = scenario.clients[1]
        last = client.get_transaction_status(scenario.ledger.transfers[-1])
        batches = client.get_batches(1, 100)
        return last.get("batchId") == len(batches) and all(batch["status"] in done for batch in batches)

    wait_for(stack, report, is_done)


def wait_for(stack: Stack, report: Report, is_there: Callable[[], bool]) -> None:
    """Waits until something about the batches holds. Raises Refused when the node halts, Retryable at last."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not is_there():
        describe_batches(stack, report)
        if time.monotonic() > deadline:
            raise Retryable("the batches do not come along", expected=f"within {WAIT_SECONDS:g} s",
                            got=str(stack.node.queries.health()))  # fmt: skip
        time.sleep(POLL_SECONDS)


def describe_batches(stack: Stack, report: Report) -> None:
    """Tells a running step how far the batches are. Raises Refused when a stage of the node has halted."""
    health = stack.node.queries.health()
    if health["status"] == "halted":
        halted = [f"{name}: {s['message']}" for name, s in health["stages"].items() if s["state"] == "halted"]
        raise Refused("the node has halted", expected="all stages running", got="; ".join(halted), code="halted")
    statuses = [f"{batch.batch_id} {batch.status}" for batch in stack.node.queries.batches(None, 8)]
    report("batches: " + ", ".join(statuses) if statuses else "no batch yet", None)
