"""A rollup that its operator abandons: 50 accounts with three tokens on real proofs, then kill -9 and silence.

What is left is an L1 and a contract; the tests of this folder use nothing else.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from eth_abi.abi import encode as abi_encode

from l2rollup.cli.accounts import make_dev_wallet
from l2rollup.cli.stack import MINT
from l2rollup.client import Client
from l2rollup.l1 import L1Client, RollupContract, Sender, UserBridge
from l2rollup.l1.contracts import encode_call
from l2rollup.l1.deploy import deploy

ACCOUNTS = 50
ETH = bytes(20)
UNITS = 10**12
WITHDRAWN = 4321
"""Wei that account 4 withdrew; account 6 left by a forced exit."""


@dataclass
class Abandoned:
    """What is left: an L1 URL and a contract. `accounts` are L2 addresses, `tokens` L1 ones (20 bytes each)."""

    l1: str
    rollup: str
    accounts: list[bytes]
    tokens: list[bytes]

    @property
    def client(self) -> L1Client:
        return L1Client(self.l1)

    @property
    def contract(self) -> RollupContract:
        return RollupContract(self.client, self.rollup)

    def bridge(self, number: int) -> UserBridge:
        return UserBridge(self.contract, Sender(self.client, make_dev_wallet(number).export_ethereum_key()))

    def now(self) -> int:
        block = self.client.block(self.client.head())
        assert block is not None
        return block.time

    def travel(self, to: int) -> None:
        """The next block has this time."""
        self.client.request("evm_setNextBlockTimestamp", [to])

    def escape(self) -> None:
        """Time passes, and a stranger opens escape."""
        self.travel(int(self.contract.view("escapeOpensAt")))
        self.bridge(7).activate_escape()


def populate(l1: str, rollup: str, node: str) -> tuple[list[bytes], list[bytes]]:
    """Two more tokens' worth of deposits for 50 addresses, some transfers, and waits until L1 has all proven."""
    client = L1Client(l1)
    contract, funder = RollupContract(client, rollup), Sender(client, make_dev_wallet(1).export_ethereum_key())
    bridge = UserBridge(contract, funder)
    second = bytes.fromhex(deploy(funder, "TestToken", ["Second", "SEC", 18])[2:])
    funder.transact("0x" + second.hex(), MINT + abi_encode(["address", "uint256"], [funder.address, UNITS]))
    fee = int(contract.view("tokenFee"))
    funder.transact(rollup, encode_call("registerToken", ["0x" + second.hex()]), value=fee)
    tokens = [ETH, bytes.fromhex(contract.view("tokens", 1)[2:]), second]
    accounts = [(0xACC0000 + (i << 100)).to_bytes(20, "big") for i in range(1, ACCOUNTS + 1)]
    for i, account in enumerate(accounts):
        for token in tokens:
            bridge.deposit(token, 1_000_000 + i, account)
    user = Client(node, make_dev_wallet(2), l1_url=l1)
    hashes = [user.transfer("0x" + account.hex(), str(7 + i)) for i, account in enumerate(accounts[:20])]
    user.wait(hashes[-1])
    # two that L1 owes already: a withdrawal, and a forced exit of everything; nobody claims them yet
    withdrawal = Client(node, make_dev_wallet(4), l1_url=l1).withdraw("0x" + ETH.hex(), str(WITHDRAWN))
    user.wait(withdrawal)
    UserBridge(contract, Sender(client, make_dev_wallet(6).export_ethereum_key())).request_forced_exit(ETH)
    deadline = time.monotonic() + 240
    user.wait(withdrawal, "settled", timeout=240)
    while contract.view("queueHead") != contract.view("queueLength") or contract.committed() != contract.finalized():
        assert time.monotonic() < deadline, "the operator does not prove what was queued"
        time.sleep(0.2)
    return accounts, tokens
