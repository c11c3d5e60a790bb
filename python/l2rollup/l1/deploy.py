"""Deploys a rollup from the compiled contracts of the package, and compares a deployed one with them.

In this order: the key's data contract, the constraint contracts, the verifier, the reader of account proofs, Bonds,
Breakers and Governor for the address that Rollup is about to have, Rollup; then the bond is posted, and the rollup
asks it whether the sequencer may commit, so that the first commit costs what the next ones do.
Every creation is an ordinary transaction under the gas cap, on any L1. What it is not: a decision who may trust the
deployer; `check_deployment` lets anyone see that the code behind an address is this package's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eth_abi.abi import encode as abi_encode
from eth_utils.abi import collapse_if_tuple
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from l2rollup.errors import ConfigurationError, L1Rejected
from l2rollup.l1.client import L1Client
from l2rollup.l1.contracts import RollupContract, encode_call, explain, load_artifact
from l2rollup.l1.sender import Sender
from l2rollup.l1.terms import PRODUCTION, Terms

MAX_CODE_BYTES = 24_576
CALLDATA_MODE = 0
VERIFIER = "BatchVerifier"
EXIT_VERIFIERS = ("ExitVerifier", "SharedExitVerifier")
"""Of the exit circuit for one balance, and for up to 32."""
READER = "ExitReader"
PATHS = "AccountReader"
BESIDE = {"Bonds": "bonds", "Breakers": "breakers", "Governor": "governor"}
"""The contracts beside Rollup, in the order of deployment, and Rollup's views of their addresses."""
ADD_BOND = bytes(keccak(text="addBond()")[:4])
ZERO_ADDRESS = "0x" + "00" * 20


@dataclass(frozen=True)
class Deployment:
    """Addresses of a deployed rollup and the L1 block a watcher starts from; gas used by contract and call."""

    rollup: str
    verifier: str
    key_data: str
    constraints: tuple[str, ...]
    account_reader: str
    bonds: str
    breakers: str
    governor: str
    start_block: int
    gas: dict[str, int]


def deploy_rollup(
    sender: Sender, *, sequencer: str, genesis_root: bytes, empty_id_root: bytes, key_data: bytes | None = None,
    terms: Terms = PRODUCTION,
) -> Deployment:  # fmt: skip
    """Deploys everything and posts the minimum bond; returns the addresses. genesis_root, empty_id_root: 32 bytes each.

    key_data: what `export_solidity` gives for the key that will prove, when there is one already. Raises
    ConfigurationError where it is not the key that the package's verifier is for, before anything is deployed. Nothing
    else may send from the account meanwhile: the contracts beside Rollup are made for the address of a nonce.
    """
    check_key(key_data)
    gas: dict[str, int] = {}
    start = sender.client.head()
    verifier, data, constraints = deploy_verifier(sender, VERIFIER, gas)
    reader = deploy_reader(sender, gas)
    beside = deploy_beside(sender, sequencer, terms, gas)
    settings = (reader, *beside, terms.forced_deadline, terms.finality_deadline)
    arguments = [verifier, genesis_root, empty_id_root, terms.token_fee, CALLDATA_MODE, settings]
    rollup = deploy(sender, "Rollup", arguments, gas)
    if terms.minimum_bond:
        gas["addBond"] = sender.transact(beside[0], ADD_BOND, value=terms.minimum_bond).gas_used
    gas["admitSequencer"] = sender.transact(rollup, encode_call("admitSequencer")).gas_used
    return Deployment(rollup, verifier, data, constraints, reader, *beside, start, gas)


def deploy_beside(sender: Sender, sequencer: str, terms: Terms, gas: dict[str, int]) -> tuple[str, str, str]:
    """Deploys bonds, breakers and governor for the contract that the sender's fourth next transaction creates."""
    rollup = predict_address(sender.address, sender.client.nonce(sender.address) + len(BESIDE))
    owner = sender.address if terms.owner is None else terms.owner or ZERO_ADDRESS
    guardian = sender.address if terms.guardian is None else terms.guardian or ZERO_ADDRESS
    governor = predict_address(sender.address, sender.client.nonce(sender.address) + 2)
    bonds = deploy(sender, "Bonds", [rollup, sequencer, terms.bond_settings()], gas)
    breakers = deploy(sender, "Breakers", [rollup, governor, guardian, terms.share, terms.window], gas)
    return bonds, breakers, deploy(sender, "Governor", [rollup, owner], gas)


def predict_address(creator: str, nonce: int) -> str:
    """Returns the address of the contract that the account's transaction of this nonce creates.

    The last 20 bytes of keccak256(rlp([creator, nonce])): Yellow Paper, section 7 and appendix B.
    """
    number = nonce.to_bytes((nonce.bit_length() + 7) // 8, "big")
    coded = number if 0 < nonce < 0x80 else bytes([0x80 + len(number)]) + number
    digest = keccak(bytes([0xC0 + 21 + len(coded), 0x94]) + bytes.fromhex(creator[2:]) + coded)
    return str(to_checksum_address(digest[12:]))


def deploy_verifier(
    sender: Sender, name: str = VERIFIER, gas: dict[str, int] | None = None
) -> tuple[str, str, tuple[str, ...]]:
    """Deploys a verifier and what it reads; returns its address, the data contract's, the constraint contracts'."""
    artifact = load_artifact(name)
    data = deploy_data(sender, read_key_data(name)[1:], gas)
    constraints = tuple(deploy(sender, part, (), gas) for part in artifact["parts"])
    return deploy(sender, name, [data, *constraints], gas), data, constraints


def deploy_reader(sender: Sender, gas: dict[str, int] | None = None) -> str:
    """Deploys the reader of account proofs, of paths and of exit proofs; returns its address."""
    paths = deploy(sender, PATHS, (), gas)
    verifiers = [deploy_verifier(sender, name, gas)[0] for name in EXIT_VERIFIERS]
    return deploy(sender, READER, [paths, *verifiers], gas)


def read_key_data(name: str = VERIFIER) -> bytes:
    """Returns the code of a key's data contract: a zero byte (STOP), then the key's words."""
    return _bytes(load_artifact(name)["key"])


def read_vk_digest(name: str = VERIFIER) -> bytes:
    """Returns the digest of the verifying key that a verifier of the package is for, 32 bytes."""
    return _bytes(load_artifact(name)["vkDigest"])


def check_key(key_data: bytes | None) -> None:
    """Refuses key data other than the package's with ConfigurationError; None is nothing to refuse."""
    shipped = read_key_data()
    if key_data is not None and key_data != shipped:
        raise ConfigurationError(
            "the prover's key is not the one the compiled verifier is for (make contracts)",
            expected=f"key of digest 0x{read_vk_digest().hex()}", got=f"{len(key_data)} bytes of another key",
        )  # fmt: skip


def check_deployment(client: L1Client, rollup: str) -> None:
    """Checks that rollup, verifiers, constraint contracts and keys on L1 are, byte for byte, this package's.

    Immutable values (addresses, roots) and what the constructor stored are not compared: the views show them.
    Raises L1Rejected naming the first contract that is another.
    """
    _compare_code(client, "Rollup", rollup)
    contract = RollupContract(client, rollup)
    for name, view in BESIDE.items():
        _compare_code(client, name, str(contract.view(view)))
    # Bonds makes it in its constructor, which is not on L1: another one would take other ids for those of a batch.
    answer = client.call(str(contract.view("bonds")), bytes(keccak(text="idTreeReader()")[:4]))
    _compare_code(client, "IdTreeReader", str(to_checksum_address(answer[-20:])))
    _compare_verifier(client, VERIFIER, str(contract.view("verifier")))
    found = _compare_code(client, READER, str(contract.view("accountReader")))
    expected = {PATHS: _compare_code, **dict.fromkeys(EXIT_VERIFIERS, _compare_verifier)}
    for address in found:
        for name in [name for name in expected if _is_artifact(client, name, address)]:
            expected.pop(name)(client, name, address)
    if expected:
        raise L1Rejected("the reader asks other contracts", expected=", ".join(expected), got=f"it names {found}")


def _compare_verifier(client: L1Client, name: str, verifier: str) -> None:
    """Compares a verifier and what it reads."""
    expected = {part: _bytes(load_artifact(part)["runtime"]) for part in load_artifact(name)["parts"]}
    expected["key_data"] = read_key_data(name)
    for address in _compare_code(client, name, verifier):
        code = client.code(address)
        for part in [part for part, wanted in expected.items() if code == wanted]:
            del expected[part]
    if expected:
        raise L1Rejected("the verifier reads other contracts", expected=", ".join(expected), got=f"{name} {verifier}")


def _is_artifact(client: L1Client, name: str, address: str) -> bool:
    """Whether the code at an address has the length of an artifact's: what is compared byte for byte afterwards."""
    return len(client.code(address)) == len(_bytes(load_artifact(name)["runtime"]))


def _compare_code(client: L1Client, name: str, address: str) -> list[str]:
    """Compares code outside immutables; returns the immutable words that can be addresses."""
    artifact = load_artifact(name)
    wanted, code = bytearray(_bytes(artifact["runtime"])), bytearray(client.code(address))
    words = set()
    if len(code) == len(wanted):
        for place in artifact["immutables"]:
            words.add(bytes(code[place : place + 32]))
            code[place : place + 32] = wanted[place : place + 32] = bytes(32)
    if code != wanted:
        raise L1Rejected(f"not the package's {name}", expected=f"{len(wanted)} bytes of its code",
                         got=f"{len(code)} other bytes at {address}")  # fmt: skip
    return [str(to_checksum_address(word[12:])) for word in sorted(words) if not any(word[:12])]


def deploy(sender: Sender, name: str, arguments: Sequence[Any] = (), gas: dict[str, int] | None = None) -> str:
    """Deploys one artifact with constructor arguments; returns its address."""
    artifact = load_artifact(name)
    types = [
        collapse_if_tuple(argument)
        for entry in artifact["abi"]
        if entry["type"] == "constructor"
        for argument in entry["inputs"]
    ]
    if len(types) != len(arguments):
        raise L1Rejected(f"constructor of {name}", expected=f"{len(types)} arguments", got=str(len(arguments)))
    return _create(sender, _bytes(artifact["bytecode"]) + abi_encode(types, list(arguments)), name, gas)


def deploy_data(sender: Sender, content: bytes, gas: dict[str, int] | None = None) -> str:
    """Deploys a contract whose code is a zero byte (STOP, so that it cannot be called) and `content`."""
    return _create(sender, encode_data_init(content), "key_data", gas)


def encode_data_init(content: bytes) -> bytes:
    """Returns the creation code of a data contract: PUSH2 size, DUP1, PUSH1 10, PUSH0, CODECOPY, PUSH0, RETURN."""
    code = b"\0" + content
    if len(code) > MAX_CODE_BYTES:
        raise L1Rejected("data contract is too large", expected=f"<= {MAX_CODE_BYTES} bytes", got=str(len(code)))
    init = b"\x61" + len(code).to_bytes(2, "big") + bytes.fromhex("80600a5f395ff3")
    return init + code


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


def _create(sender: Sender, code: bytes, name: str, gas: dict[str, int] | None) -> str:
    try:
        receipt = sender.transact(None, code)
    except L1Rejected as error:
        raise explain(error) from error
    if receipt.contract is None:
        raise L1Rejected("contract was not created", expected=name, got=receipt.hash)
    if gas is not None:
        gas[name] = gas.get(name, 0) + receipt.gas_used
    return receipt.contract
