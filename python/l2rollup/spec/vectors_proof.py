"""Vectors of account proofs: presence, absence, values of both subtrees, and documents that a verifier must refuse."""

from copy import deepcopy
from typing import Any

from .field import to_hex
from .generate import Wallet
from .proof import account_proof, check
from .script import A, B, C
from .vectors_transition import run

Document = dict[str, Any]


_REFUSED: list[tuple[str, int, list[str | int], Any]] = [
    ("another nonce", 2, ["leaf", "nonce"], 5),
    ("another balance", 2, ["leaf", "balance"], "1"),
    ("a key", 4, ["leaf", "key", 0], to_hex(1)),
    ("another token balance", 2, ["token", "value"], to_hex(1)),
    ("another token", 2, ["token", "position"], 6),
    ("another storage value", 2, ["storage", "value"], to_hex(1)),
    ("another index", 2, ["index"], 2),
    ("a sibling is another", 2, ["path", 15, 0], to_hex(7)),
    ("the root's children are others", 2, ["path", 0, 3], to_hex(7)),
    ("absence of an address that is there", 2, ["included"], False),
    ("another address of an absence", 4, ["address"], f"0x{A.address:040x}"),
    ("presence of an address that is not there", 4, ["included"], True),
    ("a later next address", 4, ["leaf", "nextAddress"], to_hex(1 << 160)),
]
"""(why, which accepted proof, where, what stands there instead)."""


def edited(proof: Document, at: list[str | int], value: Any) -> Document:
    """A copy with another value at a place."""
    document = deepcopy(proof)
    place: Any = document
    for step in at[:-1]:
        place = place[step]
    place[at[-1]] = value
    return document


def proofs() -> Document:
    """Proofs on the last state of the scenario `every kind`."""
    state = run("every kind").rollup.state
    asked = [
        (A.address, None, None),
        (B.address, 5, 0xFFFF),
        (C.address, 5, 3),
        (C.address, 0, None),
        (Wallet(50).address, 5, 3),
        ((1 << 160) - 1, None, None),
        (0x10000, None, None),
    ]
    accepted: list[Document] = []
    for address, token, slot in asked:
        proof = account_proof(state, address, token, slot)
        check(proof, state.root())
        accepted.append({"token": token, "slot": slot, "proof": proof})
    refused = [{"why": why, "base": base, "at": at, "value": value} for why, base, at, value in _REFUSED]
    return {"scenario": "every kind", "root": to_hex(state.root()), "accepted": accepted, "refused": refused}
