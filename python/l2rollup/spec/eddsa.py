"""circomlib's EdDSA on BabyJubJub with Poseidon: keys, signing, and the exact acceptance set of docs/spec/hash.md."""

from . import babyjubjub
from .babyjubjub import B8, IDENTITY, ORDER, Point, add, is_on_curve, multiply
from .blake import blake512
from .field import R
from .poseidon import poseidon5


def _expand(seed: bytes) -> tuple[int, bytes]:
    """The pruned secret scalar, a multiple of 8, and the half of the digest that seeds nonces."""
    digest = bytearray(blake512(seed))
    digest[0] &= 0xF8
    digest[31] = digest[31] & 0x7F | 0x40
    return int.from_bytes(digest[:32], "little"), bytes(digest[32:])


def public_key(seed: bytes) -> Point:
    """circomlibjs prv2pub. The seed is any bytes; wallets use 32."""
    return multiply(B8, _expand(seed)[0] >> 3)


def challenge(r8: Point, key: Point, message: int) -> int:
    """h = Poseidon(R8.x, R8.y, A.x, A.y, M)."""
    return poseidon5(*r8, *key, message)


def sign(seed: bytes, message: int) -> bytes:
    """circomlibjs signPoseidon and packSignature: R8 packed (32) and S little endian (32). message < r."""
    if not 0 <= message < R:
        raise ValueError(f"expected a message below r, got {message}")
    secret, prefix = _expand(seed)
    nonce = int.from_bytes(blake512(prefix + message.to_bytes(32, "little")), "little") % ORDER
    r8 = multiply(B8, nonce)
    s = (nonce + challenge(r8, public_key(seed), message) * secret) % ORDER
    return babyjubjub.pack(r8) + s.to_bytes(32, "little")


def is_usable_key(key: Point) -> bool:
    """On the curve and not of small order."""
    return is_on_curve(key) and multiply(key, 8) != IDENTITY


def is_valid(key: Point, message: int, r8: Point, s: int) -> bool:
    """The acceptance set. Coordinates and S of any size may be asked about."""
    if not is_usable_key(key) or not is_on_curve(r8) or r8 == IDENTITY:
        return False
    if not 0 <= s < ORDER or not 0 <= message < R:
        return False
    return multiply(B8, s) == add(r8, multiply(key, 8 * challenge(r8, key, message)))


def is_valid_signature(key: Point, message: int, signature: bytes) -> bool:
    """The same for a packed signature of 64 bytes; an R8 that is no packed point is not valid."""
    if len(signature) != 64:
        return False
    try:
        r8 = babyjubjub.unpack(signature[:32])
    except ValueError:
        return False
    return is_valid(key, message, r8, int.from_bytes(signature[32:], "little"))
