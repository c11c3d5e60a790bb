"""l2_deposit and l2_withdraw for a caller: with a key a dev node holds, else the prepared transaction to sign.

A production node holds no key, so there every call ends in SignerRequired.
"""

from __future__ import annotations

from typing import Any

from l2rollup.errors import Malformed, Refused, SignerRequired
from l2rollup.l1 import Sender, UserBridge
from l2rollup.node.context import Context
from l2rollup.node.submit import Submit, encode_wire
from l2rollup.processor import draft_withdraw
from l2rollup.types import to_address, to_hex


class HeldKeys:
    """Acts for accounts whose keys the configuration names (dev profile only)."""

    def __init__(self, context: Context, submit: Submit) -> None:
        self._context = context
        self._submit = submit
        self._keys = {bytes.fromhex(address[2:].lower()): keys for address, keys in context.config.held_keys.items()}

    def deposit(self, token: bytes, amount: int, sender: bytes | None) -> str:
        """Deposits on L1 for `sender`; returns the L1 transaction hash. Raises SignerRequired without its key."""
        context = self._context
        if amount == 0:
            raise Malformed("amount is zero", expected="> 0", got="0", code="zero_amount")
        if context.token_index(token) is None:
            raise Refused("token is not registered", expected="a registered token", got=to_address(token),
                          code="unknown_token")  # fmt: skip
        keys = self._keys.get(sender) if sender is not None else None
        if sender is None or keys is None:
            prepared = context.contract.prepare_deposit(token, amount, sender)
            raise SignerRequired("this node holds no key for the caller", {**prepared, "chainId": context.chain_id})
        bridge = UserBridge(context.contract, Sender(context.client, keys[0]))
        return bridge.deposit(token, amount).hash

    def withdraw(self, token: bytes, amount: int, sender: bytes | None) -> str:
        """Withdraws to the sender's own L1 address; returns the L2 transaction hash. Raises SignerRequired."""
        context = self._context
        index = context.token_index(token)
        if index is None:
            raise Refused("token is not registered", expected="a registered token", got=to_address(token),
                          code="unknown_token")  # fmt: skip
        if amount == 0:
            raise Malformed("amount is zero", expected="> 0", got="0", code="zero_amount")
        account = sender or bytes(20)
        with context.lock:
            nonce = context.pool.pending_nonce(account, context.nonce_of(account)) if sender else 0
            price = dict(context.fees.list_prices(context.tokens))[0]
        draft = draft_withdraw(account, account, amount, nonce, token=index, token_address=token).with_fee(2 * price)
        keys = self._keys.get(sender) if sender is not None else None
        message = draft.message(context.domain, context.native.poseidon)
        if keys is None:
            prepared: dict[str, Any] = {**draft.to_unsigned(), "validUntil": 0, "feeToken": 0}
            if sender is not None:
                prepared["message"] = to_hex(message)
            raise SignerRequired("this node holds no key for the caller", prepared)
        signature = context.native.eddsa_sign(bytes.fromhex(keys[1][2:]), message)
        return to_hex(self._submit.send(encode_wire(draft.to_wire(signature))))
