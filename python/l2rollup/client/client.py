"""Layer2API whole, for a wallet: the nine methods of API.md, and what a user does around them.

Reads need only the URL; whatever signs needs a wallet; deposits and claims also reach L1. Keys never leave the process.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, TypeVar, cast

from l2rollup import native
from l2rollup.client.account_proof import verify_account_proof
from l2rollup.client.receipt import check_on_l1, verify_receipt
from l2rollup.client.transport import RpcError, Transport
from l2rollup.client.wallet import Wallet
from l2rollup.errors import ConfigurationError, ProofRejected, Refused, Retryable, WalletError
from l2rollup.l1 import L1Client, RollupContract, Sender, UserBridge
from l2rollup.processor import (
    Draft,
    draft_linked_transfer,
    draft_rotate_key,
    draft_set_key,
    draft_set_storage,
    draft_transfer,
    draft_withdraw,
    link,
)
from l2rollup.state import compute_domain
from l2rollup.types import ZERO_ADDRESS, Kind, parse_address, parse_amount, parse_hex, parse_integer, to_hex

T = TypeVar("T")
LATER = ("confirmed", "sealed", "published", "proven", "settled", "claimable", "paid", "final")
BATCH_LATER = ("sealed", "executed", "published", "proven", "settled", "final")
FAILED = ("rejected", "dropped", "reverted")
PRICE_MARGIN = 2
POLL_SECONDS = 0.05
DEFAULT_URL = "http://127.0.0.1:8545"


class Client:
    """A client of the node at `url`.

    l1_url: the L1 node for deposits, claims and the check of receipts; by default what the node names (a production
    node names none). l1_confirmations: how deep on L1 must be what a receipt names; by default final, and where the L1
    is the one that the node names, what the node says.
    rollup, sequencer: addresses you know from elsewhere; a node that says otherwise is refused with ProofRejected.
    Without them the node is believed in these two, and in nothing else that a signature or a receipt can show.
    """

    def __init__(
        self, url: str = DEFAULT_URL, wallet: Wallet | None = None, *, l1_url: str | None = None,
        rollup: str | None = None, sequencer: str | None = None, l1_confirmations: int | None = None,
    ) -> None:  # fmt: skip
        self.transport = Transport(url)
        self._wallet = wallet
        self._l1_url = l1_url
        self._l1_confirmations = l1_confirmations
        self._pinned = {"rollup": rollup, "sequencer": sequencer}
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

    def deposit(self, token: str, amount: str, *, recipient: str | None = None) -> str:
        """Deposits from the wallet's L1 account to its L2 account (or another); returns the L1 transaction hash."""
        account = None if recipient is None else parse_address(recipient, what="recipient")
        return self.bridge.deposit(parse_address(token, what="token"), parse_amount(amount), account).hash

    def withdraw(self, token: str, amount: str, *, recipient: str | None = None) -> str:
        """Withdraws to L1 (to the wallet's own address unless told); returns the L2 transaction hash."""
        return self.submit(self.draft_withdraw(token, amount, recipient=recipient))

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
        index, address = self.token(token)
        units = parse_amount(str(amount))
        draft = draft_transfer(
            self.wallet.address_bytes, parse_address(to, what="to"), units,
            self._next_nonce() if nonce is None else nonce, token=index, token_address=address,
        )  # fmt: skip
        return replace(draft, valid_until=valid_until)

    def draft_withdraw(
        self, token: str, amount: int | str, *, recipient: str | None = None, nonce: int | None = None
    ) -> Draft:
        """Drafts a withdrawal of the wallet, to its own L1 address unless told. nonce: the next one unless given."""
        index, address = self.token(token)
        return draft_withdraw(
            self.wallet.address_bytes,
            self.wallet.address_bytes if recipient is None else parse_address(recipient, what="recipient"),
            parse_amount(str(amount)), self._next_nonce() if nonce is None else nonce, token=index,
            token_address=address,
        )  # fmt: skip

    def set_key(self, wallet: Wallet) -> str:
        """Changes the account's L2 key to that of `wallet` by an EIP-712 signature of this one; returns the hash."""
        return self.submit(draft_set_key(self.wallet.address_bytes, *wallet.public_key, self._next_nonce()))

    def rotate_key(self, wallet: Wallet) -> str:
        """Changes the account's L2 key to that of `wallet` by a signature of the present one; returns the hash."""
        return self.submit(self.draft_rotate_key(wallet))

    def draft_rotate_key(self, wallet: Wallet, *, nonce: int | None = None) -> Draft:
        """Drafts a change of the account's L2 key to that of `wallet`. nonce: the next one unless given."""
        nonce = self._next_nonce() if nonce is None else nonce
        return draft_rotate_key(self.wallet.address_bytes, *wallet.public_key, nonce)

    def draft_linked_transfer(
        self, to: str, amount: int | str, token: str = ZERO_ADDRESS, *, nonce: int | None = None, valid_until: int = 0
    ) -> Draft:
        """Drafts a transfer of the wallet, fee included, that will be a member of a group (`link`).

        nonce: the next one unless given; valid_until: unix seconds, 0 = none. Both are part of what all members sign.
        """
        index, address = self.token(token)
        draft = draft_linked_transfer(
            self.wallet.address_bytes, parse_address(to, what="to"), parse_amount(str(amount)),
            self._next_nonce() if nonce is None else nonce, token=index, token_address=address,
        )  # fmt: skip
        return self.with_fee(replace(draft, valid_until=valid_until))

    def link(self, drafts: Sequence[Draft]) -> list[Draft]:
        """Returns drafts of linked transfers, of one wallet or of several, as the members of one group, in their order.

        Each is then signed by its sender (`sign`). Raises Refused (incomplete_group) for what can be no group.
        """
        return link(drafts, native.load().poseidon)

    def send_group(self, transactions: Sequence[dict[str, str | int]]) -> list[str]:
        """Hands in all signed members of a group, in their order; returns their hashes. All happen, or none."""
        options = {"chainId": self.chain_id}
        return cast(list[str], self.transport.call("l2_sendGroup", list(transactions), options))

    def set_storage(self, slot: int, value: int) -> str:
        """Writes an own storage slot (slot < 2^16, value < 2^240); returns the hash."""
        return self.submit(self.draft_set_storage(slot, value))

    def draft_set_storage(self, slot: int, value: int, *, nonce: int | None = None) -> Draft:
        """Drafts a write of an own storage slot. nonce: the next one unless given."""
        parse_integer(slot, bits=16, what="slot")
        parse_integer(value, bits=240, what="value")
        nonce = self._next_nonce() if nonce is None else nonce
        return draft_set_storage(self.wallet.address_bytes, slot, value, nonce)

    def sign(self, draft: Draft) -> dict[str, str | int]:
        """Adds a fee to a draft that has none, and signs it; returns the wire form."""
        if draft.gas_limit == 0 and draft.kind not in (Kind.SET_KEY, Kind.LINKED_TRANSFER):
            draft = self.with_fee(draft)
        return self.wallet.sign(draft, domain=self.domain, chain_id=self.chain_id, rollup=self.rollup)

    def with_fee(self, draft: Draft) -> Draft:
        """Returns the draft with the gas of its kind at a price that leaves room for the node's to rise."""
        creates = draft.kind.is_transfer and self.get_account(to_hex(draft.to)) is None
        return draft.with_fee(PRICE_MARGIN * self._price(), creates_account=creates)

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

    def get_storage(self, address: str, slot: int) -> int:
        """Returns the value of a storage slot; 0 where nothing was written. `get_account_proof` shows it."""
        return int(self.transport.call("l2_getStorage", address, slot), 16)

    def get_account_proof(self, address: str, token: str | None = None, slot: int | None = None) -> dict[str, Any]:
        """Returns {stateRoot, proof} of an account, or of its absence, after checking the proof against the root.

        token, slot: also of this balance and of this storage slot. The root is the node's newest; compare it with a
        batch's root, or with L1's, to know that it is proven.
        """
        answer = cast(dict[str, Any], self.transport.call("l2_getAccountProof", address, token, slot))
        root = parse_hex(answer["stateRoot"], length=32, what="stateRoot")
        index = None if token is None else self.token(token)[0]
        permute = native.load().poseidon2_permute
        verify_account_proof(answer["proof"], root, parse_address(address), permute, token=index, slot=slot)
        return answer

    def get_batches(self, start: int | None = None, limit: int = 20) -> list[dict[str, Any]]:
        """Returns batches from `start` on, the newest ones without it."""
        return cast(list[dict[str, Any]], self.transport.call("l2_getBatches", start, limit))

    def get_receipt(self, tx_hash: str) -> dict[str, Any]:
        """Returns the receipt after checking it: sequencer's signature, path, that it is this transaction's; and on L1,
        where one is known, that the signer is the sequencer, the header not void and its cover backed by the bond.

        Raises what verify_receipt and check_on_l1 raise; a Retryable is a receipt to ask for again.
        """
        receipt, info = cast(dict[str, Any], self.transport.call("l2_getReceipt", tx_hash)), self.chain_info()
        header = verify_receipt(receipt, info, tx_hash)
        named = info.get("l1", {}).get("url")
        if self._l1_url is not None:
            check_on_l1(header, info, L1Client(self._l1_url), confirmations=self._l1_confirmations)
        elif named is not None:
            check_on_l1(header, info, L1Client(named), confirmations=self._l1_confirmations or info["confirmations"])
        return receipt

    def wait(self, tx_hash: str, status: str = "confirmed", *, timeout: float = 120.0) -> dict[str, Any]:
        """Waits until a transaction has come at least as far as `status`. Raises Refused when it failed."""
        reached = LATER[LATER.index(status) :]

        def read() -> tuple[dict[str, Any] | None, str]:
            found = self.get_transaction_status(tx_hash)
            if found["status"] in FAILED:
                reason = found.get("reason") or {}
                raise Refused(f"transaction was {found['status']}: {reason.get('message', '')}", expected=status,
                              got=found["status"], code=reason.get("name"))  # fmt: skip
            return (found if found["status"] in reached else None), found["status"]

        return _poll(read, status, timeout)

    def wait_credited(self, l1_hash: str, *, timeout: float = 120.0) -> dict[str, Any]:
        """Waits until the node has executed a deposit or key registration, by the hash of its L1 transaction."""

        def read() -> tuple[dict[str, Any] | None, str]:
            try:
                found = self.get_transaction_status(l1_hash)
            except RpcError as error:
                if error.code != "not_found":
                    raise
                return None, "not read from L1 yet"
            return (found if found["status"] in LATER else None), found["status"]

        return _poll(read, "credited", timeout)

    def wait_batch(self, batch_id: int, status: str = "settled", *, timeout: float = 600.0) -> dict[str, Any]:
        """Waits until a batch has come at least as far as `status`."""
        reached = BATCH_LATER[BATCH_LATER.index(status) :]

        def read() -> tuple[dict[str, Any] | None, str]:
            try:
                found = self.get_batch_status(batch_id)
            except RpcError as error:
                if error.code != "not_found":
                    raise
                return None, "not sealed yet"
            return (found if found["status"] in reached else None), found["status"]

        return _poll(read, status, timeout)

    # ------------------------------------------------------------------ what it knows of the chain

    def chain_info(self, *, refresh: bool = False) -> dict[str, Any]:
        """Returns l2_chainInfo, asked once unless `refresh`."""
        if self._info is None or refresh:
            info = cast(dict[str, Any], self.transport.call("l2_chainInfo"))
            for name, known in self._pinned.items():
                if known is not None and known.lower() != str(info.get(name)).lower():
                    raise ProofRejected(f"the node names another {name}", expected=known, got=str(info.get(name)))
            self._info = info
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

    def token(self, token: str) -> tuple[int, bytes]:
        """Returns index and address of a registered token. Raises Refused: unknown_token."""
        address = parse_address(token, what="token")
        for refresh in (False, True):
            for entry in self.chain_info(refresh=refresh)["tokens"]:
                if bytes.fromhex(entry["address"][2:]) == address:
                    return int(entry["index"]), address
        raise Refused("token is not registered", expected="a registered token", got=token, code="unknown_token")


def _poll(read: Callable[[], tuple[T | None, str]], wanted: str, timeout: float) -> T:
    """Calls `read` until it gives a value; it also says what there is meanwhile. Raises Retryable after `timeout` s."""
    deadline = time.monotonic() + timeout
    while True:
        found, got = read()
        if found is not None:
            return found
        if time.monotonic() > deadline:
            raise Retryable(f"not there within {timeout:g} s", expected=wanted, got=got)
        time.sleep(POLL_SECONDS)
