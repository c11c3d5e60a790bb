"""A rollup of funded accounts with keys, and signed transfers between neighbours of a ring."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from l2rollup import native

CHAIN_ID = 31337
ROLLUP = bytes([0x42]) * 20
NATIVE = [bytes(20)]
OPERATIONS = 20
DEPOSIT, REGISTER_KEY = 5, 6


def address_of(number: int) -> bytes:
    """Returns the address of an account: spread, so that list order is not order of creation."""
    return ((number + 1) * 0x9E3779B97F4A7C15 % 2**64).to_bytes(8, "big") + number.to_bytes(12, "big")


def seed_of(number: int) -> bytes:
    """Returns the 32-byte seed of an account's key."""
    return number.to_bytes(32, "big")


def encode_deposit(number: int, amount: int) -> bytes:
    """Returns the queue record of docs/spec/data.md for a native deposit."""
    owner = address_of(number)
    return bytes([DEPOSIT]) + bytes(12) + amount.to_bytes(16, "big") + bytes(11) + owner + bytes(10) + owner + bytes(60)


def encode_register(number: int) -> bytes:
    """Returns the queue record of docs/spec/data.md for a key."""
    x, y = (int.from_bytes(part, "big") for part in native.load().eddsa_public_key(seed_of(number)))
    low = (1 << 136) - 1
    key = (x >> 136).to_bytes(15, "big") + (y >> 136).to_bytes(15, "big")
    key += (x & low).to_bytes(30, "big") + (y & low).to_bytes(30, "big")
    return bytes([REGISTER_KEY]) + bytes(12) + bytes(16) + bytes(11) + address_of(number) + key


@dataclass
class Ring:
    """Accounts that each pay the next one."""

    accounts: int
    engine: native.Engine = field(init=False)
    nonces: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.engine = native.load().Engine.genesis(CHAIN_ID, ROLLUP)
        entries = [encode_deposit(i, 10**24) for i in range(self.accounts)]
        entries += [encode_register(i) for i in range(self.accounts)]
        while entries:
            self.engine.begin_chunk(1, 1, [(0, 0)])
            outcomes = self.engine.apply(entries[:OPERATIONS])
            accepted = sum(outcome.accepted for outcome in outcomes)
            fault = outcomes[accepted].fault if accepted < len(outcomes) else None
            if fault is not None and (accepted == 0 or fault.code != "chunk_full"):
                raise RuntimeError(f"expected every entry accepted, got {fault.code}: {fault.message}")
            self.engine.end_chunk()
            entries = entries[accepted:]

    def sign(self, count: int) -> list[bytes]:
        """Returns raw signed requests of `count` transfers, in an order that executes."""
        rust = native.load()
        numbers = [i % self.accounts for i in range(count)]
        drafts = []
        for number in numbers:
            nonce = self.nonces.get(number, 0)
            self.nonces[number] = nonce + 1
            drafts.append({
                "from": "0x" + address_of(number).hex(), "to": "0x" + address_of((number + 1) % self.accounts).hex(),
                "value": "1000", "data": "0x", "nonce": nonce, "gasLimit": 1000, "gasPrice": "10",
            })  # fmt: skip
        form = rust.eddsa_sign(seed_of(0), bytes(32))
        unsigned = self.engine.decode([encode(draft, form) for draft in drafts], NATIVE)
        ids = self.engine.transaction_ids([record for record in unsigned if isinstance(record, bytes)])
        pairs = zip(drafts, numbers, ids, strict=True)
        return [encode(draft, rust.eddsa_sign(seed_of(number), identifier)) for draft, number, identifier in pairs]

    def decode(self, requests: list[bytes]) -> list[bytes]:
        """Returns intake records. Raises RuntimeError when one is refused."""
        decoded = self.engine.decode(requests, NATIVE)
        records = [record for record in decoded if isinstance(record, bytes)]
        if len(records) != len(requests):
            raise RuntimeError(f"expected {len(requests)} records, got {len(records)}")
        return records

    def execute(self, records: list[bytes], slots: int) -> list[native.SealedChunk]:
        """Executes and seals chunks of `slots` transfers."""
        sealed = []
        for start in range(0, len(records), slots):
            self.engine.begin_chunk(2, 1, [(0, 3)])
            outcomes = self.engine.apply(records[start : start + slots])
            if not all(outcome.accepted for outcome in outcomes):
                raise RuntimeError("expected every transfer accepted, got a refusal")
            sealed.append(self.engine.end_chunk())
        return sealed


def encode(draft: dict[str, object], signature: bytes) -> bytes:
    """Returns the raw JSON of a request."""
    return json.dumps({**draft, "signature": "0x" + (signature + bytes(10)).hex()}).encode()
