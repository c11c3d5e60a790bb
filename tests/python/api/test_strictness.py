"""Malformed requests: each has its own code, says what was expected and what came, and changes nothing."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from l2rollup.api.limits import Limits, check_depth
from l2rollup.api.methods import METHODS
from l2rollup.api.rpc import Rpc
from l2rollup.api.server import Server
from l2rollup.errors import CODES, Malformed, Refused, SignerRequired

ADDRESS = "0x" + "11" * 20
HASH = "0x" + "22" * 32
MIXED = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"


class Recorder:
    """Stands for the node: notes what reaches it, so that a test can say nothing did."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []

    def __getattr__(self, name: str) -> Any:
        def record(*values: Any, **options: Any) -> Any:
            self.calls.append((name, values, options))
            if name == "deposit":
                raise SignerRequired("no key", {"to": ADDRESS})
            if name == "batch_status":
                raise Refused("no", expected="a", got="b", code="not_found")
            if name == "health":
                return {"status": "ok", "stages": {}}
            return b"\1" * 32 if name in ("send", "batch_proof") else 7

        return record


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def rpc(recorder: Recorder) -> Rpc:
    parts = dict.fromkeys(("submit", "queries", "held", "openings"), recorder)
    node = SimpleNamespace(**parts, config=SimpleNamespace(api_port=0))
    return Rpc(node, Limits(body=20_000, depth=8, batch=10))  # type: ignore[arg-type]


def ask(rpc: Rpc, body: str | bytes | dict[str, Any] | list[Any]) -> Any:
    raw = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    answer = rpc.handle(raw)
    return None if answer is None else json.loads(answer)


def call(method: str, *params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}


PROTOCOL = [
    ("", "parse_error"),
    ("{", "parse_error"),
    ("{'a': 1}", "parse_error"),
    ('{"jsonrpc":"2.0","id":1,"method":"l2_chainInfo"} x', "parse_error"),
    (b'{"jsonrpc":"2.0","id":1,"method":"\xff"}', "parse_error"),
    ('{"jsonrpc":"2.0","id":1,"method":"l2_chainInfo","params":[NaN]}', "parse_error"),
    ('{"jsonrpc":"2.0","id":1,"method":"l2_getBatchStatus","params":[' + "9" * 5000 + "]}", "parse_error"),
    ('{"a": "' + "[" * 9, "parse_error"),
    ("7", "invalid_request"),
    ("null", "invalid_request"),
    ('"x"', "invalid_request"),
    ("[]", "invalid_request"),
    ("{}", "invalid_request"),
    ('{"jsonrpc":"1.0","id":1,"method":"l2_chainInfo"}', "invalid_request"),
    ('{"jsonrpc":2.0,"id":1,"method":"l2_chainInfo"}', "invalid_request"),
    ('{"jsonrpc":"2.0","id":1.5,"method":"l2_chainInfo"}', "invalid_request"),
    ('{"jsonrpc":"2.0","id":true,"method":"l2_chainInfo"}', "invalid_request"),
    ('{"jsonrpc":"2.0","id":[1],"method":"l2_chainInfo"}', "invalid_request"),
    ('{"jsonrpc":"2.0","id":1,"method":7}', "invalid_request"),
    ('{"jsonrpc":"2.0","id":1}', "invalid_request"),
    ('{"jsonrpc":"2.0","id":1,"method":"l2_chainInfo","extra":1}', "invalid_request"),
    ('{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}', "method_not_found"),
    ('{"jsonrpc":"2.0","id":1,"method":"l2_chaininfo"}', "method_not_found"),
    ('{"jsonrpc":"2.0","id":1,"method":"l2_chainInfo","params":{"a":1}}', "invalid_params"),
    ('{"jsonrpc":"2.0","id":1,"method":"l2_chainInfo","params":null}', "invalid_params"),
    ("[" * 9 + "]" * 9, "too_deep"),
    ('{"a":' * 9 + "1" + "}" * 9, "too_deep"),
    ("[" + ",".join(["1"] * 11) + "]", "too_large"),
    (b'"' + b"x" * 20_000 + b'"', "too_large"),
]

PARAMS = [
    (("l2_getAccountBalance",), "invalid_params"),
    (("l2_getAccountBalance", ADDRESS, ADDRESS, 1), "invalid_params"),
    (("l2_getAccountBalance", 7), "malformed_address"),
    (("l2_getAccountBalance", ADDRESS[2:]), "malformed_address"),
    (("l2_getAccountBalance", ADDRESS + "00"), "malformed_address"),
    (("l2_getAccountBalance", "0x" + "1g" * 20), "malformed_address"),
    (("l2_getAccountBalance", MIXED.replace("F", "f", 1)), "malformed_address"),
    (("l2_getAccountBalance", MIXED.upper().replace("X", "x")), "malformed_address"),
    (("l2_getAccountBalance", " " + ADDRESS[1:]), "malformed_address"),
    (("l2_getAccountBalance", ADDRESS, 0), "malformed_address"),
    (("l2_getAccountNonce", ADDRESS, "latest"), "invalid_params"),
    (("l2_getTransactionStatus", "0x" + "22" * 31), "malformed_hex"),
    (("l2_getTransactionStatus", "22" * 32), "malformed_hex"),
    (("l2_getTransactionStatus", None), "malformed_hex"),
    (("l2_getBatchStatus", "1"), "not_an_integer"),
    (("l2_getBatchStatus", 1.0), "not_an_integer"),
    (("l2_getBatchStatus", 1e3), "not_an_integer"),
    (("l2_getBatchStatus", True), "not_an_integer"),
    (("l2_getBatchStatus", None), "not_an_integer"),
    (("l2_getBatchStatus", -1), "out_of_range"),
    (("l2_getBatchStatus", 1 << 63), "out_of_range"),
    (("l2_getBatchProof", [1]), "not_an_integer"),
    (("l2_getBatches", -1), "out_of_range"),
    (("l2_getBatchStatus", 10**40), "out_of_range"),
    (("l2_deposit", ADDRESS), "invalid_params"),
    (("l2_deposit", ADDRESS, 5), "not_an_integer"),
    (("l2_deposit", ADDRESS, "-5"), "not_an_integer"),
    (("l2_deposit", ADDRESS, "+5"), "not_an_integer"),
    (("l2_deposit", ADDRESS, "0x5"), "not_an_integer"),
    (("l2_deposit", ADDRESS, "5.0"), "not_an_integer"),
    (("l2_deposit", ADDRESS, "5e3"), "not_an_integer"),
    (("l2_deposit", ADDRESS, "1_000"), "not_an_integer"),
    (("l2_deposit", ADDRESS, " 5"), "not_an_integer"),
    (("l2_deposit", ADDRESS, "05"), "not_an_integer"),
    (("l2_deposit", ADDRESS, ""), "not_an_integer"),
    (("l2_deposit", ADDRESS, "٥"), "not_an_integer"),
    (("l2_deposit", ADDRESS, str(1 << 128)), "out_of_range"),
    (("l2_deposit", ADDRESS, "9" * 5000), "out_of_range"),
    (("l2_withdraw", ADDRESS, "5", {"From": ADDRESS}), "unknown_field"),
    (("l2_withdraw", ADDRESS, "5", {"from": 1}), "malformed_address"),
    (("l2_withdraw", ADDRESS, "5", ADDRESS), "invalid_params"),
    (("l2_verifyState", HASH), "invalid_params"),
    (("l2_verifyState", HASH, "0x123"), "malformed_hex"),
    (("l2_sendTransaction",), "invalid_params"),
    (("l2_sendTransaction", {}, {"chainId": "1"}), "not_an_integer"),
    (("l2_sendTransaction", {}, {"chainid": 1}), "unknown_field"),
    (("l2_chainInfo", 1), "invalid_params"),
]


@pytest.mark.parametrize(("body", "code"), PROTOCOL)
def test_protocol(rpc: Rpc, recorder: Recorder, body: str | bytes, code: str) -> None:
    answer = ask(rpc, body)
    assert (answer["error"]["code"], answer["error"]["data"]["name"]) == (CODES[code], code), answer
    assert "result" not in answer
    assert answer["jsonrpc"] == "2.0"
    assert answer["error"]["data"]["expected"]
    assert answer["error"]["data"]["got"]
    assert recorder.calls == []


@pytest.mark.parametrize(("values", "code"), PARAMS, ids=[f"{p[0][0]}-{i}" for i, p in enumerate(PARAMS)])
def test_params(rpc: Rpc, recorder: Recorder, values: tuple[Any, ...], code: str) -> None:
    answer = ask(rpc, call(*values))
    assert answer["id"] == 1
    assert answer["error"]["code"] == CODES[code], answer
    assert answer["error"]["data"]["expected"]
    assert answer["error"]["data"]["got"]
    assert len(json.dumps(answer)) < 600
    assert recorder.calls == []


def test_error_numbers_are_distinct() -> None:
    assert len(set(CODES.values())) == len(CODES)


def test_the_specification_lists_every_method_and_every_error() -> None:
    text = (Path(__file__).parents[3] / "docs" / "spec" / "api.md").read_text()
    assert [name for name in METHODS if f"| {name} |" not in text] == []
    assert [name for name in CODES if not re.search(rf"\b{name}\b", text) and name != "unknown_fault"] == []
    assert [n for n in re.findall(r"\bl2_\w+", text) if n not in METHODS] == []


def test_every_seed_method_exists() -> None:
    seed = (
        "sendTransaction getTransactionStatus getAccountBalance getAccountNonce deposit withdraw getBatchStatus "
        "getBatchProof verifyState"
    )
    assert {f"l2_{name}" for name in seed.split()} <= set(METHODS)


def test_raw_bytes_of_a_transaction_reach_the_node(rpc: Rpc, recorder: Recorder) -> None:
    body = '{"jsonrpc":"2.0","id":"a","method":"l2_sendTransaction","params":[ {"nonce": 1.0, "x":"\\u0041"} ]}'
    assert ask(rpc, body) == {"jsonrpc": "2.0", "id": "a", "result": "0x" + "01" * 32}
    assert recorder.calls == [("send", (b'{"nonce": 1.0, "x":"\\u0041"}', None), {})]


def test_batches_notifications_and_ids(rpc: Rpc) -> None:
    good = call("l2_getAccountNonce", ADDRESS)
    answers = ask(rpc, [good, 1, {**good, "id": None}, {k: v for k, v in good.items() if k != "id"}])
    assert [entry.get("result") for entry in answers] == [7, None, 7]
    assert answers[1]["error"]["code"] == -32600
    assert ask(rpc, {k: v for k, v in good.items() if k != "id"}) is None
    assert ask(rpc, [{"jsonrpc": "2.0", "method": "no"}]) is None


def test_answers_of_a_batch_are_bounded(recorder: Recorder) -> None:
    parts = dict.fromkeys(("submit", "queries", "held", "openings"), recorder)
    node = SimpleNamespace(**parts, config=SimpleNamespace(api_port=0))
    rpc = Rpc(node, Limits(answers=100))  # type: ignore[arg-type]
    answers = ask(rpc, [call("l2_getAccountNonce", ADDRESS)] * 10)
    made = [entry for entry in answers if "result" in entry]
    assert len(answers) == 10
    assert 0 < len(made) == len(recorder.calls) < 5
    assert {entry["error"]["data"]["name"] for entry in answers if "error" in entry} == {"too_large"}


def test_refusals_of_the_node_keep_code_and_details(rpc: Rpc) -> None:
    error = ask(rpc, call("l2_getBatchStatus", 1))["error"]
    assert error == {"code": 1300, "message": "no", "data": {"name": "not_found", "expected": "a", "got": "b"}}
    error = ask(rpc, call("l2_deposit", ADDRESS, "5"))["error"]
    assert error["code"] == CODES["signer_required"]
    assert error["data"]["transaction"] == {"to": ADDRESS}


def test_depth_ignores_brackets_in_strings() -> None:
    check_depth(b'["[[[[[[[[[\\"[[["]', 1)
    with pytest.raises(Malformed):
        check_depth(b'["\\\\",[', 1)


@pytest.fixture
def server(recorder: Recorder, tmp_path: Path) -> Iterator[Server]:
    config = SimpleNamespace(held_keys={ADDRESS: ("0x", "0x")})
    node = SimpleNamespace(submit=recorder, queries=recorder, held=recorder, config=config)
    with Server(node, host="127.0.0.1", port=0, limits=Limits(body=1000)) as server:  # type: ignore[arg-type]
        yield server


def test_over_http(server: Server) -> None:
    def send(method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=5)
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return response.status, response.read()

    status, body = send("POST", "/", json.dumps(call("l2_getAccountNonce", ADDRESS)).encode())
    assert (status, json.loads(body)["result"]) == (200, 7)
    assert send("GET", "/")[0] == 405
    assert send("GET", "/nothing")[0] == 404
    assert send("GET", "/health")[0] == 200
    status, body = send("POST", "/", b" " * 1001)
    assert status == 413
    assert json.loads(body)["error"]["data"]["name"] == "too_large"
    notification = b'{"jsonrpc":"2.0","method":"l2_getAccountNonce","params":["%s"]}' % ADDRESS.encode()
    assert send("POST", "/", notification) == (204, b"")
    call_ = json.dumps(call("l2_getAccountNonce", ADDRESS)).encode()
    assert send("POST", "/", call_, Origin="http://localhost:3000")[0] == 200
    for origin in ("https://example.org", "null", "http://localhost.example.org", "http://127.0.0.1.example.org", "http://["):
        assert send("POST", "/", call_, Origin=origin)[0] == 403
        assert send("GET", f"/v1/getAccountNonce/{ADDRESS}", Origin=origin)[0] == 403
