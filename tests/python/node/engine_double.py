"""An engine in plain Python for tests of the node around it: same seam, toy cryptography, no rollup proofs.

Hashes stand in for Poseidon and EdDSA, and the transactions stream carries intake records behind a real chunk header.
What it shares with the real engine is what the node relies on: order, faults, ranges, snapshots, replay.
"""

from __future__ import annotations

import copy
import json
import pickle
from dataclasses import dataclass, field
from typing import Any

from eth_abi.abi import decode as abi_decode
from eth_utils.crypto import keccak

from l2rollup.bridge.records import parse_operation
from l2rollup.processor.fees import compute_units
from l2rollup.processor.intake import parse_intake
from l2rollup.processor.wire import Draft
from l2rollup.state import compute_domain
from l2rollup.types import SYSTEM_ADDRESS, Kind, parse_address, parse_amount, parse_hex, parse_integer

FIELD = 21888242871839275222246405745257275088548364400416034343698204186575808495617
CAPACITY = 44


def digest(*parts: bytes) -> bytes:
    return (int.from_bytes(keccak(b"".join(parts)), "big") % FIELD).to_bytes(32, "big")


@dataclass
class Fault:
    code: str
    message: str = "refused"
    expected: str | None = None
    got: str | None = None


class Refusal(Exception):
    def __init__(self, code: str, expected: object = None, got: object = None) -> None:
        self.fault = Fault(code, code.replace("_", " "), str(expected), str(got))


@dataclass
class Outcome:
    accepted: bool
    sequence: int = 0
    id: bytes = b""
    fault: Fault | None = None
    record: bytes | None = None


@dataclass
class Account:
    index: int
    scheme: int = 0
    nonce: int = 0
    key: bytes = bytes(64)
    balances: dict[int, int] = field(default_factory=dict)

    @property
    def balance(self) -> int:
        return self.balances.get(0, 0)


@dataclass
class Chunk:
    time: int
    fee_account: int
    prices: dict[int, int]
    old_root: bytes
    first_sequence: int
    first_queue: int
    items: list[bytes] = field(default_factory=list)
    operations: list[bytes] = field(default_factory=list)
    fees: dict[int, int] = field(default_factory=dict)


@dataclass
class Sealed:
    transactions: bytes
    operations: bytes
    tx_c: bytes
    op_c: bytes
    old_root: bytes
    new_root: bytes
    id_root: bytes
    first_sequence: int
    end_sequence: int
    first_queue: int
    end_queue: int
    witness: bytes
    items: int


class Engine:
    def __init__(self, chain_id: int, rollup: bytes) -> None:
        self.domain = compute_domain(chain_id, rollup.rjust(20, b"\0"))
        self.accounts: dict[bytes, Account] = {}
        self.sequence = 0
        self.queue_position = 0
        self.chunk: Chunk | None = None
        self.marks: list[bytes] = []

    @classmethod
    def genesis(cls, chain_id: int, rollup: bytes) -> Engine:
        return cls(chain_id, rollup)

    @classmethod
    def restore(cls, snapshot: bytes) -> Engine:
        engine = cls(0, b"")
        engine.__dict__.update(pickle.loads(snapshot))
        return engine

    def snapshot(self) -> bytes:
        return pickle.dumps({k: v for k, v in self.__dict__.items() if k != "marks"})

    def mark(self) -> int:
        self.marks.append(self.snapshot())
        return len(self.marks) - 1

    def rewind(self, mark: int) -> None:
        self.__dict__.update(pickle.loads(self.marks[mark]))
        self.marks = self.marks[:mark]

    def forget(self, mark: int) -> None:
        self.marks = self.marks[:mark]

    def root(self) -> bytes:
        rows = self.accounts.items()
        state = sorted((a, x.index, x.scheme, x.nonce, x.key, sorted(x.balances.items())) for a, x in rows)
        return digest(repr(state).encode())

    @property
    def account_count(self) -> int:
        return len(self.accounts) + 1

    def account(self, address: bytes) -> Account | None:
        return self.accounts.get(bytes(address))

    def balance(self, address: bytes, token: int) -> int:
        found = self.accounts.get(bytes(address))
        return found.balances.get(token, 0) if found else 0

    def totals(self) -> dict[int, int]:
        sums: dict[int, int] = {}
        for account in self.accounts.values():
            for token, amount in account.balances.items():
                sums[token] = sums.get(token, 0) + amount
        return sums

    def account_proof(self, address: bytes, token: int | None) -> bytes:
        return json.dumps({"path": []}).encode()

    # ---------------------------------------------------------------- intake

    def decode(self, requests: list[bytes], tokens: list[bytes]) -> list[Any]:
        return [self._decode(request, tokens) for request in requests]

    def _decode(self, request: bytes, tokens: list[bytes]) -> Any:
        names = {"from", "to", "value", "data", "nonce", "gasLimit", "gasPrice", "signature"}
        try:
            tx = json.loads(request)
            if not isinstance(tx, dict):
                raise Refusal("malformed_json")
            if set(tx) - names:
                raise Refusal("unknown_field", sorted(names), sorted(set(tx) - names))
            if names - set(tx):
                raise Refusal("missing_field", sorted(names), sorted(tx))
            return self._encode(tx, tokens)
        except Refusal as refusal:
            return refusal.fault
        except Exception as error:
            return Fault(getattr(error, "code", "malformed"), str(error), getattr(error, "expected", None),
                         getattr(error, "got", None))  # fmt: skip

    def _encode(self, tx: dict[str, Any], tokens: list[bytes]) -> bytes:
        sender, to = parse_address(tx["from"]), parse_address(tx["to"])
        value, data = parse_amount(tx["value"]), parse_hex(tx["data"])
        nonce = parse_integer(tx["nonce"], bits=48, what="nonce")
        gas = parse_integer(tx["gasLimit"], bits=32, what="gasLimit")
        price = parse_amount(tx["gasPrice"], bits=64)
        signature = parse_hex(tx["signature"], length=74)
        kind, token, amount = Kind.TRANSFER, 0, value
        if to == bytes.fromhex(SYSTEM_ADDRESS[2:]):
            kind = Kind.WITHDRAW
            address, amount, recipient = abi_decode(["address", "uint256", "address"], data[4:])
            token, to = tokens.index(bytes.fromhex(address[2:])), bytes.fromhex(recipient[2:])
        elif data:
            if to not in tokens:
                raise Refusal("unknown_token", "a registered token", tx["to"])
            token = tokens.index(to)
            recipient, amount = abi_decode(["address", "uint256"], data[4:])
            to = bytes.fromhex(recipient[2:])
        until, fee_token = signature[64:72], signature[72:]
        return b"".join((
            bytes([kind]), sender, to, token.to_bytes(2, "big"), fee_token, amount.to_bytes(16, "big"),
            nonce.to_bytes(6, "big"), gas.to_bytes(4, "big"), price.to_bytes(8, "big"), until, bytes(64),
            signature[:64], bytes(6),
        ))  # fmt: skip

    def transaction_ids(self, records: list[bytes]) -> list[bytes]:
        return [self._id(record) for record in records]

    def _id(self, record: bytes) -> bytes:
        if len(record) == 150:
            return digest(b"queue", record, self.queue_position.to_bytes(8, "big"))
        tx = parse_intake(record)
        draft = Draft(
            tx.kind, tx.sender, tx.to, tx.token, tx.amount, tx.nonce, b"", 0, b"", tx.gas_limit, tx.gas_price,
            tx.fee_token, tx.valid_until,
        )  # fmt: skip
        return draft.message(self.domain, lambda elements: digest(*elements))

    def check(self, records: list[bytes]) -> list[Fault | None]:
        found: list[Fault | None] = []
        for record in records:
            try:
                self._check(record, final=False)
                found.append(None)
            except Refusal as refusal:
                found.append(refusal.fault)
        return found

    def _check(self, record: bytes, *, final: bool) -> Account:
        tx = parse_intake(record)
        account = self.accounts.get(tx.sender)
        if account is None:
            raise Refusal("unknown_account", "an account", tx.sender.hex())
        if account.scheme == 0:
            raise Refusal("no_key")
        if record[151:183] != digest(account.key[:32], self._id(record)):
            raise Refusal("bad_signature")
        if tx.nonce < account.nonce:
            raise Refusal("nonce_too_low", account.nonce, tx.nonce)
        if final and tx.nonce > account.nonce:
            raise Refusal("nonce_too_high", account.nonce, tx.nonce)
        if account.balances.get(tx.token, 0) < tx.amount:
            raise Refusal("insufficient_balance", tx.amount, account.balances.get(tx.token, 0))
        return account

    # ---------------------------------------------------------------- execution

    def begin_chunk(self, time: int, fee_account: int, prices: list[tuple[int, int]]) -> None:
        assert self.chunk is None
        self.chunk = Chunk(time, fee_account, dict(prices), self.root(), self.sequence, self.queue_position)

    def apply(self, items: list[bytes]) -> list[Outcome]:
        return [self._apply(bytes(item)) for item in items]

    def _apply(self, item: bytes) -> Outcome:
        assert self.chunk is not None
        if len(self.chunk.items) >= CAPACITY:
            return Outcome(False, fault=Fault("chunk_full"))
        id_ = self._id(item)
        backup = copy.deepcopy((self.accounts, self.chunk.fees))
        try:
            record = self._queue(item) if len(item) == 150 else self._user(item)
        except Refusal as refusal:
            self.accounts, self.chunk.fees = backup
            return Outcome(False, id=id_, fault=refusal.fault)
        self.chunk.items.append(item)
        if record:
            self.chunk.operations.append(record)
        self.sequence += 1
        return Outcome(True, self.sequence - 1, id_, None, record)

    def _get(self, address: bytes) -> Account:
        if address not in self.accounts:
            self.accounts[address] = Account(len(self.accounts) + 1)
        return self.accounts[address]

    def _queue(self, item: bytes) -> bytes:
        operation = parse_operation(item)
        account = self._get(operation.address)
        if operation.kind is Kind.DEPOSIT:
            account.balances[operation.token] = account.balances.get(operation.token, 0) + operation.amount
        else:
            assert operation.key is not None
            account.scheme = 1
            account.key = b"".join(part.to_bytes(32, "big") for part in operation.key)
        self.queue_position += 1
        return item

    def _user(self, item: bytes) -> bytes | None:
        assert self.chunk is not None
        tx = parse_intake(item)
        account = self._check(item, final=True)
        creates = tx.kind is Kind.TRANSFER and tx.to not in self.accounts
        price = self.chunk.prices.get(tx.fee_token)
        if price is None:
            raise Refusal("fee_token_not_listed")
        fee = compute_units(tx.kind, creates_account=creates) * price
        if fee > tx.gas_limit * tx.gas_price:
            raise Refusal("fee_too_low", fee, tx.gas_limit * tx.gas_price)
        account.nonce += 1
        for token, amount in ((tx.fee_token, fee), (tx.token, tx.amount)):
            account.balances[token] = account.balances.get(token, 0) - amount
            if account.balances[token] < 0:
                raise Refusal("insufficient_balance", amount, account.balances[token] + amount)
        self.chunk.fees[tx.fee_token] = self.chunk.fees.get(tx.fee_token, 0) + fee
        if tx.kind is Kind.TRANSFER:
            receiver = self._get(tx.to)
            receiver.balances[tx.token] = receiver.balances.get(tx.token, 0) + tx.amount
            return None
        w0 = 2 << 232 | tx.token << 216 | account.index << 184 | tx.nonce << 136 | tx.amount << 8
        words = (w0, tx.fee_token << 224 | int.from_bytes(tx.sender, "big"), int.from_bytes(tx.to, "big"), 0, 0)
        return b"".join(word.to_bytes(30, "big") for word in words)

    def end_chunk(self) -> Sealed:
        chunk = self.chunk
        assert chunk is not None
        collector = next((a for a in self.accounts.values() if a.index == chunk.fee_account), None)
        for token, amount in chunk.fees.items():
            assert collector is not None
            collector.balances[token] = collector.balances.get(token, 0) + amount
        self.chunk = None
        prices = sorted(chunk.prices.items())
        h0 = 1 << 224 | chunk.time << 160 | chunk.fee_account << 128 | prices[0][1]
        body = pickle.dumps((chunk.items, prices))
        body = len(body).to_bytes(4, "big") + body
        body += bytes(-len(body) % 30)
        transactions = h0.to_bytes(30, "big") + (len(chunk.items) << 16).to_bytes(30, "big") + body
        operations = b"".join(chunk.operations)
        return Sealed(
            transactions, operations, digest(b"t", transactions), digest(b"o", operations), chunk.old_root, self.root(),
            digest(b"ids", *chunk.items), chunk.first_sequence, self.sequence, chunk.first_queue, self.queue_position,
            b"witness" + transactions, len(chunk.items),
        )  # fmt: skip

    def replay(self, transactions: bytes, operations: bytes) -> Sealed:
        h0 = int.from_bytes(transactions[:30], "big")
        size = int.from_bytes(transactions[60:64], "big")
        items, prices = pickle.loads(transactions[64 : 64 + size])
        self.begin_chunk(h0 >> 160 & (1 << 64) - 1, h0 >> 128 & 0xFFFFFFFF, prices)
        assert all(outcome.accepted for outcome in self.apply(items))
        sealed = self.end_chunk()
        assert sealed.operations == operations
        return sealed


BASE = (
    5299619240641551281634865583518297030282874472190772894086521144482721001553,
    16950150798460657717958625567821834550301663161624707787222815936182638968203,
)


def _add(p: tuple[int, int], q: tuple[int, int]) -> tuple[int, int]:
    """Adds on BabyJubJub, a = 168700, d = 168696."""
    product = 168696 * p[0] * q[0] * p[1] * q[1]
    x = (p[0] * q[1] + p[1] * q[0]) * pow(1 + product, -1, FIELD)
    y = (p[1] * q[1] - 168700 * p[0] * q[0]) * pow(1 - product, -1, FIELD)
    return x % FIELD, y % FIELD


class Native:
    Engine = Engine

    def poseidon(self, inputs: list[bytes]) -> bytes:
        return digest(*inputs)

    def eddsa_public_key(self, seed: bytes) -> tuple[bytes, bytes]:
        # A point of the curve, because L1 refuses others; the signature beside it is a toy.
        point, base, scalar = (0, 1), BASE, int.from_bytes(digest(seed), "big")
        while scalar:
            point = _add(point, base) if scalar & 1 else point
            base, scalar = _add(base, base), scalar >> 1
        return point[0].to_bytes(32, "big"), point[1].to_bytes(32, "big")

    def eddsa_sign(self, seed: bytes, message: bytes) -> bytes:
        return digest(self.eddsa_public_key(seed)[0], message) + bytes(32)

    def data_evaluation(self, words: bytes, z: bytes) -> bytes:
        y, point = 0, int.from_bytes(z, "big")
        for i in range(0, len(words), 30):
            y = (y * point + int.from_bytes(words[i : i + 30], "big")) % FIELD
        return y.to_bytes(32, "big")

    def verify(self, vk: bytes, public_inputs: bytes, snark: bytes) -> None:
        return None
