"""The command: runs the stages in order, measures them, prints the table and the record."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from l2rollup.cli.clock import Clock
from l2rollup.cli.demo.attacks import hold_settlement, run_attacks
from l2rollup.cli.demo.measure import measure
from l2rollup.cli.demo.rebuild import compare, reconstruct
from l2rollup.cli.demo.record import DemoRecord, make_tables
from l2rollup.cli.demo.scenario import Scenario
from l2rollup.cli.demo.settlement import settle_all
from l2rollup.cli.devnet import FunderKey, L1Choice, L1Port, Port, print_accounts, wait_for_interrupt
from l2rollup.cli.options import AsJson
from l2rollup.cli.output import Output
from l2rollup.cli.stack import Stack, StackOptions, open_stack

BATCH_AGE_SECONDS = 20.0


def demo(
    l1: L1Choice = "auto", port: Port = 0, l1_port: L1Port = 0,
    keep: Annotated[bool, typer.Option("--keep", help="Leave everything up until Ctrl-C.")] = False,
    funder_key: FunderKey = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Run the whole rollup once: deposit, sign, sequence, batch, prove, settle, withdraw, attack, rebuild."""
    output = Output(as_json)
    clock = Clock()
    with tempfile.TemporaryDirectory(prefix="l2rollup-demo-") as folder:
        options = StackOptions(
            folder=Path(folder), l1=l1, l1_port=l1_port, api_port=port, batch_age=BATCH_AGE_SECONDS,
            funder_key=funder_key,
        )  # fmt: skip
        with open_stack(options, output, clock) as stack:
            print_accounts(output, stack)
            record = play(stack, output, clock)
            for table in make_tables(record):
                output.show(table)
            if as_json:
                output.emit(record.to_json())
            else:
                output.say(f"All of it in {clock.total():.0f} s. The record as JSON: l2rollup demo --json")
            if keep:
                wait_for_interrupt(output)


def play(stack: Stack, output: Output, clock: Clock) -> DemoRecord:
    """Plays the scenario on a running stack; returns the record."""
    scenario = Scenario(stack)
    client = scenario.clients[1]
    with hold_settlement(stack):
        with clock.stage("deposit"), output.step("keys registered, ETH and tokens deposited and credited") as report:
            scenario.deposit(report)
        with clock.stage("send"), output.step("transactions signed, sent and confirmed"):
            scenario.send_mixed()
            scenario.send_plain()
        with clock.stage("receipts"), output.step("receipts checked") as report:
            scenario.check_receipts(report)
            scenario.check_special()
        with clock.stage("prove"), output.step("two batches proven; three attacks mined and refused") as report:
            refused = run_attacks(stack, client, report)
    with clock.stage("claim"), output.step("withdrawal settled and claimed on L1"):
        client.wait(scenario.ledger.withdrawal, "claimable", timeout=600)
        withdraw_tx = scenario.claim()
    with clock.stage("settle"), output.step("all batches proven, verified and finalised on L1") as report:
        settle_all(stack, scenario, report)
    with clock.stage("reconstruct"), output.step("state rebuilt from L1 data in a fresh process"):
        rebuilt_root = compare(stack, reconstruct(stack))
    return measure(stack, scenario, clock, refused, withdraw_tx, rebuilt_root)
