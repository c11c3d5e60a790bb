"""The statement that proving is measured on: full chunks of plain ETH transfers in a state of many accounts.

Senders and receivers are distinct and drawn at random; nobody pays twice, nobody is paid twice. The state is built in
bulk, as the bytes of a snapshot that the engine reads with all its checks (docs/spec/state.md); the transfers are then
signed, decoded, executed and sealed as a node does it. What it is not: a measurement; that is proof/measure.py.
"""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass

from l2rollup import native
from l2rollup.da import evaluate_lane
from l2rollup.errors import Malformed, Refused
from l2rollup.processor import draft_transfer
from l2rollup.proof.measure import Statement
from l2rollup.state import compute_domain

CHAIN_ID = 31337
ROLLUP = bytes.fromhex("be7c" * 10)
ACCOUNTS = 1 << 20
"""Leaves in use, the sentinel among them."""
MAX_ACCOUNTS = 1 << 24
BALANCE_WEI = 10**18
PRICE = 10**9
TIME = 1_700_000_000
SEED = 20
_KEYS = 64
_FEE_ACCOUNT = 1


@dataclass(frozen=True)
class Population:
    """A state in bulk: an engine, the address of each account by index (0, the sentinel, is the zero address)."""

    engine: native.Engine
    addresses: list[bytes]
    keys: list[bytes]

    def sign(self, sender: int, receiver: int, amount: int) -> bytes:
        """Returns a signed first transfer of one account to another, as the JSON that a client sends."""
        module = native.load()
        draft = draft_transfer(self.addresses[sender], self.addresses[receiver], amount, 0).with_fee(2 * PRICE)
        message = draft.message(compute_domain(CHAIN_ID, ROLLUP), module.poseidon)
        return json.dumps(draft.to_wire(module.eddsa_sign(self.keys[sender % len(self.keys)], message))).encode()


def populate(accounts: int = ACCOUNTS, seed: int = SEED) -> Population:
    """Builds a state of `accounts` leaves: random addresses, each with a key and ETH. Raises Malformed."""
    if not 4 <= accounts <= MAX_ACCOUNTS:
        raise Malformed("number of accounts", expected=f"4 to {MAX_ACCOUNTS}", got=str(accounts))
    drawn = random.Random(seed)  # noqa: S311 - a workload that anyone can draw again, no secret
    addresses = [bytes(20), *_draw_addresses(drawn, accounts - 1)]
    keys = [drawn.randbytes(32) for _ in range(_KEYS)]
    snapshot = write_snapshot(addresses, [native.load().eddsa_public_key(key) for key in keys])
    return Population(native.load().Engine.restore(snapshot), addresses, keys)


def _draw_addresses(drawn: random.Random, count: int) -> list[bytes]:
    """Returns distinct addresses in the order of creation, which is not their order in the list."""
    found = [b"\1" + drawn.randbytes(19) for _ in range(count)]
    if len(set(found)) != count:
        raise Malformed("addresses drawn", expected="distinct ones", got="a repetition; take another seed")
    return found


def write_snapshot(addresses: Sequence[bytes], keys: Sequence[tuple[bytes, bytes]]) -> bytes:
    """Returns the snapshot of a state whose accounts have keys in turn and the same balance (docs/spec/state.md)."""
    ordered = sorted(range(len(addresses)), key=addresses.__getitem__)
    following: list[bytes | None] = [None] * len(addresses)
    for index, successor in itertools.pairwise(ordered):
        following[index] = addresses[successor]
    tail = BALANCE_WEI.to_bytes(16, "big") + bytes(6 + 4)
    parts = [b"l2sn", (1).to_bytes(2, "big"), CHAIN_ID.to_bytes(8, "big"), ROLLUP, bytes(3 * 8 + 2 * 32 + 4)]
    parts.append(len(addresses).to_bytes(4, "big"))
    for index, (address, link) in enumerate(zip(addresses, following, strict=True)):
        x, y = keys[index % len(keys)]
        has_key, key, rest = (b"\1", x + y, tail) if index else (b"\0", bytes(64), bytes(len(tail)))
        parts.append(address + has_key + (bytes(21) if link is None else b"\1" + link) + key + rest)
    parts.append(bytes(4 + 4))
    return b"".join(parts)


def make_statements(population: Population, transfers: int, slots: int, seed: int = SEED) -> list[Statement]:
    """Executes and seals plain transfers, `slots` in a chunk, the last one perhaps fewer. Raises Malformed."""
    accounts = len(population.addresses)
    most = (accounts - 2) // 2
    if not 1 <= transfers <= most:
        raise Malformed(f"transfers among {accounts} accounts", expected=f"1 to {most}", got=str(transfers))
    drawn = random.Random(seed + 1)  # noqa: S311
    parties = drawn.sample(range(2, accounts), 2 * transfers)
    pairs = list(zip(parties[:transfers], parties[transfers:], strict=True))
    return [_seal(population, pairs[first : first + slots]) for first in range(0, transfers, slots)]


def _seal(population: Population, pairs: Sequence[tuple[int, int]]) -> Statement:
    engine, module = population.engine, native.load()
    records = []
    requests = [population.sign(*pair, 10**9 * (i + 1)) for i, pair in enumerate(pairs)]
    for decoded in engine.decode(requests, [bytes(20)]):
        if not isinstance(decoded, bytes):
            raise Refused(decoded.message, expected=decoded.expected, got=decoded.got, code=decoded.code)
        records.append(decoded)
    engine.begin_chunk(TIME, _FEE_ACCOUNT, [(0, PRICE)])
    for outcome in engine.apply(records):
        if outcome.fault is not None:
            fault = outcome.fault
            raise Refused(fault.message, expected=fault.expected, got=fault.got, code=fault.code)
    chunk = engine.end_chunk()
    lane = evaluate_lane(
        compute_domain(CHAIN_ID, ROLLUP), CHAIN_ID, ROLLUP, 1, chunk.tx_c, chunk.op_c, chunk.transactions,
        chunk.operations, module.data_evaluation,
    )  # fmt: skip
    return Statement(chunk.witness, lane.z.to_bytes(32, "big"), len(pairs))
