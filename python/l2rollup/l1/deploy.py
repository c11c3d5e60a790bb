"""Deploys a rollup: the key's data contract, the verifier, Rollup, and for development a demo ERC-20.

Every creation is an ordinary transaction under the gas cap. What is deployed is the compiled code of the package.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eth_abi.abi import encode as abi_encode
from eth_utils.abi import collapse_if_tuple

from l2rollup.errors import L1Rejected
from l2rollup.l1.contracts import load_artifact
from l2rollup.l1.sender import Sender

MAX_CODE_BYTES = 24_576
DEFAULT_TOKEN_FEE_WEI = 5 * 10**16
CALLDATA_MODE = 0


@dataclass(frozen=True)
class Deployment:
    """Addresses of a deployed rollup and the L1 block a watcher starts from; gas used by contract."""

    rollup: str
    verifier: str
    key_data: tuple[str, ...]
    start_block: int
    gas: dict[str, int]


def deploy_rollup(
    sender: Sender, *, sequencer: str, genesis_root: bytes, empty_id_root: bytes, key_data: Sequence[bytes],
    token_fee: int = DEFAULT_TOKEN_FEE_WEI, verifier: str = "Verifier", verifier_arguments: Sequence[Any] | None = None,
) -> Deployment:  # fmt: skip
    """Deploys everything; returns the addresses.

    key_data: contents of the data contracts (32-byte words of the verifying key), as `export_solidity` gives them.
    verifier: name of the verifier's artifact; its constructor takes the data contracts' addresses unless
    `verifier_arguments` says otherwise. genesis_root and empty_id_root: 32 bytes each.
    """
    gas: dict[str, int] = {}
    start = sender.client.head()
    data = tuple(deploy_data(sender, part, gas) for part in key_data)
    arguments = list(data) if verifier_arguments is None else list(verifier_arguments)
    verifier_address = deploy(sender, verifier, arguments, gas)
    rollup = deploy(
        sender, "Rollup",
        [verifier_address, sequencer, genesis_root, empty_id_root, token_fee, CALLDATA_MODE], gas,
    )  # fmt: skip
    return Deployment(rollup, verifier_address, data, start, gas)


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
    code = bytes.fromhex(_bytecode(artifact).removeprefix("0x")) + abi_encode(types, list(arguments))
    return _create(sender, code, name, gas)


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


def _bytecode(artifact: dict[str, Any]) -> str:
    code = artifact["bytecode"]
    return str(code["object"] if isinstance(code, dict) else code)


def _create(sender: Sender, code: bytes, name: str, gas: dict[str, int] | None) -> str:
    receipt = sender.transact(None, code)
    if receipt.contract is None:
        raise L1Rejected("contract was not created", expected=name, got=receipt.hash)
    if gas is not None:
        gas[name] = gas.get(name, 0) + receipt.gas_used
    return receipt.contract
