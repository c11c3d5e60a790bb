"""Groups of linked transfers on a running node: two wallets swap two tokens, whole or not at all, whatever happens."""

from __future__ import annotations

import json
import signal
import time
import urllib.error
import urllib.request
from typing import Any

import pytest
from node_world import ETH, NATIVE, World
from test_crash import spawn
from test_reorg import check_fresh_replay, reorg

from l2rollup.client import Client, RpcError
from l2rollup.errors import L2Error, Refused, StorageError
from l2rollup.l1.deploy import deploy
from l2rollup.node import Reconstruction
from l2rollup.node.failpoints import AFTER_JOURNAL_APPEND, EXIT_STATUS
from l2rollup.node.submit import encode_wire
from l2rollup.processor import Draft
from l2rollup.storage import Batch

Wire = dict[str, str | int]
UNITS = 10**9


def add_token(world: World) -> str:
    """Registers a token of which user 2 has `UNITS` on L2; users 1 and 2 have ETH."""
    world.fund(1, ETH)
    world.fund(2, ETH)
    bob = world.user(2)
    token = deploy(bob.bridge._sender, "TestToken", ["Test", "TST", 18])
    mint = bytes.fromhex("40c10f19") + bytes(12) + bob.wallet.address_bytes + UNITS.to_bytes(32, "big")
    bob.bridge._sender.transact(token, mint)
    bob.bridge.register_token(bytes.fromhex(token[2:]))
    bob.deposit(token, str(UNITS))
    world.wait(lambda: {"index": 1, "address": token} in bob.transport.call("l2_getTokens"))
    world.wait(lambda: bob.get_account_balance(bob.wallet.address, token) == str(UNITS))
    return token


def sign_all(drafts: list[tuple[Client, Draft]]) -> list[Wire]:
    """Every member signed by its own client, which sees the drafts of all."""
    linked = drafts[0][0].link([draft for _, draft in drafts])
    return [client.sign(draft) for (client, _), draft in zip(drafts, linked, strict=True)]


def swap(
    world: World, token: str, *, nonces: tuple[int | None, int | None] = (None, None)
) -> list[tuple[Client, Draft]]:
    """Alice gives 1,000 wei for 70 units of Bob."""
    alice, bob = world.user(1), world.user(2)
    return [
        (alice, alice.draft_linked_transfer(bob.wallet.address, 1000, nonce=nonces[0])),
        (bob, bob.draft_linked_transfer(alice.wallet.address, 70, token, nonce=nonces[1])),
    ]


def holdings(world: World, token: str) -> dict[str, int]:
    """What both have, native without what they paid in fees."""
    reader = world.user(1)
    users = {"alice": world.wallet(1).address, "bob": world.wallet(2).address}
    return {name: int(reader.get_account_balance(address, token)) for name, address in users.items()}


def refusal(world: World, transactions: Any) -> RpcError:
    with pytest.raises(RpcError) as caught:
        world.user(1).send_group(transactions)
    return caught.value


def follow(world: World) -> None:
    """The state is what L1's data alone gives, and its trees are those of its leaves."""
    world.settle_all()
    fresh = Reconstruction(world.client, world.rollup, NATIVE.Engine)
    assert list(fresh.run())[-1].root == world.running().context.engine.root()
    world.running().context.engine.audit()


@pytest.mark.parametrize("reverse", [False, True])
def test_a_swap_settles_in_either_order(world: World, reverse: bool) -> None:
    world.start()
    token = add_token(world)
    drafts = swap(world, token)
    ordered = drafts[::-1] if reverse else drafts
    hashes = world.user(3).send_group(sign_all(ordered))
    alice = world.user(1)
    found = [alice.wait(hash_, "settled") for hash_ in hashes]
    assert found[1]["sequence"] == found[0]["sequence"] + 1
    assert found[0]["block"] == found[1]["block"]
    assert holdings(world, token) == {"alice": 70, "bob": UNITS - 70}
    fees = sum(draft.gas_limit for _, draft in drafts)
    assert fees == 200, "a linked transfer costs what a transfer does"
    for hash_ in hashes:
        assert alice.get_receipt(hash_)["id"] == hash_
    follow(world)


def test_one_member_that_fails_fails_all(world: World) -> None:
    """Bob spends his units after the group was taken in and before it is executed: neither transfer happens."""
    world.options["fee_account"] = world.wallet(5).address  # so that nobody here is paid fees
    world.start()
    world.fund(5, ETH)
    token = add_token(world)
    alice, bob = world.user(1), world.user(2)
    for reverse in (False, True):
        nonces = alice.get_account_nonce(alice.wallet.address), bob.get_account_nonce(bob.wallet.address)
        drafts = swap(world, token, nonces=(nonces[0], nonces[1] + 1))
        hashes = alice.send_group(sign_all(drafts[::-1] if reverse else drafts))
        before = holdings(world, token)
        native = alice.get_account_balance(alice.wallet.address)
        assert [alice.get_transaction_status(h)["status"] for h in hashes] == ["pending"] * 2
        spent = bob.draft_transfer(world.wallet(4).address, before["bob"] - 5, token, nonce=nonces[1])
        bob.wait(bob.submit(spent))
        world.wait(lambda h=hashes: alice.get_transaction_status(h[0])["status"] == "rejected")  # type: ignore[misc]
        found = [alice.get_transaction_status(hash_) for hash_ in hashes]
        assert [entry["status"] for entry in found] == ["rejected"] * 2
        names = [entry["reason"]["name"] for entry in found]
        failing = ["group_failed", "insufficient_balance"]
        assert names == (failing[::-1] if reverse else failing)
        place = 1 if reverse else 2
        other = found[1 if reverse else 0]
        assert other["reason"]["got"] == f"member {place} fails with insufficient_balance"
        assert holdings(world, token)["alice"] == before["alice"]
        assert alice.get_account_balance(alice.wallet.address) == native, "no fee is taken for what did not happen"
        assert alice.get_account_nonce(alice.wallet.address) == nonces[0]
        if not reverse:
            world.fund(4, ETH)
            refund = world.user(4)
            refund.wait(refund.transfer(bob.wallet.address, before["bob"] - 5, token))
    follow(world)


def test_a_member_that_must_wait_makes_all_wait(world: World) -> None:
    """What stands before one member fails in the same block: the group is not rejected and goes later."""
    node = world.start()
    token = add_token(world)
    alice, bob, carol = world.user(1), world.user(2), world.wallet(3).address
    before = [bob.sign(bob.draft_transfer(carol, UNITS - 100, token, nonce=n)) for n in (0, 1)]
    signed = sign_all(swap(world, token, nonces=(0, 2)))
    repaired = bob.sign(bob.draft_transfer(carol, 1, token, nonce=1))
    world.settle_all()
    with node.context.lock:  # nothing is executed until all of it waits
        fails = [node.submit.send(encode_wire(wire)) for wire in before][1]
        hashes = ["0x" + id_.hex() for id_ in node.submit.send_group([encode_wire(wire) for wire in signed])]
    world.wait(lambda: alice.get_transaction_status("0x" + fails.hex())["status"] == "rejected")
    assert [alice.get_transaction_status(hash_)["status"] for hash_ in hashes] == ["pending"] * 2
    assert len(node.context.pool) == 2
    bob.wait(bob.send_transaction(repaired))
    for hash_ in hashes:
        alice.wait(hash_, "settled")
    assert holdings(world, token) == {"alice": 70, "bob": 100 - 1 - 70}
    follow(world)


def test_a_crash_between_journal_and_answer_loses_no_member(world: World) -> None:
    """kill -9 right after the block is durable: the group is executed once, whole, with its receipts."""
    world.start()
    token = add_token(world)
    signed = sign_all(swap(world, token, nonces=(0, 0)))
    world.settle_all()
    world.stop()
    process, url = spawn(world, AFTER_JOURNAL_APPEND)
    hashes = Client(url).send_group(signed)
    deadline = time.monotonic() + 60
    while process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert process.returncode == EXIT_STATUS
    world.start()
    alice = world.user(1)
    found = [alice.wait(hash_, "settled") for hash_ in hashes]
    assert found[1]["sequence"] == found[0]["sequence"] + 1
    assert all(alice.get_receipt(hash_)["id"] == hash_ for hash_ in hashes)
    assert holdings(world, token) == {"alice": 70, "bob": UNITS - 70}
    assert refusal(world, signed).code in ("nonce_too_low", "already_known")
    follow(world)


def test_killed_before_it_is_executed_it_waits_whole(world: World) -> None:
    world.start()
    token = add_token(world)
    drafts = swap(world, token, nonces=(1, 0))
    signed, alice = sign_all(drafts), world.user(1)
    first = alice.sign(alice.draft_transfer(world.wallet(3).address, 1, nonce=0))
    world.settle_all()
    world.stop()
    process, url = spawn(world)
    hashes = Client(url).send_group(signed)
    process.send_signal(signal.SIGKILL)
    process.wait()
    node = world.start()
    alice, bob = world.user(1), world.user(2)
    assert [alice.get_transaction_status(hash_)["status"] for hash_ in hashes] == ["pending"] * 2
    assert {entry.group for entry in node.context.pool} == {tuple(bytes.fromhex(h[2:]) for h in hashes)}
    assert bob.get_account_nonce(bob.wallet.address, pending=True) == 1
    alice.wait(alice.send_transaction(first))
    for hash_ in hashes:
        alice.wait(hash_, "settled")
    assert holdings(world, token) == {"alice": 70, "bob": UNITS - 70}
    follow(world)


def test_a_voided_block_puts_a_group_back_whole(world: World) -> None:
    world.start()
    token = add_token(world)
    world.settle_all()
    fork = world.client.head()
    world.fund(3, ETH)
    carol = world.user(3)
    alice = world.user(1)
    hashes = carol.send_group(sign_all([
        (carol, carol.draft_linked_transfer(alice.wallet.address, 5)), *swap(world, token),
    ]))  # fmt: skip
    for hash_ in hashes:
        carol.wait(hash_)
    plain = alice.wait(alice.transfer(world.wallet(4).address, 3))["hash"]
    world.settle_all()
    reorg(world, fork)
    # Carol's deposit and key are gone from L1, and with them the whole group; what does not depend on it is executed.
    world.wait(lambda: all(alice.get_transaction_status(h)["status"] == "rejected" for h in hashes))
    reasons = [alice.get_transaction_status(hash_)["reason"]["name"] for hash_ in hashes]
    assert reasons[0] in ("unknown_account", "no_key")
    assert reasons[1:] == ["group_failed"] * 2
    assert holdings(world, token) == {"alice": 0, "bob": UNITS}
    assert alice.get_transaction_status(plain)["status"] == "pending", "its nonce comes after that of the group"
    again = alice.send_group(sign_all(swap(world, token, nonces=(0, 0))))
    for hash_ in (*again, plain):
        alice.wait(hash_, "settled")
    check_fresh_replay(world)


def test_members_pay_each_other_and_create_an_account(world: World) -> None:
    """A member may spend what an earlier one paid it; the second payment to a new account costs a plain transfer."""
    world.start()
    token = add_token(world)
    alice, bob = world.user(1), world.user(2)
    new = "0x" + "d7" * 20
    drafts = [
        (bob, bob.draft_linked_transfer(alice.wallet.address, 500, token)),
        (alice, alice.draft_linked_transfer(new, 400, token)),
        (alice, alice.draft_linked_transfer(new, 9, nonce=1).with_fee(2 * alice._price())),
    ]
    assert [draft.gas_limit for _, draft in drafts] == [100, 250, 100]
    poor = [drafts[1], drafts[0]]
    error = refusal(world, sign_all(poor))
    assert (error.code, error.got) == ("insufficient_balance", "0")
    assert error.message.startswith("member 1: ")
    for hash_ in alice.send_group(sign_all(drafts)):
        alice.wait(hash_, "settled")
    assert alice.get_account_balance(new, token) == "400"
    assert alice.get_account_balance(new) == "9"
    assert holdings(world, token)["alice"] == 100
    follow(world)


def test_what_is_no_group_is_refused_and_nothing_waits(world: World) -> None:
    node = world.start()
    token = add_token(world)
    alice, bob = world.user(1), world.user(2)
    drafts = swap(world, token)
    signed = sign_all(drafts)
    with pytest.raises(RpcError) as caught:
        alice.send_transaction(signed[0])
    assert (caught.value.code, caught.value.number) == ("incomplete_group", 1116)
    answers = alice.submit_all([signed[0], alice.sign(alice.draft_transfer(bob.wallet.address, 1, nonce=50))])
    assert isinstance(answers[0], RpcError)
    assert answers[0].code == "incomplete_group"
    assert not isinstance(answers[1], RpcError), "the others of a batch are taken"
    plain = alice.sign(alice.draft_transfer(bob.wallet.address, 1))
    for transactions in ([], signed[:1], signed[::-1], [*signed, signed[0]], [signed[0], plain], [plain, plain],
                         [signed[0]] * 9, [signed[1], signed[1]]):  # fmt: skip
        assert refusal(world, transactions).code == "incomplete_group", transactions
    for transactions in ("x", None, 5, {"0": signed[0]}):
        assert refusal_of(alice, transactions).code in ("invalid_params", "malformed_json"), transactions
    assert refusal(world, [signed[0], {}]).code == "missing_field"
    assert refusal(world, [signed[0], "x"]).code == "malformed_json"
    forged = {**signed[1], "signature": str(signed[0]["signature"])}
    error = refusal(world, [signed[0], forged])
    assert (error.code, error.message[:10]) == ("bad_signature", "member 2: ")
    changed = [signed[0], {**signed[1], "gasLimit": 99}]
    assert refusal(world, changed).code == "bad_signature"
    # both signed the same list, but another hash than it has
    apart = [client.sign(draft.with_group(7)) for client, draft in drafts]
    assert refusal(world, apart).code == "incomplete_group"
    late = [(client, Draft(**{**draft.__dict__, "valid_until": 1})) for client, draft in drafts]
    assert refusal(world, sign_all(late)).code == "expired"
    cheap = [(client, draft.with_fee(1)) for client, draft in drafts]
    assert refusal(world, sign_all(cheap)).code == "fee_too_low"
    stepped = [drafts[0], (alice, alice.draft_linked_transfer(bob.wallet.address, 1, nonce=2))]
    assert refusal(world, sign_all(stepped)).code == "nonce_gap"
    assert refusal_of(alice, signed, {"chainId": 1}).code == "wrong_chain_id"
    assert {entry.intake.nonce for entry in node.context.pool} == {50}
    hashes = alice.send_group(signed)
    assert refusal(world, signed).code == "already_known"
    for hash_ in hashes:
        alice.wait(hash_)


def refusal_of(client: Client, *params: Any) -> RpcError:
    with pytest.raises(RpcError) as caught:
        client.transport.call("l2_sendGroup", *params)
    return caught.value


def test_the_mirror_and_a_small_batch(world: World) -> None:
    """POST /v1/sendGroup; and a node whose batches are smaller than the group says so at once."""
    world.start()
    token = add_token(world)
    signed = sign_all(swap(world, token))
    status, hashes = post(world, "/v1/sendGroup", [signed, {"chainId": world.user(1).chain_id}])
    assert status == 200
    for hash_ in hashes:
        world.user(1).wait(hash_, "settled")
    status, answer = post(world, "/v1/sendGroup", [signed])
    assert (status, answer["error"]["data"]["name"]) == (400, "already_known")
    world.settle_all()
    world.stop()
    world.options["batch_items"] = 1
    world.start()
    error = refusal(world, sign_all(swap(world, token)))
    assert (error.code, error.expected) == ("chunk_full", "<= 1 members")


def post(world: World, path: str, body: object) -> tuple[int, Any]:
    assert world.server is not None
    request = urllib.request.Request(world.server.url + path, data=json.dumps(body).encode())
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return response.status, json.loads(response.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def test_a_group_longer_than_what_is_left_of_a_batch_ends_it(world: World) -> None:
    world.options |= {"batch_age": 60.0, "batch_items": 3}
    node = world.start()
    world.fund(1, ETH)
    alice, bob = world.user(1), world.user(2)
    world.fund(2, ETH)
    for _ in range(3):
        open_batch = node.context.open_batch
        if open_batch is not None and open_batch.items == 2:
            break
        alice.wait(alice.transfer(bob.wallet.address, 1))
    assert node.context.open_batch is not None and node.context.open_batch.items == 2
    drafts = [
        (alice, alice.draft_linked_transfer(bob.wallet.address, 1000)),
        (bob, bob.draft_linked_transfer(alice.wallet.address, 70)),
    ]
    begun = time.monotonic()
    for hash_ in alice.send_group(sign_all(drafts)):
        alice.wait(hash_)
    assert time.monotonic() - begun < 30, "it waited for the batch to grow old"


def test_a_group_that_fails_is_rejected_after_a_kill(world: World) -> None:
    """Killed after the journal has the block that spends Bob's units, before the group was tried."""
    world.options["fee_account"] = world.wallet(5).address
    node = world.start()
    world.fund(5, ETH)
    token = add_token(world)
    alice, bob = world.user(1), world.user(2)
    spent = bob.sign(bob.draft_transfer(world.wallet(4).address, UNITS - 5, token, nonce=0).with_fee(10**11))
    signed = sign_all(swap(world, token, nonces=(0, 1)))
    world.settle_all()
    native = alice.get_account_balance(alice.wallet.address)
    hashes = alice.send_group(signed)  # waits for Bob's first nonce
    assert node.context.pool
    world.stop()
    process, url = spawn(world, AFTER_JOURNAL_APPEND)
    first = Client(url).send_transaction(spent)
    world.wait(lambda: process.poll() is not None)
    assert process.returncode == EXIT_STATUS
    world.start()
    alice = world.user(1)
    alice.wait(first)
    world.wait(lambda: alice.get_transaction_status(hashes[0])["status"] == "rejected")
    found = [alice.get_transaction_status(hash_) for hash_ in hashes]
    assert [entry["reason"]["name"] for entry in found] == ["group_failed", "insufficient_balance"]
    assert holdings(world, token)["alice"] == 0
    assert alice.get_account_balance(alice.wallet.address) == native
    assert alice.get_account_nonce(alice.wallet.address) == 0


def test_a_full_disk_keeps_no_member_in_the_pool(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    node = world.start()
    token = add_token(world)
    signed = sign_all(swap(world, token))
    world.settle_all()
    node.pipeline.hold("sequence")
    put, puts = Batch.put, iter(range(9))

    def fail(batch: Batch, *values: Any) -> None:
        if next(puts) == 2:  # the first member is written, the second is not
            raise StorageError("write failed", got="a full disk")
        put(batch, *values)

    with monkeypatch.context() as patch:
        patch.setattr(Batch, "put", fail)
        assert refusal(world, signed).code == "storage"
    assert len(node.context.pool) == 0
    hashes = world.user(1).send_group(signed)
    node.pipeline.resume("sequence")
    for hash_ in hashes:
        world.user(1).wait(hash_)


def test_drafts_that_are_no_group(world: World) -> None:
    world.start()
    world.fund(1, ETH)
    alice = world.user(1)
    draft = alice.draft_linked_transfer(world.wallet(2).address, 1)
    with pytest.raises(Refused) as caught:
        alice.link([draft])
    assert caught.value.code == "incomplete_group"
    with pytest.raises(Refused):
        alice.link([draft, alice.draft_transfer(world.wallet(2).address, 1)])
    with pytest.raises(L2Error, match="member of its group"):
        alice.sign(draft)

