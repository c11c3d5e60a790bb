"""Operation records: five words of 30 bytes (docs/spec/data.md). Builds and reads them; decides nothing."""

from __future__ import annotations

from dataclasses import dataclass

from eth_utils.crypto import keccak

from l2rollup.errors import Malformed
from l2rollup.types import Kind

WORD_BYTES = 30
RECORD_BYTES = 5 * WORD_BYTES
LOW_BITS = 136
LOW_MASK = (1 << LOW_BITS) - 1
KEY_KINDS = (Kind.SET_KEY, Kind.ROTATE_KEY, Kind.REGISTER_KEY)
"""Kinds whose record has a key in place of a recipient."""
RECORD_KINDS = (Kind.WITHDRAW, Kind.DEPOSIT, Kind.FORCED_EXIT, *KEY_KINDS)


@dataclass(frozen=True)
class Operation:
    """One operation record, read. `key` is (A.x, A.y) for the kinds that carry one."""

    kind: Kind
    token: int
    index: int
    nonce: int
    amount: int
    fee_token: int
    address: bytes
    recipient: bytes
    key: tuple[int, int] | None = None

    @property
    def pays(self) -> bool:
        """Whether L1 pays out for this record."""
        return self.kind in (Kind.WITHDRAW, Kind.FORCED_EXIT) and self.amount > 0


def _words(w0: int, w1: int, w2: int, w3: int, w4: int) -> bytes:
    return b"".join(word.to_bytes(WORD_BYTES, "big") for word in (w0, w1, w2, w3, w4))


def _first_word(kind: Kind, token: int, amount: int) -> int:
    return int(kind) << 232 | token << 216 | amount << 8


def encode_deposit(token: int, amount: int, account: bytes, depositor: bytes) -> bytes:
    """Returns the record of a deposit: token index, amount, credited account, refund address."""
    w0 = _first_word(Kind.DEPOSIT, token, amount)
    return _words(w0, int.from_bytes(account, "big"), int.from_bytes(depositor, "big"), 0, 0)


def encode_register_key(account: bytes, x: int, y: int) -> bytes:
    """Returns the record of a key registration."""
    w0 = _first_word(Kind.REGISTER_KEY, 0, 0)
    w2 = x >> LOW_BITS << 120 | y >> LOW_BITS
    return _words(w0, int.from_bytes(account, "big"), w2, x & LOW_MASK, y & LOW_MASK)


def encode_forced_exit(token: int, account: bytes) -> bytes:
    """Returns the record of a forced exit as it is requested, its outcome 0: the account's whole balance to itself."""
    owner = int.from_bytes(account, "big")
    return _words(_first_word(Kind.FORCED_EXIT, token, 0), owner, owner, 0, 0)


def roll_queue_hash(before: bytes, record: bytes, parent: bytes) -> bytes:
    """Returns the queue's rolling hash after a request, given the one before it and the hash of the block's parent.

    32 bytes, the last four 0: L1 keeps the time of the entry in their place. Twin of Bridge._enqueue.
    """
    return bytes(keccak(before + keccak(record) + parent))[:28] + bytes(4)


def parse_operation(record: bytes) -> Operation:
    """Reads one record. Raises Malformed on another length or an unknown kind."""
    if len(record) != RECORD_BYTES:
        raise Malformed("operation record has another length", expected=f"{RECORD_BYTES} bytes", got=str(len(record)))
    w = [int.from_bytes(record[i : i + WORD_BYTES], "big") for i in range(0, RECORD_BYTES, WORD_BYTES)]
    code = w[0] >> 232
    if code not in RECORD_KINDS:
        raise Malformed("unknown operation kind", expected="2, 3, 5, 6, 7 or 9", got=str(code))
    kind, key = Kind(code), None
    if kind in KEY_KINDS:
        key = ((w[2] >> 120) << LOW_BITS | w[3], (w[2] & ((1 << 120) - 1)) << LOW_BITS | w[4])
    return Operation(
        kind=kind,
        token=w[0] >> 216 & 0xFFFF,
        index=w[0] >> 184 & 0xFFFFFFFF,
        nonce=w[0] >> 136 & ((1 << 48) - 1),
        amount=w[0] >> 8 & ((1 << 128) - 1),
        fee_token=w[1] >> 224,
        address=(w[1] & ((1 << 160) - 1)).to_bytes(20, "big"),
        recipient=(w[2] & ((1 << 160) - 1)).to_bytes(20, "big") if key is None else bytes(20),
        key=key,
    )


def parse_operations(stream: bytes) -> list[Operation]:
    """Reads the operations stream of a batch, in order."""
    if len(stream) % RECORD_BYTES:
        raise Malformed("operations stream has another length", expected=f"a multiple of {RECORD_BYTES}",
                        got=str(len(stream)))  # fmt: skip
    return [parse_operation(stream[i : i + RECORD_BYTES]) for i in range(0, len(stream), RECORD_BYTES)]
