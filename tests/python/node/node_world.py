"""A world for tests of the node: an L1 with the Rollup contract, a node with the native engine on it, and its users.

What is not real here: the prover process answers at once with a proof of nothing, and the contract's verifier accepts
it. These tests are about order, crashes and time; tests/e2e has real proofs.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from l2rollup import native
from l2rollup.api import Server
from l2rollup.client import Client, Wallet
from l2rollup.config import NodeConfig
from l2rollup.errors import NotFound
from l2rollup.l1 import L1Client, Sender
from l2rollup.l1.accounts import DevAccount
from l2rollup.l1.deploy import ADD_BOND, deploy, deploy_beside
from l2rollup.l1.terms import DEVELOPMENT, Terms
from l2rollup.node import Node
from l2rollup.node.pipeline import HELD
from l2rollup.proof import Job, Prover, Result
from l2rollup.state import compute_empty_id_root

YES_INIT = bytes.fromhex("600a600c600039600a6000f3" + "600160005260206000f3")
"""Creation code of a contract that answers 1 to everything."""
FINALITY = 40
"""Blocks until finality: more than any test of a reorg undoes, because finalised blocks are never taken back."""
NATIVE = native.load()
ZERO = "0x" + "00" * 20
ETH = 10**18
TOKEN_FEE = 5 * 10**16
DEADLINES = (3600, 7200)
"""Seconds after which an open queue entry, or a state not finalised, opens escape."""


class Chain(Protocol):
    """An L1 of these tests."""

    accounts: tuple[DevAccount, ...]

    @property
    def url(self) -> str: ...
    def stop(self) -> None: ...


class InstantProver(Prover):
    """Proves nothing, at once."""

    def __init__(self) -> None:
        super().__init__()
        self.results: list[Result] = []

    def start(self) -> None:
        return

    def submit(self, job: Job) -> None:
        self.results.append(Result(job.batch_id, b"\1" * 32, job.public_inputs, 0.0))

    def poll(self) -> Result | None:
        return self.results.pop(0) if self.results else None

    def cancel(self) -> None:
        self.results.clear()

    def stop(self) -> None:
        self.results.clear()


def deploy_rollup(
    client: L1Client, chain: Chain, deadlines: tuple[int, int] = DEADLINES, terms: Terms = DEVELOPMENT
) -> str:
    """Deploys the real contract over the verifier that accepts everything; returns its address."""
    sender = Sender(client, chain.accounts[0].private_key)
    verifier = sender.transact(None, YES_INIT).contract
    genesis = NATIVE.Engine.genesis(1, bytes(20)).root()
    empty = compute_empty_id_root(NATIVE.poseidon2_permute)
    reader = deploy(sender, "AccountReader")
    beside = deploy_beside(sender, sender.address, terms, {})
    settings = (reader, *beside, *deadlines)
    rollup = deploy(sender, "Rollup", [verifier, genesis, empty, TOKEN_FEE, 0, settings])
    sender.transact(beside[0], ADD_BOND, value=terms.minimum_bond)
    return rollup


@dataclass
class World:
    """One chain, one contract, at most one running node. `options` override the node's configuration."""

    chain: Chain
    client: L1Client
    rollup: str
    folder: Path
    options: dict[str, object] = field(default_factory=dict)
    node: Node | None = None
    server: Server | None = None

    def wallet(self, i: int) -> Wallet:
        return Wallet(self.chain.accounts[i].private_key, bytes([i + 1]) * 32)

    def config(self) -> NodeConfig:
        key = self.chain.accounts[0].private_key
        values: dict[str, Any] = {
            "data_dir": self.folder / "node", "l1_url": self.chain.url, "rollup": self.rollup, "sequencer_key": key,
            "operator_key": key, "block_time": 0.05, "l1_poll": 0.05, "batch_age": 0.3, "prover": False,
            "fee_account": self.chain.accounts[1].address, **self.options,
        }  # fmt: skip
        return NodeConfig(**values)

    def start(self) -> Node:
        self.node = Node(self.config(), prover=InstantProver()).start()
        self.server = Server(self.node).start()
        return self.node

    def stop(self) -> None:
        if self.server is not None:
            self.server.stop()
        if self.node is not None:
            self.node.stop()
        self.node = self.server = None

    def user(self, i: int) -> Client:
        assert self.server is not None
        return Client(self.server.url, self.wallet(i))

    def running(self) -> Node:
        assert self.node is not None
        return self.node

    def mine(self, blocks: int = 1) -> None:
        self.client.request("anvil_mine", [hex(blocks)])

    @contextlib.contextmanager
    def quiet(self) -> Iterator[None]:
        """Within, the node sends nothing and nothing waits to be mined: an anvil whose blocks are taken back while it
        mines is left with a hole in its chain."""
        stages = ("publish", "settle", "finalize", "answer") if self.node else ()
        resting = [name for name in stages if self.running().context.health[name].message != HELD]
        for name in resting:
            self.running().pipeline.hold(name)
        try:
            self.wait(lambda: not any(self._has_unmined(account) for account in self.chain.accounts))
            yield
        finally:
            for name in resting:
                self.running().pipeline.resume(name)

    def _has_unmined(self, account: DevAccount) -> bool:
        counts = [
            self.client.request("eth_getTransactionCount", [account.address, block]) for block in ("latest", "pending")
        ]
        return bool(counts[0] != counts[1])

    def undo_blocks(self, last_kept: int) -> None:
        """Replaces every L1 block above `last_kept` by an empty one."""
        with self.quiet():
            self.client.request("anvil_reorg", [self.client.head() - last_kept, []])

    def wait(self, what: Callable[[], object], seconds: float = 60.0) -> None:
        deadline = time.monotonic() + seconds
        while not what():
            if self.node is not None and self.node.queries.health()["status"] == "halted":
                raise AssertionError(self.node.queries.health())
            assert time.monotonic() < deadline, self.node and self.node.queries.health()
            time.sleep(0.02)

    def fund(self, i: int, amount: int) -> None:
        """Registers user i and deposits, and waits until both are credited."""
        user = self.user(i)
        user.register_key()
        user.deposit(ZERO, str(amount))
        self.wait(lambda: int(user.get_account_balance(user.wallet.address)) >= amount)

    def credited(self, l1_transaction: str) -> None:
        """Waits until a request on L1 has been read and executed."""

        def is_executed() -> bool:
            with contextlib.suppress(NotFound):
                status = self.running().queries.transaction_status(bytes.fromhex(l1_transaction[2:]))
                return status.status != "pending"
            return False

        self.wait(is_executed)

    def settle_all(self) -> None:
        """Waits until every executed item is in a settled batch."""
        node = self.running()
        self.wait(lambda: node.context.open_batch is None and all(
            record.status in ("settled", "final") for record in list(node.context.batches.values())
        ))  # fmt: skip
