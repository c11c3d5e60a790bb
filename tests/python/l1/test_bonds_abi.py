"""The binding's signatures equal the compiled contract's ABI."""

from __future__ import annotations

from eth_utils.abi import collapse_if_tuple

from l2rollup.l1.bonds import EVENTS, FUNCTIONS
from l2rollup.l1.contracts import load_artifact


def types(arguments: list[dict[str, object]]) -> str:
    return ",".join(str(collapse_if_tuple(argument)) for argument in arguments)


def test_functions_and_events_are_the_contracts() -> None:
    abi = load_artifact("Bonds")["abi"]
    functions = {e["name"]: (types(e["inputs"]), types(e["outputs"])) for e in abi if e["type"] == "function"}
    events = {
        e["name"]: (types(e["inputs"]), types([a for a in e["inputs"] if not a["indexed"]]))
        for e in abi
        if e["type"] == "event"
    }
    for name, expected in FUNCTIONS.items():
        assert functions[name][0] == expected[0], name
        assert not expected[1] or functions[name][1] == expected[1], name
    for name, expected in EVENTS.items():
        assert events[name] == expected, name
