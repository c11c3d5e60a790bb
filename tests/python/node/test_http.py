"""HTTP around a running node: the REST mirror, /health and /metrics, and what a mismatch does to all of them."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from typing import Any

import pytest
from node_world import ETH, ZERO, World

from l2rollup.client import RpcError
from l2rollup.errors import Halted, StorageError
from l2rollup.node import Request
from l2rollup.storage import Batch, BatchRecord, Family


def ask(world: World, path: str, body: object = None) -> tuple[int, Any]:
    assert world.server is not None
    data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    request = urllib.request.Request(world.server.url + path, data=data)
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            status, answer = response.status, response.read()
    except urllib.error.HTTPError as error:
        status, answer = error.code, error.read()
    return status, answer.decode() if path == "/metrics" else json.loads(answer)


def test_rest_mirror(world: World) -> None:
    world.start()
    world.fund(1, ETH)
    alice = world.user(1)
    address = alice.wallet.address
    assert ask(world, f"/v1/getAccountBalance/{address}") == (200, str(ETH))
    assert ask(world, f"/v1/getAccountBalance/{address}/{ZERO}") == (200, str(ETH))
    assert ask(world, f"/v1/getAccountNonce/{address}/pending") == (200, 0)
    assert ask(world, "/v1/getTokens") == (200, [{"index": 0, "address": ZERO}])
    status, sent = ask(world, "/v1/sendTransaction", [alice.sign(alice.draft_transfer(world.wallet(2).address, 5))])
    assert status == 200
    alice.wait(sent, "settled")
    batch = alice.get_transaction_status(sent)["batchId"]
    assert ask(world, f"/v1/getBatchStatus/{batch}")[1]["batchId"] == batch
    proof, root = alice.get_batch_proof(batch), alice.get_batch_status(batch)["newStateRoot"]
    assert ask(world, "/v1/verifyState", [root, proof]) == (200, True)

    def refused(path: str, body: object = None) -> tuple[int, str]:
        status, answer = ask(world, path, body)
        return status, answer["error"]["data"]["name"]

    assert refused("/v1/getBatchStatus/999999") == (404, "not_found")
    assert refused("/v1/getBatchStatus/01") == (400, "not_an_integer")
    assert refused("/v1/getBatchStatus/1e0") == (400, "not_an_integer")
    assert refused("/v1/getAccountBalance/0x1") == (400, "malformed_address")
    assert refused("/v1/getNothing") == (404, "method_not_found")
    assert refused("/v1/sendTransaction", b"{") == (400, "parse_error")
    assert refused("/v1/sendTransaction", b'[],"method":"l2_getTokens"') == (400, "parse_error")
    assert refused("/v1/sendTransaction", b"[" * 9 + b"]" * 9) == (400, "too_deep")
    assert refused("/v1/deposit", [ZERO, "5"]) == (400, "signer_required")
    assert ask(world, "/v1/sendTransaction")[0] == 405
    assert ask(world, "/v1/getTokens/x", [])[0] == 405


def test_health_and_metrics(world: World) -> None:
    world.start()
    world.fund(1, ETH)
    world.settle_all()
    status, health = ask(world, "/health")
    assert (status, health["status"]) == (200, "ok")
    stages = ["ingest", "sequence", "execute", "publish", "prove", "settle", "finalize", "answer"]
    assert list(health["stages"]) == stages
    status, text = ask(world, "/metrics")
    lines = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    assert lines["l2rollup_accounts"] == "1"
    assert int(lines["l2rollup_sequence"]) == 2
    assert lines['l2rollup_stage_state{stage="settle",state="ok"}'] == "1"
    secrets = [str(world.config().sequencer_key), world.wallet(0).export_ethereum_key()]
    assert not [secret for secret in secrets if secret.removeprefix("0x") in json.dumps([health, text])]


def test_a_batch_of_transactions_is_taken_in_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    node = world.start()
    world.fund(1, ETH)
    node.pipeline.hold("sequence")
    alice, to = world.user(1), world.wallet(2).address
    first = alice.sign(alice.draft_transfer(to, 1, nonce=0).with_fee(2 * 10**9, creates_account=True))
    dearer = alice.sign(alice.draft_transfer(to, 2, nonce=0).with_fee(3 * 10**9, creates_account=True))
    second = alice.sign(alice.draft_transfer(to, 3, nonce=1).with_fee(2 * 10**9, creates_account=True))
    calls = [
        {"jsonrpc": "2.0", "id": i, "method": method, "params": params}
        for i, (method, params) in enumerate([
            ("l2_sendTransaction", [first]), ("l2_getAccountNonce", [alice.wallet.address, "pending"]),
            ("l2_sendTransaction", [first]), ("l2_sendTransaction", [dearer]), ("l2_sendTransaction", [{}]),
            ("l2_sendTransaction", [second, {"chainId": 1}]), ("l2_sendTransaction", [second]), ("l2_nothing", []),
        ])
    ]  # fmt: skip
    crossings: list[int] = []
    send_many = node.submit.send_many

    def count(requests: list[Request]) -> object:
        crossings.append(len(requests))
        return send_many(requests)

    monkeypatch.setattr(node.submit, "send_many", count)
    status, answers = ask(world, "/", calls)
    names = [entry.get("error", {}).get("data", {}).get("name") for entry in answers]
    assert (status, [entry["id"] for entry in answers], crossings) == (200, list(range(8)), [6])
    assert names == [None, None, "already_known", None, "missing_field", "wrong_chain_id", None, "method_not_found"]
    assert answers[1]["result"] == 2
    ids = [answers[i]["result"] for i in (0, 3, 6)]
    assert [alice.get_transaction_status(tx)["status"] for tx in ids] == ["dropped", "pending", "pending"]
    assert alice.get_transaction_status(ids[0])["reason"]["name"] == "replaced"
    third = alice.sign(alice.draft_transfer(to, 3, nonce=2).with_fee(2 * 10**9, creates_account=True))
    with monkeypatch.context() as patch:
        patch.setattr(Batch, "put", lambda *_: (_ for _ in ()).throw(StorageError("write failed", got="a full disk")))
        assert ask(world, "/", [{**calls[0], "params": [third]}])[1][0]["error"]["data"]["name"] == "storage"
    assert len(node.context.pool) == 2
    node.pipeline.resume("sequence")
    alice.wait(alice.send_transaction(third), "settled")
    assert alice.get_account_balance(to) == "8"


FALSE = {
    "old_root": bytes(31) + b"\1", "new_root": bytes(31) + b"\1", "id_root": bytes(31) + b"\1", "tx_c": bytes(32),
    "op_c": bytes(31) + b"\1", "first_sequence": 7, "end_sequence": 99, "first_queue": 3, "end_queue": 77,
    "transactions": bytes(60),
}  # fmt: skip


@pytest.mark.parametrize("name", list(FALSE))
def test_a_false_batch_halts_sealing_and_nothing_of_it_leaves(world: World, name: str) -> None:
    node = world.start()
    world.fund(1, ETH)
    world.settle_all()
    alice, committed = world.user(1), len(alice_batches(world))
    node.pipeline.hold("execute")
    tx = alice.transfer(world.wallet(2).address, 5)
    batch_id = committed + 1
    world.wait(lambda: batch_id in node.context.batches)
    with node.context.lock:
        setattr(node.context.batches[batch_id], name, FALSE[name])
    node.pipeline.resume("execute")
    wait_halted(world)
    status, health = ask(world, "/health")
    assert (status, health["status"], health["stages"]["execute"]["state"]) == (503, "halted", "halted")
    assert "expected" in health["stages"]["execute"]["message"]
    with pytest.raises(RpcError) as caught:
        alice.transfer(world.wallet(2).address, 6)
    assert caught.value.code == "halted"
    assert alice.get_account_balance(world.wallet(2).address) == "5"
    assert alice.get_receipt(tx)["id"] == tx
    assert node.context.contract.committed() == committed
    assert node.context.last_batch <= batch_id + 1


def alice_batches(world: World) -> list[dict[str, Any]]:
    return world.user(1).get_batches(1, 100)


def wait_halted(world: World) -> None:
    deadline = time.monotonic() + 60
    while world.running().queries.health()["stages"]["execute"]["state"] != "halted":
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_conservation_is_its_own_check(world: World) -> None:
    """A state that invents money fails even where every root agrees: sums are compared with the operations."""
    node = world.start()
    world.fund(1, ETH)
    world.settle_all()
    alice = world.user(1)
    alice.wait(alice.withdraw(ZERO, "5000"), "settled")
    execute = node.pipeline.execute
    batches = list(node.context.store.scan(Family.BATCHES, BatchRecord))
    record = batches[-1]
    execute._check_conservation(record, {0: ETH}, {0: ETH - 5000})
    for before, after in (({0: ETH}, {0: ETH}), ({0: ETH}, {0: ETH - 4999}), ({0: ETH, 3: 1}, {0: ETH - 5000})):
        with pytest.raises(Halted, match="not conserved"):
            execute._check_conservation(record, before, after)
    with pytest.raises(Halted, match="not conserved"):
        execute._check_conservation(batches[0], {}, {0: 1})
