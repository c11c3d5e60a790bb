"""Value in and out: operation records, the withdrawals tree of a batch, claim proofs. Pure; L1 calls live in l1/."""

from l2rollup.bridge.exits import MAX_EXITS, encode_exit_proof, encode_proven_exits
from l2rollup.bridge.records import (
    Operation,
    encode_deposit,
    encode_forced_exit,
    encode_register_key,
    parse_operation,
    parse_operations,
    roll_queue_hash,
)
from l2rollup.bridge.withdrawals import Claim, build_claim, compute_withdrawals_root, list_withdrawals

__all__ = [
    "MAX_EXITS",
    "Claim",
    "Operation",
    "build_claim",
    "compute_withdrawals_root",
    "encode_deposit",
    "encode_exit_proof",
    "encode_forced_exit",
    "encode_proven_exits",
    "encode_register_key",
    "list_withdrawals",
    "parse_operation",
    "parse_operations",
    "roll_queue_hash",
]
