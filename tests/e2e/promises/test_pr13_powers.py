"""PR13, PR14, PR16: nothing pauses or upgrades what users hold, and the key on L1 is the one that the source gives."""

from __future__ import annotations

from pathlib import Path

from living_world import Living

from l2rollup.l1.contracts import load_artifact
from l2rollup.l1.deploy import check_deployment
from l2rollup.proof import open_keys

OPEN_TO_ANYONE = {
    "activateEscape", "claim", "deposit", "depositETH", "finalizeBatch", "forceExit", "initiateWithdrawal",
    "refundDeposit", "registerKey", "registerToken", "requestForcedExit", "withdrawPending", "withdrawPendingTo",
}  # fmt: skip
DELEGATECALL, CALLCODE, SELFDESTRUCT = 0xF4, 0xF2, 0xFF


def opcodes(code: bytes) -> set[int]:
    found, at = set(), 0
    while at < len(code):
        found.add(code[at])
        at += code[at] - 0x5E if 0x60 <= code[at] <= 0x7F else 1
    return found


def test_only_the_sequencer_has_a_power_and_it_is_to_commit() -> None:
    abi = load_artifact("Rollup")["abi"]
    changing = {e["name"] for e in abi if e["type"] == "function" and e["stateMutability"] in ("nonpayable", "payable")}
    assert changing - OPEN_TO_ANYONE == {"commitBatch"}
    assert not {e["type"] for e in abi} & {"receive", "fallback"}


def test_code_that_runs_is_code_that_was_deployed(living: Living) -> None:
    """No delegation, no destruction, and byte for byte the package's contracts."""
    stack = living.stack
    check_deployment(stack.client, stack.contract.address)
    addresses = [stack.contract.address, stack.contract.view("verifier"), stack.contract.view("accountReader")]
    for address in (*addresses, *stack.deployment.constraints):
        code = stack.client.code(str(address))
        # constants of the contracts lie behind PUSH, data behind the code is never run
        assert not opcodes(code) & {DELEGATECALL, CALLCODE}, address


def test_the_key_on_chain_is_made_from_source_and_setup(living: Living, tmp_path: Path) -> None:
    """A key made anew, without cache, from the circuit and the shipped ceremony."""
    made = open_keys(tmp_path)
    assert not made.cached
    assert bytes(living.stack.contract.view("vkDigest")) == made.vk_digest
