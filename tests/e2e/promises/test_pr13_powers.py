"""PR13: every power of every role is known, and a stranger has none."""

from __future__ import annotations

import pytest
from eth_abi.abi import encode as abi_encode
from eth_utils.abi import collapse_if_tuple
from eth_utils.crypto import keccak
from living_world import Living

from l2rollup.errors import L1Rejected
from l2rollup.l1.contracts import explain, load_artifact
from l2rollup.l1.deploy import BESIDE, check_deployment

OPEN_TO_ANYONE = {
    "Rollup": {
        "activateEscape", "admitSequencer", "deposit", "depositETH", "finalizeBatch", "forceExit", "forceExits",
        "initiateWithdrawal", "refundDeposit", "registerKey", "registerToken", "requestForcedExit", "restoreHeader",
        "withdrawPending", "withdrawPendingTo",
    },
    "Bonds": {
        "addBond", "answerReceipt", "challengeBatch", "contradictReceipt", "fileReceipt", "finishUnbonding",
        "payCovers", "refundChallenge", "registerCover", "revertBatches", "slashEquivocation", "slashReceipt",
        "slashRoot", "strikeCover", "withdraw",
    },
    "Breakers": {"rest", "tripBalance", "tripProof"},
    "Governor": {"execute"},
}  # fmt: skip
"""What anybody may call, each under the conditions that its tests break."""
ROLES = {
    "Rollup": {
        "commitBatch": "NotSequencer", "revertBatches": "NotBonds", "setChallenged": "NotBonds",
        "forgetSequencer": "NotBonds", "setGuarded": "NotBreakers", "setTokenGuarded": "NotBreakers",
        "setVerifier": "NotGovernor",
    },
    "Bonds": {
        "onFinalize": "NotRollup", "startUnbonding": "NotAllowed",
        "offerSequencer": "NotAllowed", "acceptSequencer": "NotAllowed",
    },
    "Breakers": {
        "admit": "NotRollup", "pause": "NotGuardian", "unpause": "NotGuardian", "offerGuardian": "NotGuardian",
        "acceptGuardian": "NotGuardian", "setGuardian": "NotGovernor", "setShare": "NotGovernor",
    },
    "Governor": {
        "proposeVerifier": "NotOwner", "proposeShare": "NotOwner", "proposeGuardian": "NotOwner", "cancel": "NotOwner",
        "offerOwner": "NotOwner", "acceptOwner": "NotOwner", "renounce": "NotOwner",
    },
}  # fmt: skip
"""Every power there is, and the error that tells a stranger so. None of them pays, and none changes what pays."""
PLACES = {"Rollup": "rollup", "Bonds": "bonds", "Breakers": "breakers", "Governor": "governor"}
STRANGER = "0x" + "57" * 20
DELEGATECALL, CALLCODE, SELFDESTRUCT = 0xF4, 0xF2, 0xFF


def opcodes(code: bytes) -> set[int]:
    found, at = set(), 0
    while at < len(code):
        found.add(code[at])
        at += code[at] - 0x5E if 0x60 <= code[at] <= 0x7F else 1
    return found


def changing(name: str) -> dict[str, list[str]]:
    """Functions of a contract that can change something: name and types of arguments."""
    abi = load_artifact(name)["abi"]
    assert not {e["type"] for e in abi} & {"receive", "fallback"}
    found = [e for e in abi if e["type"] == "function" and e["stateMutability"] in ("nonpayable", "payable")]
    return {e["name"]: [collapse_if_tuple(argument) for argument in e["inputs"]] for e in found}


@pytest.mark.parametrize("name", ROLES)
def test_every_power_is_listed(name: str) -> None:
    assert set(changing(name)) == OPEN_TO_ANYONE[name] | set(ROLES[name])
    assert not OPEN_TO_ANYONE[name] & set(ROLES[name])


@pytest.mark.parametrize(("name", "function"), [(name, function) for name in ROLES for function in ROLES[name]])
def test_a_stranger_has_none(living: Living, name: str, function: str) -> None:
    stack = living.stack
    place = str(getattr(stack.deployment, PLACES[name]))
    types = changing(name)[function]
    code = place if function == "proposeVerifier" else STRANGER  # a verifier is a contract
    data = keccak(text=f"{function}({','.join(types)})")[:4] + abi_encode(types, [zero(kind, code) for kind in types])
    with pytest.raises(L1Rejected) as refused:
        stack.client.call(place, data, sender=STRANGER)
    assert str(explain(refused.value).got).startswith(ROLES[name][function]), explain(refused.value)


def zero(kind: str, address: str) -> object:
    """The smallest value of an ABI type."""
    if kind.startswith("("):
        return tuple(zero(part, address) for part in kind[1:-1].split(","))
    return {"address": address, "bool": False, "bytes": b"", "bytes32": bytes(32)}.get(kind, 0)


def test_code_that_runs_is_code_that_was_deployed(living: Living) -> None:
    """No delegation, no destruction, and byte for byte the package's contracts."""
    stack = living.stack
    check_deployment(stack.client, stack.contract.address)
    views = ("verifier", "accountReader", *BESIDE.values())
    addresses = [stack.contract.address, *(stack.contract.view(name) for name in views)]
    for address in (*addresses, *stack.deployment.constraints):
        code = stack.client.code(str(address))
        # constants of the contracts lie behind PUSH, data behind the code is never run
        assert not opcodes(code) & {DELEGATECALL, CALLCODE}, address
