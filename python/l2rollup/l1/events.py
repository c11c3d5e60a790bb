"""The events of the Rollup contract that the node follows, as typed values. Reading only; see contracts.py."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DepositQueued:
    """A deposit entered the queue: index, token index, amount, credited account and depositor (20 bytes each)."""

    index: int
    token: int
    amount: int
    account: bytes
    depositor: bytes
    transaction: str


@dataclass(frozen=True)
class KeyQueued:
    """A key registration entered the queue: index, account (20 bytes), A.x, A.y."""

    index: int
    account: bytes
    x: int
    y: int
    transaction: str


@dataclass(frozen=True)
class ForcedExitQueued:
    """A forced exit entered the queue: index, token index, account (20 bytes), which is paid on L1."""

    index: int
    token: int
    account: bytes
    transaction: str


@dataclass(frozen=True)
class TokenRegistered:
    """A token got an index: index, address (20 bytes)."""

    index: int
    address: bytes
    transaction: str


@dataclass(frozen=True)
class BatchCommitted:
    """commitBatch was mined: batch id, hash of the stored header."""

    batch_id: int
    header_hash: bytes
    transaction: str


@dataclass(frozen=True)
class BatchFinalized:
    """finalizeBatch was mined: batch id, proven root."""

    batch_id: int
    root: bytes
    transaction: str


@dataclass(frozen=True)
class BatchesReverted:
    """Batches first .. last are no longer committed: a challenge was not answered."""

    first: int
    last: int
    transaction: str


@dataclass(frozen=True)
class EscapeActivated:
    """Escape was opened: nothing is taken in, committed or finalised from here on. state_batch: last proven batch."""

    state_batch: int
    transaction: str


@dataclass(frozen=True)
class WithdrawalClaimed:
    """A withdrawal was claimed on L1: batch id, index in the batch."""

    batch_id: int
    index: int
    transaction: str


Event = (
    DepositQueued
    | KeyQueued
    | ForcedExitQueued
    | TokenRegistered
    | BatchCommitted
    | BatchFinalized
    | BatchesReverted
    | WithdrawalClaimed
    | EscapeActivated
)
