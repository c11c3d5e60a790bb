"""A rollup in use, and what a stranger reads of it from L1: its batches, and what the contract owes."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from l2rollup import native
from l2rollup.bridge import parse_operations
from l2rollup.cli.stack import Stack
from l2rollup.l1 import BatchCommitted, BatchFinalized, DepositQueued, Event
from l2rollup.node import LastState

ETH = bytes(20)
ZERO = "0x" + ETH.hex()


@dataclass(frozen=True)
class Published:
    """One batch as its commit transaction holds it."""

    batch_id: int
    operations: bytes
    transactions: bytes


@dataclass
class Living:
    """A stack whose users do things; L1 is anvil."""

    stack: Stack

    def events(self) -> Iterator[Event]:
        client, contract = self.stack.client, self.stack.contract
        for log in client.logs_between(contract.address, 0, client.head()):
            event = contract.decode(log)
            if event is not None:
                yield event

    def batches(self) -> list[Published]:
        """Every finalised batch."""
        found, final = [], self.stack.contract.finalized()
        for event in self.events():
            if isinstance(event, BatchCommitted) and event.batch_id <= final:
                operations, transactions, _ = self.stack.contract.read_commit(event.transaction)
                found.append(Published(event.batch_id, operations, transactions))
        return found

    def finalised_roots(self) -> dict[int, bytes]:
        """Root of every finalised batch, by the contract's events."""
        return {event.batch_id: event.root for event in self.events() if isinstance(event, BatchFinalized)}

    def settle(self, hash_: str) -> None:
        """Waits until a transaction is proven on L1, and every queue entry consumed."""
        contract, deadline = self.stack.contract, time.monotonic() + 120
        self.stack.user(1).wait(hash_, "settled", timeout=120)
        while contract.view("queueHead") != contract.view("queueLength"):
            assert time.monotonic() < deadline, "the queue is not consumed"
            time.sleep(0.2)

    def owed(self) -> dict[int, int]:
        """By token index: L2 balances under the last proven root, open deposits, unclaimed withdrawals."""
        stack = self.stack
        state = LastState(stack.client, stack.contract.address, native.load().Engine)
        state.rebuild()
        sums = Counter(state.totals())
        head = int(stack.contract.view("queueHead"))
        for event in self.events():
            if isinstance(event, DepositQueued) and event.index >= head:
                sums[event.token] += event.amount
        for batch in self.batches():
            paid = [record for record in parse_operations(batch.operations) if record.pays]
            for index, record in enumerate(paid):
                if not stack.contract.view("isClaimed", batch.batch_id, index):
                    sums[record.token] += record.amount
        return {token: amount for token, amount in sums.items() if amount}
