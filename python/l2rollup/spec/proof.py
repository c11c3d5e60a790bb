"""Account proofs: presence or absence of an address, with a token balance and a storage value (docs/spec/state.md).

The JSON form is that of the API. What it is not: trusted; `check` is what a light client runs.
"""

from typing import Any

from .fault import Fault
from .field import from_bytes, to_hex
from .parameters import ACCOUNT_DEPTH, SUBTREE_DEPTH
from .poseidon2 import State as Children
from .poseidon2 import hash_account, hash_value
from .state import State
from .tree import Tree, compute_root

Document = dict[str, Any]


def _path(path: list[Children]) -> list[list[str]]:
    return [[to_hex(child) for child in children] for children in path]


def _value(position: int, value: int, tree: Tree) -> Document:
    return {"position": position, "value": to_hex(value), "path": _path(tree.path(position))}


def account_proof(state: State, address: int, token: int | None = None, slot: int | None = None) -> Document:
    """The proof of an address against the present root. Token 0 is in the leaf and has no value of its own."""
    found = state.get_index(address)
    index = state.get_predecessor(address) if found is None else found
    a, root = state.accounts[index], state.root()
    leaf = {
        "address": f"0x{a.address:040x}", "scheme": a.scheme, "nextAddress": to_hex(a.next_address),
        "key": [to_hex(x) for x in a.key], "balance": str(a.balance), "nonce": a.nonce, "flags": a.flags,
        "balancesRoot": to_hex(a.balances_tree.root()), "storageRoot": to_hex(a.storage_tree.root()),
    }  # fmt: skip
    has_token, has_slot = found is not None and token not in (None, 0), found is not None and slot is not None
    return {
        "root": to_hex(root), "address": f"0x{address:040x}", "included": found is not None, "index": index,
        "leaf": leaf, "path": _path(state.path(index)),
        "token": _value(token, a.tokens.get(token, 0), a.balances_tree) if has_token and token is not None else None,
        "storage": _value(slot, a.storage.get(slot, 0), a.storage_tree) if has_slot and slot is not None else None,
    }  # fmt: skip


def _number(text: str) -> int:
    return from_bytes(bytes.fromhex(text.removeprefix("0x")))


def _check_path(what: str, position: int, leaf: int, path: list[list[str]], depth: int, root: int) -> None:
    nodes: list[Children] = []
    for row in path:
        a, b, c, d = (_number(child) for child in row)
        nodes.append((a, b, c, d))
    got = compute_root(position, leaf, nodes) if len(nodes) == depth and 0 <= position < 4**depth else None
    if got != root:
        raise Fault("proof_rejected", what, to_hex(root), None if got is None else to_hex(got))


def check(proof: Document, root: int) -> None:
    """Fault `proof_rejected` unless the proof shows what it says against this root."""
    leaf, address = proof["leaf"], int(proof["address"], 16)
    leaf_address, following = int(leaf["address"], 16), _number(leaf["nextAddress"])
    included = proof["index"] != 0 and leaf_address == address and following != 0
    if proof["included"] != included:
        raise Fault("proof_rejected", "included is not what the leaf says", included, proof["included"])
    if not included and not leaf_address < address < following:
        raise Fault("proof_rejected", "the leaf does not enclose the address", hex(address), (leaf_address, following))
    x, y = (_number(part) for part in leaf["key"])
    balances, storage = _number(leaf["balancesRoot"]), _number(leaf["storageRoot"])
    static = hash_account((leaf_address + (leaf["scheme"] << 160), following, x, y)) if following else 0
    dynamic = int(leaf["balance"]) + (leaf["nonce"] << 128) + (leaf["flags"] << 176)
    hashed = hash_account((static, dynamic, balances, storage))
    _check_path("account path", proof["index"], hashed, proof["path"], ACCOUNT_DEPTH, root)
    for name, sub in (("token", balances), ("storage", storage)):
        if (part := proof[name]) is not None:
            _check_path(
                f"{name} path", part["position"], hash_value(_number(part["value"])), part["path"], SUBTREE_DEPTH, sub
            )
