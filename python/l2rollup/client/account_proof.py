"""Checks an account proof against a root (docs/spec/state.md): existence or absence, one balance, one storage slot.

Twin of rust/core/src/state/proof.rs, from the reader's side: it rebuilds the hashes and believes nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from l2rollup.errors import L2Error, ProofMalformed, ProofRejected
from l2rollup.types import parse_amount, parse_hex, parse_integer

FIELD = 21888242871839275222246405745257275088548364400416034343698204186575808495617
ACCOUNT_DEPTH = 16
SUBTREE_DEPTH = 8
ARITY = 4
NODE_LANE, ACCOUNT_LANE, VALUE_LANE = 0, 1, 2
LIST_END = 1 << 160

Permute = Callable[[list[bytes]], list[bytes]]
"""Poseidon2 t = 4 on 32-byte big-endian words: native.poseidon2_permute."""


def verify_account_proof(
    proof: dict[str, Any], root: bytes, address: bytes, permute: Permute, *, token: int | None = None,
    slot: int | None = None,
) -> bool:  # fmt: skip
    """Returns whether the account exists, as proven against `root`; with `token`, so is its balance of that index, with
    `slot` its storage there.

    Raises ProofMalformed for what is no account proof, ProofRejected for one that proves something else.
    """
    try:
        leaf = proof["leaf"]
        index = parse_integer(proof["index"], bits=2 * ACCOUNT_DEPTH, what="index")
        owner = int.from_bytes(parse_hex(leaf["address"], what="address"), "big")
        following = int.from_bytes(parse_hex(leaf["nextAddress"], what="nextAddress"), "big")
        path = _read_path(proof["path"], ACCOUNT_DEPTH)
        digest = _hash_account(leaf, owner, following, permute)
        roots = {"token": _word(leaf["balancesRoot"]), "storage": _word(leaf["storageRoot"])}
        included = proof["included"]
    except (KeyError, TypeError, AttributeError) as error:
        raise ProofMalformed("not an account proof", expected="docs/spec/state.md", got=repr(error)) from error
    except L2Error as error:
        raise ProofMalformed(error.message, expected=error.expected, got=error.got) from error
    _check_path(root, index, path, digest, permute, "account")
    _check_listing(included, index, owner, following, int.from_bytes(address, "big"))
    for name, position in (("token", token), ("storage", slot)):
        if position is not None and included:
            _check_value(proof.get(name), name, position, roots[name], permute)
    return bool(included)


def _hash_account(leaf: dict[str, Any], owner: int, following: int, permute: Permute) -> bytes:
    scheme = parse_integer(leaf["scheme"], bits=8, what="scheme")
    balance = parse_amount(leaf["balance"], what="balance")
    nonce = parse_integer(leaf["nonce"], bits=48, what="nonce")
    flags = parse_integer(leaf["flags"], bits=8, what="flags")
    x, y = (_word(part) for part in leaf["key"])
    static = _compress([_field(owner + (scheme << 160)), _field(following), x, y], ACCOUNT_LANE, permute)
    dynamic = _field(balance + (nonce << 128) + (flags << 176))
    return _compress([static, dynamic, _word(leaf["balancesRoot"]), _word(leaf["storageRoot"])], ACCOUNT_LANE, permute)


def _check_listing(included: Any, index: int, owner: int, following: int, wanted: int) -> None:
    """The leaf is the account's own; or it is the one before, and its successor lies beyond."""
    if included is True:
        if owner != wanted or index == 0:
            raise ProofRejected("the leaf is another account's", expected=f"{wanted:#042x}", got=f"{owner:#042x}")
    elif included is not False:
        raise ProofMalformed("included is no boolean", expected="true or false", got=repr(included))
    elif not owner < wanted < following or following > LIST_END:
        raise ProofRejected("the leaf does not enclose the address", expected=f"{owner:#x} < x < {following:#x}",
                            got=f"{wanted:#x}")  # fmt: skip


def _check_value(entry: Any, name: str, wanted: int, subtree_root: bytes, permute: Permute) -> None:
    """Native ETH lives in the leaf; its slot in the balances is proven empty like any other."""
    what = "balance" if name == "token" else name
    try:
        position = parse_integer(entry["position"], bits=2 * SUBTREE_DEPTH, what="position")
        value, path = _word(entry["value"]), _read_path(entry["path"], SUBTREE_DEPTH)
    except (KeyError, TypeError) as error:
        raise ProofMalformed(f"no {what} proof", expected="position, value, path", got=repr(error)) from error
    except L2Error as error:
        raise ProofMalformed(error.message, expected=error.expected, got=error.got) from error
    if position != wanted:
        raise ProofRejected(f"the {what} is of another place", expected=str(wanted), got=str(position))
    leaf = _compress([value, bytes(32), bytes(32), bytes(32)], VALUE_LANE, permute)
    _check_path(subtree_root, position, path, leaf, permute, what)


def _check_path(
    root: bytes, index: int, path: Sequence[Sequence[bytes]], leaf: bytes, permute: Permute, what: str
) -> None:
    expected = root
    for level, children in enumerate(path):
        found = _compress(list(children), NODE_LANE, permute)
        if found != expected:
            raise ProofRejected(f"{what} path breaks at level {level}", expected="0x" + expected.hex(),
                                got="0x" + found.hex())  # fmt: skip
        expected = children[index >> 2 * (len(path) - 1 - level) & 3]
    if expected != leaf:
        raise ProofRejected(f"{what} path leads to another leaf", expected="0x" + expected.hex(), got="0x" + leaf.hex())


def _read_path(raw: Any, depth: int) -> list[list[bytes]]:
    if not isinstance(raw, list) or len(raw) != depth:
        raise ProofMalformed("path has another length", expected=f"{depth} nodes", got=str(len(raw)))
    path = [[_word(child) for child in node] for node in raw]
    if any(len(node) != ARITY for node in path):
        raise ProofMalformed("a node has another number of children", expected=str(ARITY))
    return path


def _compress(inputs: list[bytes], lane: int, permute: Permute) -> bytes:
    output = int.from_bytes(permute(inputs)[lane], "big") + int.from_bytes(inputs[lane], "big")
    return (output % FIELD).to_bytes(32, "big")


def _field(value: int) -> bytes:
    return (value % FIELD).to_bytes(32, "big")


def _word(text: Any) -> bytes:
    raw = parse_hex(text, length=32, what="element")
    if int.from_bytes(raw, "big") >= FIELD:
        raise ProofMalformed("element is not below r", expected="a field element", got=str(text))
    return raw
