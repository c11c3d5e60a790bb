"""The binding's signatures equal the compiled contract's ABI."""

from __future__ import annotations

import pytest
from eth_utils.abi import collapse_if_tuple
from l1_chain import Chain

from l2rollup.errors import L1Rejected
from l2rollup.l1.bonds import EVENTS, FUNCTIONS, find_bonds
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


def test_what_names_no_contract_of_bonds(chain: Chain) -> None:
    with pytest.raises(L1Rejected, match="names no contract of bonds"):
        find_bonds(chain.client, chain.embedded.accounts[5].address)
