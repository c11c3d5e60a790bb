"""Layer2API of the interface description as a Python protocol: nine methods, amounts as decimal strings."""

from __future__ import annotations

from typing import Any, Protocol


class Layer2API(Protocol):
    """What every client of the rollup offers. Names are the interface's in Python's spelling."""

    def send_transaction(self, transaction: dict[str, str | int]) -> str:
        """Hands in a signed L2Transaction; returns its hash."""

    def get_transaction_status(self, tx_hash: str) -> dict[str, Any]:
        """Returns the TransactionStatus."""

    def get_account_balance(self, address: str, token: str | None = None) -> str:
        """Returns the balance of a token, native by default."""

    def get_account_nonce(self, address: str) -> int:
        """Returns the next nonce."""

    def deposit(self, token: str, amount: str) -> str:
        """Deposits from L1; returns the L1 transaction hash."""

    def withdraw(self, token: str, amount: str) -> str:
        """Withdraws to L1; returns the L2 transaction hash."""

    def get_batch_status(self, batch_id: int) -> dict[str, Any]:
        """Returns the BatchStatus."""

    def get_batch_proof(self, batch_id: int) -> str:
        """Returns abi.encode(header, snark)."""

    def verify_state(self, state_root: str, proof: str) -> bool:
        """Returns whether the proof is of a stored, final batch and proves exactly this root."""
