"""The BN254 scalar field as plain integers. What it is not: a class; elements are ints in [0, R)."""

R = 21888242871839275222246405745257275088548364400416034343698204186575808495617
"""The modulus r (docs/spec/hash.md)."""


def inverse(x: int) -> int:
    """1/x modulo r. Raises ZeroDivisionError for 0."""
    if x % R == 0:
        raise ZeroDivisionError("expected a non-zero element, got 0")
    return pow(x, -1, R)


def square_root(x: int) -> int | None:
    """The root of x that is at most (r - 1) / 2, or None when x is no square (Tonelli-Shanks, r - 1 = 2^28 * odd)."""
    x %= R
    if x == 0:
        return 0
    if pow(x, (R - 1) // 2, R) != 1:
        return None
    odd, twos = (R - 1) >> 28, 28
    c, root, t = pow(5, odd, R), pow(x, (odd + 1) // 2, R), pow(x, odd, R)
    while t != 1:
        order, power = 0, t
        while power != 1:
            power, order = power * power % R, order + 1
        b = pow(c, 1 << (twos - order - 1), R)
        twos, c = order, b * b % R
        root, t = root * b % R, t * c % R
    return min(root, R - root)


def to_bytes(x: int) -> bytes:
    """32 bytes, big endian."""
    if not 0 <= x < R:
        raise ValueError(f"expected an element below r, got {x}")
    return x.to_bytes(32, "big")


def from_bytes(data: bytes) -> int:
    """Reads 32 big-endian bytes; refuses another length and values of r or more."""
    if len(data) != 32:
        raise ValueError(f"expected 32 bytes, got {len(data)}")
    x = int.from_bytes(data, "big")
    if x >= R:
        raise ValueError(f"expected an element below r, got {x}")
    return x


def to_hex(x: int) -> str:
    """0x and 64 hex digits."""
    return "0x" + to_bytes(x).hex()
