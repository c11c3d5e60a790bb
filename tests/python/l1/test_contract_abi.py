"""The binding's signatures equal the compiled contract's ABI; data contracts hold what was put in."""

from __future__ import annotations

import pytest
from eth_utils.abi import collapse_if_tuple
from l1_chain import Chain

from l2rollup.errors import L1Rejected
from l2rollup.l1.contracts import EVENTS, FUNCTIONS, RollupContract, load_artifact
from l2rollup.l1.deploy import MAX_CODE_BYTES, deploy_data, encode_data_init


def types(arguments: list[dict[str, object]]) -> str:
    return ",".join(str(collapse_if_tuple(argument)) for argument in arguments)


def test_functions_and_events_are_the_contracts() -> None:
    abi = load_artifact("Rollup")["abi"]
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


@pytest.mark.parametrize("size", [0, 1, 255, 256, 20_000, MAX_CODE_BYTES - 1])
def test_data_contracts(chain: Chain, size: int) -> None:
    content = bytes(i % 251 for i in range(size))
    address = deploy_data(chain.sender, content)
    assert chain.client.code(address) == b"\0" + content


def test_data_contract_limit() -> None:
    with pytest.raises(L1Rejected):
        encode_data_init(bytes(MAX_CODE_BYTES))


def test_an_address_that_is_no_rollup_answers_with_an_error_of_ours(chain: Chain) -> None:
    contract = RollupContract(chain.client, chain.embedded.accounts[5].address)
    with pytest.raises(L1Rejected, match="another form"):
        contract.committed()
