"""Vectors of what L1 stores and what a sequencer signs: batch headers, withdrawal trees, block headers, receipts,
SetKey."""

from collections.abc import Sequence
from typing import Any

from . import secp256k1
from .batch import (
    INCLUDE_WITHIN,
    BatchHeader,
    BlockHeader,
    challenge_and_evaluations,
    keccak_path,
    keccak_root,
    receipt_leaf,
    withdrawal_leaves,
)
from .field import to_hex
from .generate import Wallet
from .keccak import keccak256
from .parameters import ID_DEPTH
from .poseidon2 import hash_id_node
from .script import CHAIN, A, B
from .tree import Tree
from .vectors_crypto import numbers
from .vectors_transition import run

Document = dict[str, Any]
SEQUENCER = Wallet(99)
_TOKENS = {0: 0, 5: 0x3333333333333333333333333333333333333333}


def _hex(data: bytes) -> str:
    return "0x" + data.hex()


def _tree(leaves: Sequence[bytes]) -> Document:
    paths = [[_hex(node) for node in keccak_path(leaves, i)] for i in range(len(leaves))]
    return {"leaves": [_hex(leaf) for leaf in leaves], "root": _hex(keccak_root(leaves)), "paths": paths}


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def _fields(header: BatchHeader | BlockHeader) -> Document:
    """Numbers as decimal strings, words of 32 bytes as hex, by the names of docs/spec/batch.md."""
    words = {"old_root", "new_root", "id_root", "tx_c", "op_c", "block_hash", "withdrawals_root", "state_root"}
    out: Document = {}
    for name, value in vars(header).items():
        if isinstance(value, bytes):
            out[_camel(name)] = _hex(value)
        elif isinstance(value, tuple):
            out[_camel(name)] = [str(x) for x in value]
        else:
            out[_camel(name)] = f"0x{value:064x}" if name in words else str(value)
    return out


def _withdrawals() -> list[Document]:
    payments = [
        (0, 5, 0x11 << 152 | 1),
        (_TOKENS[5], 6, 0x22 << 152 | 2),
        (_TOKENS[5], (1 << 128) - 1, (1 << 160) - 1),
        (0, 1, 0x10000),
        (0, 7, 0x10001),
    ]
    cases = []
    for count in (0, 1, 2, 3, 5):
        listed = [
            {"token": f"0x{t:040x}", "amount": str(x), "recipient": f"0x{to:040x}"} for t, x, to in payments[:count]
        ]
        cases.append({"batchId": 9, "withdrawals": listed, **_tree(withdrawal_leaves(9, payments[:count]))})
    return cases


def _batches(block: bytes) -> list[Document]:
    """The headers of the scenario `every kind`; the second batch is ended by a signed block."""
    cases = []
    for batch_id, chunk in enumerate(run("every kind").chunks, 1):
        sealed = chunk["sealed"]
        transactions, operations = (bytes.fromhex(sealed[name][2:]) for name in ("transactions", "operations"))
        tx_c, op_c = int(sealed["txC"], 16), int(sealed["opC"], 16)
        z, tx_y, op_y = challenge_and_evaluations(CHAIN, batch_id, tx_c, op_c, transactions, operations)
        payments = [(_TOKENS[token], int(amount), int(to, 16)) for token, amount, to in sealed["payments"]]
        root = int.from_bytes(keccak_root(withdrawal_leaves(batch_id, payments)), "big")
        header = BatchHeader(
            batch_id, chunk["time"], int(sealed["oldRoot"], 16), int(sealed["newRoot"], 16),
            sealed["firstSequence"], sealed["endSequence"], sealed["firstQueue"], sealed["endQueue"],
            int(sealed["idRoot"], 16), tx_c, op_c, z, tx_y, op_y, len(transactions) // 30, len(operations) // 30, 0, 1,
            int.from_bytes(block, "big") if batch_id == 2 else 0, root,
        )  # fmt: skip
        cases.append({"header": _fields(header), "encoded": _hex(header.encode()), "hash": _hex(header.hash())})
    return cases


def _blocks() -> list[tuple[BlockHeader, list[Document], Document]]:
    """The first block is empty; the second has receipts and ends batch 2."""
    empty = BlockHeader(1, bytes(32), 0, 0, bytes(32), 0, 0, bytes(32), 100, 100 + INCLUDE_WITHIN, (), 0, 0)
    ids = numbers("receipt", 3)
    receipts = [{"sequence": 18 + i, "id": to_hex(x), "cover": str(i * 10**18)} for i, x in enumerate(ids)]
    tree = _tree([receipt_leaf(18 + i, x, i * 10**18) for i, x in enumerate(ids)])
    root = bytes.fromhex(tree["root"][2:])
    state_root = int(run("every kind").chunks[-1]["sealed"]["newRoot"], 16)
    full = BlockHeader(
        2,
        empty.digest(CHAIN),
        18,
        3,
        root,
        3 * 10**18,
        7,
        keccak256(b"queue"),
        101,
        101 + INCLUDE_WITHIN,
        (19, 21),
        2,
        state_root,
    )
    return [(empty, [], _tree([])), (full, receipts, tree)]


def _id_tree() -> Document:
    """The id tree of a batch of 300 items, and the siblings of some leaves, from the leaf upwards; 300 is empty."""
    tree, ids = Tree(ID_DEPTH, 0, hash_id_node), [*numbers("ids", 300), 0]
    for place, id_ in enumerate(ids[:-1]):
        tree.set(place, id_)
    openings = []
    for place in (0, 1, 27, 255, 299, 300):
        levels = enumerate(reversed(tree.path(place)))
        siblings = [to_hex(x) for i, row in levels for c, x in enumerate(row) if c != place // 4**i % 4]
        openings.append({"place": place, "id": to_hex(ids[place]), "siblings": siblings})
    return {"count": 300, "root": to_hex(tree.root()), "openings": openings}


def headers() -> Document:
    """Headers, trees and typed digests."""
    blocks = []
    for header, receipts, tree in _blocks():
        digest = header.digest(CHAIN)
        signature = secp256k1.sign(SEQUENCER.secret, digest)
        blocks.append(
            {
                "header": _fields(header),
                "digest": _hex(digest),
                "signature": _hex(signature),
                "receipts": receipts,
                **tree,
            }
        )
    (_, _, _), (ending, _, _) = _blocks()
    script = run("keys")
    t = script.build(B, script.build(B).kind.SET_KEY, data=A.key)
    set_key = {
        "account": f"0x{t.sender:040x}", "ax": to_hex(t.data[0]), "ay": to_hex(t.data[1]), "nonce": t.nonce,
        "digest": _hex(t.set_key_digest(CHAIN)), "signature": _hex(t.signature),
    }  # fmt: skip
    return {
        "chainId": CHAIN.chain_id,
        "rollup": f"0x{CHAIN.rollup:040x}",
        "domain": to_hex(CHAIN.domain),
        "separator": _hex(CHAIN.separator),
        "sequencer": f"0x{SEQUENCER.address:040x}",
        "batches": _batches(ending.digest(CHAIN)),
        "withdrawals": _withdrawals(),
        "blocks": blocks,
        "idTree": _id_tree(),
        "setKey": set_key,
    }
