"""Collects what a run measured: from the node's API and metrics, from L1, and from the clock. Estimates nothing."""

from __future__ import annotations

from typing import Any

from l2rollup.cli.clock import Clock
from l2rollup.cli.demo.record import DemoRecord
from l2rollup.cli.demo.scenario import Scenario
from l2rollup.cli.stack import Stack
from l2rollup.errors import ProofRejected
from l2rollup.state.header import decode_proof
from l2rollup.types import parse_hex, to_hex


def measure(
    stack: Stack, scenario: Scenario, clock: Clock, refused: list[dict[str, Any]], withdraw_tx: str, rebuilt_root: str
) -> DemoRecord:
    """Returns the record. Raises ProofRejected when the three roots differ: then nothing here is worth a table."""
    client = scenario.clients[1]
    batches = client.get_batches(1, 100)
    for batch in batches:
        stack.spent("commitBatch", batch["l1"]["commitGas"])
        stack.spent("finalizeBatch", batch["l1"]["gas"])
    final_root, onchain_root = batches[-1]["newStateRoot"], to_hex(stack.contract.state_root())
    if not final_root == onchain_root == rebuilt_root:
        raise ProofRejected("roots differ", expected=onchain_root, got=f"node {final_root}, rebuilt {rebuilt_root}")
    _, snark = decode_proof(parse_hex(client.get_batch_proof(batches[-1]["batchId"]), what="proof"))
    counters = stack.node.context.counters
    proofs = counters.get("proofs", 0.0) or 1.0
    gas = {name: max(values) for name, values in stack.gas.items()}
    seconds = {name: round(value, 2) for name, value in clock.seconds.items()}
    seconds["one proof (wall)"] = round(counters.get("prove_seconds", 0.0) / proofs, 2)
    seconds["total"] = round(clock.total(), 2)
    shape = stack.shape
    return DemoRecord(
        l1=stack.chain.url if stack.chain.kind == "remote" else stack.chain.kind, data=batches[-1]["data"],
        batches=len(batches), transfers=len(scenario.ledger.transfers), final_root=final_root,
        onchain_root=onchain_root, reconstructed_root=rebuilt_root, n=shape.rows, columns=shape.advice,
        cells_per_transfer=round(shape.rows * shape.advice / shape.slots, 1),
        prove_core_seconds=round(counters.get("prove_core_seconds", 0.0) / proofs, 2), proof_bytes=len(snark),
        verify_gas=gas["finalizeBatch"], l1_gas=gas, stage_seconds=seconds,
        data_bytes_per_transfer=round(count_data_bytes(stack, batches), 2), withdraw_tx=withdraw_tx, refused=refused,
    )  # fmt: skip


def count_data_bytes(stack: Stack, batches: list[dict[str, Any]]) -> float:
    """Returns the bytes of transaction data by transfer, of the batch on L1 that holds plain transfers only."""
    plain = [b for b in batches if b["operations"] == 0 and b["transactions"] == stack.shape.slots]
    batch = plain[0] if plain else max(batches, key=lambda b: int(b["transactions"]))
    _, transactions, _ = stack.contract.read_commit(batch["l1"]["commitTx"])
    return len(transactions) / int(batch["transactions"])
