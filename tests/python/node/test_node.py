"""The node's life on a real contract with the native engine: a batch's whole way, restarts, L1 that goes away."""

from __future__ import annotations

import socket
import threading

import pytest
import structlog.testing
from flaky_proxy import FlakyProxy
from node_world import ETH, FINALITY, NATIVE, ZERO, World

from l2rollup.client import Client, RpcError, Wallet, verify_receipt
from l2rollup.errors import ConfigurationError, L1Rejected, L1Unreachable, ProofRejected, Refused
from l2rollup.l1 import L1Client
from l2rollup.l1.deploy import deploy
from l2rollup.l1.embedded import EmbeddedChain
from l2rollup.node import Node, Reconstruction, wait_for_l1


def test_deposit_transfer_withdraw_claim(any_world: World) -> None:
    world = any_world
    node = world.start()
    alice, bob = world.user(1), world.user(2)
    world.fund(1, ETH)
    deposit = alice.deposit(ZERO, "77")
    world.wait(lambda: alice.get_account_balance(alice.wallet.address) == str(ETH + 77))
    assert alice.get_transaction_status(deposit)["status"] in ("confirmed", "sealed", "published", "proven", "settled")
    tx = alice.transfer(bob.wallet.address, 1000)
    assert alice.wait(tx)["hash"] == tx
    receipt = alice.get_receipt(tx)
    assert receipt["id"] == tx
    assert receipt["cover"] == "0"
    withdrawal = alice.withdraw(ZERO, "5000")
    assert alice.wait(withdrawal, "settled")["status"] in ("claimable", "paid")
    before = world.client.balance(alice.wallet.address)
    alice.claim(withdrawal)
    world.wait(lambda: alice.get_transaction_status(withdrawal)["status"] == "paid")
    assert world.client.balance(alice.wallet.address) < before + 5000
    assert alice.get_account_balance(bob.wallet.address) == "1000"
    world.settle_all()
    node.context.engine.audit()

    rebuilt = list(Reconstruction(world.client, world.rollup, NATIVE.Engine).run())
    batches = alice.get_batches()
    assert ["0x" + batch.root.hex() for batch in rebuilt] == [batch["newStateRoot"] for batch in batches]
    assert alice.chain_info(refresh=True)["stateRoot"] == batches[-1]["newStateRoot"]

    doubter = Reconstruction(world.client, world.rollup, NATIVE.Engine)
    doubter._headers._keep = lambda batch_id, _: doubter._headers.hashes.update({batch_id: bytes(32)})
    with pytest.raises(ProofRejected, match="no log holds a header"):
        list(doubter.run())

    batch = alice.get_transaction_status(tx)["batchId"]
    proof = alice.get_batch_proof(batch)
    root = alice.get_batch_status(batch)["newStateRoot"]
    assert alice.verify_state(root, proof) is True
    assert alice.verify_state("0x" + "00" * 32, proof) is False
    assert alice.verify_state(root, proof[:2] + "ff" + proof[4:]) is False
    for malformed in (proof + "00", proof[:-2], "0x"):
        with pytest.raises(RpcError) as caught:
            alice.verify_state(root, malformed)
        assert caught.value.code == "proof_malformed", malformed[:20]
    world.mine(FINALITY + 1)
    world.wait(lambda: alice.get_batch_status(batch)["status"] == "final")
    assert list(alice.get_batch_status(batch)["times"]) == [
        "sealed", "executed", "published", "proven", "settled", "final",
    ]  # fmt: skip


def test_equal_deposits_are_two_items(world: World) -> None:
    """Their records are equal, and so are their ids: what tells them apart is the place in the queue."""
    world.start()
    world.fund(1, ETH)
    alice = world.user(1)
    first, second = alice.deposit(ZERO, "5"), alice.deposit(ZERO, "5")
    world.wait(lambda: alice.get_account_balance(alice.wallet.address) == str(ETH + 10))
    found = [alice.get_transaction_status(tx) for tx in (first, second)]
    assert found[0]["hash"] == found[1]["hash"]
    assert found[0]["sequence"] + 1 == found[1]["sequence"]
    receipts = [alice.transport.call("l2_getReceipt", tx) for tx in (first, second)]
    assert [receipt["sequence"] for receipt in receipts] == [entry["sequence"] for entry in found]
    assert alice.get_transaction_status(found[0]["hash"])["sequence"] == found[1]["sequence"]


def test_tokens_and_a_full_batch(world: World) -> None:
    """More than a chunk holds: several batches, every one executed and settled, per-token sums kept."""
    world.start()
    world.fund(1, ETH)
    alice = world.user(1)
    token = deploy(alice.bridge._sender, "TestToken", ["Test", "TST", 18])
    raw = bytes.fromhex(token[2:])
    mint = bytes.fromhex("40c10f19") + bytes(12) + alice.wallet.address_bytes + (10**9).to_bytes(32, "big")
    alice.bridge._sender.transact(token, mint)
    with pytest.raises(RpcError) as caught:
        alice.transport.call("l2_getAccountBalance", alice.wallet.address, token)
    assert caught.value.code == "unknown_token"
    assert alice.bridge.register_token(raw) == 1
    alice.deposit(token, str(10**9))
    world.wait(lambda: {"index": 1, "address": token} in alice.transport.call("l2_getTokens"))
    world.wait(lambda: alice.get_account_balance(alice.wallet.address, token) == str(10**9))
    drafts = [alice.draft_transfer(world.wallet(2 + n % 5).address, 3 + n, token, nonce=n) for n in range(60)]
    answers = alice.submit_all([alice.sign(draft) for draft in drafts])
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    for answer in answers:
        alice.wait(str(answer), "settled")
    sent = sum(3 + n for n in range(60))
    assert alice.get_account_balance(alice.wallet.address, token) == str(10**9 - sent)
    assert max(batch["transactions"] for batch in alice.get_batches()) > 20
    proof = alice.get_account_proof(world.wallet(2).address, token)
    assert proof["proof"]["included"]
    assert proof["proof"]["root"] == proof["stateRoot"]
    world.settle_all()
    rebuilt = list(Reconstruction(world.client, world.rollup, NATIVE.Engine).run())
    assert "0x" + rebuilt[-1].root.hex() == alice.get_batches()[-1]["newStateRoot"]


def test_withdrawals_of_one_batch_are_claimed_one_by_one(world: World) -> None:
    """Five leaves (an odd tree), two tokens, other recipients; each pays once and only its own recipient."""
    world.options["batch_age"] = 1.5
    node = world.start()
    world.fund(1, ETH)
    alice = world.user(1)
    token = deploy(alice.bridge._sender, "TestToken", ["Test", "TST", 6])
    raw = bytes.fromhex(token[2:])
    mint = bytes.fromhex("40c10f19") + bytes(12) + alice.wallet.address_bytes + (10**9).to_bytes(32, "big")
    alice.bridge._sender.transact(token, mint)
    alice.bridge.register_token(raw)
    alice.deposit(token, str(10**9))
    world.wait(lambda: {"index": 1, "address": token} in alice.transport.call("l2_getTokens"))
    world.wait(lambda: alice.get_account_balance(alice.wallet.address, token) == str(10**9))
    world.settle_all()
    recipients = [f"0x{n:040x}" for n in range(0x10000, 0x10005)]
    sent = [
        alice.withdraw(token if n % 2 else ZERO, str(100 + n), recipient=recipient)
        for n, recipient in enumerate(recipients)
    ]
    for tx in sent:
        alice.wait(tx, "settled")
    assert len({alice.get_transaction_status(tx)["batchId"] for tx in sent}) == 1
    proofs = [alice.transport.call("l2_getWithdrawalProof", tx) for tx in sent]
    assert [proof["index"] for proof in proofs] == list(range(5))
    for n in (3, 0, 4, 1, 2):
        world.user(5).claim(sent[n])
        assert alice.bridge.token_balance(raw if n % 2 else bytes(20), recipients[n]) == 100 + n
        with pytest.raises(L1Rejected):
            world.user(5).claim(sent[n])
    world.wait(lambda: all(alice.get_transaction_status(tx)["status"] == "paid" for tx in sent))
    assert node.context.contract.view("escrowed", token) == 10**9 - 101 - 103
    assert node.context.contract.view("escrowed", ZERO) == ETH - 100 - 102 - 104


def test_set_key_goes_through_commit(world: World) -> None:
    """The owner's EIP-712 signatures reach L1 from the journal, in order, also after a restart in between."""
    world.options["batch_age"] = 3600.0
    world.start()
    world.fund(1, ETH)
    alice = world.user(1)
    other, third = world.wallet(7), world.wallet(8)
    old = alice.sign(alice.draft_transfer(world.wallet(2).address, 1, nonce=1))
    alice.wait(alice.set_key(other))
    with pytest.raises(RpcError) as caught:
        alice.send_transaction(old)
    assert caught.value.code == "bad_signature"
    new = Client(alice.transport.url, Wallet(alice.wallet.export_ethereum_key(), other.export_eddsa_key()))
    new.wait(new.transfer(world.wallet(2).address, 2))
    world.stop()
    world.options["batch_age"] = 0.3
    world.start()
    new = Client(world.user(1).transport.url, new.wallet)
    last = new.set_key(third)
    new.wait(last, "settled")
    world.settle_all()
    key = "0x" + b"".join(part.to_bytes(32, "big") for part in third.public_key).hex()
    account = new.get_account(new.wallet.address)
    assert account is not None
    assert account["key"] == key
    rebuilt = list(Reconstruction(world.client, world.rollup, NATIVE.Engine).run())
    assert rebuilt[-1].root == world.running().context.engine.root()


def test_a_dev_node_signs_with_the_keys_it_holds(world: World) -> None:
    wallet = world.wallet(1)
    world.options["held_keys"] = {wallet.address: (wallet.export_ethereum_key(), "0x" + wallet.export_eddsa_key())}
    world.start()
    world.fund(1, ETH)
    alice, held = world.user(1), {"from": wallet.address}
    deposit = alice.transport.call("l2_deposit", ZERO, "5", held)
    world.credited(deposit)
    tx = alice.transport.call("l2_withdraw", ZERO, "7", held)
    alice.wait(tx, "settled")
    assert alice.transport.call("l2_getWithdrawalProof", tx)["recipient"] == wallet.address
    with pytest.raises(RpcError) as caught:
        alice.transport.call("l2_withdraw", ZERO, "7", {"from": world.wallet(2).address})
    assert caught.value.code == "signer_required"
    world.options.update(profile="production", confirmations=None, prover=True)
    with pytest.raises(ConfigurationError, match="holds no user's key"):
        world.config().check()
    world.options.update(held_keys={}, confirmations=1)
    with pytest.raises(ConfigurationError, match="finality only"):
        world.config().check()


def test_restart_continues_where_it_stopped(any_world: World) -> None:
    world = any_world
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
    assert status["status"] == "rejected"
    assert status["reason"]["name"] == "insufficient_balance"
    assert status["reason"]["expected"]
    assert status["reason"]["got"]


def test_l1_gone_in_the_middle_stops_stages_not_reads(world: World) -> None:
    node = world.start()
    world.fund(1, ETH)
    alice = world.user(1)
    world.chain.stop()
    world.wait(lambda: node.queries.health()["stages"]["ingest"]["state"] == "waiting", 40)
    assert world.chain.url in node.queries.health()["stages"]["ingest"]["message"]
    tx = alice.transfer(world.wallet(2).address, 1)
    assert alice.wait(tx)["status"] in ("confirmed", "sealed")
    assert alice.get_account_balance(world.wallet(2).address) == "1"
    # The node still shows the receipt, and it is a true one; what only L1 says of it the wallet cannot know now.
    receipt = alice.transport.call("l2_getReceipt", tx)
    assert verify_receipt(receipt, alice.chain_info(), tx).number >= 0
    with pytest.raises(L1Unreachable):
        alice.get_receipt(tx)
    with pytest.raises(RpcError) as caught:
        alice.get_batch_proof(10**6)
    assert caught.value.code == "not_found"


def test_l1_comes_back_and_everything_goes_on(world: World) -> None:
    proxy = FlakyProxy(world.chain.url)
    world.options["l1_url"] = proxy.url
    node = world.start()
    world.fund(1, ETH)
    alice = world.user(1)
    sent = []
    for _ in range(3):
        proxy.cut()
        sent.append(alice.transfer(world.wallet(2).address, 1))
        alice.wait(sent[-1])
        world.wait(lambda: node.queries.health()["stages"]["ingest"]["state"] == "waiting", 40)
        assert node.queries.health()["stages"]["sequence"]["state"] == "ok"
        assert proxy.url in node.queries.health()["stages"]["ingest"]["message"]
        proxy.mend()
        alice.wait(sent[-1], "settled")
    world.wait(lambda: node.queries.health()["status"] == "ok")
    assert alice.get_account_balance(world.wallet(2).address) == "3"
    world.settle_all()
    rebuilt = list(Reconstruction(world.client, world.rollup, NATIVE.Engine).run())
    assert rebuilt[-1].root == node.context.engine.root()
    proxy.cut()


def test_what_l1_does_not_mine_is_offered_again_for_more(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("l2rollup.node.outbox.WAIT_SECONDS", 0.3)
    monkeypatch.setattr("l2rollup.node.outbox.RAISE_SECONDS", 1.0)
    node = world.start()
    world.fund(1, ETH)
    world.settle_all()
    world.client.request("evm_setAutomine", [False])
    alice = world.user(1)
    tx = alice.transfer(world.wallet(2).address, 1)

    def offers() -> list[int]:
        senders = world.client.request("txpool_content", [])["pending"]
        return [int(entry["maxFeePerGas"], 16) for pending in senders.values() for entry in pending.values()]

    world.wait(lambda: len(offers()) == 1)
    (first,) = offers()
    assert node.queries.health()["stages"]["ingest"]["state"] == "ok"
    world.wait(lambda: offers()[0] > first)
    assert len(offers()) == 1
    assert node.queries.health()["stages"]["publish"]["state"] == "waiting"
    world.client.request("evm_setAutomine", [True])
    world.mine()
    alice.wait(tx, "settled")
    assert node.context.contract.committed() == node.context.last_batch


def test_start_needs_l1_and_its_own_database(world: World) -> None:
    world.start()
    world.stop()
    world.options["l1_url"] = "http://127.0.0.1:9"
    with pytest.raises(L1Unreachable, match=r"127\.0\.0\.1:9"):
        Node(world.config()).start(l1_wait=0.1)
    world.options["l1_url"] = world.chain.url
    world.options["rollup"] = world.chain.accounts[4].address
    with pytest.raises(ConfigurationError, match="no contract"):
        Node(world.config()).start()
    world.options.pop("rollup")
    for name in ("sequencer_key", "operator_key"):
        world.options[name] = world.chain.accounts[5].private_key
        with pytest.raises(ConfigurationError, match="not the contract's sequencer"):
            Node(world.config()).start()
        world.options.pop(name)
    world.start()


def test_start_waits_for_l1_with_growing_pauses() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = int(listener.getsockname()[1])
    client = L1Client(f"http://127.0.0.1:{port}", retries=0)
    chains: list[EmbeddedChain] = []
    late = threading.Timer(1.0, lambda: chains.append(EmbeddedChain(port=port).start()))
    late.start()
    with structlog.testing.capture_logs() as logs:
        assert wait_for_l1(client, 30.0) > 0
    late.join()
    chains[0].stop()
    pauses = [entry["next_try_in"] for entry in logs if entry["event"] == "l1_unreachable"]
    assert len(pauses) >= 2
    assert pauses == sorted(pauses)
    assert logs[0]["url"] == client.url
    assert "refused" in logs[0]["reason"]
