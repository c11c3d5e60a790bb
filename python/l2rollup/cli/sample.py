"""A chunk made here, without a node: accounts are funded in a first chunk, a second one is full of plain transfers.

For trying the prover, for examiners and for benchmarks. The engine is the node's; the keys are nobody's.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from eth_utils.crypto import keccak

from l2rollup import native
from l2rollup.bridge import encode_deposit, encode_register_key
from l2rollup.client import Wallet
from l2rollup.da import evaluate_lane
from l2rollup.errors import Refused
from l2rollup.processor import draft_transfer
from l2rollup.state import compute_domain
from l2rollup.types import to_address

CHAIN_ID = 31337
ROLLUP = bytes(keccak(text="l2rollup sample rollup"))[12:]
ACCOUNTS = 8
DEPOSIT_WEI = 10**18
PRICE = 10**9
TIME = 1_700_000_000


@dataclass(frozen=True)
class Sample:
    """A sealed chunk with the z it is proven for."""

    chunk: native.SealedChunk
    z: bytes


def make_wallets(count: int = ACCOUNTS) -> list[Wallet]:
    """Returns wallets of nobody."""
    keys = [keccak(text=f"l2rollup sample {i}") for i in range(count)]
    return [Wallet(bytes(key), bytes(keccak(key))) for key in keys]


def make_engine(wallets: list[Wallet]) -> native.Engine:
    """Returns an engine in which the wallets have keys and ETH."""
    engine = native.load().Engine.genesis(CHAIN_ID, ROLLUP)
    for start in range(0, len(wallets), 10):
        group = wallets[start : start + 10]
        engine.begin_chunk(TIME, 1, [(0, PRICE)])
        records = [encode_register_key(wallet.address_bytes, *wallet.public_key) for wallet in group]
        records += [encode_deposit(0, DEPOSIT_WEI, w.address_bytes, w.address_bytes) for w in group]
        _apply(engine, records)
        engine.end_chunk()
    return engine


def make_requests(wallets: list[Wallet], count: int, first_nonce: int = 0) -> list[bytes]:
    """Returns `count` signed transfers among the wallets as JSON, in executable order."""
    domain, rollup = compute_domain(CHAIN_ID, ROLLUP), to_address(ROLLUP)
    requests = []
    for i in range(count):
        sender, receiver = wallets[i % len(wallets)], wallets[(3 * i + 1) % len(wallets)]
        nonce = first_nonce + i // len(wallets)
        draft = draft_transfer(sender.address_bytes, receiver.address_bytes, 10**9 * (i + 1), nonce).with_fee(2 * PRICE)
        requests.append(json.dumps(sender.sign(draft, domain=domain, chain_id=CHAIN_ID, rollup=rollup)).encode())
    return requests


def make_sample(transfers: int | None = None) -> Sample:
    """Returns a chunk of plain transfers; by default as many as a chunk has slots."""
    module = native.load()
    wallets = make_wallets()
    engine = make_engine(wallets)
    count = module.shape().slots if transfers is None else transfers
    requests = make_requests(wallets, count)
    records = []
    for decoded in engine.decode(requests, [bytes(20)]):
        if not isinstance(decoded, bytes):
            raise Refused(decoded.message, expected=decoded.expected, got=decoded.got, code=decoded.code)
        records.append(decoded)
    engine.begin_chunk(TIME + 1, 1, [(0, PRICE)])
    _apply(engine, records)
    chunk = engine.end_chunk()
    lane = evaluate_lane(
        compute_domain(CHAIN_ID, ROLLUP), CHAIN_ID, ROLLUP, 2, chunk.tx_c, chunk.op_c, chunk.transactions,
        chunk.operations, module.data_evaluation,
    )  # fmt: skip
    return Sample(chunk, lane.z.to_bytes(32, "big"))


def _apply(engine: native.Engine, records: list[bytes]) -> None:
    for outcome in engine.apply(records):
        if outcome.fault is not None:
            fault = outcome.fault
            raise Refused(fault.message, expected=fault.expected, got=fault.got, code=fault.code)
