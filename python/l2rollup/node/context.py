"""What the stages of one node share: configuration, store, engine, pool, L1, batches in flight, health, one lock.

Holds state and small readings of it; every change is made by a stage or by chain.py under the lock.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from l2rollup.config import NodeConfig
from l2rollup.l1 import L1Client, RollupContract, Sender
from l2rollup.native import Engine, Native
from l2rollup.node.room import Use
from l2rollup.processor import FeePolicy, Mempool
from l2rollup.state import Snapshots
from l2rollup.storage import BatchRecord, BlockRecord, ChunkStart, Family, Store

VERIFICATION_KEY = "vk"


@dataclass
class Health:
    """State of one stage for /health: "ok", "waiting" (something outside is missing) or "halted", and why."""

    state: str = "ok"
    message: str = ""
    since: float = field(default_factory=time.time)
    progress: float = 0.0

    def set(self, state: str, message: str = "") -> None:
        """Changes the state; `since` moves only when it differs."""
        if state != self.state:
            self.since = time.time()
        self.state, self.message = state, message


@dataclass
class OpenBatch:
    """The batch that blocks are being added to."""

    batch_id: int
    start: ChunkStart
    first_block: int
    items: int
    opened: float
    withdrawals: int = 0
    used: Use = field(default_factory=Use)
    """What the items added since the start of the process take beside slots."""


@dataclass
class Context:
    """Shared by all stages. `lock` guards engine, pool, batches and every read-modify-write of the store.

    `generation` counts rebuilds of the engine: what was read under another one is stale. `reorgs` counts L1's.
    `bond`: the sequencer's on L1 in wei, read where receipts promise a cover. `heartbeat`: seconds after which an empty
    batch is made, half of what opens escape; `deployed`: L1 time of the contract.
    """

    config: NodeConfig
    store: Store
    snapshots: Snapshots
    native: Native
    client: L1Client
    contract: RollupContract
    operator: Sender
    sequencer_address: str
    sign_digest: Callable[[bytes], bytes]
    chain_id: int
    rollup: bytes
    domain: int
    empty_id_root: bytes
    separator: bytes
    engine: Engine
    pool: Mempool
    fees: FeePolicy
    batch_items: int
    bounds: Use
    heartbeat: int
    deployed: int
    lock: threading.RLock = field(default_factory=threading.RLock)
    tokens: dict[int, bytes] = field(default_factory=dict)
    batches: dict[int, BatchRecord] = field(default_factory=dict)
    open_batch: OpenBatch | None = None
    last_block: BlockRecord | None = None
    last_batch: int = 0
    last_batch_time: int = 0
    last_batch_block: bytes = bytes(32)
    credited_head: int = -1
    l1_tip: int = -1
    l1_time: int = 0
    bond: int = 0
    health: dict[str, Health] = field(default_factory=dict)
    counters: dict[str, float] = field(default_factory=dict)
    halted: str | None = None
    generation: int = 0
    reorgs: int = 0
    stopping: threading.Event = field(default_factory=threading.Event)

    def token_list(self) -> list[bytes]:
        """Returns the addresses of tokens 0 .. n-1, native (20 zero bytes) first, up to the first unknown index."""
        addresses = [bytes(20)]
        while len(addresses) in self.tokens:
            addresses.append(self.tokens[len(addresses)])
        return addresses

    def token_address(self, index: int) -> bytes:
        """Returns the address of a token index; 20 zero bytes for native."""
        return bytes(20) if index == 0 else self.tokens[index]

    def token_index(self, address: bytes) -> int | None:
        """Returns the index of a token address, or None when it is not registered."""
        if address == bytes(20):
            return 0
        return next((index for index, known in self.tokens.items() if known == address), None)

    def nonce_of(self, address: bytes) -> int:
        """Returns the account's next nonce, 0 for an absent account."""
        account = self.engine.account(address)
        return account.nonce if account is not None else 0

    def verification_key(self) -> bytes | None:
        """Returns the key proofs of this chain verify under, or None where no prover has named it yet."""
        return self.store.get(Family.META, VERIFICATION_KEY, bytes)

    def count(self, name: str, amount: float = 1.0) -> None:
        """Adds to a counter of /metrics."""
        self.counters[name] = self.counters.get(name, 0.0) + amount
