"""Operation records as readers of L1 data take them: every kind that has one, its key or recipient, nothing else."""

from __future__ import annotations

import pytest

from l2rollup.bridge import encode_deposit, encode_forced_exit, encode_register_key, parse_operations
from l2rollup.bridge.records import RECORD_BYTES, RECORD_KINDS, parse_operation
from l2rollup.errors import Malformed
from l2rollup.types import Kind

X = 5299619240641551281634865583518297030282874472190772894086521144482721001553
Y = 16950150798460657717958625567821834550301663161624707787222815936182638968203
ACCOUNT, OTHER = bytes(range(1, 21)), bytes(range(2, 22))


def keyed(kind: int, *, index: int = 0, nonce: int = 0, fee_token: int = 0) -> bytes:
    """A record with a key, as docs/spec/data.md lays it out."""
    low = (1 << 136) - 1
    words = (kind << 232 | index << 184 | nonce << 136, fee_token << 224 | int.from_bytes(ACCOUNT, "big"),
             (X >> 136) << 120 | Y >> 136, X & low, Y & low)  # fmt: skip
    return b"".join(word.to_bytes(30, "big") for word in words)


def test_rotate_key() -> None:
    found = parse_operation(keyed(9, index=7, nonce=3, fee_token=5))
    assert found.kind is Kind.ROTATE_KEY
    assert (found.index, found.nonce, found.fee_token, found.address) == (7, 3, 5, ACCOUNT)
    assert found.key == (X, Y) and found.recipient == bytes(20)
    assert (found.amount, found.token, found.pays) == (0, 0, False)


@pytest.mark.parametrize("kind", [Kind.SET_KEY, Kind.REGISTER_KEY, Kind.ROTATE_KEY])
def test_kinds_with_a_key_differ_in_the_code_alone(kind: Kind) -> None:
    found = parse_operation(keyed(kind))
    assert (found.kind, found.key, found.pays) == (kind, (X, Y), False)


def test_a_rotate_key_moves_no_value() -> None:
    """Conservation and the withdrawals root look at `pays`: an amount here, which L1 refuses, is nothing."""
    record = bytearray(keyed(9))
    record[28] = 1
    assert parse_operation(bytes(record)).amount == 1
    assert not parse_operation(bytes(record)).pays


def test_requests_and_streams() -> None:
    records = [encode_deposit(2, 5, ACCOUNT, OTHER), encode_register_key(ACCOUNT, X, Y), keyed(9),
               encode_forced_exit(3, ACCOUNT)]  # fmt: skip
    found = parse_operations(b"".join(records))
    assert [one.kind for one in found] == [Kind.DEPOSIT, Kind.REGISTER_KEY, Kind.ROTATE_KEY, Kind.FORCED_EXIT]
    assert (found[0].recipient, found[0].amount, found[1].key) == (OTHER, 5, (X, Y))


def test_other_codes_are_no_records() -> None:
    """A noop is on the stream as the forced_exit it answers; transfers and set_storage have no record."""
    for code in set(range(256)) - set(RECORD_KINDS):
        with pytest.raises(Malformed, match="unknown operation kind"):
            parse_operation(bytes([code]) + bytes(RECORD_BYTES - 1))


def test_lengths() -> None:
    for size in (0, 149, 151):
        with pytest.raises(Malformed, match="another length"):
            parse_operation(bytes(size))
    with pytest.raises(Malformed, match="another length"):
        parse_operations(keyed(9) + b"\x00")
