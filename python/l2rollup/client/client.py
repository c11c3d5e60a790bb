"""Layer2API whole, for a wallet: the nine methods of API.md, and what a user does around them.

Reads need only the URL; whatever signs needs a wallet; deposits and claims also reach L1. Keys never leave the process.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, cast

from eth_account import Account

from l2rollup.client.transport import RpcError, Transport
from l2rollup.client.wallet import Wallet
from l2rollup.errors import ConfigurationError, ProofRejected, Refused, Retryable, WalletError
from l2rollup.l1 import L1Client, RollupContract, Sender, UserBridge
from l2rollup.processor import (
    BlockHeader,
    Draft,
    compute_leaf,
    draft_set_key,
    draft_set_storage,
    draft_transfer,
    draft_withdraw,
)
from l2rollup.processor.block import compute_domain_separator
from l2rollup.state import compute_domain, verify_path
from l2rollup.types import ZERO_ADDRESS, parse_address, parse_amount, to_hex

NATIVE = bytes(20)
LATER = ("confirmed", "sealed", "published", "proven", "settled", "claimable", "paid", "final")
FAILED = ("rejected", "dropped", "reverted")
PRICE_MARGIN = 2


class Client:
    """A client of the node at `url`. l1_url: the L1 node for deposits and claims; by default what the node names."""

    def __init__(self, url: str, wallet: Wallet | None = None, *, l1_url: str | None = None) -> None:
        self.transport = Transport(url)
        self._wallet = wallet
        self._l1_url = l1_url
        self._info: dict[str, Any] | None = None
        self._bridge: UserBridge | None = None

    # ------------------------------------------------------------------ Layer2API

    def send_transaction(self, transaction: dict[str, str | int]) -> str:
        """Hands in a signed L2Transaction; returns its hash."""
        return cast(str, self.transport.call("l2_sendTransaction", transaction, {"chainId": self.chain_id}))

    def get_transaction_status(self, tx_hash: str) -> dict[str, Any]:
        """Returns the TransactionStatus of API.md."""
        return cast(dict[str, Any], self.transport.call("l2_getTransactionStatus", tx_hash))

    def get_account_balance(self, address: str, token: str | None = None) -> str:
        """Returns the balance as a decimal string."""
        params = (address,) if token is None else (address, token)
        return cast(str, self.transport.call("l2_getAccountBalance", *params))

    def get_account_nonce(self, address: str, *, pending: bool = False) -> int:
        """Returns the next nonce; with `pending`, past the waiting transactions."""
        params = (address, "pending") if pending else (address,)
        return cast(int, self.transport.call("l2_getAccountNonce", *params))

    def deposit(self, token: str, amount: str) -> str:
        """Deposits from the wallet's L1 account to its L2 account; returns the L1 transaction hash."""
        return self.bridge.deposit(parse_address(token, what="token"), parse_amount(amount)).hash

    def withdraw(self, token: str, amount: str, *, recipient: str | None = None) -> str:
        """Withdraws to L1 (to the wallet's own address unless told); returns the L2 transaction hash."""
        to = self.wallet.address_bytes if recipient is None else parse_address(recipient, what="recipient")
        index, address = self._token(token)
        nonce = self._next_nonce()
        draft = draft_withdraw(
            self.wallet.address_bytes, to, parse_amount(amount), nonce, token=index, token_address=address
        )
        return self.submit(draft)

    def get_batch_status(self, batch_id: int) -> dict[str, Any]:
        """Returns the BatchStatus of API.md."""
        return cast(dict[str, Any], self.transport.call("l2_getBatchStatus", batch_id))

    def get_batch_proof(self, batch_id: int) -> str:
        """Returns abi.encode(header, snark) as 0x-hex."""
        return cast(str, self.transport.call("l2_getBatchProof", batch_id))

    def verify_state(self, state_root: str, proof: str) -> bool:
        """Returns whether the proof is of a stored, final batch and proves exactly this root."""
        return cast(bool, self.transport.call("l2_verifyState", state_root, proof))

    # ------------------------------------------------------------------ beside it

    def transfer(self, to: str, amount: int | str, token: str = ZERO_ADDRESS, **options: Any) -> str:
        """Sends native or token units; returns the L2 transaction hash. Options as in `draft_transfer`."""
        return self.submit(self.draft_transfer(to, amount, token, **options))

    def draft_transfer(
        self, to: str, amount: int | str, token: str = ZERO_ADDRESS, *, nonce: int | None = None, valid_until: int = 0
    ) -> Draft:
        """Drafts a transfer of the wallet; nonce: the next one unless given. valid_until: unix seconds, 0 = none."""
        index, address = self._token(token)
        units = parse_amount(str(amount))
        draft = draft_transfer(
            self.wallet.address_bytes, parse_address(to, what="to"), units,
            self._next_nonce() if nonce is None else nonce, token=index, token_address=address,
        )  # fmt: skip
        return replace(draft, valid_until=valid_until)

    def set_key(self, wallet: Wallet) -> str:
        """Changes the account's L2 key to that of `wallet` by an EIP-712 signature of this one; returns the hash."""
        return self.submit(draft_set_key(self.wallet.address_bytes, *wallet.public_key, self._next_nonce()))

    def set_storage(self, slot: int, value: int) -> str:
        """Writes an own storage slot; returns the hash."""
        return self.submit(draft_set_storage(self.wallet.address_bytes, slot, value, self._next_nonce()))

    def sign(self, draft: Draft) -> dict[str, str | int]:
        """Adds a fee to a draft that has none, and signs it; returns the wire form."""
        if draft.gas_limit == 0 and draft.kind.name != "SET_KEY":
            creates = draft.kind.name == "TRANSFER" and self.get_account(to_hex(draft.to)) is None
            draft = draft.with_fee(PRICE_MARGIN * self._price(), creates_account=creates)
        return self.wallet.sign(draft, domain=self.domain, chain_id=self.chain_id, rollup=self.rollup)

    def submit(self, draft: Draft) -> str:
        """Signs and hands in a draft; returns the hash."""
        return self.send_transaction(self.sign(draft))

    def submit_all(self, transactions: Iterable[dict[str, str | int]]) -> list[str | RpcError]:
        """Hands in many signed transactions in one request; an entry is a hash or the refusal."""
        options = {"chainId": self.chain_id}
        calls = [("l2_sendTransaction", (transaction, options)) for transaction in transactions]
        return self.transport.batch(calls) if calls else []

    def register_key(self) -> str:
        """Queues the wallet's L2 key on L1; returns the L1 transaction hash."""
        return self.bridge.register_key(*self.wallet.public_key).hash

    def claim(self, tx_hash: str) -> str:
        """Claims a withdrawal on L1 by the hash of its L2 transaction; returns the L1 transaction hash."""
        proof = self.transport.call("l2_getWithdrawalProof", tx_hash)
        parts = (bytes.fromhex(proof[name][2:]) for name in ("proof", "token", "recipient"))
        encoded, token, recipient = parts
        return self.bridge.claim(encoded, token, int(proof["amount"]), recipient).hash

    def get_account(self, address: str) -> dict[str, Any] | None:
        """Returns index, nonce, key and balances of an account, or None when it does not exist."""
        return cast(dict[str, Any] | None, self.transport.call("l2_getAccount", address))

    def get_account_proof(self, address: str, token: str | None = None) -> dict[str, Any]:
        """Returns the Merkle proof of an account against the node's current root."""
        params = (address,) if token is None else (address, token)
        return cast(dict[str, Any], self.transport.call("l2_getAccountProof", *params))

    def get_batches(self, start: int | None = None, limit: int = 20) -> list[dict[str, Any]]:
        """Returns batches from `start` on, the newest ones without it."""
        return cast(list[dict[str, Any]], self.transport.call("l2_getBatches", start, limit))

    def get_receipt(self, tx_hash: str) -> dict[str, Any]:
        """Returns the receipt after checking it: sequencer's signature, path, and that it is this transaction's."""
        receipt = cast(dict[str, Any], self.transport.call("l2_getReceipt", tx_hash))
        verify_receipt(receipt, self.chain_info(), tx_hash)
        return receipt

    def wait(self, tx_hash: str, status: str = "confirmed", *, timeout: float = 120.0) -> dict[str, Any]:
        """Waits until a transaction has come at least as far as `status`. Raises Refused when it failed."""
        reached = LATER[LATER.index(status) :]
        deadline = time.monotonic() + timeout
        while True:
            found = self.get_transaction_status(tx_hash)
            if found["status"] in reached:
                return found
            if found["status"] in FAILED:
                reason = found.get("reason") or {}
                raise Refused(f"transaction was {found['status']}: {reason.get('message', '')}", expected=status,
                              got=found["status"], code=reason.get("name"))  # fmt: skip
            if time.monotonic() > deadline:
                raise Retryable("transaction is not there yet", expected=status, got=found["status"])
            time.sleep(0.05)

    # ------------------------------------------------------------------ what it knows of the chain

    def chain_info(self, *, refresh: bool = False) -> dict[str, Any]:
        """Returns l2_chainInfo, asked once unless `refresh`."""
        if self._info is None or refresh:
            self._info = self.transport.call("l2_chainInfo")
        return self._info

    @property
    def chain_id(self) -> int:
        """Chain id of L1, which the signatures are bound to."""
        return int(self.chain_info()["chainId"])

    @property
    def rollup(self) -> str:
        """Address of the contract, which the signatures are bound to."""
        return str(self.chain_info()["rollup"])

    @property
    def domain(self) -> int:
        """First element of every signed message."""
        return compute_domain(self.chain_id, bytes.fromhex(self.rollup[2:]))

    @property
    def wallet(self) -> Wallet:
        """The wallet. Raises WalletError when the client has none."""
        if self._wallet is None:
            raise WalletError("this client has no wallet", expected="Client(url, wallet)", got="none")
        return self._wallet

    @property
    def bridge(self) -> UserBridge:
        """The wallet's account on L1."""
        if self._bridge is None:
            url = self._l1_url or self.chain_info()["l1"]["url"]
            if url is None:
                raise ConfigurationError("no L1 node is known", expected="Client(..., l1_url=...)", got="none")
            client = L1Client(url)
            sender = Sender(client, self.wallet.export_ethereum_key())
            self._bridge = UserBridge(RollupContract(client, self.rollup), sender)
        return self._bridge

    def _next_nonce(self) -> int:
        return self.get_account_nonce(self.wallet.address, pending=True)

    def _price(self) -> int:
        quote = self.transport.call("l2_getFeeQuote")
        return int(quote["prices"][0]["price"])

    def _token(self, token: str) -> tuple[int, bytes]:
        address = parse_address(token, what="token")
        for refresh in (False, True):
            for entry in self.chain_info(refresh=refresh)["tokens"]:
                if bytes.fromhex(entry["address"][2:]) == address:
                    return int(entry["index"]), address
        raise Refused("token is not registered", expected="a registered token", got=token, code="unknown_token")


def verify_receipt(receipt: dict[str, Any], info: dict[str, Any], tx_hash: str) -> None:
    """Checks a receipt: header digest, sequencer's signature, path to leavesRoot, id. Raises ProofRejected."""
    raw = receipt["header"]
    header = BlockHeader(
        number=raw["number"], parent=_bytes(raw["parent"]), first_sequence=raw["firstSequence"], count=raw["count"],
        leaves_root=_bytes(raw["leavesRoot"]), outstanding_cover=int(raw["outstandingCover"]),
        queue_index=raw["queueIndex"], queue_hash=_bytes(raw["queueHash"]), time=raw["time"],
        include_by=raw["includeBy"], chunk_ends=tuple(raw["chunkEnds"]), batch_id=raw["batchId"],
        state_root=_bytes(raw["stateRoot"]),
    )  # fmt: skip
    digest = header.digest(compute_domain_separator(int(info["chainId"]), _bytes(info["rollup"])))
    signer = Account._recover_hash(digest, signature=_bytes(receipt["signature"]))
    if signer != info["sequencer"]:
        raise ProofRejected("receipt is not signed by the sequencer", expected=info["sequencer"], got=str(signer))
    if receipt["id"] != tx_hash.lower():
        raise ProofRejected("receipt is another transaction's", expected=tx_hash, got=receipt["id"])
    leaf = compute_leaf(receipt["sequence"], _bytes(receipt["id"]), int(receipt["cover"]))
    path = [_bytes(node) for node in receipt["path"]]
    in_block = header.first_sequence + receipt["index"] == receipt["sequence"] and receipt["index"] < header.count
    if not in_block or not verify_path(header.leaves_root, leaf, receipt["index"], path):
        raise ProofRejected("receipt's path does not lead to its header", expected=raw["leavesRoot"])


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text[2:])
