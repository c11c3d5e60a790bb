"""`l2rollup bench gas`: what every L1 call costs, measured on a live L1 with real proofs. One record.

Each figure is the gas that receipts say, 21,000 and calldata included; of several calls the median, and the largest
beside it. contracts/snapshots holds the same calls as forge sees them. What it is not: an estimate; what was not
measured is null.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median_low
from typing import Any

from l2rollup import native
from l2rollup.cli.devnet import FunderKey, L1Choice
from l2rollup.cli.options import AsJson
from l2rollup.cli.output import Output
from l2rollup.cli.stack import Stack, StackOptions, open_stack
from l2rollup.errors import L2Error
from l2rollup.node import LastState
from l2rollup.types import ZERO_ADDRESS, to_address

ETH = bytes(20)
REPEATS = 8
"""Requests of each kind: all of a kind cost the same."""
UNITS = 10**9
FRESH = [bytes([0xF5, i]) * 10 for i in range(17)]
"""Accounts that L1 has never seen: the first leaves alone, the others, with two balances each, together."""


def gas(l1: L1Choice = "auto", funder_key: FunderKey = None, as_json: AsJson = False) -> None:
    """Measure the gas of every L1 call on a rollup deployed for it, real proofs included."""
    output = Output(as_json)
    with tempfile.TemporaryDirectory(prefix="l2rollup-gas-") as folder:
        options = StackOptions(folder=Path(folder), l1=l1, users=2, batch_age=1.0, funder_key=funder_key)
        with open_stack(options, output) as stack:
            used: dict[str, list[int]] = {}
            with output.step(f"{REPEATS} deposits of each kind, two forced exits"):
                measure_requests(stack, used)
            with output.step("a withdrawal, proven and claimed; a transfer") as report:
                measure_batches(stack, used, lambda text: report(text, None))
            if stack.chain.kind == "anvil":  # the one L1 here on which time can be moved
                with output.step("time passes, escape, two exits by path, a refund"):
                    measure_escape(stack, used)
            output.emit(describe(stack, used))


def measure_requests(stack: Stack, used: dict[str, list[int]]) -> None:
    """Deposits by user 1, for its own account, and forced exits by user 2, which are served."""
    user, token = stack.bridge(1), bytes.fromhex(stack.token[2:])
    stack.user(1).register_key()
    for _ in range(REPEATS):
        used.setdefault("deposit_eth", []).append(user.deposit(ETH, UNITS).gas_used)
        used.setdefault("deposit_erc20", []).append(user.deposit(token, UNITS).gas_used)
    for account in FRESH:
        user.deposit(ETH, UNITS, account)
        user.deposit(token, UNITS, account)
    for _ in range(2):
        used.setdefault("request_forced_exit", []).append(stack.bridge(2).request_forced_exit(ETH).gas_used)


def measure_batches(stack: Stack, used: dict[str, list[int]], report: Callable[[str], None]) -> None:
    """Withdraws, waits for the proof, claims; transfers, for a batch without operations; reads what batches cost."""
    client = stack.user(1)
    client.wait_credited(client.deposit(ZERO_ADDRESS, str(10**15)))
    hash_ = client.withdraw(ZERO_ADDRESS, str(UNITS))
    report("waiting for the proof")
    client.wait(hash_, "claimable", timeout=600)
    receipt = stack.client.wait(client.claim(hash_))
    used["initiate_withdrawal"] = [receipt.gas_used]
    client.wait(client.transfer(to_address(stack.wallets[2].address_bytes), str(UNITS)), "settled", timeout=600)
    for batch in client.get_batches(1, 100):
        beside = measure_beside_data(stack, batch)
        if beside:
            used.setdefault("commit_batch_beside_data", []).append(beside)
        for name, key in (("commit_batch", "commitGas"), ("finalize_batch", "gas")):
            spent = batch["l1"].get(key)
            if spent:
                used.setdefault(name, []).append(int(spent))


def measure_beside_data(stack: Stack, batch: dict[str, Any]) -> int | None:
    """Gas of the commit of a batch without operations, less the calldata of its stream (EIP-2028)."""
    hash_ = batch["l1"].get("commitTx")
    if not hash_ or batch["operations"]:
        return None
    _, transactions, _ = stack.contract.read_commit(hash_)
    return int(batch["l1"]["commitGas"]) - sum(16 if byte else 4 for byte in transactions)


def measure_escape(stack: Stack, used: dict[str, list[int]]) -> None:
    """Opens escape by time travel (anvil only), leaves with ETH and a token, takes a stranded deposit back."""
    user, number = stack.bridge(1), stack.wallets[1].address_bytes
    opens = int(stack.contract.view("escapeOpensAt"))
    stack.client.request("evm_setNextBlockTimestamp", [opens])
    stranded = user.deposit(ETH, UNITS)
    used["activate_escape"] = [user.activate_escape().gas_used]
    state = LastState(stack.client, stack.contract.address, native.load().Engine)
    state.rebuild()
    measure_proofs(stack, state, used)
    for holding in state.holdings(number):
        name = "exit_path" if holding.token == ETH else "exit_path_token"
        used[name] = [user.force_exit(state.prove(number, holding.index), holding.token).gas_used]
    for entry in state.deposits(number):
        receipt = user.refund_deposit(entry.index, entry.token, entry.amount, entry.recipient, entry.depositor)
        used.setdefault("refund_deposit", []).append(receipt.gas_used)
    if not stranded.success or "exit_path" not in used:
        raise L2Error("escape paid nothing", expected="exits", got=str(sorted(used)))


def measure_proofs(stack: Stack, state: LastState, used: dict[str, list[int]]) -> None:
    """One balance by a proof of its own, then 32 of others by one proof: gas of the whole, and an account's share."""
    user, alone, *others = stack.bridge(1), *FRESH
    used["exit_proof"] = [user.force_exit(state.prove_many([(alone, 0)]), ETH).gas_used]
    token = int(stack.contract.view("tokenIndex", stack.token))
    wanted = [(account, index) for account in others for index in (0, token)]
    used["exit_aggregated_32"] = [user.force_exits(state.prove_many(wanted)).gas_used // len(wanted)]


def describe(stack: Stack, used: dict[str, list[int]]) -> dict[str, Any]:
    """Returns the record: medians by call, the largest, null for what is not built or was not measured."""
    names = (
        "exit_path", "exit_path_token", "exit_proof", "exit_aggregated_32", "initiate_withdrawal", "deposit_eth",
        "deposit_erc20", "commit_batch", "commit_batch_beside_data", "finalize_batch", "request_forced_exit",
        "activate_escape", "refund_deposit",
    )  # fmt: skip
    return {
        "l1": stack.chain.kind, **{name: median_low(used[name]) if name in used else None for name in names},
        "largest": {name: max(values) for name, values in sorted(used.items())},
        "calls": {name: len(values) for name, values in sorted(used.items())},
    }  # fmt: skip
