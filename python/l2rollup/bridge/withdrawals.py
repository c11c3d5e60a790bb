"""The withdrawals tree of a batch and the claim proof a user hands to initiateWithdrawal (docs/spec/batch.md)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from eth_abi.abi import encode as abi_encode
from eth_utils.crypto import keccak

from l2rollup.bridge.records import Operation, parse_operations
from l2rollup.errors import NotFound
from l2rollup.state.keccak_tree import compute_layers, compute_path, compute_root


@dataclass(frozen=True)
class Claim:
    """What initiateWithdrawal takes: the proof (abi.encode(batchId, index, path)), token address, amount, recipient."""

    proof: bytes
    batch_id: int
    index: int
    token: bytes
    amount: int
    recipient: bytes


def list_withdrawals(operations: bytes) -> list[Operation]:
    """Returns the paying records of the stream in order: withdrawal i of the batch is entry i."""
    return [operation for operation in parse_operations(operations) if operation.pays]


def _leaf(batch_id: int, index: int, token: bytes, amount: int, recipient: bytes) -> bytes:
    types = ["uint256", "uint256", "address", "uint256", "address"]
    return bytes(keccak(abi_encode(types, [batch_id, index, token, amount, recipient])))


def _leaves(batch_id: int, operations: bytes, token_address: Callable[[int], bytes]) -> list[bytes]:
    entries = list_withdrawals(operations)
    return [_leaf(batch_id, i, token_address(o.token), o.amount, o.recipient) for i, o in enumerate(entries)]


def compute_withdrawals_root(batch_id: int, operations: bytes, token_address: Callable[[int], bytes]) -> bytes:
    """Returns the root L1 computes at commit. token_address maps a token index to its 20-byte address."""
    return compute_root(_leaves(batch_id, operations, token_address))


def build_claim(batch_id: int, index: int, operations: bytes, token_address: Callable[[int], bytes]) -> Claim:
    """Builds the claim of withdrawal `index` of a batch from its stored operations. Raises NotFound past the end."""
    entries = list_withdrawals(operations)
    if not 0 <= index < len(entries):
        raise NotFound("no such withdrawal", expected=f"0 <= index < {len(entries)}", got=str(index))
    entry = entries[index]
    path = compute_path(compute_layers(_leaves(batch_id, operations, token_address)), index)
    proof = abi_encode(["uint256", "uint256", "bytes32[]"], [batch_id, index, path])
    return Claim(proof, batch_id, index, token_address(entry.token), entry.amount, entry.recipient)
