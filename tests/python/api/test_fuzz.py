"""Random and mutated requests: an answer always comes, is JSON-RPC, never an internal error, and names its reason."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from l2rollup.api import rest
from l2rollup.api.limits import Limits
from l2rollup.api.methods import METHODS
from l2rollup.api.rpc import Rpc
from l2rollup.errors import CODES, Malformed, NotFound

INTERNAL = CODES["internal_error"]
ADDRESS = "0x" + "11" * 20


class Nothing:
    """A node that knows nothing: whatever passes the parser is not found."""

    def __getattr__(self, name: str) -> Any:
        def refuse(*_: Any, **__: Any) -> Any:
            raise NotFound("nothing here", expected="something", got=name)

        return refuse


NOTHING = Nothing()
NODE = SimpleNamespace(submit=NOTHING, queries=NOTHING, held=NOTHING, openings=NOTHING)
RPC = Rpc(NODE, Limits(body=10_000))  # type: ignore[arg-type]

leaves = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
    | st.sampled_from([ADDRESS, "0x" + "22" * 32, "0x", "5", "-5", "1_0", "0x1", "pending", "٣"])
)  # fmt: skip
values = st.recursive(leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner))
methods = st.sampled_from([*METHODS, "l2_nothing", "", "eth_call"])
versions = st.sampled_from(["2.0", "2.0", "2.0", "1.0"])
calls = st.fixed_dictionaries(
    {"jsonrpc": versions, "method": methods | leaves, "params": values | st.lists(values, max_size=4)},
    optional={"id": leaves, "extra": leaves},
)


def check(answer: bytes | None) -> None:
    if answer is None:
        return
    entries = json.loads(answer)
    for entry in entries if isinstance(entries, list) else [entries]:
        assert entry["jsonrpc"] == "2.0"
        assert "error" in entry, entry
        assert entry["error"]["code"] != INTERNAL, entry
        assert entry["error"]["message"]
        assert entry["error"]["data"]["expected"], entry
        assert entry["error"]["data"]["got"], entry
        assert len(json.dumps(entry)) < 2000


@settings(max_examples=150, deadline=None)
@given(calls | st.lists(calls, min_size=1, max_size=4) | values)
def test_any_json(request: Any) -> None:
    check(RPC.handle(json.dumps(request).encode()))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes(body: bytes) -> None:
    check(RPC.handle(body))


@settings(max_examples=150, deadline=None)
@given(methods, st.integers(0, 400), st.binary(max_size=3))
def test_damaged_calls(method: str, at: int, damage: bytes) -> None:
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": [ADDRESS, "5", {"from": ADDRESS}]})
    raw = body.encode()
    check(RPC.handle(raw[:at] + damage + raw[at + len(damage) :]))


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(["GET", "POST", "PUT"]), st.text(max_size=60), st.binary(max_size=60))
def test_any_rest_request(method: str, path: str, body: bytes) -> None:
    try:
        call = rest.to_call(method, rest.PREFIX + path, body)
    except Malformed:
        return
    if call is not None:
        status, answer = rest.answer(RPC, call)
        assert status in (400, 404, 409, 413)
        assert json.loads(answer)["error"]["code"] != INTERNAL


@pytest.mark.parametrize("method", list(METHODS))
def test_no_parameter_of_any_method_is_taken_as_something_else(method: str) -> None:
    for value in (None, True, 1.5, -1, 10**30, "", " ", "\x00", [], {}, [[]], {"from": None}, "0x" + "11" * 19):
        for count in range(1, 5):
            call = {"jsonrpc": "2.0", "id": 1, "method": method, "params": [value] * count}
            check(RPC.handle(json.dumps(call).encode()))
