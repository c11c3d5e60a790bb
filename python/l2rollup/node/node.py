"""A whole node: opens everything a configuration names, runs the pipeline, answers questions, closes in order.

`Node(config).start()` returns once L1 has been reached and the state recovered. The HTTP face is api/server.py, which
sits above this package and is started by the caller.
"""

from __future__ import annotations

import time
from types import TracebackType
from typing import TypeVar

import structlog
from eth_account import Account

from l2rollup import native as native_module
from l2rollup.config import NodeConfig
from l2rollup.errors import ConfigurationError, L1Unreachable
from l2rollup.l1 import L1Client, RollupContract, Sender
from l2rollup.native import Native
from l2rollup.node.chain import recover
from l2rollup.node.context import Context
from l2rollup.node.held import HeldKeys
from l2rollup.node.openings import Openings
from l2rollup.node.pipeline import Pipeline
from l2rollup.node.production import check_production
from l2rollup.node.queries import Queries
from l2rollup.node.room import bounds_of
from l2rollup.node.submit import Submit
from l2rollup.node.tokens import TokenBook
from l2rollup.processor import FeePolicy, Mempool, PoolLimits
from l2rollup.processor.block import compute_domain_separator
from l2rollup.proof import Prover
from l2rollup.state import Snapshots, compute_domain, compute_empty_id_root
from l2rollup.storage import Family, Store

IDENTITY_KEY = "identity"
MAX_PAUSE_SECONDS = 5.0
T = TypeVar("T")
log = structlog.get_logger("l2rollup.node")


class Node:
    """One node. `start` and `stop` once each; also a context manager.

    native: the native module; tests may pass another engine. prover: the prover process; by default the native one
    when the configuration wants one.
    """

    def __init__(self, config: NodeConfig, *, native: Native | None = None, prover: Prover | None = None) -> None:
        config.check()
        self.config = config
        self._native = native
        self._prover = prover
        self._context: Context | None = None
        self._pipeline: Pipeline | None = None
        self._submit: Submit | None = None
        self._queries: Queries | None = None
        self._held: HeldKeys | None = None

    def start(self, *, l1_wait: float = 60.0) -> Node:
        """Reaches L1 (trying again for `l1_wait` seconds), recovers the state, starts the stages; returns itself.

        Raises L1Unreachable, StorageError or ConfigurationError (another chain or contract than the database's, a
        production node on a rollup that is not one for production).
        """
        client = L1Client(self.config.l1_url)
        chain_id = wait_for_l1(client, l1_wait)
        self._context = context = self._open(client, chain_id)
        try:
            recover(context)
            if self.config.prover and self._prover is None:
                self._prover = Prover(self.config.key_cache, setup=self.config.setup)
                self._prover.start()
            self._pipeline = Pipeline(context, self._prover)
        except BaseException:
            context.store.close()
            raise
        self._submit, self._queries = Submit(context), Queries(context)
        self._held = HeldKeys(context, self._submit)
        self._pipeline.start()
        log.info("node_started", chain_id=chain_id, rollup=self.config.rollup, batch=context.last_batch)
        return self

    def stop(self) -> None:
        """Stops the stages and closes the database."""
        if self._pipeline is not None:
            self._pipeline.stop()
        if self._context is not None and (self._pipeline is None or self._pipeline.is_stopped):
            self._context.store.close()
        self._pipeline = None

    def __enter__(self) -> Node:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def context(self) -> Context:
        """The shared state of the running node."""
        return _started(self._context)

    @property
    def pipeline(self) -> Pipeline:
        """The running stages."""
        return _started(self._pipeline)

    @property
    def submit(self) -> Submit:
        """Intake of transactions."""
        return _started(self._submit)

    @property
    def queries(self) -> Queries:
        """Reads."""
        return _started(self._queries)

    @property
    def openings(self) -> Openings:
        """What the node is held to."""
        return Openings(self.context)

    @property
    def held(self) -> HeldKeys:
        """Deposits and withdrawals for a caller."""
        return _started(self._held)

    def _open(self, client: L1Client, chain_id: int) -> Context:
        config = self.config
        native = self._native or native_module.load()
        rollup = bytes.fromhex(config.rollup[2:])
        contract = RollupContract(client, config.rollup)
        if not client.code(config.rollup):
            raise ConfigurationError("there is no contract at the rollup address", expected="code", got=config.rollup)
        operator = Sender(client, config.operator_key)
        self._check_keys(contract, operator)
        if config.profile == "production":
            check_production(config, client)
        config.data_dir.mkdir(parents=True, exist_ok=True)
        store = Store(config.data_dir / "db")
        try:
            self._check_identity(store, chain_id)
            snapshots = Snapshots(config.data_dir / "snapshots")
            if not snapshots.ids():
                snapshots.save(0, native.Engine.genesis(chain_id, rollup).snapshot())
            batch_items = config.batch_items or native.shape().slots
            sequencer = Account.from_key(config.sequencer_key)
            context = Context(
                config=config, store=store, snapshots=snapshots, native=native, client=client, contract=contract,
                operator=operator, sequencer_address=str(sequencer.address),
                sign_digest=lambda digest: bytes(sequencer.unsafe_sign_hash(digest).signature),
                chain_id=chain_id, rollup=rollup, domain=compute_domain(chain_id, rollup),
                empty_id_root=compute_empty_id_root(native.poseidon2_permute),
                separator=compute_domain_separator(chain_id, rollup),
                engine=native.Engine.genesis(chain_id, rollup),
                pool=Mempool(PoolLimits(gap=config.nonce_gap, capacity=config.pool_capacity)),
                fees=_open_fees(config, batch_items), batch_items=batch_items, bounds=bounds_of(native.shape()),
                heartbeat=int(contract.view("finalityDeadline")) // 2, deployed=_read_time(client, config.start_block),
            )  # fmt: skip
            context.tokens = TokenBook(store).confirmed(1 << 62)
            if since := int(contract.view("escapedAt")):
                context.halted = f"escape is open on L1 since {since}"
            return context
        except BaseException:
            store.close()
            raise

    def _check_keys(self, contract: RollupContract, operator: Sender) -> None:
        """Headers are signed and batches committed by the one address the contract names."""
        on_l1 = str(contract.view("sequencer"))
        signer = str(Account.from_key(self.config.sequencer_key).address)
        for what, address in (("operator", operator.address), ("sequencer", signer)):
            if on_l1.lower() != address.lower():
                raise ConfigurationError(f"the {what} key is not the contract's sequencer", expected=on_l1, got=address)

    def _check_identity(self, store: Store, chain_id: int) -> None:
        """Refuses a database that belongs to another chain or contract."""
        identity = f"{chain_id}/{self.config.rollup.lower()}"
        known = store.get(Family.META, IDENTITY_KEY, str)
        if known is None:
            store.put(Family.META, IDENTITY_KEY, identity, sync=True)
        elif known != identity:
            raise ConfigurationError("the database belongs to another rollup", expected=known, got=identity)


def _read_time(client: L1Client, number: int) -> int:
    block = client.block(number)
    return block.time if block is not None else 0


def _open_fees(config: NodeConfig, batch_items: int) -> FeePolicy:
    return FeePolicy(
        config.base_price, minimum=max(1, config.base_price // 8), maximum=config.base_price * 64,
        target=max(1, batch_items // 2), rates=dict(config.token_rates),
    )  # fmt: skip


def wait_for_l1(client: L1Client, seconds: float) -> int:
    """Returns L1's chain id; while L1 does not answer, tries again with a growing pause for `seconds`."""
    deadline = time.monotonic() + seconds
    pause = 0.25
    while True:
        try:
            return client.chain_id()
        except L1Unreachable as error:
            left = deadline - time.monotonic()
            if left <= 0:
                raise
            log.warning("l1_unreachable", url=client.name, reason=error.got, next_try_in=round(pause, 2))
            time.sleep(min(pause, left))
            pause = min(MAX_PAUSE_SECONDS, 2 * pause)


def _started(value: T | None) -> T:
    if value is None:
        raise ConfigurationError("the node is not started", expected="start() before use", got="not started")
    return value
