"""The 221-byte intake record (docs/seam.md), read. The engine writes it from the wire form and checks it."""

from __future__ import annotations

from dataclasses import dataclass

from l2rollup.errors import Malformed
from l2rollup.types import Kind

INTAKE_BYTES = 221
USER_KINDS = (
    Kind.TRANSFER, Kind.WITHDRAW, Kind.SET_KEY, Kind.SET_STORAGE, Kind.LINKED_TRANSFER, Kind.ROTATE_KEY,
)  # fmt: skip


@dataclass(frozen=True)
class Intake:
    """A user transaction as the engine takes it. Addresses are 20 bytes; gas price in units of the fee token."""

    kind: Kind
    sender: bytes
    to: bytes
    token: int
    fee_token: int
    amount: int
    nonce: int
    gas_limit: int
    gas_price: int
    valid_until: int


def parse_intake(record: bytes) -> Intake:
    """Reads a record. Raises Malformed on another length or kind."""
    if len(record) != INTAKE_BYTES:
        raise Malformed("intake record has another length", expected=f"{INTAKE_BYTES} bytes", got=str(len(record)))
    if record[0] not in USER_KINDS:
        raise Malformed("intake record has another kind", expected="1, 2, 3, 4, 8 or 9", got=str(record[0]))

    def number(start: int, size: int) -> int:
        return int.from_bytes(record[start : start + size], "big")

    return Intake(
        kind=Kind(record[0]),
        sender=record[1:21],
        to=record[21:41],
        token=number(41, 2),
        fee_token=number(43, 2),
        amount=number(45, 16),
        nonce=number(61, 6),
        gas_limit=number(67, 4),
        gas_price=number(71, 8),
        valid_until=number(79, 8),
    )
