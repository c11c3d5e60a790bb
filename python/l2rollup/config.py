"""Configuration of a node, and what a production profile refuses. Values only: nothing is opened or read here."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from l2rollup.errors import ConfigurationError

FAILPOINT_VARIABLE = "L2ROLLUP_FAILPOINT"
_URL = re.compile(r"https?://([^\s/?#@]+@)?(\[[0-9a-fA-F:.]+\]|[^\s/?#@:\[\]]+)(:[0-9]{1,5})?([/?#]\S*)?")
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_KEY = re.compile(r"(0x)?[0-9a-fA-F]{64}")


@dataclass(frozen=True)
class NodeConfig:
    """Everything a node is told.

    data_dir: database, snapshots and keys. l1_url, rollup, start_block: the L1 node, the contract and the block of its
    deployment. sequencer_key: Ethereum key that signs headers; operator_key: Ethereum key that pays for commit and
    finalise; both are the contract's sequencer's. confirmations: depth at which deposits are credited, None = L1
    finality. Times in seconds. batch_items: items after which a batch ends, None = what a chunk has slots for.
    receipt_cover: wei that each receipt promises as long as half of the bond covers all that is open, 0 = none.
    setup: file of the setup that proves, None = the shipped one; production refuses one of no known ceremony.
    snapshot_every: batches between two snapshots of the state. held_keys: L2 and Ethereum keys by address that a dev
    node signs with, for l2_deposit and l2_withdraw with {from}.
    """

    data_dir: Path
    l1_url: str
    rollup: str
    sequencer_key: str = field(repr=False)
    operator_key: str = field(repr=False)
    start_block: int = 0
    profile: str = "dev"
    confirmations: int | None = 1
    l1_poll: float = 0.25
    block_time: float = 0.25
    batch_age: float = 5.0
    batch_items: int | None = None
    receipt_cover: int = 0
    fee_account: str | None = None
    base_price: int = 10**9
    token_rates: dict[int, int] = field(default_factory=dict)
    snapshot_every: int = 32
    prover: bool = True
    key_cache: Path | None = None
    setup: Path | None = None
    api_host: str = "127.0.0.1"
    api_port: int = 0
    pool_capacity: int = 20_000
    nonce_gap: int = 64
    held_keys: dict[str, tuple[str, str]] = field(default_factory=dict, repr=False)

    def check(self) -> None:
        """Raises ConfigurationError for values that contradict each other or that production forbids."""
        if self.profile not in ("dev", "production"):
            raise ConfigurationError("unknown profile", expected="dev or production", got=self.profile)
        if not 0.01 <= self.block_time <= 60:
            raise ConfigurationError("block time", expected="0.01 .. 60 seconds", got=str(self.block_time))
        if self.batch_items is not None and self.batch_items < 1:
            raise ConfigurationError("batch items", expected=">= 1", got=str(self.batch_items))
        if not 0 <= self.receipt_cover < 1 << 96:
            raise ConfigurationError("receipt cover", expected="0 .. 2^96 - 1 wei", got=str(self.receipt_cover))
        if self.confirmations is not None and self.confirmations < 1:
            raise ConfigurationError("confirmations", expected=">= 1 or None", got=str(self.confirmations))
        self._check_forms()
        if self.profile == "production":
            self._check_production()

    def _check_forms(self) -> None:
        """What came is not shown where it may hold a secret."""
        if not _URL.fullmatch(self.l1_url):
            raise ConfigurationError("L1 URL", expected="http(s)://host:port", got="another form")
        for what, address in (("rollup", self.rollup), ("fee account", self.fee_account or self.rollup)):
            if not _ADDRESS.fullmatch(address):
                raise ConfigurationError(what, expected="0x and 40 hex digits", got=address[:80])
        for what, key in (("sequencer key", self.sequencer_key), ("operator key", self.operator_key)):
            if not _KEY.fullmatch(key):
                raise ConfigurationError(what, expected="0x and 64 hex digits", got=f"{len(key)} characters")

    def _check_production(self) -> None:
        if self.confirmations is not None:
            raise ConfigurationError("production credits deposits at L1 finality only", expected="confirmations = None",
                                     got=str(self.confirmations))  # fmt: skip
        if self.held_keys:
            raise ConfigurationError("a production node holds no user's key", expected="no held keys",
                                     got=f"{len(self.held_keys)} keys")  # fmt: skip
        if os.environ.get(FAILPOINT_VARIABLE):
            raise ConfigurationError("failpoints are for the dev profile", expected=f"{FAILPOINT_VARIABLE} unset",
                                     got=os.environ[FAILPOINT_VARIABLE])  # fmt: skip
        if not self.prover:
            raise ConfigurationError("a production node proves", expected="prover = True", got="False")
