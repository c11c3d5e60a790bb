"""Signs and sends L1 transactions of one key: nonces, fees, the gas cap. Not a wallet: it keeps no key on disk."""

from __future__ import annotations

import threading
from typing import Any

from eth_account import Account
from eth_utils.address import to_checksum_address
from web3.types import TxParams

from l2rollup.errors import L1Rejected
from l2rollup.l1.client import L1Client, Receipt

GAS_CAP = 1 << 24
"""EIP-7825: no transaction may have a higher gas limit. Not every local chain enforces it, so we do."""

GAS_MARGIN_PERCENT = 15
FRESH_SLOT_GAS = 20_000
"""Another transaction of the same block can take the slot that the estimate found half full (the queue's times)."""
REMEMBERED = 16
"""Transactions of a sender that can be replaced: the last ones."""


class Sender:
    """Sends from one account. Thread-safe: one lock orders the nonces."""

    def __init__(self, client: L1Client, private_key: str) -> None:
        self.client = client
        self._account = Account.from_key(private_key)
        self._chain_id: int | None = None
        self._lock = threading.Lock()
        self._sent: dict[str, dict[str, Any]] = {}

    @property
    def address(self) -> str:
        """Checksummed address of the account."""
        return str(self._account.address)

    def send(self, to: str | None, data: bytes = b"", *, value: int = 0, gas: int | None = None) -> str:
        """Signs and sends; returns the hash without waiting. `to` None creates a contract.

        gas: the limit; without it the estimate plus 15 % and a fresh storage slot, and a transaction that would revert
        raises L1Rejected before it is sent. With it the transaction is sent even if it will revert.
        """
        with self._lock:
            request: dict[str, Any] = {
                "from": self.address, "value": value, "data": "0x" + data.hex(), "chainId": self._chain(),
            }  # fmt: skip
            if to is not None:
                request["to"] = to_checksum_address(to)
            limit = gas if gas is not None else self._estimate(request)
            check_gas(limit)
            price = self.client.gas_price()
            request.update(
                gas=limit,
                nonce=self.client.nonce(self.address),
                maxFeePerGas=max(2 * price, 1),
                maxPriorityFeePerGas=min(price, 10**9),
                type=2,
            )
            return self._sign_and_send(request)

    def replace(self, hash_: str) -> str | None:
        """Sends a transaction again with its nonce and a quarter more of both fees; returns the new hash.

        None for one that this object has not sent. Raises L1Rejected when the old one has been mined meanwhile.
        """
        with self._lock:
            request = self._sent.get(hash_)
            if request is None:
                return None
            fees = {name: request[name] + request[name] // 4 + 1 for name in ("maxFeePerGas", "maxPriorityFeePerGas")}
            return self._sign_and_send({**request, **fees})

    def _sign_and_send(self, request: dict[str, Any]) -> str:
        signed = self._account.sign_transaction(request)
        hash_ = self._hand_in(bytes(signed.raw_transaction), "0x" + bytes(signed.hash).hex())
        self._sent[hash_] = request
        while len(self._sent) > REMEMBERED:
            del self._sent[next(iter(self._sent))]
        return hash_

    def transact(self, to: str | None, data: bytes = b"", *, value: int = 0, gas: int | None = None) -> Receipt:
        """Sends and waits for the receipt. Raises L1Rejected with the revert data when it reverted."""
        receipt = self.client.wait(self.send(to, data, value=value, gas=gas))
        if not receipt.success:
            raise self.find_reason(receipt, to, data, value)
        return receipt

    def find_reason(self, receipt: Receipt, to: str | None, data: bytes, value: int = 0) -> L1Rejected:
        """Returns why a mined transaction reverted: receipts do not say, so it is called again now."""
        revert = "0x"
        try:
            if to is not None:
                self.client.call(to, data, sender=self.address, value=value)
        except L1Rejected as error:
            revert = error.data
        return L1Rejected("transaction reverted", revert, expected="status 1", got=f"status 0 in {receipt.hash}")

    def _estimate(self, request: dict[str, Any]) -> int:
        used = self.client.estimate_gas(TxParams(**request))  # type: ignore[typeddict-item]
        margin = used * GAS_MARGIN_PERCENT // 100 + FRESH_SLOT_GAS
        return min(used + margin, max(used, GAS_CAP))

    def _hand_in(self, raw: bytes, hash_: str) -> str:
        try:
            return self.client.send_raw(raw)
        except L1Rejected as error:
            # A retry after a lost answer: the node has it already, which is what was wanted.
            if "already known" in str(error) or "already imported" in str(error):
                return hash_
            raise

    def _chain(self) -> int:
        if self._chain_id is None:
            self._chain_id = self.client.chain_id()
        return self._chain_id


def check_gas(limit: int) -> None:
    """Refuses a gas limit above 2^24 with L1Rejected."""
    if limit > GAS_CAP:
        raise L1Rejected("gas limit is over the cap of EIP-7825", expected=f"<= {GAS_CAP}", got=str(limit))
