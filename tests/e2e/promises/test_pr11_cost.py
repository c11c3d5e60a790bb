"""PR11: what it costs an outsider to force escape on an honest operator is what docs/risks states.

The fee of a forced exit is what the contract's rule gives, and the gas of a request is measured here.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from abandoned_world import ETH, Abandoned

from l2rollup.cli.accounts import make_dev_wallet
from l2rollup.errors import L1Rejected
from l2rollup.l1 import Sender
from l2rollup.l1.contracts import encode_call, explain

RISKS = Path(__file__).parents[3] / "docs/risks/README.md"
MILLION = 10**6
STRANGER = 9  # development account without one on L2
NOBODY = "0x" + "00" * 20


def fee(open_entries: int) -> int:
    """docs/spec/bridge.md, Requests: wei of a forced exit with this many open entries."""
    return min(10**15 * (1 + open_entries // 32), 10**17)


def stated(pattern: str) -> int:
    """A number that docs/risks states."""
    found = re.search(pattern, RISKS.read_text())
    assert found, pattern
    return int(found[1].replace(",", ""))


def test_the_fee_rises_with_what_is_open(undone: Abandoned) -> None:
    contract, stranger = undone.contract, undone.bridge(STRANGER)
    assert int(contract.view("queueLength")) == int(contract.view("queueHead"))
    undone.client.request("anvil_setCoinbase", ["0x" + "c0" * 20])  # tips would go to the zero address
    gas = []
    for number in range(34):
        assert int(contract.view("forcedExitFee")) == fee(number)
        burned = stranger.token_balance(ETH, NOBODY)
        receipt = stranger.request_forced_exit(ETH)
        assert stranger.token_balance(ETH, NOBODY) == burned + fee(number), "nobody earns it"
        gas.append(receipt.gas_used)
    assert sum(gas[:32]) / 32 <= stated(r"a forced exit ([\d,]+) gas"), gas
    payer = Sender(undone.client, make_dev_wallet(STRANGER).export_ethereum_key())
    with pytest.raises(L1Rejected) as cheap:
        payer.transact(undone.rollup, encode_call("requestForcedExit", [ETH]), value=fee(34) - 1)
    assert str(explain(cheap.value).got).startswith("FeeTooLow")


def test_the_cost_stated_is_the_cost(undone: Abandoned) -> None:
    deposits = [undone.bridge(STRANGER).deposit(ETH, 1).gas_used for _ in range(16)]
    assert sum(deposits) / 16 <= stated(r"a deposit ([\d,]+) gas"), deposits
    assert sum(fee(n) for n in range(MILLION)) >= stated(r"costs more than ([\d,]+) ETH in fees") * 10**18
    # by deposits: what the deadline holds at one chunk a second, times the cheapest deposit that was measured
    entries = 16 * int(undone.contract.view("forcedDeadline"))
    cheapest = stated(r"on average and at least ([\d,]+), no fee")
    assert min(deposits) >= cheapest, deposits
    assert entries >= 9.6 * MILLION
    gas = 9.6 * MILLION * cheapest
    assert gas >= stated(r"more than ([\d,]+) million gas") * MILLION
    assert gas / 7 >= stated(r"more than ([\d,]+) ETH a day") * 10**9
