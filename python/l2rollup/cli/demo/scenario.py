"""What the demo's users do: deposit, register keys, send, withdraw, claim. Everything goes through the public API.

The order fills one chunk with operations, one with a mixture, and one with plain ETH transfers only, so that the data
bytes of a plain transfer are measured and not estimated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from eth_utils.crypto import keccak

from l2rollup.cli.output import Report
from l2rollup.cli.stack import Stack
from l2rollup.client import Client, RpcError, Wallet
from l2rollup.errors import Refused
from l2rollup.l1 import Receipt
from l2rollup.processor import Draft
from l2rollup.types import ZERO_ADDRESS, to_address

ETH_DEPOSIT = 10**18
TOKEN_DEPOSIT = 10**9
TOKEN_DEPOSITORS = (1, 2, 3)
OTHER_ITEMS = 6
"""The withdrawal, two changes of key, a write of storage and both sides of a swap, beside the deposits that no longer
fit the first chunk."""
SWAP = (10**15, 10**6)
"""Wei that user 2 gives for units of the token that user 3 gives."""
STORED = (7, 0xC0FFEE)
"""Storage slot of user 1, and what is written there."""
WITHDRAWN_WEI = 123_456_789_000_000
L1_THREADS = 4


@dataclass
class Ledger:
    """What was sent: hashes in order, and the hashes of the transactions the demo comes back to."""

    transfers: list[str] = field(default_factory=list)
    withdrawal: str = ""
    withdraw_recipient: str = ""
    key_change: str = ""
    others: list[str] = field(default_factory=list)
    """A key replaced, a write of storage, and both sides of a swap."""
    deposits: list[str] = field(default_factory=list)


class Scenario:
    """The users of one stack and what they have sent. Nonces are counted here, as a wallet that sends many does."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.clients = {number: stack.user(number) for number in range(1, len(stack.wallets))}
        self.ledger = Ledger()
        self._nonces = dict.fromkeys(self.clients, 0)
        self.new_account = _fresh_address("receiver")

    def deposit(self, report: Report) -> None:
        """Registers every user's key, deposits ETH for all and tokens for some, and waits until all is credited."""
        stack = self.stack
        token = bytes.fromhex(stack.token[2:])
        plan: dict[int, list[tuple[str, Callable[[], Receipt]]]] = {}
        for number, client in self.clients.items():
            bridge = stack.bridge(number)
            x, y = client.wallet.public_key
            plan[number] = [
                ("registerKey", lambda b=bridge, x=x, y=y: b.register_key(x, y)),  # type: ignore[misc]
                ("depositETH", lambda b=bridge: b.deposit(bytes(20), ETH_DEPOSIT)),  # type: ignore[misc]
            ]
            if number in TOKEN_DEPOSITORS:
                plan[number].append(("deposit", lambda b=bridge: b.deposit(token, TOKEN_DEPOSIT)))  # type: ignore[misc]

        def run(number: int) -> list[tuple[str, Receipt]]:
            return [(name, call()) for name, call in plan[number]]

        with ThreadPoolExecutor(L1_THREADS) as pool:
            for number, mined in zip(plan, pool.map(run, plan), strict=True):
                report(f"user {number}", number / len(plan))
                for name, receipt in mined:
                    stack.spent(name, receipt.gas_used)
                    self.ledger.deposits.append(receipt.hash)
        for hash_ in self.ledger.deposits:
            self.clients[1].wait_credited(hash_)

    def send_mixed(self) -> None:
        """Sends a withdrawal, two changes of one key (by the owner, then by the key before), a write of storage, a swap
        that happens whole or not at all, and transfers of ETH and token: to a new account, to oneself, by the new key.
        Waits until they are in a sealed batch, so that what follows begins a batch of its own."""
        first = self.clients[1]
        self.ledger.withdraw_recipient = _fresh_address("recipient")
        self.ledger.withdrawal = self._send([self._withdraw(1)])[0]
        self.change_key(max(self.clients))
        self.rotate_key(max(self.clients))
        self.ledger.others += self._send([first.draft_set_storage(*STORED, nonce=self._next_nonce(1))])
        self.ledger.others += self.swap(2, 3)
        hashes = self._send(list(self._mixed()))
        self.ledger.transfers += hashes
        for hash_ in (self.ledger.withdrawal, *self.ledger.others, *hashes):
            first.wait(hash_)
        first.wait(hashes[-1], "sealed")

    def send_plain(self) -> None:
        """Sends a chunk's worth of ETH transfers."""
        users = sorted(self.clients)
        count = self.stack.shape.slots
        pairs = [(users[i % len(users)], users[(3 * i + 1) % len(users)]) for i in range(count)]
        hashes = self._send([self._transfer(a, b, 10**12 * (i + 1)) for i, (a, b) in enumerate(pairs)])
        self.ledger.transfers += hashes
        for hash_ in hashes:
            self.clients[1].wait(hash_)

    def change_key(self, number: int) -> None:
        """Changes a user's L2 key; what the user sends from then on is signed with the new one."""
        old = self.stack.wallets[number]
        new = Wallet(old.export_ethereum_key(), bytes(keccak(text=f"l2rollup demo second key of {old.address}")))
        self.ledger.key_change = self.clients[number].set_key(new)
        self._adopt(number, new, self.ledger.key_change)

    def rotate_key(self, number: int) -> None:
        """Replaces a user's L2 key by a transaction under the present one."""
        old = self.stack.wallets[number]
        new = Wallet(old.export_ethereum_key(), bytes(keccak(text=f"l2rollup demo next key of {old.address}")))
        hash_ = self.clients[number].rotate_key(new)
        self.ledger.others.append(hash_)
        self._adopt(number, new, hash_)

    def _adopt(self, number: int, new: Wallet, hash_: str) -> None:
        """Signs with a new key from when it is set."""
        self._nonces[number] += 1
        self.clients[number].wait(hash_)
        self.stack.wallets[number] = new
        self.clients[number] = self.stack.user(number)

    def swap(self, first: int, second: int) -> list[str]:
        """Two users swap ETH for the token: two linked transfers, each signed by its sender, that happen together."""
        wei, units = SWAP
        sides = ((first, second, wei, ZERO_ADDRESS), (second, first, units, self.stack.token))
        drafts = []
        for sender, to, amount, token in sides:
            client, address = self.clients[sender], self.stack.wallets[to].address
            drafts.append(client.draft_linked_transfer(address, amount, token, nonce=self._next_nonce(sender)))
        members = self.clients[first].link(drafts)
        signed = [self.clients[side[0]].sign(member) for side, member in zip(sides, members, strict=True)]
        return self.clients[first].send_group(signed)

    def check_receipts(self, report: Report) -> int:
        """Checks the receipt of everything sent (signature, header, path); returns how many there were."""
        hashes = [*self.ledger.transfers, self.ledger.withdrawal, self.ledger.key_change, *self.ledger.others]
        for i, hash_ in enumerate(hashes):
            self.clients[1].get_receipt(hash_)
            report(hash_, (i + 1) / len(hashes))
        return len(hashes)

    def check_special(self) -> None:
        """Checks that the new account exists with what it was sent, and that storage holds what was written, with a
        proof. Raises Refused otherwise."""
        found = self.clients[1].get_account_balance(self.new_account)
        if found != str(NEW_ACCOUNT_WEI):
            raise Refused("the new account has another balance", expected=str(NEW_ACCOUNT_WEI), got=found)
        slot, value = STORED
        shown = self.clients[1].get_account_proof(self.clients[1].wallet.address, slot=slot)["proof"]["storage"]
        if int(shown["value"], 16) != value:
            raise Refused("the storage slot holds another value", expected=hex(value), got=shown["value"])

    def claim(self) -> str:
        """Claims the withdrawal on L1; returns the transaction. Raises Refused when its recipient was not paid."""
        proof = self.clients[1].transport.call("l2_getWithdrawalProof", self.ledger.withdrawal)
        recipient = bytes.fromhex(self.ledger.withdraw_recipient[2:])
        receipt = self.stack.bridge(1).claim(
            bytes.fromhex(proof["proof"][2:]), bytes(20), int(proof["amount"]), recipient
        )
        self.stack.spent("initiateWithdrawal", receipt.gas_used)
        paid = self.stack.client.balance(self.ledger.withdraw_recipient)
        if paid != WITHDRAWN_WEI:
            raise Refused("the claim paid another amount", expected=str(WITHDRAWN_WEI), got=str(paid))
        return receipt.hash

    def _mixed(self) -> Iterator[Draft]:
        yield self._transfer(1, self.new_account, NEW_ACCOUNT_WEI)
        yield self._transfer(2, 2, 5 * 10**12)
        users = sorted(self.clients)
        count = self.stack.shape.slots - len(TOKEN_DEPOSITORS) - OTHER_ITEMS
        for i in range(count - 2):
            sender = TOKEN_DEPOSITORS[i % len(TOKEN_DEPOSITORS)] if i % 2 else users[i % len(users)]
            token = self.stack.token if i % 2 else ZERO_ADDRESS
            yield self._transfer(sender, users[(i + 1) % len(users)], 1000 * (i + 1), token)

    def _transfer(self, sender: int, to: int | str, amount: int, token: str = ZERO_ADDRESS) -> Draft:
        address = to if isinstance(to, str) else self.stack.wallets[to].address
        return self.clients[sender].draft_transfer(address, amount, token, nonce=self._next_nonce(sender))

    def _withdraw(self, sender: int) -> Draft:
        return self.clients[sender].draft_withdraw(
            ZERO_ADDRESS, str(WITHDRAWN_WEI), recipient=self.ledger.withdraw_recipient, nonce=self._next_nonce(sender)
        )

    def _next_nonce(self, sender: int) -> int:
        self._nonces[sender] += 1
        return self._nonces[sender] - 1

    def _send(self, drafts: list[Draft]) -> list[str]:
        """Signs and sends drafts in one JSON-RPC batch; returns their hashes. Raises the first refusal."""
        by_address = {client.wallet.address_bytes: client for client in self.clients.values()}
        signed: list[dict[str, Any]] = [by_address[draft.sender].sign(draft) for draft in drafts]
        answers = self.clients[1].submit_all(signed)
        for answer in answers:
            if isinstance(answer, RpcError):
                raise answer
        return [str(answer) for answer in answers]


NEW_ACCOUNT_WEI = 77 * 10**12


def _fresh_address(what: str) -> str:
    """Returns an address nobody has a key of."""
    return to_address(bytes(keccak(text=f"l2rollup demo {what}"))[12:])


def find_client(scenario: Scenario) -> Client:
    """Returns any client, for reads."""
    return scenario.clients[1]
