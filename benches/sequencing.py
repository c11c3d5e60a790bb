"""The sequenced rung: from JSON-RPC over HTTP to a signed, durable block. No proof, and no batch leaves the house.

A whole node on the embedded L1: parse, verify, pool, execute, hash, journal with fsync, receipts. The client that signs
and sends runs in the same process and on the same cores; signing is done before the clock starts.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from benches.measure import measure, show
from l2rollup.api import Server
from l2rollup.cli.accounts import make_dev_wallet
from l2rollup.cli.logs import write_logs_to
from l2rollup.client import Client, RpcError
from l2rollup.config import NodeConfig
from l2rollup.l1 import L1Client, Sender
from l2rollup.l1.accounts import derive_dev_accounts
from l2rollup.l1.deploy import deploy_rollup
from l2rollup.l1.embedded import EmbeddedChain
from l2rollup.native import load
from l2rollup.node import Node
from l2rollup.state import compute_empty_id_root

ACCOUNTS, EACH, BATCH = 8, 64, 100
OFFER = 100
"""Times the price at the start: full batches raise it by an eighth each."""
PATIENCE_SECONDS, BLOCK_SECONDS = 60, 0.05
NATIVE = "0x" + "00" * 20


def main() -> None:
    """Prints the figures."""
    with EmbeddedChain() as chain, TemporaryDirectory() as folder:
        write_logs_to(Path(folder) / "log")
        client, module = L1Client(chain.url), load()
        operator = Sender(client, derive_dev_accounts()[0].private_key)
        deployment = deploy_rollup(
            operator, sequencer=operator.address,
            genesis_root=module.Engine.genesis(client.chain_id(), bytes(20)).root(),
            empty_id_root=compute_empty_id_root(module.poseidon2_permute),
        )  # fmt: skip
        key = derive_dev_accounts()[0].private_key
        config = NodeConfig(
            data_dir=Path(folder), l1_url=chain.url, rollup=deployment.rollup, sequencer_key=key, operator_key=key,
            start_block=deployment.start_block, prover=False, block_time=BLOCK_SECONDS, batch_age=3600,
            batch_items=module.shape().slots,
        )  # fmt: skip
        with Node(config) as node, Server(node) as server:
            users = [Client(server.url, make_dev_wallet(i + 1), l1_url=chain.url) for i in range(ACCOUNTS)]
            for user in users:
                user.register_key()
                funded = user.deposit(NATIVE, str(10**18))
            users[-1].wait_credited(funded)
            run(users)


def run(users: list[Client]) -> None:
    """Signs transfers among the users, sends them in JSON-RPC batches, and waits for the last one's receipt."""
    price = OFFER * int(users[0].transport.call("l2_getFeeQuote")["prices"][0]["price"])
    signed = [
        users[i].sign(users[i].draft_transfer(users[(i + 1) % ACCOUNTS].wallet.address, 1, nonce=nonce).with_fee(price))
        for nonce in range(EACH)
        for i in range(ACCOUNTS)
    ]

    def send() -> str:
        last = ""
        for start in range(0, len(signed), BATCH):
            answers = users[0].submit_all(signed[start : start + BATCH])
            refused = [answer for answer in answers if isinstance(answer, RpcError)]
            if refused:
                raise refused[0]
            last = str(answers[-1])
        users[0].wait(last, timeout=PATIENCE_SECONDS)
        return last

    _, timing = measure(send)
    count = len(signed)
    load = f"{ACCOUNTS} accounts, {count} transfers, batches of {BATCH} calls, block time {BLOCK_SECONDS} s"
    note = f"{load}, {timing.cpu:.2f} core-s with the client"
    show("sequenced", "transfers from JSON-RPC to a durable block", count / timing.wall, "/s", note)
