"""Development accounts with both keys: the well-known mnemonic on L1, and an L2 key derived from each of its keys.

Everybody knows these keys: for local chains only.
"""

from __future__ import annotations

from eth_utils.crypto import keccak

from l2rollup.client import Wallet
from l2rollup.errors import Malformed
from l2rollup.l1.accounts import derive_dev_accounts

SEED_DOMAIN = b"l2rollup development account"


def make_dev_wallet(number: int) -> Wallet:
    """Returns development account `number` (0 is the operator of a devnet)."""
    accounts = derive_dev_accounts()
    if not 0 <= number < len(accounts):
        raise Malformed("no such development account", expected=f"0 .. {len(accounts) - 1}", got=str(number))
    return make_wallet(accounts[number].private_key)


def make_wallet(ethereum_key: str) -> Wallet:
    """Returns the wallet of an Ethereum key whose L2 key is derived from it: convenient, and for development only."""
    return Wallet(ethereum_key, bytes(keccak(SEED_DOMAIN + bytes.fromhex(ethereum_key.removeprefix("0x")))))
