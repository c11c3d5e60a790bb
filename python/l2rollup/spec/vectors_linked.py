"""Scenarios of linked transfers: what is a whole group and what is not, and groups that fail with one member."""

from collections.abc import Callable
from dataclasses import replace

from .generate import Wallet
from .group import hash_group
from .parameters import Kind
from .script import CHAIN, STRANGER, A, B, C, Script
from .transaction import Transaction

INCOMPLETE, FAILED, OK = "incomplete_group", "group_failed", "ok"
POOR = Wallet(40)
"""Has a key and nothing else."""


def groups(s: Script) -> None:
    """Groups that are taken: 2 to 8 members, other tokens, new accounts, spent as received, one sender twice."""
    s.begin()
    s.register(POOR)
    pair = s.link(s.member(B, to=C.address, amount=7, fee_token=5), s.member(C, to=B.address, amount=8, token=5))
    s.offer_all(pair, [OK] * 2, "an exchange of two tokens")
    s.offer_all(pair, ["nonce_too_low", FAILED], "once only")
    eight = s.link(*(s.member((A, B, C)[k % 3], to=(B, C, A)[k % 3].address, amount=k) for k in range(8)))
    s.offer_all(eight, [OK] * 8, "eight members")
    paid = s.link(s.member(B, to=POOR.address, amount=1000), s.member(POOR, to=C.address, amount=700))
    s.offer_all(paid, [OK] * 2, "the second spends what the first paid it")
    twice = s.link(*(s.member(B, to=to, amount=1) for to in (C.address, B.address)), s.member(C, to=A.address))
    s.offer_all(twice, [OK] * 3, "one sender twice, to itself too")
    s.end()
    s.begin()
    first, second = s.member(B, to=STRANGER.address, amount=5, gas_limit=250, gas_price=3), s.member(A, to=B.address)
    third = s.member(C, to=STRANGER.address, amount=6, gas_limit=100, gas_price=3)
    s.offer_all(s.link(first, second, third), [OK] * 3, "creates an account, which then is there: 100 units")
    one, other = s.link(s.member(A, to=B.address), s.member(B, to=A.address)), s.build(C, to=A.address).to_bytes()
    more = s.link(s.member(B, to=A.address, nonce=s.nonce(B) + 1), s.member(A, to=B.address, nonce=s.nonce(A) + 1))
    s.offer_all([*one, *more, other], [OK] * 5, "two groups and a transfer in one call")
    s.end()
    s.begin(prices=((0, 1 << 40),))
    t = s.member(B, to=C.address, amount=1, gas_price=1 << 40)
    s.offer_all(s.link(t, s.member(C, to=A.address, gas_price=1 << 40)), [OK] * 2, "fees of both, alone in a chunk")
    s.end()


def incomplete(s: Script) -> None:
    """Linked transfers that are not all members of one group in order; the rules of a transfer do not matter."""
    s.begin()
    b, c, a = s.member(B, to=C.address, amount=1), s.member(C, to=A.address, amount=2), s.member(A, to=B.address)
    one, two, three = s.link(b, c, a)
    s.offer_all([one], [INCOMPLETE], "a member alone")
    s.offer_all([two], [INCOMPLETE], "another call does not go on with a group")
    s.offer_all(s.link(b), [INCOMPLETE], "a group of one")
    s.offer_all([two, one, three], [INCOMPLETE] * 3, "another order")
    s.offer_all([one, two], [INCOMPLETE] * 2, "the last is missing")
    s.offer_all([one, three], [INCOMPLETE] * 2, "one between is missing")
    s.offer_all([two, three], [INCOMPLETE] * 2, "the first is missing")
    nine = [s.member((A, B, C)[k % 3], to=(B, C, A)[k % 3].address, amount=k) for k in range(9)]
    s.offer_all(s.link(*nine), [INCOMPLETE] * 9, "nine members")
    group = hash_group(CHAIN, [t for _, t in (b, c)])
    s.offer_all(s.link(b, c, group=group + 1), [INCOMPLETE] * 2, "another group than theirs")
    s.offer_all([*s.link(b, c, group=group)[:1], *s.link(c, b)[:1]], [INCOMPLETE] * 2, "of two groups")
    plain = s.build(B, to=C.address, amount=1).to_bytes()
    s.offer_all([plain, *s.link(c)], [OK, INCOMPLETE], "a transfer is no member")
    s.offer_all([b"", *s.link(c, a)[:1]], ["malformed", INCOMPLETE], "bytes that are no item are none")
    changed = [Transaction.from_bytes(item) for item in s.link(c, a)]
    changed[1] = replace(changed[1], amount=3)
    s.offer_all([t.to_bytes() for t in changed], [INCOMPLETE] * 2, "a member is changed")
    nobody = s.link(s.member(POOR, to=C.address), s.member(STRANGER, to=0))
    s.offer_all(nobody[:1], [INCOMPLETE], "before the rules: nobody has this account")
    one, two = s.link(c, a)
    transfer = s.build(B, to=C.address, amount=1).to_bytes()
    s.offer_all([one, transfer, two], [INCOMPLETE, OK, INCOMPLETE], "a transfer between the members")
    s.offer_all([two, one, two, two], [INCOMPLETE, OK, OK, INCOMPLETE], "whole between strays")
    one, two = s.link(s.member(B, to=C.address), s.member(C, to=B.address))
    s.offer_all([one, one, two], [INCOMPLETE, OK, OK], "the first member twice: once it begins the group")
    s.end()


def failing(s: Script) -> None:
    """Groups that fail: the first member that fails says why, the others that they were taken back; nothing remains."""
    s.begin()
    s.register(POOR)
    s.deposit(Wallet(41), 1)
    good = s.member(B, to=C.address, amount=5)

    def fails(why: str, code: str, at: int, *members: tuple[Wallet, Transaction]) -> None:
        s.offer_all(s.link(*members), [code if k == at else FAILED for k in range(len(members))], why)

    fails("the second lacks balance", "insufficient_balance", 1, good, s.member(C, to=B.address, amount=10**21))
    fails("the first is expired", "expired", 0, s.member(C, to=B.address, valid_until=99), good)
    fails(
        "the first of two wrong ones", "nonce_too_high", 1,
        good, s.member(C, to=B.address, nonce=5), s.member(A, to=B.address, valid_until=99),
    )  # fmt: skip
    fails("no account", "unknown_account", 1, good, s.member(STRANGER, to=B.address))
    fails("no key", "no_key", 1, good, s.member(Wallet(41), to=B.address))
    fails("the nonce was used", "nonce_too_high", 0, s.member(B, to=C.address, nonce=1), s.member(A, to=B.address))
    fails("one sender twice with a gap", "nonce_too_high", 1, good, s.member(B, to=C.address, nonce=1))
    fails("a fee token that is not listed", "fee_token_not_listed", 1, good, s.member(C, to=B.address, fee_token=9))
    fails("less than the fee", "fee_too_low", 1, good, s.member(C, to=B.address, gas_limit=99, gas_price=3))
    create = s.member(C, to=STRANGER.address, amount=5, gas_limit=249, gas_price=3)
    fails("747 of 750 for a creation", "fee_too_low", 1, good, create)
    fails("a system address", "reserved_address", 1, good, s.member(C, to=0x101))
    s.deposit(C, 1 << 123)
    fails("no packed form", "amount_too_large", 1, good, s.member(C, to=B.address, amount=1 << 123))
    spends, pays = s.member(POOR, to=C.address, amount=700), s.member(B, to=POOR.address, amount=1000)
    fails("spends before it is paid", "insufficient_balance", 0, spends, pays)
    fails("one unit more than it was paid", "insufficient_balance", 1, pays, s.member(POOR, to=C.address, amount=701))
    created = s.member(B, to=STRANGER.address, amount=5), s.member(C, to=STRANGER.address, amount=5)
    fails("both before created and paid an account", "expired", 2, *created, s.member(A, to=B.address, valid_until=1))
    s.deposit(Wallet(42), 1, why="takes the index that the group did not")
    signed = [Transaction.from_bytes(item) for item in s.link(good, s.member(C, to=B.address))]
    forged = replace(signed[1], signature=bytes([signed[1].signature[0] ^ 1, *signed[1].signature[1:]]))
    s.offer_all([signed[0].to_bytes(), forged.to_bytes()], [FAILED, "bad_signature"], "R8 of the second is another")
    s.send(B, Kind.ROTATE_KEY, data=A.key, why="before the group")
    late = s.link(s.member(C, to=B.address), s.member(B, to=C.address))
    s.offer_all(late, [FAILED, "bad_signature"], "signed by a key that was replaced")
    s.end()
    s.begin(5, 9, ((0, 1),))
    fails("nobody could be paid the fee", "unknown_account", 0, s.member(C, to=A.address), s.member(A, to=C.address))
    s.end()
    s.begin(5, 9, ((0, 0), (5, 1)))
    free = s.member(C, to=A.address), s.member(A, to=C.address, fee_token=5)
    fails("nor here, where the first pays none", "unknown_account", 1, *free)
    s.end()


SCENARIOS: dict[str, tuple[Callable[[Script], None], int]] = {
    "groups of linked transfers": (groups, 3),
    "incomplete groups": (incomplete, 3),
    "groups that fail": (failing, 3),
}
