"""Vectors of the hashes and of EdDSA keys and signatures: constants and answers."""

from typing import Any

from . import babyjubjub
from . import eddsa as ed
from . import poseidon2 as p2
from . import poseidon2_constants as p2c
from .babyjubjub import B8, IDENTITY, ORDER, Point, add, multiply
from .blake import blake512
from .field import R, square_root, to_hex
from .keccak import keccak256
from .poseidon import constants, poseidon5

Case = dict[str, Any]


def hexes(elements: tuple[int, ...] | list[int]) -> list[str]:
    """Elements as 0x-hex of 32 bytes."""
    return [to_hex(x) for x in elements]


def numbers(label: str, count: int) -> list[int]:
    """`count` elements drawn from a label by Keccak."""
    return [int.from_bytes(keccak256(f"{label} {i}".encode()), "big") % R for i in range(count)]


def poseidon2_constants() -> Case:
    """Round constants and matrices of Poseidon2, t = 4."""
    internal = [[p2c.DIAGONAL[i] + 1 if i == j else 1 for j in range(4)] for i in range(4)]
    return {
        "fullRounds": 8,
        "partialRounds": 56,
        "externalMatrix": [[5, 7, 1, 3], [4, 6, 1, 1], [1, 3, 5, 7], [1, 1, 4, 6]],
        "internalDiagonalMinusOne": hexes(p2c.DIAGONAL),
        "internalMatrix": [hexes(row) for row in internal],
        "full": [hexes(row) for row in p2c.FULL],
        "partial": hexes(p2c.PARTIAL),
    }


def poseidon5_constants() -> Case:
    """Round constants and matrix of circomlib's Poseidon, t = 6."""
    rounds, matrix = constants()
    return {
        "fullRounds": 8,
        "partialRounds": 60,
        "rounds": [hexes(r) for r in rounds],
        "matrix": [hexes(r) for r in matrix],
    }


def poseidon2() -> Case:
    """Permutations, the four lanes, and sponges."""
    inputs: list[p2.State] = [(0, 0, 0, 0), (0, 1, 2, 3), (R - 1, R - 1, R - 1, R - 1)]
    for k in range(5):
        a, b, c, d = numbers(f"poseidon2 {k}", 4)
        inputs.append((a, b, c, d))
    lanes = [
        {
            "input": hexes(x),
            "node": to_hex(p2.hash_node(x)),
            "account": to_hex(p2.hash_account(x)),
            "idNode": to_hex(p2.hash_id_node(x)),
        }
        for x in inputs
    ]
    values = [{"value": to_hex(v), "hash": to_hex(p2.hash_value(v))} for v in (0, 1, (1 << 128) - 1, (1 << 240) - 1)]
    sponges = []
    for tag in (1, 2, 3):
        for length in (0, 1, 2, 3, 4, 5, 6, 7, 12):
            message = numbers(f"sponge {tag}", length)
            sponges.append({"tag": tag, "message": hexes(message), "hash": to_hex(p2.sponge(tag, message))})
    sponges.append({"tag": 1, "message": hexes([0]), "hash": to_hex(p2.sponge(1, [0]))})
    permutations = [{"input": hexes(x), "output": hexes(p2.permute(x))} for x in inputs]
    return {"permutations": permutations, "lanes": lanes, "values": values, "sponges": sponges}


def poseidon() -> Case:
    """Five-input Poseidon."""
    inputs = [[0] * 5, [1, 2, 3, 4, 5], [R - 1] * 5, *(numbers(f"poseidon {k}", 5) for k in range(5))]
    return {"cases": [{"input": hexes(x), "output": to_hex(poseidon5(*x))} for x in inputs]}


def torsion_point() -> Point:
    """A point of order 8: l times the first curve point from y = 2 on whose multiple has that order."""
    y = 2
    while True:
        x = square_root((1 - y * y) * pow(babyjubjub.A - babyjubjub.D * y * y, -1, R))
        if x is not None:
            point = multiply((x, y), ORDER)
            if multiply(point, 4) != IDENTITY:
                return point
        y += 1


def eddsa() -> Case:
    """Keys, signatures, packed points, and the isomorphic a = 1 form. What is refused: vectors_eddsa.py."""
    keys: list[Case] = []
    for k in range(4):
        seed = keccak256(f"seed {k}".encode())
        message = numbers("message", k + 1)[k]
        key = ed.public_key(seed)
        keys.append({
            "seed": "0x" + seed.hex(),
            "key": hexes(key),
            "packedKey": "0x" + babyjubjub.pack(key).hex(),
            "a1Form": hexes(babyjubjub.to_a1_form(key)),
            "message": to_hex(message),
            "signature": "0x" + ed.sign(seed, message).hex(),
        })  # fmt: skip
    torsion = torsion_point()
    points = [IDENTITY, (0, R - 1), B8, babyjubjub.negate(B8), torsion, multiply(torsion, 2), add(B8, torsion)]
    packed = [
        {"point": hexes(p), "packed": "0x" + babyjubjub.pack(p).hex(), "usableKey": ed.is_usable_key(p)} for p in points
    ]
    refused = [
        {"why": "y = r", "packed": "0x" + R.to_bytes(32, "little").hex()},
        {"why": "y = 1 + r", "packed": "0x" + (R + 1).to_bytes(32, "little").hex()},
        {"why": "bit 254", "packed": "0x" + (1 << 254).to_bytes(32, "little").hex()},
        {"why": "x = 0 with the sign set, y = 1", "packed": "0x" + (1 | 1 << 255).to_bytes(32, "little").hex()},
        {"why": "x = 0 with the sign set, y = -1", "packed": "0x" + (R - 1 | 1 << 255).to_bytes(32, "little").hex()},
        {"why": "no point has y = 2", "packed": "0x" + (2).to_bytes(32, "little").hex()},
    ]
    hashes = [
        {
            "input": "0x" + bytes(n).hex(),
            "blake512": "0x" + blake512(bytes(n)).hex(),
            "keccak256": "0x" + keccak256(bytes(n)).hex(),
        }
        for n in (0, 1, 32, 111, 112, 127, 128, 135, 136, 240)
    ]
    base = {
        "a": babyjubjub.A,
        "d": babyjubjub.D,
        "order": to_hex(ORDER),
        "base": hexes(B8),
        "packedBase": "0x" + babyjubjub.pack(B8).hex(),
    }
    return {"curve": base, "hashes": hashes, "keys": keys, "points": packed, "refusedPoints": refused}
