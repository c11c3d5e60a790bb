"""The setups barretenberg proves on, as it keeps them: HOME/.bb-crs/bn254_g1.dat, 64 bytes a point, x and y big endian.

The shipped ceremony has 32,769 points, enough for 2^15 rows; bb knows its tau in G2, so proofs on it verify. Larger
circuits are timed on a setup of known tau, on which no proof verifies and any could be forged.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

REAL_POINTS = 32_769
SHIPPED = Path(__file__).resolve().parents[2] / "python/l2rollup/data/srs/aztec-ignition-32768.srs"
MAGIC, HEADER, POINT = b"l2r-srs1", 16, 32

# The base field of BN254; it is 3 modulo 4, so that a square's root is its power (q + 1) / 4.
BASE = 21888242871839275222246405745257275088696311157297823662689037894645226208583


def decompress(word: bytes) -> tuple[int, int]:
    """Returns (x, y) of a point of y^2 = x^3 + 3; the top bit says that y is the larger root. Raises ValueError."""
    value = int.from_bytes(word, "big")
    x, larger = value & ((1 << 255) - 1), value >> 255
    square = (pow(x, 3, BASE) + 3) % BASE
    y = pow(square, (BASE + 1) // 4, BASE)
    if x >= BASE or y * y % BASE != square:
        raise ValueError(f"expected a point of BN254, got x = {x:#x}")
    return x, max(y, BASE - y) if larger else min(y, BASE - y)


def read_shipped() -> list[tuple[int, int]]:
    """Returns the points of the shipped setup. Raises ValueError."""
    data = SHIPPED.read_bytes()
    count = int.from_bytes(data[8:HEADER], "little")
    if data[:8] != MAGIC or count != REAL_POINTS or len(data) != HEADER + POINT * count + 256:
        raise ValueError(f"{SHIPPED.name}: expected {REAL_POINTS} points after {MAGIC!r}, got {count}")
    return [decompress(data[HEADER + POINT * i :][:POINT]) for i in range(count)]


def write_real(home: Path) -> None:
    """Writes the shipped setup below `home`, unless it is there."""
    file = home / ".bb-crs" / "bn254_g1.dat"
    if file.is_file() and file.stat().st_size == 64 * REAL_POINTS:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"".join(x.to_bytes(32, "big") + y.to_bytes(32, "big") for x, y in read_shipped()))


def write_timing(home: Path, points: int, write: Callable[[int, Path], None]) -> None:
    """Writes a setup of known tau with at least `points` points below `home`, unless it is there."""
    file = home / ".bb-crs" / "bn254_g1.dat"
    if not file.is_file() or file.stat().st_size < 64 * points:
        write(points, file.parent)
