"""The records that cross the API and their encodings: addresses, hashes, amounts. Shapes and strict parsing, no rules.

JSON names are camelCase; amounts are decimal strings of the smallest unit; addresses and hashes are 0x-hex.
"""

from __future__ import annotations

import enum
import re

import msgspec
from eth_utils.address import is_checksum_address, to_checksum_address

from l2rollup.errors import Malformed

ZERO_ADDRESS = "0x" + "00" * 20
SYSTEM_ADDRESS = "0x" + "00" * 18 + "0101"
RESERVED_ADDRESSES = 1 << 16
"""Addresses below this number are system addresses: refused as accounts and recipients."""

_HEX = re.compile(r"0x(?:[0-9a-fA-F]{2})*")
_DECIMAL = re.compile(r"0|[1-9][0-9]*")


class Status(enum.StrEnum):
    """Status of a transaction or a batch, API.md. Written by node/status.py only."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    SEALED = "sealed"
    EXECUTED = "executed"
    PUBLISHED = "published"
    PROVEN = "proven"
    SETTLED = "settled"
    FINAL = "final"
    CLAIMABLE = "claimable"
    PAID = "paid"
    REJECTED = "rejected"
    DROPPED = "dropped"
    REVERTED = "reverted"


class Kind(enum.IntEnum):
    """Kinds of items, docs/spec/transactions.md."""

    NOOP = 0
    TRANSFER = 1
    WITHDRAW = 2
    SET_KEY = 3
    SET_STORAGE = 4
    DEPOSIT = 5
    REGISTER_KEY = 6
    FORCED_EXIT = 7
    LINKED_TRANSFER = 8
    ROTATE_KEY = 9

    @property
    def is_transfer(self) -> bool:
        """Whether it moves an amount to an L2 account, which it may create."""
        return self in (Kind.TRANSFER, Kind.LINKED_TRANSFER)


class L2Transaction(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """The wire form of a user transaction, the seed's eight fields."""

    from_: str = msgspec.field(name="from")
    to: str
    value: str
    data: str
    nonce: int
    gas_limit: int
    gas_price: str
    signature: str


class Reason(msgspec.Struct, rename="camel", omit_defaults=True):
    """Why something was refused: number and name of the code, message, expected and got."""

    code: int
    message: str
    name: str | None = None
    expected: str | None = None
    got: str | None = None


class TransactionStatus(msgspec.Struct, rename="camel", omit_defaults=True):
    """Answer of l2_getTransactionStatus. times: unix seconds by status name."""

    hash: str
    status: str
    times: dict[str, float]
    block: int | None = None
    sequence: int | None = None
    batch_id: int | None = None
    l1_tx_hash: str | None = None
    reason: Reason | None = None


class BatchL1(msgspec.Struct, rename="camel", omit_defaults=True):
    """L1 transactions of a batch; gas is the gasUsed of finalizeBatch, commit_gas that of commitBatch."""

    commit_tx: str | None = None
    finalize_tx: str | None = None
    block: int | None = None
    gas: int | None = None
    commit_gas: int | None = None


class BatchStatus(msgspec.Struct, rename="camel"):
    """Answer of l2_getBatchStatus."""

    batch_id: int
    status: str
    old_state_root: str
    new_state_root: str
    transactions: int
    operations: int
    data: str
    l1: BatchL1
    times: dict[str, float]


def parse_hex(text: object, *, length: int | None = None, what: str = "hex") -> bytes:
    """Reads 0x-hex of exactly `length` bytes (any length when None). Raises Malformed."""
    if not isinstance(text, str) or not _HEX.fullmatch(text):
        raise Malformed(f"{what} is not 0x-hex", expected="0x and pairs of hex digits", got=show(text),
                        code="malformed_hex")  # fmt: skip
    raw = bytes.fromhex(text[2:])
    if length is not None and len(raw) != length:
        raise Malformed(f"{what} has another length", expected=f"{length} bytes", got=f"{len(raw)} bytes",
                        code="malformed_hex")  # fmt: skip
    return raw


def parse_address(text: object, *, what: str = "address") -> bytes:
    """Reads an address: 20 bytes of 0x-hex, all lower case or with a right EIP-55 checksum. Raises Malformed."""
    if not isinstance(text, str) or not _HEX.fullmatch(text) or len(text) != 42:
        raise Malformed(f"{what} is no address", expected="0x and 40 hex digits", got=show(text),
                        code="malformed_address")  # fmt: skip
    if text != text.lower() and not is_checksum_address(text):
        right = str(to_checksum_address(text.lower()))
        raise Malformed(f"{what} has a wrong EIP-55 checksum", expected=right, got=text, code="malformed_address")
    return bytes.fromhex(text[2:])


def parse_amount(text: object, *, bits: int = 128, what: str = "amount") -> int:
    """Reads a decimal string below 2^bits: no sign, space, underscore, leading zero. Raises Malformed."""
    if not isinstance(text, str) or not text.isascii() or not _DECIMAL.fullmatch(text):
        raise Malformed(f"{what} is no decimal string", expected="decimal digits in a string", got=show(text),
                        code="not_an_integer")  # fmt: skip
    if len(text) > 78 or (value := int(text)) >> bits:
        raise Malformed(f"{what} is too large", expected=f"< 2^{bits}", got=show(text), code="out_of_range")
    return value


def parse_integer(value: object, *, bits: int, what: str) -> int:
    """Accepts a JSON integer in [0, 2^bits); floats, booleans and texts are refused. Raises Malformed."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise Malformed(f"{what} is no integer", expected="a JSON integer", got=show(value), code="not_an_integer")
    if value < 0 or value >> bits:
        raise Malformed(f"{what} is out of range", expected=f"0 <= {what} < 2^{bits}", got=show(value),
                        code="out_of_range")  # fmt: skip
    return value


def to_hex(raw: bytes) -> str:
    """Returns 0x and the lower-case hex digits."""
    return "0x" + raw.hex()


def to_address(raw: bytes) -> str:
    """Returns the EIP-55 form of a 20-byte address."""
    return str(to_checksum_address(raw))


def show(value: object) -> str:
    """Returns a short text for error messages, never more than 80 characters of the caller's input."""
    text = value if isinstance(value, str) else repr(value)
    kind = type(value).__name__
    return f"{kind} {text[:80]!r}" if not isinstance(value, str) else repr(text[:80])
