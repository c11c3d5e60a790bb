"""The edge of EdDSA's acceptance set: what a verifier must refuse, and what looks wrong and is accepted.

Every case has the coordinates that a circuit is given (`r8`, `s`, and `h` where there is one) and, where R8 has one,
the wire form of 64 bytes. One verdict holds in the specification, the engine and the circuit.
"""

from typing import Any

from . import babyjubjub
from . import eddsa as ed
from .babyjubjub import B8, IDENTITY, ORDER, Point, add, multiply, negate
from .blake import blake512
from .field import R, to_hex
from .vectors_crypto import torsion_point

Case = dict[str, Any]
SEED, MESSAGE = bytes(range(32)), 12345678901234567890


def _word(x: int) -> str:
    """An integer that need not be below r."""
    return f"0x{x:064x}"


def _secret(seed: bytes) -> int:
    digest = blake512(seed)[:32]
    return int.from_bytes(bytes([digest[0] & 0xF8, *digest[1:31], digest[31] & 0x7F | 0x40]), "little")


def _case(why: str, key: Point, message: int, r8: Point, s: int, valid: bool) -> Case:
    """A case by coordinates. The wire form is there when R8 is a point."""
    wire = None
    if babyjubjub.is_on_curve(r8):
        wire = "0x" + (babyjubjub.pack(r8) + s.to_bytes(32, "little")).hex()
    inside = max(*key, *r8) < R
    challenge = to_hex(ed.challenge(r8, key, message)) if inside else None
    return {
        "why": why,
        "key": [_word(x) for x in key],
        "message": to_hex(message),
        "r8": [_word(x) for x in r8],
        "s": _word(s),
        "h": challenge,
        "signature": wire,
        "valid": valid,
    }


def _made(why: str, key: Point, extra: Point, nonce: int, valid: bool) -> Case:
    """Signed with the scalar of SEED for the key given, over nonce B8 + extra."""
    r8 = add(multiply(B8, nonce), extra)
    s = (nonce + ed.challenge(r8, key, MESSAGE) * _secret(SEED)) % ORDER
    return _case(why, key, MESSAGE, r8, s, valid)


def _scalars(key: Point, r8: Point, s: int) -> list[Case]:
    wrong = [
        ("S + l", s + ORDER),
        ("S + 2 l", s + 2 * ORDER),
        ("S + 8 l", s + 8 * ORDER),
        ("S + r", s + R),
        ("S = l", ORDER),
        ("S = l - 1", ORDER - 1),
        ("S = r - 1", R - 1),
        ("S = 2^256 - 1", (1 << 256) - 1),
        ("S + 1", (s + 1) % ORDER),
        ("-S", -s % ORDER),
        ("S = 0", 0),
        ("S = 1", 1),
    ]
    return [_case(why, key, MESSAGE, r8, other, False) for why, other in wrong]


def _torsion(key: Point) -> list[Case]:
    cases, torsion = [], torsion_point()
    for order, point in ((2, multiply(torsion, 4)), (4, multiply(torsion, 2)), (8, torsion)):
        small = multiply(B8, 99)
        cases += [
            _made(f"R8 with a component of order {order}; only a cofactored check accepts it", key, point, 77, False),
            _made(f"R8 of order {order}, S = 8 h a", key, point, 0, False),
            _case(f"key of order {order}, equation holds", point, MESSAGE, small, 99, False),
            _case(f"key of order {order}, R8 the identity, S = 0", point, MESSAGE, IDENTITY, 0, False),
            _made(f"key with a component of order {order}: 8A is clean, accepted", add(key, point), IDENTITY, 77, True),
        ]
    return cases


def _points(key: Point, r8: Point, s: int) -> list[Case]:
    x, y = r8
    return [
        _case("negated R8", key, MESSAGE, negate(r8), s, False),
        _case("R8 with y negated", key, MESSAGE, (x, -y % R), s, False),
        _case("R8 off the curve", key, MESSAGE, (1, 2), s, False),
        _case("R8 = (0, 0)", key, MESSAGE, (0, 0), s, False),
        _case("x of R8 plus r", key, MESSAGE, (x + R, y), s, False),
        _case("y of R8 plus r", key, MESSAGE, (x, y + R), s, False),
        _made("R8 the identity, equation holds", key, IDENTITY, 0, False),
        _case("key the identity, equation holds", IDENTITY, MESSAGE, multiply(B8, 99), 99, False),
        _case("key (0, 0)", (0, 0), MESSAGE, r8, s, False),
        _case("key off the curve", (1, 2), MESSAGE, r8, s, False),
        _case("key with coordinates exchanged", (key[1], key[0]), MESSAGE, r8, s, False),
        _case("x of the key plus r", (key[0] + R, key[1]), MESSAGE, r8, s, False),
        _case("y of the key plus r", (key[0], key[1] + R), MESSAGE, r8, s, False),
        _case("negated key", negate(key), MESSAGE, r8, s, False),
        _case("another key", ed.public_key(b"\1" * 32), MESSAGE, r8, s, False),
        _case("another message", key, MESSAGE + 1, r8, s, False),
    ]


def _signed(why: str, message: int) -> Case:
    signature = ed.sign(SEED, message)
    r8, s = babyjubjub.unpack(signature[:32]), int.from_bytes(signature[32:], "little")
    return _case(why, ed.public_key(SEED), message, r8, s, True)


def _wire(key: Point, signature: bytes) -> list[Case]:
    """Wire forms that are no point: 64 bytes that a reader must refuse."""
    y, s = int.from_bytes(signature[:32], "little") & (1 << 255) - 1, signature[32:]
    sign = int.from_bytes(signature[:32], "little") >> 255 << 255
    forms = [
        ("y of R8 plus r", y + R | sign),
        ("no point has y = 2", 2),
        ("y = 1 with the sign set", 1 | 1 << 255),
        ("y = -1 with the sign set", R - 1 | 1 << 255),
        ("y = r", R),
        ("bit 254", y | 1 << 254 | sign),
    ]
    return [
        {
            "why": why,
            "key": [_word(x) for x in key],
            "message": to_hex(MESSAGE),
            "signature": "0x" + (form.to_bytes(32, "little") + s).hex(),
        }
        for why, form in forms
    ]


def eddsa_edge() -> Case:
    """Cases with a verdict, and wire forms that are always refused."""
    signature, key = ed.sign(SEED, MESSAGE), ed.public_key(SEED)
    r8, s = babyjubjub.unpack(signature[:32]), int.from_bytes(signature[32:], "little")
    signed = [_signed("as signed", MESSAGE), _signed("message 0", 0), _signed("message r - 1", R - 1)]
    cases = [*signed, *_scalars(key, r8, s), *_torsion(key), *_points(key, r8, s)]
    return {"order": to_hex(ORDER), "cases": cases, "refusedForms": _wire(key, signature)}
