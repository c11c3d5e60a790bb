"""A whole rollup on one machine: L1, contracts, node and its API. What `devnet` and `demo` start and stop.

A development stack: everybody knows its keys. It remembers nothing once stopped, but what is in its folder.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from eth_abi.abi import encode as abi_encode
from eth_account import Account
from eth_utils.crypto import keccak

from l2rollup import native
from l2rollup.api import Server
from l2rollup.cli.accounts import make_wallet
from l2rollup.cli.clock import Clock
from l2rollup.cli.logs import write_logs_to
from l2rollup.cli.output import Output
from l2rollup.client import Client, Wallet
from l2rollup.config import NodeConfig
from l2rollup.errors import ConfigurationError, L2Error
from l2rollup.l1 import L1Chain, L1Client, RollupContract, Sender, UserBridge, open_l1
from l2rollup.l1.accounts import derive_dev_accounts
from l2rollup.l1.contracts import encode_call
from l2rollup.l1.deploy import Deployment, deploy, deploy_rollup
from l2rollup.l1.terms import DEVELOPMENT
from l2rollup.node import Node
from l2rollup.proof import open_keys
from l2rollup.state import compute_empty_id_root

FUNDS_WEI = 2 * 10**18
"""ETH an account must have on an L1 that is not ours: two deposits and their gas."""
RECEIPT_COVER = 10**12
"""Wei: the receipts of a development stack promise little, from the little bond of DEVELOPMENT."""
TOKEN_UNITS = 10**12
TOKEN_DECIMALS = 6
MINT = bytes(keccak(text="mint(address,uint256)")[:4])


@dataclass(frozen=True)
class StackOptions:
    """folder: database, snapshots, log. l1: anvil, embedded, auto or a URL. users: accounts with both keys.

    batch_age: seconds after which a batch is sealed that is not full. block_seconds: how often a local L1 makes a block
    when nothing happens (finality needs blocks). funder_key: pays for fresh accounts on an L1 that does not fund the
    development accounts.
    """

    folder: Path
    l1: str = "auto"
    l1_port: int = 0
    api_port: int = 0
    users: int = 8
    confirmations: int = 1
    batch_age: float = 8.0
    block_seconds: float = 2.0
    key_cache: Path | None = None
    funder_key: str | None = field(default=None, repr=False)


@dataclass
class Stack:
    """A running stack. wallets[0] is the operator, the others are users."""

    options: StackOptions
    chain: L1Chain
    client: L1Client
    contract: RollupContract
    deployment: Deployment
    token: str
    node: Node
    server: Server
    wallets: list[Wallet]
    shape: native.Shape
    gas: dict[str, list[int]] = field(default_factory=dict)

    @property
    def is_local(self) -> bool:
        """Whether the L1 is ours, so that we may mine blocks on it."""
        return self.chain.process is not None

    @property
    def operator(self) -> Sender:
        """The operator's account on L1."""
        return Sender(self.client, self.wallets[0].export_ethereum_key())

    def user(self, number: int) -> Client:
        """Returns a client of user `number` (from 1)."""
        return Client(self.server.url, self.wallets[number], l1_url=self.chain.url, rollup=self.contract.address,
                      l1_confirmations=self.options.confirmations)  # fmt: skip

    def sender(self, number: int) -> Sender:
        """Returns the L1 account of user `number`."""
        return Sender(self.client, self.wallets[number].export_ethereum_key())

    def bridge(self, number: int) -> UserBridge:
        """Returns user `number` on L1."""
        return UserBridge(self.contract, self.sender(number))

    def spent(self, call: str, gas: int) -> None:
        """Notes the gas of an L1 call."""
        self.gas.setdefault(call, []).append(gas)


@contextmanager
def open_stack(options: StackOptions, output: Output, clock: Clock | None = None) -> Iterator[Stack]:
    """Starts everything, yields it, and stops it in reverse order."""
    clock = clock or Clock()
    with ExitStack() as exits:
        write_logs_to(options.folder / "node.log")
        with clock.stage("keys"), output.step("prover keys (made on first use, then cached)") as report:
            vk = open_keys(options.key_cache, report).vk()
            shape = native.load().shape()
        with clock.stage("l1"), output.step(f"L1: {options.l1}") as report:
            chain = exits.enter_context(open_l1(options.l1, port=options.l1_port))
            report(chain.url, None)
            client = L1Client(chain.url)
            wallets = fund(client, chain, options)
        with clock.stage("deploy"), output.step("contracts deployed"):
            deployment, token, gas = deploy_contracts(client, wallets, vk)
        contract = RollupContract(client, deployment.rollup)
        with clock.stage("node"), output.step("node"):
            node = exits.enter_context(Node(configure(options, chain, deployment, wallets)))
            server = exits.enter_context(Server(node))
        stack = Stack(options, chain, client, contract, deployment, token, node, server, wallets, shape, gas)
        if stack.is_local:
            exits.enter_context(_heartbeat(chain.url, options.block_seconds))
        yield stack


def fund(client: L1Client, chain: L1Chain, options: StackOptions) -> list[Wallet]:
    """Returns the operator's and the users' wallets, funded on L1. Raises ConfigurationError where they are not."""
    count = options.users + 1
    if options.funder_key is not None:
        funder = Sender(client, options.funder_key)
        wallets = [make_wallet("0x" + bytes(Account.create().key).hex()) for _ in range(count)]
        for wallet in wallets:
            funder.transact(wallet.address, value=FUNDS_WEI)
        return wallets
    accounts = chain.accounts or derive_dev_accounts()
    if count > len(accounts):
        raise ConfigurationError("too many users", expected=f"<= {len(accounts) - 1}", got=str(options.users))
    for account in accounts[:count]:
        found = client.balance(account.address)
        if found < FUNDS_WEI:
            raise ConfigurationError("this L1 does not fund the development accounts; name a funder's key",
                                     expected=f">= {FUNDS_WEI} wei at {account.address}", got=str(found))  # fmt: skip
    return [make_wallet(account.private_key) for account in accounts[:count]]


def deploy_contracts(
    client: L1Client, wallets: list[Wallet], vk: bytes
) -> tuple[Deployment, str, dict[str, list[int]]]:
    """Deploys verifier, rollup and a test token, registers the token and gives every user some; returns gas by call."""
    module = native.load()
    operator = Sender(client, wallets[0].export_ethereum_key())
    genesis = module.Engine.genesis(client.chain_id(), bytes(20)).root()
    deployment = deploy_rollup(
        operator, sequencer=operator.address, genesis_root=genesis,
        empty_id_root=compute_empty_id_root(module.poseidon2_permute), key_data=module.export_solidity(vk)[1],
        terms=DEVELOPMENT,
    )  # fmt: skip
    created: dict[str, int] = {}
    token = deploy(operator, "TestToken", ["l2rollup demo dollar", "DEMO", TOKEN_DECIMALS], created)
    fee = int(RollupContract(client, deployment.rollup).view("tokenFee"))
    registration = operator.transact(deployment.rollup, encode_call("registerToken", [token]), value=fee)
    for wallet in wallets:
        operator.transact(token, MINT + abi_encode(["address", "uint256"], [wallet.address, TOKEN_UNITS]))
    gas = {f"create {name}": [used] for name, used in deployment.gas.items()}
    return deployment, token, {**gas, "registerToken": [registration.gas_used]}


def configure(options: StackOptions, chain: L1Chain, deployment: Deployment, wallets: list[Wallet]) -> NodeConfig:
    """Returns the configuration of the stack's node: dev profile, keys of the users held for l2_deposit {from}."""
    key = wallets[0].export_ethereum_key()
    held = {w.address: (w.export_ethereum_key(), "0x" + w.export_eddsa_key()) for w in wallets[1:]}
    return NodeConfig(
        data_dir=options.folder / "node", l1_url=chain.url, rollup=deployment.rollup, sequencer_key=key,
        operator_key=key, start_block=deployment.start_block, confirmations=options.confirmations, l1_poll=0.1,
        block_time=0.25, batch_items=native.load().shape().slots, batch_age=options.batch_age,
        fee_account=wallets[1].address, receipt_cover=RECEIPT_COVER, key_cache=options.key_cache,
        api_port=options.api_port, held_keys=held,
    )  # fmt: skip


@contextmanager
def _heartbeat(url: str, seconds: float) -> Iterator[None]:
    """Makes a block on a local L1 every now and then, as a live chain would."""
    stopping = threading.Event()
    client = L1Client(url, retries=0)

    def beat() -> None:
        while not stopping.wait(seconds):
            try:
                client.request("evm_mine", [])
            except L2Error:
                time.sleep(seconds)

    thread = threading.Thread(target=beat, name="l1-heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join(timeout=5)

