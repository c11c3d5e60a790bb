"""Strict reading of JSON-RPC parameters: exact count, exact types, no unknown members. Raises Malformed."""

from __future__ import annotations

from typing import Any

import msgspec

from l2rollup.errors import Malformed
from l2rollup.types import parse_address, parse_amount, parse_hex, parse_integer, show

MAX_PROOF_BYTES = 1 << 17


class Params:
    """The positional parameters of one call, taken one after the other."""

    def __init__(self, raw: msgspec.Raw | None, *, least: int, most: int) -> None:
        try:
            text = b"[]" if raw is None else bytes(raw)
            self._values = msgspec.json.decode(text, type=list[msgspec.Raw])
        except msgspec.DecodeError as error:
            got = show(text.decode(errors="replace"))
            raise Malformed("params is no array", expected="an array", got=got, code="invalid_params") from error
        if not least <= len(self._values) <= most:
            wanted = str(least) if least == most else f"{least} to {most}"
            got = str(len(self._values))
            raise Malformed("wrong number of params", expected=wanted, got=got, code="invalid_params")
        self._next = 0

    def raw(self) -> bytes:
        """Takes the next parameter as it came."""
        self._next += 1
        return bytes(self._values[self._next - 1])

    def raw_list(self, what: str) -> list[bytes]:
        """Takes an array; its entries stay as they came."""
        text = self.raw()
        try:
            return [bytes(entry) for entry in msgspec.json.decode(text, type=list[msgspec.Raw])]
        except msgspec.DecodeError as error:
            got = show(text.decode(errors="replace"))
            raise Malformed(f"{what} is no array", expected="an array", got=got, code="invalid_params") from error

    def value(self) -> Any:
        """Takes the next parameter decoded; None when there is none left."""
        if self._next >= len(self._values):
            return None
        return msgspec.json.decode(self.raw())

    def address(self, what: str = "address") -> bytes:
        """Takes an address."""
        return parse_address(self.value(), what=what)

    def optional_address(self, what: str = "address") -> bytes | None:
        """Takes an address if there is a parameter left and it is not null."""
        value = self.value()
        return None if value is None else parse_address(value, what=what)

    def amount(self) -> int:
        """Takes an amount: a decimal string below 2^128."""
        return parse_amount(self.value())

    def hash(self, what: str = "hash") -> bytes:
        """Takes 32 bytes of 0x-hex."""
        return parse_hex(self.value(), length=32, what=what)

    def proof(self) -> bytes:
        """Takes 0x-hex of bounded length."""
        raw = parse_hex(self.value(), what="proof")
        if len(raw) > MAX_PROOF_BYTES:
            raise Malformed("proof is too large", expected=f"<= {MAX_PROOF_BYTES} bytes", got=str(len(raw)),
                            code="too_large")  # fmt: skip
        return raw

    def integer(self, what: str, *, bits: int = 63) -> int:
        """Takes a JSON integer in [0, 2^bits)."""
        return parse_integer(self.value(), bits=bits, what=what)

    def optional_integer(self, what: str, default: int | None, *, bits: int = 63) -> int | None:
        """Takes an integer in [0, 2^bits) if there is a parameter left and it is not null."""
        value = self.value()
        return default if value is None else parse_integer(value, bits=bits, what=what)

    def options(self, *names: str) -> dict[str, Any]:
        """Takes an optional last object with only these members; absent ones are missing from the result."""
        value = self.value()
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise Malformed("options are no object", expected="an object", got=show(value), code="invalid_params")
        unknown = sorted(set(value) - set(names))
        if unknown:
            raise Malformed("unknown member", expected=f"only {', '.join(names)}", got=show(unknown[0]),
                            code="unknown_field")  # fmt: skip
        return value
