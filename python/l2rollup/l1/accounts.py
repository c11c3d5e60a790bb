"""Funded development accounts: the well-known mnemonic of anvil and hardhat, derived as they derive it.

Everybody knows these keys. They exist for local chains only and hold nothing anywhere else.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

from eth_account import Account

MNEMONIC = "test test test test test test test test test test test junk"
DEFAULT_COUNT = 12


@dataclass(frozen=True)
class DevAccount:
    """A development account: checksummed address and 32-byte private key as 0x-hex."""

    address: str
    private_key: str


@functools.cache
def derive_dev_accounts(count: int = DEFAULT_COUNT) -> tuple[DevAccount, ...]:
    """Derives the first `count` accounts of the mnemonic on path m/44'/60'/0'/0/i."""
    Account.enable_unaudited_hdwallet_features()
    accounts = (Account.from_mnemonic(MNEMONIC, account_path=f"m/44'/60'/0'/0/{i}") for i in range(count))
    return tuple(DevAccount(str(account.address), "0x" + bytes(account.key).hex()) for account in accounts)
