"""Scripted chunks for vectors: a scenario offers items by name, and what came of each is written down.

What it is not: a test; who reads the vectors compares.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from .field import to_hex
from .generate import GeneratedChunk, Wallet, sign_transaction
from .group import hash_group
from .parameters import Kind
from .record import Record
from .transaction import Chain, Transaction
from .transition import Outcome, Rollup, SealedChunk

Document = dict[str, Any]
CHAIN = Chain(31337, 0x4242424242424242424242424242424242424242)
FREE = ((0, 0),)
A, B, C, D = Wallet(1), Wallet(2), Wallet(3), Wallet(4)
STRANGER = Wallet(50)


def describe_outcome(why: str, item: bytes, outcome: Outcome) -> Document:
    """An item with its outcome; sequence is null and record is null where there is none."""
    return {
        "why": why, "item": "0x" + item.hex(), "code": outcome.fault.code if outcome.fault else "ok",
        "sequence": outcome.sequence if outcome.accepted else None, "id": to_hex(outcome.id),
        "record": None if outcome.record is None else "0x" + outcome.record.hex(),
    }  # fmt: skip


def describe_call(why: str, items: Sequence[bytes], outcomes: Sequence[Outcome]) -> list[Document]:
    """The items of one call; when there are more, the first says how many are offered together."""
    described = [describe_outcome(why, item, outcome) for item, outcome in zip(items, outcomes, strict=True)]
    return [{"together": len(items), **described[0]}, *described[1:]] if len(items) > 1 else described


def describe_sealed(sealed: SealedChunk, rollup: Rollup) -> Document:
    """A sealed chunk, and the totals of every token after it."""
    tokens = sorted({0, *(t for account in rollup.state.accounts[1:] for t in account.tokens)})
    totals = {str(token): str(total) for token in tokens if (total := rollup.state.get_total(token))}
    return {
        "transactions": "0x" + sealed.transactions.hex(), "operations": "0x" + sealed.operations.hex(),
        "txC": to_hex(sealed.tx_c), "opC": to_hex(sealed.op_c), "oldRoot": to_hex(sealed.old_root),
        "newRoot": to_hex(sealed.new_root), "idRoot": to_hex(sealed.id_root),
        "firstSequence": sealed.first_sequence, "endSequence": sealed.end_sequence,
        "firstQueue": sealed.first_queue, "endQueue": sealed.end_queue,
        "payments": [[token, str(amount), f"0x{to:040x}"] for token, amount, to in sealed.payments],
        "accounts": rollup.state.count, "totals": totals,
    }  # fmt: skip


def describe_context(time: int, fee_account: int, prices: tuple[tuple[int, int], ...]) -> Document:
    """What the header fixes; prices as decimal strings."""
    return {"time": time, "feeAccount": fee_account, "prices": [[token, str(price)] for token, price in prices]}


def describe_generated(chunk: GeneratedChunk, rollup: Rollup) -> Document:
    """A chunk of generate.py."""
    items = [item for call in chunk.calls for item in describe_call("", *call)]
    head = describe_context(chunk.time, chunk.fee_account, chunk.prices)
    return {**head, "items": items, "endsBatch": True, "sealed": describe_sealed(chunk.sealed, rollup)}


class Script:
    """A rollup from genesis and the chunks it has taken."""

    def __init__(self, wallets: int = 0) -> None:
        self.rollup, self.chunks = Rollup(CHAIN), list[Document]()
        self._open: Document = {}
        if wallets:
            self.begin(1, 1, FREE)
            for number in range(1, wallets + 1):
                self.register(Wallet(number))
                self.deposit(Wallet(number), 10**21)
                self.deposit(Wallet(number), 10**15, 5)
            self.end()

    def begin(
        self, time: int = 100, fee_account: int = 1, prices: tuple[tuple[int, int], ...] = ((0, 3), (5, 2))
    ) -> None:
        """Opens a chunk."""
        self.rollup.begin_chunk(time, fee_account, prices)
        self._open = {**describe_context(time, fee_account, prices), "items": []}

    def end(self, ends_batch: bool = True) -> SealedChunk:
        """Seals the chunk."""
        sealed = self.rollup.end_chunk(ends_batch)
        self.chunks.append({**self._open, "endsBatch": ends_batch, "sealed": describe_sealed(sealed, self.rollup)})
        return sealed

    def offer(self, item: bytes, code: str = "ok", why: str = "") -> None:
        """Offers bytes; the outcome must have this code."""
        self.offer_all([item], [code], why)

    def offer_all(self, items: Sequence[bytes], codes: Sequence[str], why: str = "") -> None:
        """Offers items in one call; the outcomes must have these codes."""
        outcomes = self.rollup.apply_all(items)
        got = [outcome.fault.code if outcome.fault else "ok" for outcome in outcomes]
        if got != list(codes):
            raise ValueError(f"{why}: expected {codes}, got {[str(outcome.fault) for outcome in outcomes]}")
        self._open["items"] += describe_call(why, items, outcomes)

    def queue(self, kind: Kind, address: int, code: str = "ok", why: str = "", **fields: Any) -> None:
        """Offers a queue record."""
        self.offer(Record(kind, address, **fields).to_bytes(), code, why)

    def register(self, wallet: Wallet) -> None:
        """The owner registers its own key."""
        self.queue(Kind.REGISTER_KEY, wallet.address, key=wallet.key)

    def deposit(self, wallet: Wallet, amount: int, token: int = 0, code: str = "ok", why: str = "") -> None:
        """A deposit by the owner."""
        self.queue(Kind.DEPOSIT, wallet.address, code, why, token=token, amount=amount, recipient=wallet.address)

    def force(self, wallet: Wallet, token: int = 0, why: str = "") -> None:
        """A forced exit by the owner."""
        self.queue(Kind.FORCED_EXIT, wallet.address, why=why, token=token, recipient=wallet.address)

    def nonce(self, wallet: Wallet) -> int:
        """The account's next nonce, 0 without account."""
        index = self.rollup.state.get_index(wallet.address)
        return 0 if index is None else self.rollup.state.accounts[index].nonce

    def build(self, wallet: Wallet, kind: Kind = Kind.TRANSFER, **fields: Any) -> Transaction:
        """A transaction with the account's next nonce and gas for every kind, signed by the wallet."""
        limit, price = (0, 0) if kind == Kind.SET_KEY else (1000, 10)
        t = Transaction(kind, wallet.address, wallet.address, nonce=self.nonce(wallet))
        t = replace(t, **{"gas_limit": limit, "gas_price": price, **fields})
        return sign_transaction(self.rollup, wallet, t)

    def send(self, wallet: Wallet, kind: Kind = Kind.TRANSFER, code: str = "ok", why: str = "", **fields: Any) -> None:
        """Offers what `build` makes."""
        self.offer(self.build(wallet, kind, **fields).to_bytes(), code, why)

    def member(self, wallet: Wallet, **fields: Any) -> tuple[Wallet, Transaction]:
        """A linked transfer without group and signature, and who is to sign it."""
        return wallet, self.build(wallet, Kind.LINKED_TRANSFER, **fields)

    def link(self, *members: tuple[Wallet, Transaction], group: int | None = None) -> list[bytes]:
        """The members with the group that they make (or another one), signed; a sender's nonces count on."""
        made = list[Transaction]()
        for _, t in members:
            made.append(replace(t, nonce=t.nonce + sum(before.sender == t.sender for before in made)))
        named = hash_group(CHAIN, made) if group is None else group
        pairs = zip((wallet for wallet, _ in members), made, strict=True)
        return [sign_transaction(self.rollup, w, replace(t, data=(named, 0))).to_bytes() for w, t in pairs]
