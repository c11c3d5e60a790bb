"""Binding of the Bonds contract: views, calls, and the two logs that somebody has to answer.

The signatures are those of contracts/src/interfaces; a test compares them with the compiled ABI. Values are ABI tuples:
what a header or a receipt means is known above.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eth_abi.abi import decode as abi_decode
from eth_abi.abi import encode as abi_encode
from eth_abi.exceptions import DecodingError
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from l2rollup.errors import L1Rejected
from l2rollup.l1.client import L1Client, Log, Receipt
from l2rollup.l1.contracts import HEADER, explain, split_types
from l2rollup.l1.sender import Sender

BLOCK = (
    "(uint64,bytes32,uint64,uint32,bytes32,uint256,uint64,bytes32,uint64,uint64,uint64[],uint64,bytes32)"
)
SIGNED = f"({BLOCK},bytes)"
RECEIPT = f"({SIGNED},uint256,bytes32,uint256,uint256,bytes32[])"
NAME = "(bytes32,uint256,bytes32,uint256)"
OPENING = f"({HEADER},uint256[24])"

FUNCTIONS: dict[str, tuple[str, str]] = {
    "rollup": ("", "address"),
    "sequencer": ("", "address"),
    "offeredTo": ("", "address"),
    "isSigner": ("address", "bool"),
    "isVoid": ("uint64,bytes32", "bool"),
    "computeDigest": (BLOCK, "bytes32"),
    "bondOf": ("", "uint256"),
    "unbonding": ("", "address,uint256,uint256"),
    "owed": ("address", "uint256"),
    "disputes": ("", "uint256,uint256,uint256"),
    "minimumBond": ("", "uint256"),
    "challengeBond": ("", "uint256"),
    "challengeForfeit": ("", "uint256"),
    "proofWindow": ("", "uint256"),
    "challengeWindow": ("", "uint256"),
    "filingBond": ("", "uint256"),
    "openingWindow": ("", "uint256"),
    "claimWindow": ("", "uint256"),
    "unbondingDelay": ("", "uint256"),
    "challenge": ("", "uint64,address,uint64"),
    "caseCount": ("", "uint256"),
    "caseOf": ("uint256", "uint256,uint256,uint256,bool"),
    "registration": ("uint256,bytes32", "bytes32,address,uint64,uint256"),
    "coverPaid": ("bytes32", "uint256"),
    "filing": ("bytes32", "address,uint64,uint8"),
    "addBond": ("", ""),
    "startUnbonding": ("uint256", ""),
    "finishUnbonding": ("", ""),
    "offerSequencer": ("address", ""),
    "acceptSequencer": ("", ""),
    "withdraw": ("address", ""),
    "challengeBatch": ("uint256", ""),
    "revertBatches": ("", ""),
    "refundChallenge": ("", ""),
    "slashEquivocation": (f"{SIGNED},{SIGNED}", ""),
    "slashRoot": (f"{SIGNED},{HEADER}", ""),
    "fileReceipt": (RECEIPT, ""),
    "answerReceipt": (f"{NAME},{OPENING}", ""),
    "contradictReceipt": (f"{NAME},bytes32,{OPENING}", ""),
    "slashReceipt": ("bytes32", ""),
    "registerCover": (f"uint256,{RECEIPT},bytes32", ""),
    "strikeCover": (f"uint256,{NAME},{OPENING}", ""),
    "payCovers": ("uint256,uint256", ""),
}
EVENTS: dict[str, tuple[str, str]] = {
    # name: (all arguments, arguments in data); the indexed ones are in the topics in order
    "ReceiptFiled": (
        "bytes32,address,uint64,bytes32,uint256,bytes32,uint256,uint64",
        "uint64,bytes32,uint256,bytes32,uint256,uint64",
    ),
    "CoverRegistered": (
        "uint256,bytes32,address,uint64,bytes32,uint256,bytes32,uint256",
        "uint64,bytes32,uint256,bytes32,uint256",
    ),
}
OPEN = 1
HONOURED = 2
VIOLATED = 3
_TOPICS = {bytes(keccak(text=f"{name}({types})")): name for name, (types, _) in EVENTS.items()}


@dataclass(frozen=True)
class ReceiptFiled:
    """A receipt was filed: its key, and what an answer names: digest of the header, sequence number, id, cover."""

    key: bytes
    name: tuple[bytes, int, bytes, int]
    deadline: int


@dataclass(frozen=True)
class CoverRegistered:
    """A cover was registered in a case: key of the receipt, and what a strike names."""

    case: int
    key: bytes
    name: tuple[bytes, int, bytes, int]


def decode_bonds_event(log: Log) -> ReceiptFiled | CoverRegistered | None:
    """Reads a log of the Bonds contract; None for one that asks nobody for an answer."""
    name = _TOPICS.get(log.topics[0]) if log.topics else None
    if name is None:
        return None
    data = abi_decode(split_types(EVENTS[name][1]), log.data)
    named = (bytes(data[1]), int(data[2]), bytes(data[3]), int(data[4]))
    if name == "ReceiptFiled":
        return ReceiptFiled(log.topics[1], named, int(data[5]))
    return CoverRegistered(int.from_bytes(log.topics[1], "big"), log.topics[2], named)


def encode_bonds_call(name: str, values: Sequence[Any] = ()) -> bytes:
    """Returns the calldata of a function of FUNCTIONS."""
    types = FUNCTIONS[name][0]
    return bytes(keccak(text=f"{name}({types})")[:4]) + abi_encode(split_types(types), list(values))


def find_bonds(client: L1Client, rollup: str) -> BondsContract:
    """Returns the contract of bonds that a rollup names. Raises L1Rejected where they do not name each other."""
    try:
        (named,) = abi_decode(["address"], client.call(rollup, bytes(keccak(text="bonds()")[:4])))
    except (DecodingError, ValueError) as error:
        raise L1Rejected("the rollup names no contract of bonds", expected="an address", got=rollup) from error
    bonds = BondsContract(client, named)
    answers_for = str(bonds.view("rollup"))
    if answers_for.lower() != rollup.lower():
        raise L1Rejected("the contract of bonds answers for another rollup", expected=rollup, got=answers_for)
    return bonds


class BondsContract:
    """The contract at `address`. Views read the newest block unless told; sends go through a Sender and wait."""

    def __init__(self, client: L1Client, address: str) -> None:
        self.client = client
        self.address = str(to_checksum_address(address))

    def view(self, name: str, *values: Any, block: int | None = None) -> Any:
        """Returns the result of a view of FUNCTIONS, in the newest block or in this one; a tuple of several."""
        try:
            answer = self.client.call(self.address, encode_bonds_call(name, values), block=block)
        except L1Rejected as error:
            raise explain(error) from error
        kinds = split_types(FUNCTIONS[name][1])
        try:
            results = abi_decode(kinds, answer)
        except (DecodingError, ValueError) as error:
            raise L1Rejected(f"{name} answers another form", expected=FUNCTIONS[name][1],
                             got=f"{len(answer)} bytes") from error  # fmt: skip
        return results[0] if len(kinds) == 1 else results

    def transact(self, sender: Sender, name: str, *values: Any, value: int = 0) -> Receipt:
        """Sends a call of FUNCTIONS and waits. Raises L1Rejected with the contract's error when it reverts."""
        try:
            return sender.transact(self.address, encode_bonds_call(name, values), value=value)
        except L1Rejected as error:
            raise explain(error) from error
