"""Three finalisations that must fail, mined as real transactions: wrong root, another batch's proof, a flipped byte.

They run against the next batch to be finalised, with its true proof in hand, while the node's own settlement is held;
so each is refused for what is wrong with it and for nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from l2rollup.cli.demo.settlement import wait_for
from l2rollup.cli.output import Report
from l2rollup.cli.stack import Stack
from l2rollup.client import Client
from l2rollup.errors import Refused
from l2rollup.state.header import decode_proof
from l2rollup.types import parse_hex

GAS = 4_000_000
ATTACKER = 2


@dataclass(frozen=True)
class Attack:
    """What was tried, as finalizeBatch's arguments."""

    name: str
    batch_id: int
    root: bytes
    proof: bytes


def prepare(client: Client, batch_id: int, other_id: int) -> list[Attack]:
    """Builds the three attacks on a proven batch; `other_id` is another proven one."""
    proof = parse_hex(client.get_batch_proof(batch_id), what="proof")
    header, snark = decode_proof(proof)
    _, other = decode_proof(parse_hex(client.get_batch_proof(other_id), what="proof"))
    wrong_root = bytes([*header.new_root[:-1], header.new_root[-1] ^ 1])
    flipped = bytearray(snark)
    flipped[-1] ^= 1
    return [
        Attack("wrong root", batch_id, wrong_root, proof),
        Attack("proof of another batch", batch_id, header.new_root, header.encode_proof(other)),
        Attack("flipped byte", batch_id, header.new_root, header.encode_proof(bytes(flipped))),
    ]


def mine(stack: Stack, attack: Attack) -> dict[str, Any]:
    """Mines an attack; returns what it met. Raises Refused when the contract accepted it: the demo must not pass."""
    values = [attack.batch_id, attack.root, attack.proof]
    attempt = stack.contract.attempt(stack.sender(ATTACKER), "finalizeBatch", values, gas=GAS)
    if attempt.error is None:
        raise Refused(f"the contract accepted an attack: {attack.name}", expected="a revert", got=attempt.receipt.hash)
    if stack.contract.finalized() >= attack.batch_id:
        raise Refused("a batch was finalised meanwhile", expected=f"< {attack.batch_id}", got=attack.name)
    return {
        "attack": attack.name, "error": attempt.error, "batch": attack.batch_id, "tx": attempt.receipt.hash,
        "gas": attempt.receipt.gas_used,
    }  # fmt: skip


@contextmanager
def hold_settlement(stack: Stack) -> Iterator[None]:
    """Keeps the node from finalising inside."""
    stack.node.pipeline.hold("settle")
    try:
        yield
    finally:
        stack.node.pipeline.resume("settle")


def run_attacks(stack: Stack, client: Client, report: Report) -> list[dict[str, Any]]:
    """With settlement held: waits until the next two batches are proven, and attacks the first of them."""
    target = stack.contract.finalized() + 1
    wait_for(stack, report, lambda: _is_proven(client, target) and _is_proven(client, target + 1))
    refused = []
    for attack in prepare(client, target, target + 1):
        report(attack.name, None)
        refused.append(mine(stack, attack))
    return refused


def _is_proven(client: Client, batch_id: int) -> bool:
    return any(
        batch["batchId"] == batch_id and batch["status"] in ("proven", "settled", "final")
        for batch in client.get_batches(batch_id, 1)
    )
