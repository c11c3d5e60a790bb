"""Drafts of user transactions: the wire form of API.md and the message that is signed (docs/spec/transactions.md).

The signer's side of intake: what is built here is what the engine's `decode` reads back. Holds no key.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from eth_abi.abi import encode as abi_encode
from eth_utils.crypto import keccak

from l2rollup.processor.fees import compute_units
from l2rollup.types import SYSTEM_ADDRESS, Kind, to_address, to_hex

Hash5 = Callable[[list[bytes]], bytes]
"""circomlib Poseidon over five 32-byte big-endian field elements: native.poseidon."""

SYSTEM = bytes.fromhex(SYSTEM_ADDRESS[2:])
SET_KEY_TYPE = "SetKey(address account,uint256 ax,uint256 ay,uint64 nonce)"


@dataclass(frozen=True)
class Draft:
    """A transaction without signature. `to` is the recipient that is signed, `wire_to` and `data` the wire's form."""

    kind: Kind
    sender: bytes
    to: bytes
    token: int
    amount: int
    nonce: int
    wire_to: bytes
    value: int
    data: bytes
    gas_limit: int = 0
    gas_price: int = 0
    fee_token: int = 0
    valid_until: int = 0
    arguments: tuple[int, int] | None = None

    def with_fee(self, price: int, *, fee_token: int = 0, creates_account: bool = False) -> Draft:
        """Returns the draft with the gas limit of its kind and a price per unit in the fee token."""
        units = compute_units(self.kind, creates_account=creates_account)
        return replace(self, gas_limit=units, gas_price=price, fee_token=fee_token)

    def message(self, domain: int, hash5: Hash5) -> bytes:
        """Returns the signed message, which is the transaction id: Poseidon5(m1 .. m5), 32 bytes."""
        m5 = 0
        if self.arguments is not None:
            m5 = int.from_bytes(hash5([_word(self.arguments[0]), _word(self.arguments[1]), *[_word(0)] * 3]), "big")
        elements = (
            domain,
            int.from_bytes(self.sender, "big") + (self.nonce << 160) + (int(self.kind) << 208) + (self.token << 216),
            int.from_bytes(self.to, "big") + (self.valid_until << 160) + (self.fee_token << 224),
            self.amount + (self.gas_limit << 128) + (self.gas_price << 160),
            m5,
        )
        return hash5([_word(element) for element in elements])

    def to_wire(self, signature: bytes) -> dict[str, str | int]:
        """Returns the L2Transaction with a signature of 64 bytes (R8 and S), or of 65 (r, s, v) for set_key."""
        suffix = self.valid_until.to_bytes(8, "big") + self.fee_token.to_bytes(2, "big")
        return {**self.to_unsigned(), "signature": to_hex(signature + suffix)}

    def to_unsigned(self) -> dict[str, str | int]:
        """Returns the L2Transaction without its signature member."""
        return {
            "from": to_address(self.sender), "to": to_address(self.wire_to), "value": str(self.value),
            "data": to_hex(self.data), "nonce": self.nonce, "gasLimit": self.gas_limit, "gasPrice": str(self.gas_price),
        }  # fmt: skip


def draft_transfer(
    sender: bytes, to: bytes, amount: int, nonce: int, *, token: int = 0, token_address: bytes = bytes(20)
) -> Draft:
    """Drafts a transfer of the native token (token 0) or of a registered one."""
    if token == 0:
        return Draft(Kind.TRANSFER, sender, to, 0, amount, nonce, to, amount, b"")
    data = _call("transfer(address,uint256)", ["address", "uint256"], [to, amount])
    return Draft(Kind.TRANSFER, sender, to, token, amount, nonce, token_address, 0, data)


def draft_withdraw(
    sender: bytes, recipient: bytes, amount: int, nonce: int, *, token: int = 0, token_address: bytes = bytes(20)
) -> Draft:
    """Drafts a withdrawal to an L1 recipient."""
    types = ["address", "uint256", "address"]
    data = _call("withdraw(address,uint256,address)", types, [token_address, amount, recipient])
    return Draft(Kind.WITHDRAW, sender, recipient, token, amount, nonce, SYSTEM, 0, data)


def draft_set_storage(sender: bytes, slot: int, value: int, nonce: int) -> Draft:
    """Drafts a write of an own storage slot (slot < 2^16, value < 2^240)."""
    data = _call("setStorage(uint256,uint256)", ["uint256", "uint256"], [slot, value])
    return Draft(Kind.SET_STORAGE, sender, sender, 0, 0, nonce, SYSTEM, 0, data, arguments=(slot, value))


def draft_set_key(sender: bytes, x: int, y: int, nonce: int) -> Draft:
    """Drafts a change of key, to be signed by EIP-712 (`to_set_key_data`)."""
    data = _call("setKey(uint256,uint256)", ["uint256", "uint256"], [x, y])
    return Draft(Kind.SET_KEY, sender, sender, 0, 0, nonce, SYSTEM, 0, data, arguments=(x, y))


def to_set_key_data(draft: Draft, chain_id: int, rollup: str) -> dict[str, object]:
    """Returns the EIP-712 typed data an account's owner signs for `draft_set_key`."""
    x, y = draft.arguments or (0, 0)
    fields = [part.split(" ") for part in SET_KEY_TYPE[7:-1].split(",")]
    return {
        "types": {
            "EIP712Domain": [
                {"name": "name", "type": "string"}, {"name": "version", "type": "string"},
                {"name": "chainId", "type": "uint256"}, {"name": "verifyingContract", "type": "address"},
            ],
            "SetKey": [{"name": name, "type": kind} for kind, name in fields],
        },
        "primaryType": "SetKey",
        "domain": {"name": "l2rollup", "version": "1", "chainId": chain_id, "verifyingContract": rollup},
        "message": {"account": to_address(draft.sender), "ax": x, "ay": y, "nonce": draft.nonce},
    }  # fmt: skip


def _word(value: int) -> bytes:
    return value.to_bytes(32, "big")


def _call(signature: str, types: list[str], values: list[object]) -> bytes:
    return bytes(keccak(text=signature)[:4]) + abi_encode(types, values)
