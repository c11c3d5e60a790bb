"""Scenarios of the state transition: every kind, every refusal, and the cases that DESIGN calls out by name.

Each scenario starts at genesis. A reader applies the items of each chunk in order and compares outcomes and the
sealed chunk.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from . import vectors_linked
from .generate import Wallet, random_chunks, sign_transaction
from .parameters import MAX_NONCE, Kind
from .record import Record
from .script import CHAIN, FREE, STRANGER, A, B, C, D, Script, describe_generated
from .secp256k1 import N
from .transaction import Transaction
from .transition import Rollup

Document = dict[str, Any]
MAX = (1 << 128) - 1


def every_kind(s: Script) -> None:
    """Each kind once or more, fees in two tokens, runs that change."""
    s.begin()
    s.send(B, to=A.address, amount=1_000_000_007, why="transfer of a prime: an extension slot")
    s.send(B, to=C.address, amount=5 * 10**12, token=5, fee_token=5, why="token and fee token change")
    s.send(
        B,
        Kind.WITHDRAW,
        to=0x10000,
        amount=77,
        token=5,
        fee_token=5,
        why="the lowest recipient that is no system address",
    )
    s.send(B, Kind.SET_STORAGE, data=(0xFFFF, (1 << 240) - 1), fee_token=5, why="last slot, greatest value")
    s.send(B, Kind.SET_STORAGE, data=(0xFFFF, 0), why="back to zero, fee token back to native")
    s.send(A, Kind.SET_KEY, data=D.key, why="set_key costs nothing")
    s.send(C, Kind.ROTATE_KEY, data=D.key, fee_token=5, why="rotate_key pays a fee, in any listed token")
    pair = s.link(s.member(B, to=D.address, amount=5, token=5), s.member(D, to=B.address, amount=6, fee_token=5))
    s.offer_all(pair, ["ok"] * 2, "a group of two, with two runs")
    s.deposit(Wallet(9), 1 << 27)
    s.register(Wallet(9))
    s.force(B, 5, "pays the whole balance of a token")
    s.force(B, 5, "noop: nothing left")
    s.force(STRANGER, 0, "noop: the account is absent")
    s.force(B, 0, "pays native")
    s.end()


def refusals(s: Script) -> None:
    """Every rule of execution on its own, and that the first failing rule wins."""
    s.begin()
    t = s.build(B, to=C.address, amount=10)
    forged = replace(t, signature=bytes([t.signature[0] ^ 1, *t.signature[1:]]))
    s.send(STRANGER, to=C.address, code="unknown_account", why="the sender has no account")
    s.send(STRANGER, Kind.SET_KEY, data=A.key, code="unknown_account", why="set_key without account")
    s.deposit(Wallet(8), 100)
    s.send(Wallet(8), to=C.address, amount=1, code="no_key", why="scheme 0 signs nothing")
    s.offer(forged.to_bytes(), "bad_signature", "R8 is another")
    s.offer(replace(t, amount=11).to_bytes(), "bad_signature", "another amount than signed")
    s.offer(replace(forged, nonce=99).to_bytes(), "bad_signature", "signature before nonce")
    s.send(B, to=C.address, amount=10, nonce=1, code="nonce_too_high", why="the next but one")
    s.send(B, to=C.address, amount=10, nonce=MAX_NONCE, code="nonce_too_high", why="the last nonce has no successor")
    s.send(B, to=C.address, amount=10, valid_until=99, code="expired", why="one second late")
    s.send(B, to=C.address, amount=10, valid_until=99, nonce=1, code="nonce_too_high", why="nonce before validUntil")
    s.send(B, to=C.address, amount=10, fee_token=9, code="fee_token_not_listed", why="token 9 is not listed")
    s.send(B, to=C.address, amount=10, gas_limit=99, gas_price=3, code="fee_too_low", why="297 of 300")
    s.send(
        B,
        to=STRANGER.address,
        amount=10,
        gas_limit=249,
        gas_price=3,
        code="fee_too_low",
        why="747 of 750 for a creation",
    )
    s.send(
        B, to=C.address, amount=10**21 - 299, code="insufficient_balance", why="amount and fee together, one too many"
    )
    s.send(B, to=C.address, amount=10**15 + 1, token=5, code="insufficient_balance", why="one more than the balance")
    s.send(B, to=C.address, amount=0, token=5, fee_token=5, gas_limit=0, code="fee_too_low", why="no gas")
    s.send(B, to=12, amount=1, code="reserved_address", why="a system address receives nothing")
    s.send(B, to=0, amount=1, code="reserved_address", why="the zero address receives nothing")
    s.send(B, Kind.WITHDRAW, to=0xFFFF, amount=1, code="reserved_address", why="a system address is not paid")
    s.send(B, Kind.WITHDRAW, to=C.address, amount=0, code="zero_amount", why="a withdrawal of nothing")
    s.send(B, Kind.WITHDRAW, to=C.address, amount=1, gas_limit=399, gas_price=3, code="fee_too_low", why="1197 of 1200")
    s.send(B, Kind.SET_STORAGE, gas_limit=149, gas_price=3, code="fee_too_low", why="447 of 450")
    s.send(B, Kind.SET_KEY, data=(1, 1), code="bad_key", why="off the curve")
    s.send(B, Kind.SET_KEY, data=(0, 1), code="bad_key", why="the identity")
    s.queue(Kind.REGISTER_KEY, B.address, "bad_key", "off the curve", key=(1, 1))
    s.queue(Kind.REGISTER_KEY, 0x101, "reserved_address", "a system address has no account", key=B.key)
    s.queue(Kind.DEPOSIT, 0xFFFF, "reserved_address", "a system address has no account", amount=1, recipient=B.address)
    s.send(
        B, to=C.address, amount=10, valid_until=100, gas_limit=100, gas_price=3, why="exactly in time, exactly the fee"
    )
    s.offer(t.to_bytes(), "nonce_too_low", "the nonce was used")
    s.end()


def malformed(s: Script) -> None:
    """Bytes that are no item."""
    s.begin()
    item, record = s.build(B, to=C.address, amount=10).to_bytes(), bytes([5, *bytes(29), *bytes(9), 1, *bytes(110)])

    def changed(data: bytes, at: int, value: int) -> bytes:
        return bytes([*data[:at], value, *data[at + 1 :]])

    for why, data in (
        ("no bytes", b""),
        ("one short", item[:-1]),
        ("one long", item + b"\0"),
        ("kind 0", changed(item, 0, 0)),
        ("kind 5 of the queue", changed(item, 0, 5)),
        ("a linked transfer without a group", changed(item, 0, 8)),
        ("kind 10", changed(item, 0, 10)),
        ("padding", changed(item, 220, 1)),
        ("byte after S", changed(item, 215, 1)),
        ("data0 of a transfer", changed(item, 118, 1)),
        ("data1 of a transfer", changed(item, 150, 1)),
        ("data0 = r or more", changed(item, 87, 0xFF)),
        ("withdraw record from the queue", changed(record, 0, 2)),
        ("noop record", changed(record, 0, 0)),
        ("rotate_key record from the queue", Record(Kind.ROTATE_KEY, B.address, index=2, key=A.key).to_bytes()),
        ("record kind 8", changed(record, 0, 8)),
        ("record kind 10", changed(record, 0, 10)),
        ("byte 29 of a record", changed(record, 29, 1)),
        ("index in a deposit", changed(record, 6, 1)),
        ("nonce in a deposit", changed(record, 12, 1)),
        ("fee token in a deposit", changed(record, 31, 1)),
        ("zero bytes before the address", changed(record, 39, 1)),
        ("zero bytes before the recipient", changed(record, 69, 1)),
        ("word 3 of a deposit", changed(record, 119, 1)),
        ("amount in register_key", changed(changed(record, 0, 6), 28, 1)),
        ("forced exit with an outcome", changed(changed(record, 0, 7), 28, 1)),
    ):
        s.offer(data, "malformed", why)
    for why, t in (
        ("set_key with a fee", s.build(B, Kind.SET_KEY, data=A.key, gas_limit=1)),
        ("set_key with validUntil", s.build(B, Kind.SET_KEY, data=A.key, valid_until=1)),
        ("set_key for another", s.build(B, Kind.SET_KEY, data=A.key, to=C.address)),
        ("rotate_key with an amount", s.build(B, Kind.ROTATE_KEY, data=A.key, amount=1)),
        ("rotate_key with a token", s.build(B, Kind.ROTATE_KEY, data=A.key, token=5)),
        ("rotate_key for another", s.build(B, Kind.ROTATE_KEY, data=A.key, to=C.address)),
        ("rotate_key with a byte after S", replace(s.build(B, Kind.ROTATE_KEY), signature=bytes(64) + b"\x1b")),
        ("linked_transfer of group 0", s.build(B, Kind.LINKED_TRANSFER, to=C.address)),
        ("linked_transfer with more data", s.build(B, Kind.LINKED_TRANSFER, to=C.address, data=(1, 1))),
        ("set_storage of slot 2^16", s.build(B, Kind.SET_STORAGE, data=(1 << 16, 0))),
        ("set_storage of value 2^240", s.build(B, Kind.SET_STORAGE, data=(0, 1 << 240))),
        ("set_storage with amount", s.build(B, Kind.SET_STORAGE, data=(0, 1), amount=1)),
    ):
        s.offer(t.to_bytes(), "malformed", why)
    s.end()


def same_accounts(s: Script) -> None:
    """To oneself, to a new account, the same accounts again and again, received and spent in one chunk."""
    s.begin()
    s.send(B, to=B.address, amount=10**20, why="to oneself: only fee and nonce")
    s.send(
        B,
        to=B.address,
        amount=10**15,
        token=5,
        fee_token=5,
        code="insufficient_balance",
        why="the fee must be covered too",
    )
    s.send(A, to=A.address, amount=1, why="the fee account to itself: the fee comes back at the end")
    s.send(B, to=STRANGER.address, amount=1, why="creates an account")
    s.send(B, to=STRANGER.address, amount=1, why="the same recipient exists now: 100 units")
    s.deposit(STRANGER, 5, why="no second account for an address")
    s.register(STRANGER)
    s.send(
        STRANGER,
        to=B.address,
        amount=7,
        gas_limit=1,
        gas_price=300,
        code="insufficient_balance",
        why="7 and a fee of 300 from 7",
    )
    s.deposit(STRANGER, 300)
    s.send(STRANGER, to=B.address, amount=7, why="received and spent in one chunk")
    s.send(C, to=A.address, amount=10**21 - 300, why="exactly everything")
    s.send(C, to=A.address, amount=0, fee_token=5, why="amount 0 is allowed")
    s.send(B, to=Wallet(51).address, amount=(1 << 96) + 1, code="insufficient_balance", why="wide amount, not covered")
    s.deposit(B, (1 << 100) + 3)
    s.send(B, to=Wallet(51).address, amount=(1 << 100) + 1, why="creates with an extended amount")
    s.end()


def creation_order(s: Script) -> None:
    """Addresses below, above and between: the list is sorted whatever the order of creation."""
    s.begin(1, 1, FREE)
    for address in (0x10000, (1 << 160) - 1, 1 << 80, (1 << 80) + 1, (1 << 80) - 1, 0x10001, 1 << 159):
        s.queue(Kind.DEPOSIT, address, amount=1, recipient=address)
        s.queue(Kind.DEPOSIT, address, why="again: the same account", amount=1, recipient=address)
    s.end()


def full_and_empty(s: Script) -> None:
    """No items, 44 items, and a batch of three chunks with an empty one in the middle."""
    s.begin(100, 1, FREE)
    s.end()
    s.begin(101, 2, ((0, 1),))
    for k in range(44):
        s.send((B, C)[k % 2], to=(C, A)[k % 2].address, amount=k)
    s.end(False)
    s.begin(101, 60, ((0, 1), (5, 1), (65534, 0), (65535, 18446744073709551615)))
    s.end(False)
    s.begin(102, 3, ((0, 1), (5, 7)))
    s.send(B, Kind.WITHDRAW, to=B.address, amount=5, fee_token=5)
    s.send(B, to=A.address, amount=5, why="fee token native again without a run in between", token=5)
    s.end()


def maximum_balances(s: Script) -> None:
    """Nothing reaches 2^128, not even by the fees of the last step."""
    s.begin(1, 1, FREE)
    for wallet in (A, B, C):
        s.register(wallet)
    s.deposit(A, MAX - 1000)
    s.deposit(A, 1001, code="amount_too_large", why="would be 2^128")
    s.deposit(B, MAX, why="2^128 - 1")
    s.deposit(B, 1, code="amount_too_large")
    s.deposit(B, MAX, 65535, why="the last token")
    s.end()
    s.begin(2, 1, ((0, 4), (65535, 1)))
    s.send(B, to=C.address, amount=MAX - 1000, code="amount_too_large", why="no packed form")
    s.send(B, to=C.address, amount=1 << 123, code="amount_too_large", why="no packed form")
    s.send(B, to=C.address, amount=134217727 * 10**30, why="the greatest decimal form is above 2^123")
    s.send(B, to=A.address, amount=601, code="amount_too_large", why="fits now, but not with the fees of the last step")
    s.send(B, to=A.address, amount=200, why="fits with the fees: exactly 2^128 - 1")
    s.send(B, to=C.address, amount=0, code="amount_too_large", why="this fee does not fit any more")
    s.send(B, to=C.address, amount=0, fee_token=65535, why="in another fee token it does")
    s.force(B, 65535, "pays more than 2^127")
    s.end()


def keys(s: Script) -> None:
    """A key changes in the middle of a chunk: what the old one signed is refused, what the new one signed is not."""
    s.begin()
    old = s.build(B, to=C.address, amount=1, nonce=1)
    s.send(B, Kind.SET_KEY, data=D.key)
    s.offer(old.to_bytes(), "bad_signature", "signed by the old key")
    t = replace(old, signature=bytes(65))
    s.offer(_signed_by(s, D, t), why="signed by the new key")
    s.register(B)
    s.send(B, to=C.address, amount=1, why="the first key again, by register_key")
    s.deposit(Wallet(7), 10)
    s.send(Wallet(7), Kind.SET_KEY, data=Wallet(7).key, why="the first key of an account")
    good = s.build(A, Kind.SET_KEY, data=A.key)
    r, half = good.signature[:32], int.from_bytes(good.signature[32:64], "big")
    high = r + (N - half).to_bytes(32, "big") + bytes([55 - good.signature[64]])
    for why, signature in (
        ("high s", high),
        ("v 0 or 1", good.signature[:64] + bytes([good.signature[64] - 27])),
        ("r = 0", bytes(32) + good.signature[32:]),
        ("the other v", good.signature[:64] + bytes([55 - good.signature[64]])),
        ("s = 0", r + bytes(32) + good.signature[64:]),
        ("r = n", N.to_bytes(32, "big") + good.signature[32:]),
        ("zero", bytes(65)),
    ):
        s.offer(replace(good, signature=signature).to_bytes(), "bad_signature", why)
    s.offer(replace(good, data=B.key).to_bytes(), "bad_signature", "another key than signed")
    s.offer(replace(good, nonce=1).to_bytes(), "bad_signature", "another nonce than signed")
    s.offer(good.to_bytes())
    s.offer(good.to_bytes(), "nonce_too_low", "a signature holds for one nonce")
    s.end()


def rotations(s: Script) -> None:
    """rotate_key: under the present key and no other, in its place among set_key and register_key."""
    s.begin()
    before = s.build(B, to=C.address, amount=1, nonce=1)
    s.offer(_signed_by(s, D, s.build(B, Kind.ROTATE_KEY, data=D.key)), "bad_signature", "signed by the new key")
    mine = s.build(B, Kind.ROTATE_KEY, data=D.key)
    s.offer(replace(mine, data=A.key).to_bytes(), "bad_signature", "another key than signed")
    s.offer(replace(mine, kind=Kind.SET_KEY, gas_limit=0, gas_price=0).to_bytes(), "bad_signature", "no owner signed")
    s.send(B, Kind.ROTATE_KEY, data=D.key, gas_limit=399, gas_price=3, code="fee_too_low", why="1197 of 1200")
    s.send(B, Kind.ROTATE_KEY, data=D.key, valid_until=99, code="expired", why="one second late")
    s.send(B, Kind.ROTATE_KEY, data=D.key, fee_token=9, code="fee_token_not_listed", why="token 9 is not listed")
    s.send(B, Kind.ROTATE_KEY, data=(1, 1), code="bad_key", why="off the curve")
    s.send(B, Kind.ROTATE_KEY, data=(0, 1), code="bad_key", why="the identity")
    s.send(B, Kind.ROTATE_KEY, data=(1, 1), gas_limit=0, code="fee_too_low", why="the fee before the key")
    s.offer(mine.to_bytes(), why="the present key names the next one")
    s.offer(mine.to_bytes(), "bad_signature", "the key that signed is gone")
    s.offer(before.to_bytes(), "bad_signature", "a transfer signed by the old key")
    s.offer(_signed_by(s, D, replace(before, signature=bytes(65))), why="and by the new one")
    s.offer(_signed_by(s, D, s.build(B, Kind.ROTATE_KEY, data=D.key, fee_token=5)), why="to the same key")
    s.deposit(Wallet(7), 1200)
    s.send(Wallet(7), Kind.ROTATE_KEY, data=D.key, code="no_key", why="scheme 0 signs nothing")
    s.register(Wallet(7))
    s.send(Wallet(7), Kind.ROTATE_KEY, data=D.key, why="the whole balance for the fee")
    s.register(Wallet(7))
    s.send(Wallet(7), Kind.ROTATE_KEY, data=D.key, code="insufficient_balance", why="nothing left")
    s.end()
    s.begin()
    s.register(B)
    s.offer(_signed_by(s, D, s.build(B, Kind.ROTATE_KEY, data=C.key)), "bad_signature", "the queue was first")
    s.send(B, Kind.ROTATE_KEY, data=C.key, why="under the key that the queue brought")
    s.register(B)
    s.offer(_signed_by(s, C, s.build(B, to=A.address)), "bad_signature", "the queue was last")
    s.send(B, to=A.address, why="under the key that the queue brought")
    s.send(B, Kind.ROTATE_KEY, data=C.key)
    s.send(B, Kind.SET_KEY, data=A.key, why="the owner replaces what the key named")
    s.offer(_signed_by(s, C, s.build(B, to=A.address)), "bad_signature", "the owner was last")
    s.end()


def storage(s: Script) -> None:
    """set_storage: the same slot again, zero again, many accounts, and between transfers of other tokens."""
    s.begin()
    s.send(B, Kind.SET_STORAGE, data=(7, 1), why="first")
    s.send(B, Kind.SET_STORAGE, data=(7, 2), why="the same slot twice in a chunk")
    s.send(C, Kind.SET_STORAGE, data=(7, 3), fee_token=5, why="the same slot of another account")
    s.send(B, to=C.address, amount=1, token=5, fee_token=5, why="a run to token 5")
    s.send(B, Kind.SET_STORAGE, data=(0, 4), fee_token=5, why="a run back: a write moves no token")
    s.send(B, Kind.SET_STORAGE, data=(7, 2), fee_token=5, why="what is there already")
    s.send(B, Kind.WITHDRAW, to=B.address, amount=1, why="an operation needs no run")
    s.send(B, Kind.SET_STORAGE, data=(65535, 0), fee_token=5, why="zero where nothing was")
    s.send(A, Kind.SET_STORAGE, data=(7, 1), gas_limit=150, gas_price=3, why="exactly the fee")
    s.send(A, Kind.SET_STORAGE, data=(7, 1), amount=0, nonce=9, code="nonce_too_high")
    s.offer(replace(s.build(A, Kind.SET_STORAGE, data=(7, 1)), data=(8, 1)).to_bytes(), "bad_signature", "another slot")
    s.end()
    s.begin(101, 1, ((0, 1), (5, 1)))
    for slot in range(10):
        s.send((B, C)[slot % 2], Kind.SET_STORAGE, data=(slot, 0 if slot == 7 else slot << 230), why=f"slot {slot}")
    s.end()


def _signed_by(s: Script, wallet: Wallet, t: Transaction) -> bytes:
    return sign_transaction(s.rollup, wallet, t).to_bytes()


def fee_account(s: Script) -> None:
    """A fee needs an account to go to; without a fee it need not exist."""
    for index, code in ((9, "unknown_account"), (0, "unknown_account")):
        s.begin(5, index, ((0, 1),))
        s.send(A, to=A.address, code=code, why="nobody could be paid the fee")
        s.send(A, Kind.SET_KEY, data=A.key, why="costs nothing")
        s.end()
    s.begin(6, 4, ((0, 1),))
    s.send(A, to=A.address, code="unknown_account", why="account 4 does not exist yet")
    s.deposit(STRANGER, 1)
    s.send(A, to=A.address, why="now it does")
    s.end()


SCENARIOS: dict[str, tuple[Callable[[Script], None], int]] = {
    "every kind": (every_kind, 4),
    "refusals": (refusals, 3),
    "malformed items": (malformed, 3),
    "the same accounts": (same_accounts, 3),
    "order of creation": (creation_order, 0),
    "full and empty chunks": (full_and_empty, 3),
    "maximum balances": (maximum_balances, 0),
    "keys": (keys, 3),
    "fee account": (fee_account, 3),
    "rotation of keys": (rotations, 4),
    "storage": (storage, 3),
    **vectors_linked.SCENARIOS,
}


def run(name: str) -> Script:
    """A scenario after its last chunk."""
    play, wallets = SCENARIOS[name]
    script = Script(wallets)
    play(script)
    return script


def transitions() -> Document:
    """All scenarios, and generated chunks."""
    scenarios = [
        {"name": name, "about": play.__doc__, "chunks": run(name).chunks} for name, (play, _) in SCENARIOS.items()
    ]
    rollup = Rollup(CHAIN)
    chunks = [describe_generated(chunk, rollup) for chunk in random_chunks(rollup, "vectors", 4, 36)]
    scenarios.append({"name": "generated", "about": "Items of generate.py, many of them wrong.", "chunks": chunks})
    return {"chainId": CHAIN.chain_id, "rollup": f"0x{CHAIN.rollup:040x}", "scenarios": scenarios}
