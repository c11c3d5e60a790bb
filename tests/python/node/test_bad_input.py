"""Bad input at a running node: each has its own code, says what was expected and what came, and changes nothing."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from node_world import ETH, World, deploy_rollup

from l2rollup.client import Client, RpcError
from l2rollup.l1 import L1Client
from l2rollup.l1.local import start_anvil
from l2rollup.processor import draft_set_storage
from l2rollup.storage import Family, ItemRecord

Wire = dict[str, Any]
SUBGROUP_ORDER = 2736030358979909402780800718157159386076813972158567259200215660948447373041


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One world for all: nothing here changes it. User 1 is funded, 2 has no key, 5 is unknown."""
    with start_anvil() as chain:
        client = L1Client(chain.url)
        world = World(chain, client, deploy_rollup(client, chain), Path(tmp_path_factory.mktemp("node")))
        world.start()
        world.fund(1, ETH)
        alice = world.user(1)
        alice.wait(alice.transfer(world.wallet(2).address, ETH // 10), "settled")
        world.settle_all()
        yield world
        world.stop()


@pytest.fixture
def alice(world: World) -> Client:
    return world.user(1)


@pytest.fixture(autouse=True)
def _nothing_changes(world: World) -> Iterator[None]:
    before = state_of(world)
    yield
    assert state_of(world) == before


def state_of(world: World) -> tuple[object, ...]:
    context = world.running().context
    with context.lock:
        items = sorted(item.key for item in context.store.scan(Family.ITEMS, ItemRecord))
        return context.engine.snapshot(), sorted(tx.id for tx in context.pool), items


def good(world: World, **changes: object) -> Wire:
    alice = world.user(1)
    return {**alice.sign(alice.draft_transfer(world.wallet(3).address, 1)), **changes}


def refusal(call: Any, *values: Any) -> RpcError:
    with pytest.raises(RpcError) as caught:
        call(*values)
    return caught.value


FORM = [
    ("unknown_field", {"memo": "x"}),
    ("unknown_field", {"From": "0x" + "11" * 20}),
    ("missing_field", {"data": None}),
    ("malformed_address", {"to": "0x" + "11" * 19}),
    ("malformed_address", {"to": "0X" + "11" * 20}),
    ("malformed_address", {"to": "0xf39fd6e51aad88F6F4ce6aB8827279cffFb92266"}),
    ("reserved_address", {"to": "0x" + "00" * 20}),
    ("reserved_address", {"to": "0x" + "00" * 18 + "ffff"}),
    ("malformed_hex", {"data": "0x1"}),
    ("malformed_hex", {"data": "zz"}),
    ("malformed_signature", {"signature": "0x" + "11" * 73}),
    ("malformed_signature", {"signature": "0x"}),
    ("not_an_integer", {"value": "1.0"}),
    ("not_an_integer", {"value": "1e3"}),
    ("not_an_integer", {"value": "-1"}),
    ("not_an_integer", {"value": "+1"}),
    ("not_an_integer", {"value": "1_0"}),
    ("not_an_integer", {"value": " 1"}),
    ("not_an_integer", {"value": "0x1"}),
    ("not_an_integer", {"value": "01"}),
    ("not_an_integer", {"value": ""}),
    ("malformed_json", {"value": "١"}),  # which this client sends as an escape
    ("not_an_integer", {"value": 1}),
    ("not_an_integer", {"nonce": "0"}),
    ("out_of_range", {"value": str(1 << 128)}),
    ("out_of_range", {"value": "9" * 3000}),
    ("out_of_range", {"nonce": 1 << 48}),
    ("out_of_range", {"gasLimit": 1 << 32}),
    ("out_of_range", {"gasPrice": str(1 << 64)}),
    ("unknown_call", {"to": "0x" + "00" * 18 + "0101", "value": "0", "data": "0xdeadbeef"}),
    ("unknown_token", {"to": "0x" + "ab" * 20, "value": "0", "data": "0xa9059cbb" + "00" * 12 + "22" * 20 + "00" * 32}),
    ("malformed_data", {"to": "0x" + "ab" * 20, "value": "0", "data": "0xa9059cbb" + "00" * 63}),
]


@pytest.mark.parametrize(("code", "changes"), FORM, ids=[f"{c}-{i}" for i, (c, _) in enumerate(FORM)])
def test_form(world: World, alice: Client, code: str, changes: Wire) -> None:
    wire = {name: value for name, value in good(world, **changes).items() if value is not None}
    error = refusal(alice.send_transaction, wire)
    assert error.code == code, error
    assert error.expected
    assert error.got
    assert len(str(error)) < 400


RAW = [
    ("not_an_integer", '"nonce": 1.0'),
    ("not_an_integer", '"nonce": 1e0'),
    ("not_an_integer", '"nonce": 01'),
    ("out_of_range", '"nonce": -1'),
    ("out_of_range", '"nonce": 18446744073709551616'),
    ("not_an_integer", '"nonce": 0, "value": "١"'),
    ("malformed_json", '"nonce": true'),
    ("malformed_json", '"nonce": null'),
    ("malformed_json", '"nonce": [1]'),
    ("malformed_json", '"nonce": 1, "nonce": 1'),
    ("malformed_json", '"nonce": 1, "value": "\\u0031"'),
]


@pytest.mark.parametrize(("code", "member"), RAW)
def test_json_of_a_transaction(world: World, code: str, member: str) -> None:
    """What only raw JSON can say: numbers of other forms, members twice."""
    wire = {name: value for name, value in good(world).items() if name != "nonce" and f'"{name}"' not in member}
    body = '{"jsonrpc":"2.0","id":1,"method":"l2_sendTransaction","params":[' + json.dumps(wire)[:-1]
    answer = post(world, (body + ", " + member + "}]}").encode())
    error = answer.get("error", {})
    parse = {"not_an_integer": ("not_an_integer", "parse_error")}.get(code, (code,))
    assert error.get("data", {}).get("name") in parse, answer
    assert error["data"]["expected"]
    assert error["data"]["got"]


def post(world: World, body: bytes) -> Any:
    assert world.server is not None
    connection = http.client.HTTPConnection(world.server.url.removeprefix("http://"), timeout=60)
    connection.request("POST", "/", body)
    return json.loads(connection.getresponse().read())


def test_malformed_json(world: World) -> None:
    for body in (b"", b"{", b"\xff", b'{"jsonrpc":"2.0","id":1,"method":"l2_sendTransaction","params":[{]}'):
        assert post(world, body)["error"]["data"]["name"] == "parse_error"
    for params in ("[1]", '["x"]', "[[]]", "[null]"):
        body = b'{"jsonrpc":"2.0","id":1,"method":"l2_sendTransaction","params":%s}' % params.encode()
        assert post(world, body)["error"]["data"]["name"] == "malformed_json"


def check_rule(alice: Client, wire: Wire, code: str) -> None:
    error = refusal(alice.send_transaction, wire)
    assert error.code == code, error
    assert error.expected is not None, error
    assert error.got is not None, error


def test_rules(world: World, alice: Client) -> None:
    to = world.wallet(3).address
    check_rule(alice, good(world, value="2"), "bad_signature")
    check_rule(alice, alice.sign(alice.draft_transfer(to, 1, nonce=0)), "nonce_too_low")
    check_rule(alice, alice.sign(alice.draft_transfer(to, 1, nonce=900)), "nonce_gap")
    check_rule(alice, alice.sign(alice.draft_transfer(to, 2 * ETH)), "insufficient_balance")
    check_rule(alice, alice.sign(alice.draft_transfer(to, 1, valid_until=1)), "expired")
    check_rule(alice, alice.sign(alice.draft_transfer(to, 1).with_fee(1)), "fee_too_low")
    draft = alice.draft_transfer(to, 1).with_fee(10**10, fee_token=7)
    check_rule(alice, alice.sign(draft), "fee_token_not_listed")
    storage = draft_set_storage(alice.wallet.address_bytes, 1, 2, 1).with_fee(10**10)
    check_rule(alice, alice.sign(storage.with_fee(1)), "fee_too_low")
    unknown, no_key = world.user(5), world.user(2)
    check_rule(unknown, unknown.sign(unknown.draft_transfer(to, 1)), "unknown_account")
    check_rule(no_key, no_key.sign(no_key.draft_transfer(to, 1)), "no_key")


def test_chain_ids(world: World, alice: Client) -> None:
    wire = good(world)
    error = refusal(alice.transport.call, "l2_sendTransaction", wire, {"chainId": alice.chain_id + 1})
    assert (error.code, error.expected, error.got) == ("wrong_chain_id", "31337", "31338")
    draft = alice.draft_transfer(world.wallet(3).address, 1).with_fee(10**10)
    for domain in (alice.domain + 1, 0):
        foreign = alice.wallet.sign(draft, domain=domain, chain_id=alice.chain_id, rollup=alice.rollup)
        check_rule(alice, foreign, "bad_signature")


def test_signatures_of_other_forms(world: World, alice: Client) -> None:
    wire = good(world)
    raw = bytes.fromhex(str(wire["signature"])[2:])
    r8, s, suffix = raw[:32], int.from_bytes(raw[32:64], "little"), raw[64:]
    identity = (1).to_bytes(32, "little")
    off_curve = (2).to_bytes(32, "little")
    too_large = b"\xff" * 32
    forms = [
        r8 + (s + SUBGROUP_ORDER).to_bytes(32, "little"), identity + raw[32:64], off_curve + raw[32:64],
        too_large + raw[32:64], r8 + b"\xff" * 32, bytes(64), r8 + bytes(32),
    ]  # fmt: skip
    for form in forms:
        error = refusal(alice.send_transaction, {**wire, "signature": "0x" + (form + suffix).hex()})
        assert error.code in ("malformed_signature", "bad_signature"), error
        assert error.expected
        assert error.got


def test_set_key_is_checked_as_l1_would(world: World, alice: Client) -> None:
    """What commitBatch would refuse is refused here, so that a signed block can always be committed."""
    from l2rollup.processor import draft_set_key

    draft = draft_set_key(alice.wallet.address_bytes, *world.wallet(4).public_key, 1)
    wire = alice.sign(draft)
    raw = bytes.fromhex(str(wire["signature"])[2:])
    order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
    other_s = (order - int.from_bytes(raw[32:64], "big")).to_bytes(32, "big")
    high_s = raw[:32] + other_s + bytes([55 - raw[64]]) + raw[65:]
    for form in (high_s, raw[:64] + b"\x00" + raw[65:], raw[:64] + b"\x1d" + raw[65:], raw[:65] + b"\x01" * 10):
        error = refusal(alice.send_transaction, {**wire, "signature": "0x" + form.hex()})
        assert error.code in ("malformed_signature", "bad_signature"), error
    check_rule(alice, {**wire, "gasLimit": 1}, "out_of_range")
    check_rule(alice, {**wire, "gasPrice": "1"}, "out_of_range")
    other = world.user(2)
    foreign = other.sign(replace(draft, sender=other.wallet.address_bytes))
    check_rule(alice, {**foreign, "from": alice.wallet.address}, "bad_signature")
    for key in ((0, 1), (1, 1), (0, 0)):
        wire = alice.sign(draft_set_key(alice.wallet.address_bytes, *key, 1))
        assert refusal(alice.send_transaction, wire).code in ("bad_key", "malformed_key")


def test_without_a_signer(world: World, alice: Client) -> None:
    zero, sender = "0x" + "00" * 20, alice.wallet.address
    error = refusal(alice.transport.call, "l2_deposit", zero, "5", {"from": sender})
    assert error.code == "signer_required"
    assert error.data["transaction"] == {
        "to": alice.rollup, "value": "5", "from": sender, "chainId": 31337,
        "data": "0x2d2da806" + "00" * 12 + sender[2:].lower(),
    }  # fmt: skip
    error = refusal(alice.transport.call, "l2_withdraw", zero, "5", {"from": sender})
    assert error.code == "signer_required"
    assert error.data["transaction"]["message"].startswith("0x")
    assert error.data["transaction"]["nonce"] == 1
    for method in ("l2_deposit", "l2_withdraw"):
        assert refusal(alice.transport.call, method, zero, "5").code == "signer_required"
        assert refusal(alice.transport.call, method, zero, "0").code == "zero_amount"
        assert refusal(alice.transport.call, method, "0x" + "ab" * 20, "5").code == "unknown_token"


def test_long_batches_of_calls_and_large_bodies(world: World) -> None:
    call = b'{"jsonrpc":"2.0","id":1,"method":"l2_getTokens"}'
    assert post(world, b"[" + b",".join([call] * 1001) + b"]")["error"]["data"]["name"] == "too_large"
    assert len(post(world, b"[" + b",".join([call] * 1000) + b"]")) == 1000
    assert post(world, b"[" * 9 + b"]" * 9)["error"]["data"]["name"] == "too_deep"
    assert post(world, b" " * ((1 << 20) + 1))["error"]["data"]["name"] == "too_large"
    wire = good(world, data="0x" + "00" * 2500)
    body = {"jsonrpc": "2.0", "id": 1, "method": "l2_sendTransaction", "params": [wire]}
    assert post(world, json.dumps(body).encode())["error"]["data"]["name"] == "too_large"
