"""A world for tests of the node: an embedded chain with the Rollup contract, a node on it, and its users."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from engine_double import Native
from l2rollup.api import Server
from l2rollup.client import Client, Wallet
from l2rollup.config import NodeConfig
from l2rollup.l1 import L1Client
from l2rollup.l1.embedded import EmbeddedChain
from l2rollup.node import Node
from l2rollup.proof import Job, Prover, Result

YES_INIT = bytes.fromhex("600a600c600039600a6000f3" + "600160005260206000f3")
FINALITY = 40
"""Blocks until finality: more than any test of a reorg undoes, because finalised blocks are never taken back."""
NATIVE = Native()


class InstantProver(Prover):
    """Proves nothing, at once: the contract's verifier here accepts everything."""

    def __init__(self) -> None:
        self.results: list[Result] = []

    def submit(self, job: Job) -> None:
        self.results.append(Result(job.batch_id, b"\1" * 32, b"", 0.0, b"vk"))

    def poll(self) -> Result | None:
        return self.results.pop(0) if self.results else None

    def cancel(self) -> None:
        self.results.clear()

    def stop(self) -> None:
        self.results.clear()


@dataclass
class World:
    chain: EmbeddedChain
    client: L1Client
    rollup: str
    folder: Path
    options: dict[str, object] = field(default_factory=dict)
    node: Node | None = None
    server: Server | None = None

    def wallet(self, i: int) -> Wallet:
        return Wallet(self.chain.accounts[i].private_key, bytes([i + 1]) * 32, native=NATIVE)

    def config(self) -> NodeConfig:
        key = self.chain.accounts[0].private_key
        values: dict[str, object] = {
            "data_dir": self.folder / "node", "l1_url": self.chain.url, "rollup": self.rollup, "sequencer_key": key,
            "operator_key": key, "block_time": 0.05, "l1_poll": 0.05, "batch_age": 0.3, "prover": False,
            "fee_account": self.chain.accounts[1].address, **self.options,
        }  # fmt: skip
        return NodeConfig(**values)  # type: ignore[arg-type]

    def start(self) -> Node:
        self.node = Node(self.config(), native=NATIVE, prover=InstantProver()).start()  # type: ignore[arg-type]
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

    def mine(self, blocks: int = 1) -> None:
        self.client.request("anvil_mine", [hex(blocks)])

    def wait(self, what: Callable[[], object], seconds: float = 20.0) -> None:
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
        user.deposit("0x" + "00" * 20, str(amount))
        self.wait(lambda: int(user.get_account_balance(user.wallet.address)) >= amount)
