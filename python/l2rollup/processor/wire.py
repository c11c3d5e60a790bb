"""Drafts of user transactions: the wire form of API.md and the message that is signed (docs/spec/transactions.md).

The signer's side of intake: what is built here is what the engine's `decode` reads back. Holds no key.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from eth_abi.abi import encode as abi_encode
from eth_utils.crypto import keccak

from l2rollup.errors import Refused
from l2rollup.processor.fees import compute_units
from l2rollup.types import SYSTEM_ADDRESS, Kind, to_address, to_hex

Hash5 = Callable[[list[bytes]], bytes]
"""circomlib Poseidon over five 32-byte big-endian field elements: native.poseidon."""

SYSTEM = bytes.fromhex(SYSTEM_ADDRESS[2:])
GROUP_MEMBERS = range(2, 9)
"""How many linked transfers make up a group."""
SET_KEY_TYPE = "SetKey(address account,uint256 ax,uint256 ay,uint64 nonce)"


@dataclass(frozen=True)
class Draft:
    """A transaction without signature. `to` is the recipient that is signed, `wire_to` and `data` the wire's form.

    A linked transfer has its group (0 until `link` names it) and the address of its token, of which `data` is made.
    """

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
    group: int = 0
    token_address: bytes = bytes(20)

    def with_group(self, group: int) -> Draft:
        """Returns a linked transfer as a member of a group."""
        types = ["address", "address", "uint256", "uint256"]
        values: list[object] = [self.token_address, self.to, self.amount, group]
        data = _call("linkedTransfer(address,address,uint256,uint256)", types, values)
        return replace(self, group=group, data=data)

    def with_fee(self, price: int, *, fee_token: int = 0, creates_account: bool = False) -> Draft:
        """Returns the draft with the gas limit of its kind and a price per unit in the fee token."""
        units = compute_units(self.kind, creates_account=creates_account)
        return replace(self, gas_limit=units, gas_price=price, fee_token=fee_token)

    def message(self, domain: int, hash5: Hash5) -> bytes:
        """Returns the signed message, which is the transaction id: Poseidon5(m1 .. m5), 32 bytes."""
        m5 = self.group
        if self.arguments is not None:
            m5 = int.from_bytes(hash5([_word(self.arguments[0]), _word(self.arguments[1]), *[_word(0)] * 3]), "big")
        return hash5([_word(element) for element in (domain, *self.terms(), m5)])

    def terms(self) -> tuple[int, int, int]:
        """Returns m2, m3 and m4: who sends what to whom, and on which terms."""
        return (
            int.from_bytes(self.sender, "big") + (self.nonce << 160) + (int(self.kind) << 208) + (self.token << 216),
            int.from_bytes(self.to, "big") + (self.valid_until << 160) + (self.fee_token << 224),
            self.amount + (self.gas_limit << 128) + (self.gas_price << 160),
        )

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


def draft_rotate_key(sender: bytes, x: int, y: int, nonce: int) -> Draft:
    """Drafts a change of key, to be signed by the present EdDSA key; the signature's length tells the two kinds."""
    return replace(draft_set_key(sender, x, y, nonce), kind=Kind.ROTATE_KEY)


def draft_linked_transfer(
    sender: bytes, to: bytes, amount: int, nonce: int, *, token: int = 0, token_address: bytes = bytes(20)
) -> Draft:
    """Drafts a transfer that happens with its group or not at all; `link` says with which, once all have their fees."""
    draft = Draft(Kind.LINKED_TRANSFER, sender, to, token, amount, nonce, SYSTEM, 0, b"", token_address=token_address)
    return draft.with_group(0)


def compute_group(drafts: Sequence[Draft], hash5: Hash5) -> int:
    """Returns what every member signs: t of the first, where t = Poseidon5(m2, m3, m4, t of the next or 0, 0).

    Fees and validUntil are terms that are hashed, so they are set before. Raises Refused (incomplete_group) for what
    can be no group.
    """
    if len(drafts) not in GROUP_MEMBERS or any(draft.kind is not Kind.LINKED_TRANSFER for draft in drafts):
        kinds = ", ".join(draft.kind.name.lower() for draft in drafts) or "nothing"
        raise Refused("these can be no group", expected="2 to 8 linked transfers", got=kinds, code="incomplete_group")
    following = 0
    for draft in reversed(drafts):
        elements = (*draft.terms(), following, 0)
        following = int.from_bytes(hash5([_word(element) for element in elements]), "big")
    return following


def link(drafts: Sequence[Draft], hash5: Hash5) -> list[Draft]:
    """Returns the drafts as the members of one group, in their order. Raises Refused as `compute_group` does."""
    group = compute_group(drafts, hash5)
    return [draft.with_group(group) for draft in drafts]


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
