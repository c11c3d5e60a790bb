"""Binding of the Rollup contract: calls and events by their Solidity signatures, typed errors by their selectors.

The signatures are those of contracts/src/interfaces; a test compares them with the compiled ABI.
"""

from __future__ import annotations

import importlib.resources
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources.abc import Traversable
from typing import Any

from eth_abi.abi import decode as abi_decode
from eth_abi.abi import encode as abi_encode
from eth_abi.exceptions import DecodingError
from eth_utils.abi import collapse_if_tuple
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from l2rollup.errors import ConfigurationError, L1Rejected
from l2rollup.l1.client import L1Client, Log, Receipt
from l2rollup.l1.events import (
    BatchCommitted,
    BatchesReverted,
    BatchFinalized,
    DepositQueued,
    EscapeActivated,
    Event,
    ForcedExitQueued,
    KeyQueued,
    TokenRegistered,
    WithdrawalClaimed,
)
from l2rollup.l1.sender import GAS_CAP, Sender

INPUT = "(uint256,uint256,bytes32,bytes32,uint256,uint256,bytes32,bytes32,bytes32,uint256,bytes32)"
HEADER = (
    "(uint256,uint256,bytes32,bytes32,uint256,uint256,uint256,uint256,bytes32,bytes32,bytes32,"
    "uint256,uint256,uint256,uint256,uint256,uint256,uint256,bytes32,bytes32)"
)
INPUT_FIELDS = (0, 1, 2, 3, 5, 7, 8, 9, 10, 17, 18)
"""Positions in the header of the eleven fields of BatchInput; L1 computes or continues the others."""

FUNCTIONS: dict[str, tuple[str, str]] = {
    "commitBatch": (f"{INPUT},bytes,bytes,bytes", ""),
    "finalizeBatch": ("uint256,bytes32,bytes", ""),
    "verifyStateCommitment": ("bytes32,bytes", "bool"),
    "deposit": ("address,uint256,address", ""),
    "depositETH": ("address", ""),
    "registerKey": ("uint256,uint256", ""),
    "registerToken": ("address", "uint256"),
    "initiateWithdrawal": ("bytes,address,uint256,address", ""),
    "requestForcedExit": ("address", ""),
    "activateEscape": ("", ""),
    "forceExit": ("bytes,address", ""),
    "forceExits": ("bytes", ""),
    "refundDeposit": ("uint256,address,uint256,address,address", ""),
    "forcedExitFee": ("", "uint256"),
    "forcedDeadline": ("", "uint64"),
    "finalityDeadline": ("", "uint64"),
    "escapedAt": ("", "uint64"),
    "escapeOpensAt": ("", "uint256"),
    "accountReader": ("", "address"),
    "queueHead": ("", "uint256"),
    "isExited": ("uint256,uint256", "bool"),
    "isRefunded": ("uint256", "bool"),
    "lastCommitted": ("", "uint256"),
    "lastFinalised": ("", "uint256"),
    "headerHash": ("uint256", "bytes32"),
    "archive": ("", "bytes32[3]"),
    "restoreHeader": ("uint256,bytes32[]", ""),
    "admitSequencer": ("", ""),
    "commitTime": ("uint256", "uint256"),
    "stateRoot": ("", "bytes32"),
    "sequencer": ("", "address"),
    "bonds": ("", "address"),
    "breakers": ("", "address"),
    "governor": ("", "address"),
    "delayedUntil": ("uint256,uint256", "uint256"),
    "verifier": ("", "address"),
    "vkDigest": ("", "bytes32"),
    "domain": ("", "uint256"),
    "emptyIdRoot": ("", "bytes32"),
    "tokenFee": ("", "uint256"),
    "tokenCount": ("", "uint256"),
    "tokens": ("uint256", "address"),
    "tokenIndex": ("address", "uint256"),
    "escrowed": ("address", "uint256"),
    "pending": ("address,address", "uint256"),
    "withdrawPending": ("address", ""),
    "queueLength": ("", "uint256"),
    "queueHash": ("uint256", "bytes32"),
    "withdrawalsRoot": ("uint256", "bytes32"),
    "isClaimed": ("uint256,uint256", "bool"),
}
EVENTS: dict[str, tuple[str, str]] = {
    # name: (all arguments, arguments in data); the indexed ones are in the topics in order
    "TokenRegistered": ("uint256,address", ""),
    "DepositQueued": ("uint256,address,uint256,uint256,address,address", "uint256,uint256,address"),
    "KeyQueued": ("uint256,address,uint256,uint256", "uint256,uint256"),
    "ForcedExitQueued": ("uint256,address,uint256,address,uint256", "uint256,uint256"),
    "EscapeActivated": ("uint256,uint256", "uint256,uint256"),
    "WithdrawalPaid": ("uint256,uint256,address,uint256,address", "address,uint256"),
    "WithdrawalPending": ("uint256,uint256,address,uint256,address", "address,uint256"),
    "BatchCommitted": (f"uint256,bytes32,{HEADER}", HEADER),
    "BatchFinalized": ("uint256,bytes32", "bytes32"),
    "BatchesReverted": ("uint256,uint256", "uint256"),
}


def split_types(types: str) -> list[str]:
    """Returns the types of a list, split at its top-level commas."""
    parts, depth, current = [], 0, ""
    for char in types:
        depth += (char == "(") - (char == ")")
        if char == "," and depth == 0:
            parts.append(current)
            current = ""
        else:
            current += char
    return [*parts, current] if current else parts


def encode_call(name: str, values: Sequence[Any] = ()) -> bytes:
    """Returns the calldata of a function of FUNCTIONS."""
    types = FUNCTIONS[name][0]
    return bytes(keccak(text=f"{name}({types})")[:4]) + abi_encode(split_types(types), list(values))


_TOPICS: dict[bytes, str] = {
    bytes(keccak(text=f"{name}({types})")): name for name, (types, _) in EVENTS.items()
}


def decode_event(log: Log) -> Event | None:
    """Reads a log of the Rollup contract; None for an event the node has no use for."""
    name = _TOPICS.get(log.topics[0]) if log.topics else None
    if name is None:
        return None
    words = [int.from_bytes(topic, "big") for topic in log.topics[1:]]
    data = abi_decode(split_types(EVENTS[name][1]), log.data)
    match name:
        case "TokenRegistered":
            return TokenRegistered(words[0], log.topics[2][12:], log.transaction)
        case "DepositQueued":
            depositor = bytes.fromhex(data[2][2:])
            return DepositQueued(words[0], data[0], data[1], log.topics[3][12:], depositor, log.transaction)
        case "KeyQueued":
            return KeyQueued(words[0], log.topics[2][12:], data[0], data[1], log.transaction)
        case "ForcedExitQueued":
            return ForcedExitQueued(words[0], data[0], log.topics[3][12:], log.transaction)
        case "EscapeActivated":
            return EscapeActivated(data[1], log.transaction)
        case "BatchCommitted":
            return BatchCommitted(words[0], log.topics[2], log.transaction)
        case "BatchFinalized":
            return BatchFinalized(words[0], data[0], log.transaction)
        case "BatchesReverted":
            return BatchesReverted(words[0], data[0], log.transaction)
        case _:
            return WithdrawalClaimed(words[0], words[1], log.transaction)


@dataclass(frozen=True)
class Attempt:
    """A mined call: its receipt, and the typed error it reverted with (None when it succeeded)."""

    receipt: Receipt
    error: str | None


class RollupContract:
    """The contract at `address`. Views read the newest block unless told; sends go through a Sender."""

    def __init__(self, client: L1Client, address: str) -> None:
        self.client = client
        self.address = str(to_checksum_address(address))

    def view(self, name: str, *values: Any, block: int | None = None) -> Any:
        """Returns the one result of a view of FUNCTIONS, in the newest block or in this one."""
        answer = self._call(name, values, block)
        try:
            (result,) = abi_decode([FUNCTIONS[name][1]], answer)
        except (DecodingError, ValueError) as error:
            raise L1Rejected(f"{name} answers another form", expected=FUNCTIONS[name][1],
                             got=f"{len(answer)} bytes") from error  # fmt: skip
        return result

    def decode(self, log: Log) -> Event | None:
        """Reads a log of this contract."""
        return decode_event(log)

    def committed(self) -> int:
        """Returns the id of the last committed batch."""
        return int(self.view("lastCommitted"))

    def finalized(self) -> int:
        """Returns the id of the last batch whose proof was accepted."""
        return int(self.view("lastFinalised"))

    def header_hash(self, batch_id: int) -> bytes:
        """Returns the stored hash of a batch header; zeros when there is none, or no longer (archive.py)."""
        return bytes(self.view("headerHash", batch_id))

    def state_root(self) -> bytes:
        """Returns the last proven root."""
        return bytes(self.view("stateRoot"))

    def send_commit(
        self, sender: Sender, header: Sequence[Any], operations: bytes, transactions: bytes, signatures: bytes
    ) -> str:
        """Sends commitBatch; header as BatchHeader.to_tuple(). Returns the transaction hash."""
        batch = tuple(header[i] for i in INPUT_FIELDS)
        return self._send(sender, "commitBatch", [batch, operations, transactions, signatures])

    def send_finalize(self, sender: Sender, batch_id: int, root: bytes, proof: bytes, *, gas: int | None = None) -> str:
        """Sends finalizeBatch; with `gas` it is sent even if it will revert. Returns the transaction hash."""
        return self._send(sender, "finalizeBatch", [batch_id, root, proof], gas=gas)

    def transact(self, sender: Sender, name: str, values: Sequence[Any] = ()) -> Receipt:
        """Sends a call of FUNCTIONS and waits. Raises L1Rejected with the contract's error when it reverts."""
        try:
            return sender.transact(self.address, encode_call(name, values))
        except L1Rejected as error:
            raise explain(error) from error

    def is_proven(self, snark: bytes, inputs: Sequence[int]) -> bool:
        """Asks the verifier in force about a proof. Raises L1Rejected for one that it cannot read."""
        data = bytes(keccak(text="verify(bytes,uint256[])")[:4]) + abi_encode(["bytes", "uint256[]"], [snark, inputs])
        try:
            (holds,) = abi_decode(["bool"], self.client.call(str(self.view("verifier")), data))
        except (DecodingError, ValueError) as error:
            raise L1Rejected("the verifier answers another form", expected="bool", got=str(error)) from error
        except L1Rejected as error:
            raise explain(error) from error
        return bool(holds)

    def attempt(self, sender: Sender, name: str, values: Sequence[Any], *, gas: int = GAS_CAP // 2) -> Attempt:
        """Mines a call of FUNCTIONS whatever comes of it; returns the receipt and the contract's error, if any."""
        data = encode_call(name, values)
        receipt = self.client.wait(sender.send(self.address, data, gas=gas))
        if receipt.success:
            return Attempt(receipt, None)
        reason = sender.find_reason(receipt, self.address, data)
        return Attempt(receipt, decode_error(reason.data) or reason.data)

    def read_commit(self, transaction: str) -> tuple[bytes, bytes, bytes]:
        """Returns operations, transactions and signatures from the calldata of a mined commitBatch."""
        data = self.client.transaction_input(transaction)
        if data is None or data[:4] != encode_selector("commitBatch"):
            raise L1Rejected("not a commitBatch transaction", expected="its calldata", got=transaction)
        _, operations, transactions, signatures = abi_decode(split_types(FUNCTIONS["commitBatch"][0]), data[4:])
        return operations, transactions, signatures

    def prepare_deposit(self, token: bytes, amount: int, sender: bytes | None) -> dict[str, object]:
        """Returns the unsigned L1 transaction of a deposit by `sender` for itself."""
        account = sender or bytes(20)
        if token == bytes(20):
            data, value = encode_call("depositETH", [account]), amount
        else:
            data, value = encode_call("deposit", [token, amount, account]), 0
        prepared: dict[str, object] = {"to": self.address, "value": str(value), "data": "0x" + data.hex()}
        if sender is not None:
            prepared["from"] = str(to_checksum_address(sender))
        return prepared

    def _send(self, sender: Sender, name: str, values: Sequence[Any], *, gas: int | None = None) -> str:
        try:
            return sender.send(self.address, encode_call(name, values), gas=gas)
        except L1Rejected as error:
            raise explain(error) from error

    def _call(self, name: str, values: Sequence[Any], block: int | None = None) -> bytes:
        try:
            return self.client.call(self.address, encode_call(name, values), block=block)
        except L1Rejected as error:
            raise explain(error) from error


def encode_selector(name: str) -> bytes:
    """Returns the four bytes that select a function of FUNCTIONS."""
    return bytes(keccak(text=f"{name}({FUNCTIONS[name][0]})")[:4])


@cache
def load_artifact(name: str) -> dict[str, Any]:
    """Returns a compiled contract of the package (data/contracts/NAME.json, written by `make contracts`)."""
    path = _artifact_folder() / f"{name}.json"
    if not path.is_file():
        raise ConfigurationError("compiled contract is not installed", expected=f"{name}.json", got="no such file")
    artifact: dict[str, Any] = json.loads(path.read_text())
    return artifact


def _artifact_folder() -> Traversable:
    return importlib.resources.files("l2rollup") / "data" / "contracts"


@cache
def _errors() -> dict[bytes, tuple[str, list[str], list[str]]]:
    """Returns the custom errors of the compiled contracts by selector: name, types, argument names."""
    found: dict[bytes, tuple[str, list[str], list[str]]] = {
        bytes.fromhex("08c379a0"): ("Error", ["string"], ["message"]),
        bytes.fromhex("4e487b71"): ("Panic", ["uint256"], ["code"]),
    }
    folder = _artifact_folder()
    if not folder.is_dir():
        return found
    for file in folder.iterdir():
        if not file.name.endswith(".json"):
            continue
        content = json.loads(file.read_text())
        for entry in content.get("abi", []) if isinstance(content, dict) else []:
            if entry.get("type") == "error":
                types = [collapse_if_tuple(argument) for argument in entry["inputs"]]
                selector = bytes(keccak(text=f"{entry['name']}({','.join(types)})")[:4])
                found[selector] = (entry["name"], types, [argument["name"] for argument in entry["inputs"]])
    return found


def decode_error(data: str) -> str | None:
    """Returns a revert's typed error as text, `Name(argument=value, ...)`; None for unknown data."""
    raw = bytes.fromhex(data[2:]) if data.startswith("0x") else b""
    known = _errors().get(raw[:4])
    if known is None:
        return None
    name, types, names = known
    try:
        values = abi_decode(types, raw[4:])
    except Exception:
        return name
    shown = (f"{key}={_show(value)}" for key, value in zip(names, values, strict=True))
    return f"{name}({', '.join(shown)})"


def explain(error: L1Rejected) -> L1Rejected:
    """Returns the error with the contract's typed error as its `got`, when the revert data names one."""
    name = decode_error(error.data)
    return error if name is None else L1Rejected(error.message, error.data, expected=error.expected, got=name)


def _show(value: object) -> str:
    return "0x" + value.hex() if isinstance(value, bytes) else str(value)
