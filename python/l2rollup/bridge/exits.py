"""Account proofs in the form that L1 reads in forceExit (docs/spec/bridge.md, Account proofs). Encodes; proves nothing.

Twin of contracts/src/proof/AccountReader.sol and ExitReader.sol.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from l2rollup.errors import ProofMalformed

VERSION = 0
PROVEN_VERSION = 1
MAX_EXITS = 32
ACCOUNT_DEPTH = 16
SUBTREE_DEPTH = 8


def encode_exit_proof(proof: dict[str, Any]) -> bytes:
    """Returns the 1765 bytes (2565 with a token) of an account proof in its JSON form (docs/spec/state.md).

    Raises ProofMalformed for a proof of absence, or for what is no account proof.
    """
    try:
        if not proof["included"]:
            raise ProofMalformed("nobody leaves by absence", expected="an account", got=str(proof["address"]))
        leaf, index = proof["leaf"], int(proof["index"])
        identity = int(leaf["address"], 16) + (int(leaf["scheme"]) << 160)
        dynamic = int(leaf["balance"]) + (int(leaf["nonce"]) << 128) + (int(leaf["flags"]) << 176)
        words = [identity, _number(leaf["nextAddress"]), *map(_number, leaf["key"]), dynamic]
        words += [_number(leaf["balancesRoot"]), _number(leaf["storageRoot"])]
        words += _siblings(proof["path"], index, ACCOUNT_DEPTH)
        token = proof.get("token")
        if token is not None:
            words.append(_number(token["value"]))
            words += _siblings(token["path"], int(token["position"]), SUBTREE_DEPTH)
        return bytes([VERSION]) + index.to_bytes(4, "big") + b"".join(word.to_bytes(32, "big") for word in words)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise ProofMalformed("not an account proof", expected="docs/spec/state.md", got=repr(error)) from error


def encode_proven_exits(owners: Sequence[bytes], balances: Sequence[tuple[int, int, int]], snark: bytes) -> bytes:
    """Returns an account proof of version 1: a byte 1, the number of balances, for each its owner (20 bytes), account
    index (4), token index (2) and amount (16), then the proof of the exit circuit.

    balances: account index, token index and amount, of the same length as `owners`, 1 to 32.
    """
    if not 1 <= len(balances) <= MAX_EXITS or len(owners) != len(balances):
        raise ProofMalformed("number of exits", expected=f"1 .. {MAX_EXITS}", got=f"{len(balances)} of {len(owners)}")
    head = bytes([PROVEN_VERSION, len(balances)])
    for owner, (index, token, amount) in zip(owners, balances, strict=True):
        head += owner + index.to_bytes(4, "big") + token.to_bytes(2, "big") + amount.to_bytes(16, "big")
    return head + snark


def _siblings(path: list[list[str]], position: int, depth: int) -> list[int]:
    """The three other children of each node, from the leaf upwards; a path has four, from the root down."""
    if len(path) != depth:
        raise ProofMalformed("path of another depth", expected=str(depth), got=str(len(path)))
    out = []
    for level, children in enumerate(reversed(path)):
        digit = position >> 2 * level & 3
        out += [_number(child) for place, child in enumerate(children) if place != digit]
    return out


def _number(text: str) -> int:
    return int(text, 16)
