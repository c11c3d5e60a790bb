"""Every error type of the package and the table of their numbers.

An error has a code (a stable name), a number (for JSON-RPC), a message, and what was expected and what came.
Malformed input is another type than a well-formed thing that is false; retryable is another type than fatal.
"""

from __future__ import annotations

from typing import ClassVar

CODES: dict[str, int] = {
    # JSON-RPC 2.0
    "parse_error": -32700,
    "invalid_request": -32600,
    "method_not_found": -32601,
    "invalid_params": -32602,
    "internal_error": -32603,
    # form of a transaction
    "malformed": 1000,
    "malformed_json": 1001,
    "unknown_field": 1002,
    "missing_field": 1003,
    "not_an_integer": 1004,
    "out_of_range": 1005,
    "malformed_address": 1006,
    "malformed_hex": 1007,
    "malformed_data": 1008,
    "malformed_signature": 1009,
    "reserved_address": 1010,
    "unknown_token": 1011,
    "unknown_call": 1012,
    "malformed_key": 1013,
    "wrong_chain_id": 1014,
    "too_large": 1015,
    "too_deep": 1016,
    # rules of execution, docs/spec/transactions.md
    "unknown_account": 1100,
    "no_key": 1101,
    "bad_signature": 1102,
    "nonce_too_low": 1103,
    "nonce_too_high": 1104,
    "expired": 1105,
    "fee_token_not_listed": 1106,
    "fee_too_low": 1107,
    "insufficient_balance": 1108,
    "zero_amount": 1109,
    "bad_key": 1110,
    "chunk_full": 1111,
    "amount_too_large": 1112,
    "state_full": 1113,
    "queue_order": 1114,
    "unsupported_kind": 1115,
    "incomplete_group": 1116,
    "group_failed": 1117,
    # pool
    "already_known": 1200,
    "nonce_gap": 1201,
    "replacement_underpriced": 1202,
    "pool_full": 1203,
    "busy": 1204,
    "replaced": 1205,
    "evicted": 1206,
    # look-ups and services
    "not_found": 1300,
    "not_ready": 1301,
    "signer_required": 1302,
    "proof_malformed": 1303,
    "proof_rejected": 1304,
    "witness_rejected": 1305,
    "cancelled": 1306,
    "receipt_void": 1307,
    "cover_unbacked": 1308,
    "receipt_not_final": 1309,
    "l1_unreachable": 1400,
    "l1_rejected": 1401,
    "l1_reorg": 1402,
    "storage": 1500,
    "storage_corrupt": 1501,
    "halted": 1502,
    "configuration": 1503,
    "wallet": 1504,
    "unknown_fault": 1999,
}


class L2Error(Exception):
    """Base of all errors here. `code` names it; `expected` and `got` are short texts, absent when meaningless."""

    default_code: ClassVar[str] = "internal_error"

    def __init__(
        self, message: str, *, expected: str | None = None, got: str | None = None, code: str | None = None
    ) -> None:
        super().__init__(message)
        self.code = code or self.default_code
        self.message = message
        self.expected = expected
        self.got = got

    @property
    def number(self) -> int:
        """Number of the code in CODES."""
        return CODES.get(self.code, CODES["unknown_fault"])

    def __str__(self) -> str:
        parts = [self.message]
        if self.expected is not None:
            parts.append(f"expected {self.expected}")
        if self.got is not None:
            parts.append(f"got {self.got}")
        return "; ".join(parts)


class Malformed(L2Error):
    """Input that is not of the form it must have."""

    default_code = "malformed"


class Refused(L2Error):
    """A well-formed request that the rules refuse."""

    default_code = "invalid_params"


class NotFound(L2Error):
    """A well-formed question about something that does not exist."""

    default_code = "not_found"


class NotReady(L2Error):
    """Something that will exist later: a proof of a batch not proven yet, a claim before settlement."""

    default_code = "not_ready"


class SignerRequired(L2Error):
    """No key is held for the caller; `prepared` is the unsigned transaction to sign."""

    default_code = "signer_required"

    def __init__(self, message: str, prepared: dict[str, object], **details: str | None) -> None:
        super().__init__(message, **details)
        self.prepared = prepared


class Retryable(L2Error):
    """Something outside is not available now; the same call may succeed later."""

    default_code = "not_ready"


class L1Unreachable(Retryable):
    """The L1 node does not answer."""

    default_code = "l1_unreachable"


class L1Reorg(Retryable):
    """L1 changed under a reading; the watcher has rewound and reads again."""

    default_code = "l1_reorg"


class L1Rejected(L2Error):
    """L1 refused a call or reverted a transaction; `data` is the returned error (0x-hex)."""

    default_code = "l1_rejected"

    def __init__(self, message: str, data: str = "0x", **details: str | None) -> None:
        super().__init__(message, **details)
        self.data = data


class StorageError(L2Error):
    """The database cannot be opened, read or written."""

    default_code = "storage"


class StorageCorrupt(StorageError):
    """A stored value is not what the node writes."""

    default_code = "storage_corrupt"


class Halted(L2Error):
    """The node found its own result wrong (replay or conservation) and seals nothing more."""

    default_code = "halted"


class ConfigurationError(L2Error):
    """A configuration the node refuses to start with."""

    default_code = "configuration"


class WalletError(L2Error):
    """A keystore that cannot be opened, or a key that is none."""

    default_code = "wallet"


class ProofMalformed(L2Error):
    """A proof that is not of the right form."""

    default_code = "proof_malformed"


class ProofRejected(L2Error):
    """A well-formed proof that does not verify."""

    default_code = "proof_rejected"


class ReceiptVoid(ProofRejected):
    """A signed header that names a queue which L1 does not have: nobody can be held to it."""

    default_code = "receipt_void"


class CoverUnbacked(ProofRejected):
    """A signed header that promises more than half of the bond on L1."""

    default_code = "cover_unbacked"


class ReceiptNotFinal(Retryable):
    """A receipt that names what L1 has and could still lose; ask again when it is final."""

    default_code = "receipt_not_final"


class WitnessRejected(L2Error):
    """A well-formed witness that violates a clause of the circuit; the message names the clause."""

    default_code = "witness_rejected"


class Cancelled(L2Error):
    """The caller asked a long computation to stop."""

    default_code = "cancelled"
