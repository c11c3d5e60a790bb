"""The document of a group: what a party signs is what it shows, and what is no such document is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from l2rollup import native
from l2rollup.client import Group, Wallet
from l2rollup.errors import Malformed, Refused
from l2rollup.processor import Draft, compute_group, draft_linked_transfer, draft_transfer, link
from l2rollup.spec.group import hash_group
from l2rollup.spec.parameters import Kind
from l2rollup.spec.transaction import Chain, Transaction
from l2rollup.state import compute_domain

NATIVE = native.load()
CHAIN_ID, ROLLUP = 31337, "0x" + "42" * 20
TOKEN = bytes.fromhex("aa" * 20)
DOMAIN = compute_domain(CHAIN_ID, bytes.fromhex(ROLLUP[2:]))
ALICE, BOB, CAROL = (Wallet(bytes([n]) * 32, bytes([n]) * 32) for n in (1, 2, 3))


def find_token(address: str) -> tuple[int, bytes]:
    tokens = {bytes(20): 0, TOKEN: 5}
    raw = bytes.fromhex(address[2:])
    if raw not in tokens:
        raise Refused("token is not registered", code="unknown_token")
    return tokens[raw], raw


def drafts() -> list[Draft]:
    given = draft_linked_transfer(ALICE.address_bytes, BOB.address_bytes, 1000, 4).with_fee(7)
    taken = draft_linked_transfer(BOB.address_bytes, ALICE.address_bytes, 70, 0, token=5, token_address=TOKEN)
    return [given, taken.with_fee(9)]


def made(members: list[Draft] | None = None) -> Group:
    group = Group(CHAIN_ID, ROLLUP)
    for draft in drafts() if members is None else members:
        group.add(draft)
    return group


def passed_on(group: Group) -> Group:
    """What the next party reads."""
    return Group.from_json(json.loads(json.dumps(group.to_json())), CHAIN_ID, ROLLUP, find_token)


def sign(group: Group, wallet: Wallet) -> int:
    return group.sign(wallet, DOMAIN, NATIVE.poseidon)


def test_the_group_is_the_specifications() -> None:
    def number(raw: bytes) -> int:
        return int.from_bytes(raw, "big")

    twins = [
        Transaction(Kind.LINKED_TRANSFER, number(d.sender), number(d.to), d.token, d.fee_token, d.amount, d.nonce,
                    d.gas_limit, d.gas_price, d.valid_until)
        for d in drafts()
    ]  # fmt: skip
    chain = Chain(CHAIN_ID, number(bytes.fromhex(ROLLUP[2:])))
    assert compute_group(drafts(), NATIVE.poseidon) == hash_group(chain, twins)
    member = link(drafts(), NATIVE.poseidon)[1]
    want = Transaction(**{**twins[1].__dict__, "data": (member.group, 0)}).id(chain)
    assert member.message(DOMAIN, NATIVE.poseidon) == want.to_bytes(32, "big")


def test_each_signs_in_turn_and_the_engine_takes_what_comes_out() -> None:
    group = made()
    assert sign(group, ALICE) == 1
    group = passed_on(group)
    with pytest.raises(Refused, match="not every member"):
        group.to_transactions(NATIVE.poseidon)
    assert sign(group, BOB) == 1
    wire = passed_on(group).to_transactions(NATIVE.poseidon)
    engine = NATIVE.Engine.genesis(CHAIN_ID, bytes.fromhex(ROLLUP[2:]))
    records = engine.decode([json.dumps(entry).encode() for entry in wire], [bytes(20)] + [TOKEN] * 5)
    assert all(isinstance(record, bytes) for record in records), records
    raw = [record for record in records if isinstance(record, bytes)]
    # a token list in which TOKEN stands first at 1: the signed index is another one, and so is the group
    with pytest.raises(Refused) as caught:
        engine.check_group(raw)
    assert caught.value.code == "incomplete_group"
    others = [bytes([n]) * 20 for n in range(1, 5)]
    records = engine.decode([json.dumps(entry).encode() for entry in wire], [bytes(20), *others, TOKEN])
    engine.check_group([record for record in records if isinstance(record, bytes)])


def test_all_members_of_one_wallet_are_signed_at_once() -> None:
    more = draft_linked_transfer(ALICE.address_bytes, BOB.address_bytes, 1, 5).with_fee(7)
    group = made([*drafts(), more])
    assert group.count_of(ALICE.address_bytes) == 2
    assert sign(group, ALICE) == 2
    assert [signature is not None for signature in group.signatures] == [True, False, True]


def test_who_is_no_party_signs_nothing() -> None:
    group = made()
    with pytest.raises(Refused) as caught:
        sign(group, CAROL)
    assert caught.value.got == CAROL.address
    assert group.signatures == [None, None]


def test_nothing_is_added_after_a_signature_or_beyond_eight() -> None:
    group = made()
    sign(group, ALICE)
    with pytest.raises(Refused, match="closed"):
        group.add(drafts()[0])
    full = made([drafts()[0]] * 8)
    with pytest.raises(Refused, match="full"):
        full.add(drafts()[0])
    with pytest.raises(Refused):
        sign(made([drafts()[0]]), ALICE)


@pytest.mark.parametrize("member", [0, 1])
@pytest.mark.parametrize(
    "change", [{"amount": "71"}, {"nonce": 9}, {"validUntil": 5}, {"gasPrice": "1"}, {"to": "0x" + "77" * 20}]
)
def test_a_document_that_is_changed_after_a_signature_gives_another_message(
    change: dict[str, Any], member: int
) -> None:
    """Whichever member is changed, what the first one signed is not what is handed in."""
    group = made()
    sign(group, ALICE)
    before = link(group.drafts, NATIVE.poseidon)[0].message(DOMAIN, NATIVE.poseidon)
    document = group.to_json()
    document["members"][member].update(change)
    changed = Group.from_json(document, CHAIN_ID, ROLLUP, find_token)
    after = link(changed.drafts, NATIVE.poseidon)[0].message(DOMAIN, NATIVE.poseidon)
    assert before != after


def test_a_token_is_named_by_its_address_alone() -> None:
    """A document has no place for an index, so none can be signed that is not the shown token's."""
    document = made().to_json()
    assert "tokenIndex" not in document["members"][1]
    assert Group.from_json(document, CHAIN_ID, ROLLUP, find_token).drafts[1].token == 5
    document["members"][1]["tokenIndex"] = 0
    with pytest.raises(Malformed):
        Group.from_json(document, CHAIN_ID, ROLLUP, find_token)
    document = made().to_json()
    document["members"][1]["token"] = "0x" + "bb" * 20
    with pytest.raises(Refused):
        Group.from_json(document, CHAIN_ID, ROLLUP, find_token)


@pytest.mark.parametrize(
    "change",
    [{"format": "l2rollup-group-2"}, {"more": 1}, {"members": {}}, {"members": [1]}, {"members": [{}]}],
)
def test_documents_that_are_none(change: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        Group.from_json({**made().to_json(), **change}, CHAIN_ID, ROLLUP, find_token)
    for other in (None, [], "x", 5):
        with pytest.raises(Malformed):
            Group.from_json(other, CHAIN_ID, ROLLUP, find_token)


@pytest.mark.parametrize(
    "change",
    [{"amount": 5}, {"amount": "-1"}, {"nonce": "1"}, {"nonce": 1 << 48}, {"gasPrice": str(1 << 64)}, {"gasLimit": 1.0},
     {"feeToken": 65536}, {"validUntil": True}, {"signature": "0x00"}, {"signature": 5}, {"from": "0x1"}],
)  # fmt: skip
def test_members_that_are_none(change: dict[str, Any]) -> None:
    document = made().to_json()
    document["members"][0].update(change)
    with pytest.raises(Malformed):
        Group.from_json(document, CHAIN_ID, ROLLUP, find_token)


def test_a_document_of_another_rollup_is_refused() -> None:
    for change in ({"chainId": 1}, {"rollup": "0x" + "43" * 20}):
        with pytest.raises(Refused) as caught:
            Group.from_json({**made().to_json(), **change}, CHAIN_ID, ROLLUP, find_token)
        assert caught.value.code == "wrong_chain_id"


def test_other_kinds_are_no_members() -> None:
    plain = draft_transfer(ALICE.address_bytes, BOB.address_bytes, 1, 0)
    with pytest.raises(Refused) as caught:
        compute_group([plain, plain], NATIVE.poseidon)
    assert caught.value.code == "incomplete_group"
