"""Keccak-256 as Ethereum uses it (FIPS 202's permutation with the original padding byte 0x01), plus ABI words."""

_MASK = (1 << 64) - 1
_RATE = 136


def _round_constants() -> list[int]:
    constants, lfsr = [], 1
    for _ in range(24):
        constant = 0
        for j in range(7):
            if lfsr & 1:
                constant |= 1 << ((1 << j) - 1)
            lfsr = (lfsr << 1) ^ (0x171 if lfsr & 0x80 else 0)
        constants.append(constant)
    return constants


def _rotations() -> list[int]:
    offsets, x, y = [0] * 25, 1, 0
    for t in range(24):
        offsets[x + 5 * y] = (t + 1) * (t + 2) // 2 % 64
        x, y = y, (2 * x + 3 * y) % 5
    return offsets


_CONSTANTS = _round_constants()
# Lane i moves to (y, 2x + 3y) after its rotation.
_MOVES = [(i, i // 5 + 5 * ((2 * (i % 5) + 3 * (i // 5)) % 5), r) for i, r in enumerate(_rotations())]


def _permute(a: list[int]) -> list[int]:
    for constant in _CONSTANTS:
        c = [a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20] for x in range(5)]
        d = [c[x - 1] ^ (c[(x + 1) % 5] << 1 & _MASK | c[(x + 1) % 5] >> 63) for x in range(5)]
        b = [0] * 25
        for i, to, r in _MOVES:
            lane = a[i] ^ d[i % 5]
            b[to] = (lane << r | lane >> (64 - r)) & _MASK
        a = [b[i] ^ (~b[(i + 1) % 5 + i - i % 5] & b[(i + 2) % 5 + i - i % 5]) for i in range(25)]
        a[0] ^= constant
    return a


def keccak256(data: bytes) -> bytes:
    """The 32-byte hash of any bytes."""
    padded = bytearray(data) + b"\x01" + bytes(-(len(data) + 1) % _RATE)
    padded[-1] |= 0x80
    lanes = [0] * 25
    for start in range(0, len(padded), _RATE):
        for i in range(_RATE // 8):
            lanes[i] ^= int.from_bytes(padded[start + 8 * i : start + 8 * i + 8], "little")
        lanes = _permute(lanes)
    return b"".join(lane.to_bytes(8, "little") for lane in lanes[:4])


def word(x: int) -> bytes:
    """abi.encode of a uint256 or an address."""
    return x.to_bytes(32, "big")


def low_248(digest: bytes) -> int:
    """The low 248 bits of a hash, which are a field element."""
    return int.from_bytes(digest[1:], "big")
