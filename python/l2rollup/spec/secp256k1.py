"""ECDSA on secp256k1, as much as an owner's set_key needs: recovery as L1's ecrecover does it, and signing for vectors.

What it is not: constant time; `sign` is for test keys.
"""

from .keccak import keccak256

P = 2**256 - 2**32 - 977
N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
G = (
    0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
    0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8,
)

_Point = tuple[int, int] | None
"""None is the point at infinity."""


def _add(p: _Point, q: _Point) -> _Point:
    if p is None or q is None:
        return p or q
    if p[0] == q[0]:
        if (p[1] + q[1]) % P == 0:
            return None
        slope = 3 * p[0] * p[0] * pow(2 * p[1], -1, P) % P
    else:
        slope = (q[1] - p[1]) * pow(q[0] - p[0], -1, P) % P
    x = (slope * slope - p[0] - q[0]) % P
    return x, (slope * (p[0] - x) - p[1]) % P


def _multiply(p: _Point, scalar: int) -> _Point:
    result: _Point = None
    while scalar:
        if scalar & 1:
            result = _add(result, p)
        p, scalar = _add(p, p), scalar >> 1
    return result


def _address(point: tuple[int, int]) -> int:
    encoded = point[0].to_bytes(32, "big") + point[1].to_bytes(32, "big")
    return int.from_bytes(keccak256(encoded)[12:], "big")


def address_of(secret: int) -> int:
    """The Ethereum address of a secret key in [1, N)."""
    point = _multiply(G, secret)
    if point is None:
        raise ValueError(f"expected a secret that is no multiple of N, got {secret}")
    return _address(point)


def recover(digest: bytes, r: int, s: int, v: int) -> int | None:
    """The signer's address; None for v other than 27 or 28, r or s out of [1, N), a high s, or an r of no point."""
    if v not in (27, 28) or not 0 < r < N or not 0 < s <= N // 2:
        return None
    y2 = (pow(r, 3, P) + 7) % P
    y = pow(y2, (P + 1) // 4, P)
    if y * y % P != y2:
        return None
    if y & 1 != v - 27:
        y = P - y
    inverse = pow(r, -1, N)
    z = int.from_bytes(digest, "big")
    point = _add(_multiply(G, -z * inverse % N), _multiply((r, y), s * inverse % N))
    return None if point is None else _address(point)


def sign(secret: int, digest: bytes) -> bytes:
    """r (32), s (32, low), v (27 or 28). The nonce is a hash of secret and digest: deterministic, for test keys."""
    k = int.from_bytes(keccak256(secret.to_bytes(32, "big") + digest), "big") % N
    point = _multiply(G, k)
    if point is None or point[0] >= N:
        raise ValueError("expected a nonce with x of k G below N, got one in 2^128")
    r, parity = point[0], point[1] & 1
    s = pow(k, -1, N) * (int.from_bytes(digest, "big") + r * secret) % N
    if s > N // 2:
        s, parity = N - s, parity ^ 1
    return r.to_bytes(32, "big") + s.to_bytes(32, "big") + bytes([27 + parity])
