"""Deployment from the package's artifacts on both local chains: limits, the key, the verdict on real proofs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from eth_abi.abi import decode as abi_decode
from eth_abi.abi import encode as abi_encode
from eth_utils.crypto import keccak

from l2rollup.errors import ConfigurationError, L1Rejected
from l2rollup.l1 import L1Chain, L1Client, RollupContract, Sender, open_l1
from l2rollup.l1.contracts import decode_error, load_artifact
from l2rollup.l1.deploy import (
    BESIDE,
    EXIT_VERIFIERS,
    MAX_CODE_BYTES,
    PATHS,
    READER,
    VERIFIER,
    Deployment,
    check_deployment,
    deploy,
    deploy_beside,
    deploy_rollup,
    predict_address,
    read_key_data,
    read_vk_digest,
)
from l2rollup.l1.sender import GAS_CAP
from l2rollup.l1.terms import DEVELOPMENT

REAL: dict[str, Any] = json.loads(
    (Path(__file__).resolve().parents[2] / "contracts/fixtures/real.json").read_text()
)
R = 21888242871839275222246405745257275088548364400416034343698204186575808495617


@pytest.fixture(scope="module", params=["embedded", "anvil"])
def chain(request: pytest.FixtureRequest) -> Iterator[L1Chain]:
    """Fails, and does not skip, where no anvil is installed."""
    with open_l1(request.param) as opened:
        yield opened


@pytest.fixture(scope="module")
def sender(chain: L1Chain) -> Sender:
    return Sender(L1Client(chain.url), chain.accounts[0].private_key)


@pytest.fixture(scope="module")
def deployment(sender: Sender) -> Deployment:
    return deploy_rollup(
        sender, sequencer=sender.address, genesis_root=bytes.fromhex(REAL["genesisRoot"][2:]),
        empty_id_root=bytes.fromhex(REAL["emptyIdRoot"][2:]), key_data=read_key_data(),
    )  # fmt: skip


def verify(client: L1Client, verifier: str, snark: bytes, inputs: list[int]) -> bool:
    data = keccak(text="verify(bytes,uint256[])")[:4] + abi_encode(["bytes", "uint256[]"], [snark, inputs])
    (holds,) = abi_decode(["bool"], client.call(verifier, data))
    return bool(holds)


def test_within_the_limits(sender: Sender, deployment: Deployment) -> None:
    for address in (deployment.rollup, deployment.verifier, deployment.key_data, *deployment.constraints):
        assert 0 < len(sender.client.code(address)) < MAX_CODE_BYTES
    verifiers = (VERIFIER, *EXIT_VERIFIERS)
    parts = [part for name in verifiers for part in load_artifact(name)["parts"]]
    named = {"key_data", *parts, *verifiers, PATHS, READER, *BESIDE, "Rollup", "addBond", "admitSequencer"}
    assert set(deployment.gas) == named
    assert all(used < GAS_CAP for used in deployment.gas.values())
    assert sender.client.code(deployment.key_data) == read_key_data()


@pytest.mark.parametrize(
    ("nonce", "address"),
    # Known answers of go-ethereum (crypto, TestNewContractAddress).
    [(0, "333c3310824b7c685133f2bedb2ca4b8b4df633d"), (1, "8bda78331c916a08481428e4b07c96d3e916d165"),
     (2, "c9ddedf451bc62ce88bf9292afb13df35b670699")],
)  # fmt: skip
def test_addresses_are_known_before(nonce: int, address: str) -> None:
    assert predict_address("0x970e8128ab834e8eac17ab8e3812f010678cf791", nonce).lower() == "0x" + address


def test_the_rollup_names_the_key(sender: Sender, deployment: Deployment) -> None:
    contract = RollupContract(sender.client, deployment.rollup)
    assert bytes(contract.view("vkDigest")) == read_vk_digest() == bytes.fromhex(REAL["vkDigest"][2:])
    assert contract.state_root() == bytes.fromhex(REAL["genesisRoot"][2:])
    assert contract.view("sequencer").lower() == sender.address.lower()


def test_real_proofs(sender: Sender, deployment: Deployment) -> None:
    """Both proofs hold for their own inputs only; damage is false or a typed error."""
    snarks = [bytes.fromhex(batch["snark"][2:]) for batch in REAL["batches"]]
    inputs = [[int(value) for value in batch["publicInputs"]] for batch in REAL["batches"]]
    for i in (0, 1):
        assert verify(sender.client, deployment.verifier, snarks[i], inputs[i])
        assert not verify(sender.client, deployment.verifier, snarks[i], inputs[1 - i])
    false = bytearray(snarks[0])
    false[-129] ^= 1
    assert not verify(sender.client, deployment.verifier, bytes(false), inputs[0])
    for snark, values, error in (
        (snarks[0][:-1], inputs[0], f"ProofLength(expected={len(snarks[0])}, got={len(snarks[0]) - 1})"),
        (snarks[0], inputs[0][:-1], "InputCount(expected=26, got=25)"),
        (snarks[0], [*inputs[0][:3], R, *inputs[0][4:]], "InputNotCanonical(index=3)"),
        (b"\xff" * 64 + snarks[0][64:], inputs[0], "PointMalformed(offset=0)"),
        (snarks[0][:-160] + b"\xff" * 32 + snarks[0][-128:], inputs[0], "EvaluationNotCanonical(index=68)"),
    ):
        with pytest.raises(L1Rejected) as caught:
            verify(sender.client, deployment.verifier, snark, values)
        assert decode_error(caught.value.data) == error


def test_another_key_is_refused_before_anything_is_deployed(sender: Sender) -> None:
    before = sender.client.head()
    with pytest.raises(ConfigurationError, match="digest"):
        deploy_rollup(sender, sequencer=sender.address, genesis_root=bytes(32), empty_id_root=bytes(32), key_data=b"x")
    assert sender.client.head() == before


def arguments(sender: Sender, deployment: Deployment, verifier: str, genesis: bytes) -> list[object]:
    """Arguments of Rollup's constructor, for the sender's next transaction."""
    beside = deploy_beside(sender, sender.address, DEVELOPMENT, {})
    return [verifier, genesis, bytes([1]) * 32, 10**18, 0, (deployment.account_reader, *beside, 1, 1)]


def test_constructors_refuse_with_names(sender: Sender, deployment: Deployment) -> None:
    with pytest.raises(L1Rejected, match=r"WrongPart\(part="):
        deploy(sender, VERIFIER, [deployment.rollup, *deployment.constraints])
    with pytest.raises(L1Rejected, match=r"BadConfiguration\(argument=2\)"):
        deploy(sender, "Rollup", arguments(sender, deployment, deployment.verifier, bytes(32)))
    with pytest.raises(L1Rejected, match="arguments"):
        deploy(sender, "Rollup", [])


def test_a_deployment_is_compared_byte_for_byte(sender: Sender, deployment: Deployment) -> None:
    check_deployment(sender.client, deployment.rollup)
    token = deploy(sender, "TestToken", ["T", "T", 18])
    with pytest.raises(L1Rejected, match="not the package's Rollup"):
        check_deployment(sender.client, token)
    # The real rollup over a verifier that says yes to everything and names the right key.
    yes = bytes.fromhex("600a600c600039600a6000f3") + bytes.fromhex("60015f5260205ff3" + "0000")
    verifier = sender.transact(None, yes).contract
    assert verifier is not None
    forged = deploy(sender, "Rollup", arguments(sender, deployment, verifier, bytes([1]) * 32))
    with pytest.raises(L1Rejected, match="not the package's BatchVerifier"):
        check_deployment(sender.client, forged)


def test_views_of_an_older_block(sender: Sender, deployment: Deployment) -> None:
    """What was so then, on both chains: a wallet compares the newest block with one that stays."""
    contract, before = RollupContract(sender.client, deployment.rollup), sender.client.head()
    length = int(contract.view("queueLength"))
    data = bytes(keccak(text="depositETH(address)")[:4]) + abi_encode(["address"], [sender.address])
    sender.transact(deployment.rollup, data, value=1)
    assert int(contract.view("queueLength", block=before)) == length
    assert int(contract.view("queueLength", block=sender.client.head())) == length + 1
    assert int(contract.view("queueLength")) == length + 1
