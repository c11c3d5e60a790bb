"""The form of every stored value: version (1 byte), length (4 bytes, big endian), msgpack payload.

The length makes a truncated value detectable; the version lets a later release refuse or migrate it. No pickles, and
no schema beyond the record types of records.py.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec

from l2rollup.errors import StorageCorrupt

VERSION = 1
HEADER_BYTES = 5

T = TypeVar("T")

_encoder = msgspec.msgpack.Encoder()
_decoders: dict[type, msgspec.msgpack.Decoder] = {}  # type: ignore[type-arg]


def encode(value: object) -> bytes:
    """Returns the stored form of a msgspec value."""
    payload = _encoder.encode(value)
    return bytes([VERSION]) + len(payload).to_bytes(4, "big") + payload


def decode(raw: bytes, kind: type[T]) -> T:
    """Reads a stored value as `kind`.

    Raises StorageCorrupt when the version, the length or the payload is not what `encode` writes.
    """
    if len(raw) < HEADER_BYTES:
        raise StorageCorrupt("stored value is too short", expected=f">= {HEADER_BYTES} bytes", got=str(len(raw)))
    if raw[0] != VERSION:
        raise StorageCorrupt("stored value has another version", expected=str(VERSION), got=str(raw[0]))
    length = int.from_bytes(raw[1:HEADER_BYTES], "big")
    if len(raw) != HEADER_BYTES + length:
        raise StorageCorrupt(
            "stored value has another length", expected=str(length), got=str(len(raw) - HEADER_BYTES)
        )
    decoder = _decoders.get(kind)
    if decoder is None:
        decoder = _decoders[kind] = msgspec.msgpack.Decoder(kind)
    try:
        result: T = decoder.decode(raw[HEADER_BYTES:])
    except msgspec.MsgspecError as error:
        raise StorageCorrupt("stored value does not decode", expected=kind.__name__, got=str(error)) from error
    return result
