"""Chunks of generated items, most of them right and many of them wrong, for vectors and for comparing implementations.

An item is a function of a rollup's state and of one integer of entropy, which a test library can draw. What it is
not: a model of users; every rule of docs/spec/transactions.md is meant to be hit often.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypeVar

from . import eddsa, secp256k1
from .babyjubjub import Point
from .group import hash_group
from .keccak import keccak256
from .parameters import MAX_NONCE, Kind
from .record import Record
from .transaction import Transaction
from .transition import Outcome, Rollup, SealedChunk

T = TypeVar("T")
Sign = Callable[[bytes, int], bytes]
"""(seed, message) -> 64 bytes of R8 and S."""

TOKENS = (0, 0, 0, 5, 5, 5, 9, 65535)
WALLETS = 10
UNITS_LIMIT = 1000
_USER_KINDS = (*[Kind.TRANSFER] * 9, *[Kind.WITHDRAW] * 3, *[Kind.SET_STORAGE] * 2, Kind.SET_KEY, Kind.ROTATE_KEY)
_QUEUE_KINDS = (*[Kind.DEPOSIT] * 6, *[Kind.REGISTER_KEY] * 2, Kind.FORCED_EXIT)
_POWERS = tuple(int(f"1{'0' * exponent}") for exponent in range(12))
_BAD_KEYS = ((0, 0), (0, 1), (1, 1), (0, -1 % (1 << 128)))


class Draw:
    """Choices from one integer, by mixed radix. A spent integer gives zeros, so less entropy means simpler items."""

    def __init__(self, entropy: int) -> None:
        self._left = entropy

    def below(self, bound: int) -> int:
        """A number in [0, bound)."""
        self._left, number = divmod(self._left, bound)
        return number

    def of(self, options: Sequence[T]) -> T:
        """One of the options."""
        return options[self.below(len(options))]


@dataclass(frozen=True)
class Wallet:
    """An owner by number: an Ethereum key and an EdDSA seed, both derived from it. Test keys."""

    number: int

    @property
    def secret(self) -> int:
        """The ECDSA secret."""
        return int.from_bytes(keccak256(f"owner {self.number}".encode()), "big") % secp256k1.N

    @property
    def address(self) -> int:
        """The Ethereum address, which is the account's."""
        return _address_of(self.number)

    @property
    def key(self) -> Point:
        """The EdDSA public key of its seed."""
        return _key_of(self.number)

    @property
    def seed(self) -> bytes:
        """The EdDSA seed."""
        return keccak256(f"seed {self.number}".encode())


@lru_cache(maxsize=64)
def _address_of(number: int) -> int:
    return secp256k1.address_of(Wallet(number).secret)


@lru_cache(maxsize=64)
def _key_of(number: int) -> Point:
    return eddsa.public_key(Wallet(number).seed)


@dataclass(frozen=True)
class GeneratedChunk:
    """What was offered to a chunk in each call, and what came of it."""

    time: int
    fee_account: int
    prices: tuple[tuple[int, int], ...]
    calls: list[tuple[list[bytes], list[Outcome]]]
    sealed: SealedChunk


def sign_transaction(rollup: Rollup, wallet: Wallet, t: Transaction, sign: Sign = eddsa.sign) -> Transaction:
    """With the signature its kind asks for, by the wallet's keys."""
    if t.kind == Kind.SET_KEY:
        return replace(t, signature=secp256k1.sign(wallet.secret, t.set_key_digest(rollup.chain)))
    return replace(t, signature=sign(wallet.seed, t.id(rollup.chain)) + b"\0")


def funding() -> list[bytes]:
    """Queue records that give wallets 1 .. 6 a key, native units and units of token 5; wallet 1 is account 1."""
    items: list[Record] = []
    for number in range(1, 7):
        address = Wallet(number).address
        items.append(Record(Kind.REGISTER_KEY, address, key=Wallet(number).key))
        items.append(Record(Kind.DEPOSIT, address, amount=1 << 115, recipient=address))
        items.append(Record(Kind.DEPOSIT, address, 5, amount=(1 << 112) + number, recipient=address))
    return [record.to_bytes() for record in items]


def make_call(rollup: Rollup, entropy: int, sign: Sign = eddsa.sign) -> list[bytes]:
    """What to offer in one call to the open chunk of `rollup`: an item, or linked transfers, mostly a whole group."""
    rest, which = divmod(entropy, 12)
    return _linked(rollup, rest, sign) if which == 11 else [make_item(rollup, rest, sign)]


def make_item(rollup: Rollup, entropy: int, sign: Sign = eddsa.sign) -> bytes:
    """An item that is no linked transfer; it depends on the state only for nonces and balances."""
    draw = Draw(entropy)
    is_user = draw.below(4) < 3
    item = _user_item(rollup, draw, sign) if is_user else _queue_item(draw).to_bytes()
    if draw.below(32) == 31:  # One byte of the record is another, or the last is missing.
        at, flip = draw.below(len(item)), draw.below(256)
        return bytes([*item[:at], item[at] ^ flip, *item[at + 1 :]]) if flip else item[:-1]
    return item


def _queue_item(draw: Draw) -> Record:
    kind = draw.of(_QUEUE_KINDS)
    address = draw.of([Wallet(1 + draw.below(WALLETS)).address] * 7 + [0x101])
    if kind == Kind.REGISTER_KEY:
        wallet = Wallet(draw.below(WALLETS + 1))
        key = wallet.key if draw.below(4) else draw.of(_BAD_KEYS)
        return Record(kind, address, key=key)
    token = draw.of(TOKENS)
    amount = 0 if kind == Kind.FORCED_EXIT else _amount(draw, 1 << 101)
    return Record(kind, address, token, amount=amount, recipient=address)


def _amount(draw: Draw, balance: int) -> int:
    """Small, decimal, wide, near a balance, or out of every range."""
    case = draw.below(16)
    if case < 8:
        return draw.below(1000)
    if case < 11:
        return draw.below(1 << 27) * draw.of(_POWERS)
    if case < 13:
        return draw.below(1 << 30) << draw.below(70)
    edge: int = draw.of((1 << 123, (1 << 123) - 1, (1 << 128) - 1, 1 << 127))
    return (balance // 2, balance, edge)[case - 13]


def _user_item(rollup: Rollup, draw: Draw, sign: Sign) -> bytes:
    kind, wallet = draw.of(_USER_KINDS), Wallet(1 + draw.below(WALLETS))
    t = _terms(rollup, draw, Transaction(kind, wallet.address, wallet.address, nonce=_nonce(rollup, draw, wallet)))
    if kind in (Kind.TRANSFER, Kind.WITHDRAW):
        token, index = draw.of(TOKENS), rollup.state.get_index(wallet.address)
        balance = 0 if index is None else rollup.state.get_balance(index, token)
        others = [Wallet(1 + draw.below(WALLETS + 4)).address] * 9
        to = draw.of([*others, wallet.address, draw.of((0, 0x101, 0xFFFF, 0x10000))])
        t = replace(t, to=to, token=token, amount=min(_amount(draw, balance), (1 << 128) - 1))
    elif kind == Kind.SET_STORAGE:
        t = replace(t, data=(draw.below(1 << 16), draw.of((0, draw.below(1 << 20), (1 << 240) - 1))))
    else:
        key = Wallet(draw.below(WALLETS)).key if draw.below(4) else draw.of(_BAD_KEYS)
        free = Transaction(kind, wallet.address, wallet.address, nonce=t.nonce)
        t = replace(free if kind == Kind.SET_KEY else t, data=key)
    return sign_transaction(rollup, _signer(rollup, draw, wallet, kind), t, sign).to_bytes()


def _linked(rollup: Rollup, entropy: int, sign: Sign) -> list[bytes]:
    """Members of a group, each from entropy of its own; some groups are too long, too short, or not what was signed."""
    draw, signers, members = Draw(entropy), list[Wallet](), list[Transaction]()
    for place in range(draw.of((2, 2, 2, 2, 3, 3, 4, 8, 9, 1))):
        part = Draw(int.from_bytes(keccak256(f"member {entropy} {place}".encode()), "big"))
        wallet, t = _member(rollup, part)
        signers.append(_signer(rollup, part, wallet, t.kind))
        nonce = t.nonce + sum(m.sender == t.sender for m in members)
        members.append(replace(t, nonce=min(nonce, (1 << 48) - 1)))
    spoilt = draw.below(12)
    group = hash_group(rollup.chain, members) + (spoilt == 11)
    named = [replace(t, data=(group, 0)) for t in members]
    items = [sign_transaction(rollup, *pair, sign).to_bytes() for pair in zip(signers, named, strict=True)]
    if spoilt == 10:
        items.reverse()
    elif spoilt == 9:
        del items[draw.below(len(items))]
    elif spoilt == 8:
        items.insert(0, draw.of(items))
    return items or [b""]


def _member(rollup: Rollup, draw: Draw) -> tuple[Wallet, Transaction]:
    """A linked transfer without group: mostly small and right, for one wrong member spoils the others."""
    wallet, to = Wallet(1 + draw.below(6)), Wallet(1 + draw.below(WALLETS + 4))
    index, (fee_token, price) = rollup.state.get_index(wallet.address), draw.of(rollup.context.prices)
    nonce = 0 if index is None else rollup.state.accounts[index].nonce
    t = Transaction(
        Kind.LINKED_TRANSFER, wallet.address, to.address, draw.of((0, 5)), fee_token, draw.below(1000), nonce,
        UNITS_LIMIT, price,
    )  # fmt: skip
    wrong = draw.below(40)
    if wrong == 39:
        t = _terms(rollup, draw, t)
    elif wrong == 38:
        t = replace(t, amount=_amount(draw, 1 << 112), to=draw.of((t.to, 0x101)))
    elif wrong == 37:
        t = replace(t, nonce=_nonce(rollup, draw, wallet))
    return wallet, t


def _signer(rollup: Rollup, draw: Draw, wallet: Wallet, kind: Kind) -> Wallet:
    """Whose keys are the account's now: for set_key its owner, else whoever's key is registered. Sometimes somebody
    else."""
    if draw.below(24) == 23:
        return Wallet(draw.below(WALLETS))
    index = rollup.state.get_index(wallet.address)
    if kind == Kind.SET_KEY or index is None:
        return wallet
    key = rollup.state.accounts[index].key
    return next((Wallet(n) for n in range(WALLETS + 1) if _key_of(n) == key), wallet)


def _nonce(rollup: Rollup, draw: Draw, wallet: Wallet) -> int:
    index = rollup.state.get_index(wallet.address)
    nonce = 0 if index is None else rollup.state.accounts[index].nonce
    return draw.of((*[nonce] * 18, max(nonce - 1, 0), nonce + 1, MAX_NONCE))


def _terms(rollup: Rollup, draw: Draw, t: Transaction) -> Transaction:
    """Fee token, gas, validUntil: mostly enough, sometimes just not."""
    chunk = rollup.context
    fee_token = draw.of((0, *[token for token, _ in chunk.prices] * 3, 9))
    price = chunk.get_price(fee_token) or 0
    limit, bid = draw.of(
        (*[(UNITS_LIMIT, price)] * 6, (100, price), (99, price), (250, price), (1, 400 * price), (0, 0))
    )
    until = draw.of((*[0] * 8, chunk.time, chunk.time + 1, max(chunk.time - 1, 1), (1 << 64) - 1))
    return replace(t, fee_token=fee_token, gas_limit=limit, gas_price=min(bid, (1 << 64) - 1), valid_until=until)


def make_prices(draw: Draw) -> tuple[tuple[int, int], ...]:
    """Listed fee tokens of a chunk: one to four, free or not."""
    tokens = draw.of(((0,), (0, 5), (0, 5), (0, 5, 9), (0, 9, 65534, 65535)))
    return tuple((token, draw.of((0, 1, 7, 10**9))) for token in tokens)


def random_chunks(
    rollup: Rollup, label: str, chunks: int, size: int, sign: Sign = eddsa.sign
) -> Iterator[GeneratedChunk]:
    """The funding chunk and then `chunks` of `size` calls each, applied to `rollup`; a function of the
    label."""
    for k in range(chunks + 1):
        draw = Draw(int.from_bytes(keccak256(f"{label} {k}".encode()), "big"))
        time, prices = 1_800_000_000 + 10 * k, make_prices(draw) if k else ((0, 0),)
        fee_account = draw.of((1, 1, 1, 2, 3)) if k else 1
        rollup.begin_chunk(time, fee_account, prices)
        calls = [] if k else [([item], rollup.apply_all([item])) for item in funding()]
        for i in range(size if k else 0):
            entropy = int.from_bytes(keccak256(f"{label} {k} {i}".encode()), "big")
            items = make_call(rollup, entropy, sign)
            calls.append((items, rollup.apply_all(items)))
        yield GeneratedChunk(time, fee_account, prices, calls, rollup.end_chunk())
