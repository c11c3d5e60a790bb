"""Typed refusals. Codes are the stable names of docs/spec/transactions.md."""


class Fault(Exception):
    """An item is refused and nothing changes."""

    def __init__(self, code: str, message: str, expected: object = None, got: object = None) -> None:
        super().__init__(f"{code}: {message}: expected {expected}, got {got}")
        self.code, self.message, self.expected, self.got = code, message, expected, got


class Malformed(Fault):
    """Bytes that have another form than docs/spec gives them."""

    def __init__(self, what: str, expected: object, got: object) -> None:
        super().__init__("malformed", what, expected, got)


class Reader:
    """Big-endian fields from bytes; every field is checked to be there."""

    def __init__(self, what: str, data: bytes) -> None:
        self.what, self.data, self.at = what, data, 0

    def take(self, count: int) -> bytes:
        """The next bytes."""
        if len(self.data) - self.at < count:
            raise Malformed(f"{self.what}: length", f">= {self.at + count}", len(self.data))
        self.at += count
        return self.data[self.at - count : self.at]

    def number(self, count: int) -> int:
        """The next bytes as an integer."""
        return int.from_bytes(self.take(count), "big")

    def zeros(self, count: int) -> None:
        """Bytes that must be zero."""
        got = self.take(count)
        if any(got):
            raise Malformed(f"{self.what}: unused bytes at {self.at - count}", "zero", got.hex())

    def end(self) -> None:
        """Nothing may follow."""
        if self.at != len(self.data):
            raise Malformed(f"{self.what}: length", self.at, len(self.data))
