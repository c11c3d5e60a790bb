"""A wallet: one Ethereum key (address, L1 transactions, set_key) and one L2 EdDSA key (everything else on L2).

The L2 key is circomlibjs's: a 32-byte private key in hex, public key by prv2pub. Keys leave it only by `export_*`.
"""

from __future__ import annotations

import secrets
from pathlib import Path

from eth_account import Account
from eth_account.messages import encode_typed_data

from l2rollup import native as native_module
from l2rollup.client.keystore import load_keystore, save_keystore
from l2rollup.errors import WalletError
from l2rollup.native import Native
from l2rollup.processor import Draft
from l2rollup.processor.wire import to_set_key_data
from l2rollup.types import Kind, to_address

KEY_BYTES = 32


class Wallet:
    """Both keys of one account. `native` is the native module; tests may pass another."""

    def __init__(self, ethereum_key: bytes | str, seed: bytes | str, *, native: Native | None = None) -> None:
        self._ethereum_key = _to_key(ethereum_key, "Ethereum key")
        self._seed = _to_key(seed, "EdDSA key")
        try:
            self._account = Account.from_key(self._ethereum_key)
        except Exception as error:
            raise WalletError("not an Ethereum key", expected="1 <= key < order of secp256k1") from error
        self._native = native or native_module.load()
        x, y = self._native.eddsa_public_key(self._seed)
        self.public_key: tuple[int, int] = (_to_int(x), _to_int(y))

    @classmethod
    def create(cls, *, native: Native | None = None) -> Wallet:
        """Makes a wallet with fresh random keys."""
        return cls(secrets.token_bytes(KEY_BYTES), secrets.token_bytes(KEY_BYTES), native=native)

    @classmethod
    def load(cls, path: Path, password: str, *, native: Native | None = None) -> Wallet:
        """Opens a keystore file. Raises WalletError."""
        return cls(*load_keystore(path, password), native=native)

    def save(self, path: Path, password: str, *, overwrite: bool = False) -> None:
        """Writes an encrypted keystore file, readable by its owner only."""
        save_keystore(path, password, self._ethereum_key, self._seed, overwrite=overwrite)

    @property
    def address(self) -> str:
        """Checksummed address: the account on L1 and on L2."""
        return str(self._account.address)

    @property
    def address_bytes(self) -> bytes:
        """The address, 20 bytes."""
        return bytes.fromhex(self.address[2:])

    def export_ethereum_key(self) -> str:
        """Returns the Ethereum private key as 0x-hex."""
        return "0x" + self._ethereum_key.hex()

    def export_eddsa_key(self) -> str:
        """Returns the L2 private key in circomlibjs's form: 64 hex digits."""
        return self._seed.hex()

    def sign(self, draft: Draft, *, domain: int, chain_id: int, rollup: str) -> dict[str, str | int]:
        """Signs a draft and returns the wire form: EdDSA, or EIP-712 for set_key."""
        if draft.sender != self.address_bytes:
            raise WalletError("draft is another account's", expected=self.address, got=to_address(draft.sender))
        if draft.kind is Kind.LINKED_TRANSFER and draft.group == 0:
            raise WalletError("a linked transfer is signed as a member of its group", expected="a draft of `link`",
                              got="no group")  # fmt: skip
        if draft.kind is Kind.SET_KEY:
            message = encode_typed_data(full_message=to_set_key_data(draft, chain_id, rollup))
            return draft.to_wire(bytes(self._account.sign_message(message).signature))
        signed = draft.message(domain, self._native.poseidon)
        return draft.to_wire(bytes(self._native.eddsa_sign(self._seed, signed)))

    def message(self, draft: Draft, domain: int) -> bytes:
        """Returns the id the draft will have: the message that is signed."""
        return draft.message(domain, self._native.poseidon)


def _to_int(value: bytes | int) -> int:
    return value if isinstance(value, int) else int.from_bytes(value, "big")


def _to_key(value: bytes | str, what: str) -> bytes:
    try:
        raw = bytes.fromhex(value.removeprefix("0x")) if isinstance(value, str) else bytes(value)
    except ValueError as error:
        raise WalletError(f"{what} is no hex", expected=f"{2 * KEY_BYTES} hex digits") from error
    if len(raw) != KEY_BYTES:
        raise WalletError(f"{what} has another length", expected=f"{KEY_BYTES} bytes", got=str(len(raw)))
    return raw
