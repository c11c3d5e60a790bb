"""The node around the engine: a batch's whole way, restarts, L1 reorgs, refusals that change nothing.

The contract is the real one with a verifier that accepts everything; the engine is tests/python/node/engine_double.py.
"""

from __future__ import annotations

import pytest

from l2rollup.client import RpcError
from l2rollup.errors import ConfigurationError, L1Unreachable, Refused
from l2rollup.node import Reconstruction
from node_world import FINALITY, NATIVE, World

ETH = 10**18
ZERO = "0x" + "00" * 20


def test_deposit_transfer_withdraw_claim(world: World) -> None:
    world.start()
    alice, bob = world.user(1), world.user(2)
    world.fund(1, ETH)
    deposit = alice.deposit(ZERO, "77")
    world.wait(lambda: alice.get_account_balance(alice.wallet.address) == str(ETH + 77))
    assert alice.get_transaction_status(deposit)["status"] in ("confirmed", "sealed", "published", "settled")
    tx = alice.transfer(bob.wallet.address, 1000)
    alice.wait(tx)
    receipt = alice.get_receipt(tx)
    assert receipt["id"] == tx and receipt["cover"] == "0"
    withdrawal = alice.withdraw(ZERO, "5000")
    assert alice.wait(withdrawal, "settled")["status"] in ("claimable", "paid")
    before = world.client.balance(alice.wallet.address)
    alice.claim(withdrawal)
    world.wait(lambda: alice.get_transaction_status(withdrawal)["status"] == "paid")
    assert world.client.balance(alice.wallet.address) < before + 5000
    assert alice.get_account_balance(bob.wallet.address) == "1000"
    assert world.node is not None
    rebuilt = list(Reconstruction(world.client, world.rollup, NATIVE.Engine).run())  # type: ignore[arg-type]
    assert "0x" + rebuilt[-1].root.hex() == alice.get_batches()[len(rebuilt) - 1]["newStateRoot"]
    batch = alice.get_transaction_status(tx)["batchId"]
    proof = alice.get_batch_proof(batch)
    root = alice.get_batch_status(batch)["newStateRoot"]
    assert alice.verify_state(root, proof) is True
    assert alice.verify_state("0x" + "00" * 32, proof) is False
    with pytest.raises(RpcError) as caught:
        alice.verify_state(root, proof + "00")
    assert caught.value.code == "proof_malformed"
    world.mine(FINALITY + 1)
    world.wait(lambda: alice.get_batch_status(batch)["status"] == "final")
    assert list(alice.get_batch_status(batch)["times"]) == [
        "sealed", "executed", "published", "proven", "settled", "final",
    ]  # fmt: skip


def test_restart_continues_where_it_stopped(world: World) -> None:
    world.options["batch_age"] = 3600.0
    world.start()
    world.fund(1, ETH)
    alice = world.user(1)
    first = alice.transfer(world.wallet(2).address, 7)
    alice.wait(first)
    receipt, root = alice.get_receipt(first), alice.chain_info(refresh=True)["stateRoot"]
    gap = alice.submit(alice.draft_transfer(world.wallet(2).address, 9, nonce=3))
    world.stop()
    world.options["batch_age"] = 0.3
    world.start()
    alice = world.user(1)
    assert alice.get_receipt(first) == receipt
    assert alice.get_transaction_status(gap)["status"] == "pending"
    assert alice.chain_info()["stateRoot"] == root or alice.get_transaction_status(first)["status"] != "confirmed"
    for nonce in (1, 2):
        alice.wait(alice.submit(alice.draft_transfer(world.wallet(2).address, 1, nonce=nonce)))
    alice.wait(gap, "settled")


def test_l1_reorg_takes_back_what_was_credited(world: World) -> None:
    world.start()
    world.fund(1, ETH)
    snapshot = world.client.request("evm_snapshot", [])
    bob = world.user(2)
    world.fund(2, 2 * ETH)
    paid = bob.transfer(world.wallet(3).address, ETH)
    bob.wait(paid)
    alice = world.user(1)
    kept = alice.transfer(world.wallet(4).address, 5)
    alice.wait(kept)
    world.client.request("evm_revert", [snapshot])
    world.mine(2)
    world.wait(lambda: alice.get_account_balance(bob.wallet.address) == "0")
    world.wait(lambda: alice.get_transaction_status(paid)["status"] != "confirmed")
    alice.wait(kept, "settled")
    assert alice.get_account_balance(world.wallet(4).address) == "5"
    assert alice.get_account_balance(world.wallet(3).address) == "0"
    world.fund(2, ETH // 2)
    assert int(alice.get_account_balance(bob.wallet.address)) == ETH // 2


def test_refusals_change_nothing(world: World) -> None:
    world.start()
    world.fund(1, ETH)
    alice = world.user(1)
    root = alice.chain_info(refresh=True)["stateRoot"]
    draft = alice.draft_transfer(world.wallet(2).address, 1)
    good = alice.sign(draft)
    other_chain = {"chainId": alice.chain_id + 1}
    bad: list[tuple[str, dict[str, str | int]]] = [
        ("bad_signature", {**good, "value": "2"}),
        ("unknown_field", {**good, "memo": "x"}),
        ("not_an_integer", {**good, "nonce": 1.0}),  # type: ignore[dict-item]
        ("out_of_range", {**good, "nonce": -1}),
        ("out_of_range", {**good, "value": str(1 << 128)}),
        ("nonce_gap", alice.sign(alice.draft_transfer(world.wallet(2).address, 1, nonce=900))),
        ("insufficient_balance", alice.sign(alice.draft_transfer(world.wallet(2).address, 2 * ETH))),
        ("expired", alice.sign(alice.draft_transfer(world.wallet(2).address, 1, valid_until=1))),
        ("unknown_token", {**good, "to": "0x" + "ab" * 20, "value": "0", "data": "0xa9059cbb" + "00" * 64}),
        ("unknown_account", world.user(5).sign(world.user(5).draft_transfer(world.wallet(2).address, 1))),
    ]
    for code, transaction in bad:
        with pytest.raises(RpcError) as caught:
            alice.send_transaction(transaction)
        assert caught.value.code == code, (code, caught.value)
        assert caught.value.expected is not None or code == "unknown_account"
    with pytest.raises(RpcError) as caught:
        alice.transport.call("l2_sendTransaction", good, other_chain)
    assert caught.value.code == "wrong_chain_id"
    assert len(world.node.context.pool) == 0  # type: ignore[union-attr]
    assert alice.chain_info(refresh=True)["stateRoot"] == root
    sent = alice.send_transaction(good)
    alice.wait(sent)
    with pytest.raises(RpcError) as caught:
        alice.send_transaction(good)
    assert caught.value.code == "already_known"
    with pytest.raises(RpcError) as caught:
        alice.send_transaction(alice.sign(alice.draft_transfer(world.wallet(2).address, 3, nonce=0)))
    assert caught.value.code == "nonce_too_low"


def test_execution_rejects_and_says_why(world: World) -> None:
    world.options["block_time"] = 0.4
    world.start()
    world.fund(1, ETH)
    alice = world.user(1)
    spend = [alice.submit(alice.draft_transfer(world.wallet(2).address, ETH - 10**15, nonce=n)) for n in (0, 1)]
    alice.wait(spend[0])
    with pytest.raises(Refused):
        alice.wait(spend[1])
    status = alice.get_transaction_status(spend[1])
    assert status["status"] == "rejected" and status["reason"]["name"] == "insufficient_balance"


def test_l1_gone_in_the_middle_stops_stages_not_reads(world: World) -> None:
    world.start()
    world.fund(1, ETH)
    alice = world.user(1)
    world.chain.stop()
    assert world.node is not None
    node = world.node
    world.wait(lambda: node.queries.health()["stages"]["ingest"]["state"] == "waiting", 40)
    tx = alice.transfer(world.wallet(2).address, 1)
    assert alice.wait(tx)["status"] in ("confirmed", "sealed")


def test_start_needs_l1_and_its_own_database(world: World) -> None:
    world.start()
    world.stop()
    world.options["l1_url"] = "http://127.0.0.1:9"
    from l2rollup.node import Node
    from node_world import NATIVE

    with pytest.raises(L1Unreachable):
        Node(world.config(), native=NATIVE).start(l1_wait=0.1)  # type: ignore[arg-type]
    world.options["l1_url"] = world.chain.url
    world.options["rollup"] = world.chain.accounts[4].address
    with pytest.raises(ConfigurationError):
        Node(world.config(), native=NATIVE).start()  # type: ignore[arg-type]
    world.options.pop("rollup")
    world.start()
