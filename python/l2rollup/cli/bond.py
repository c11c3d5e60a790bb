"""`l2rollup bond`: the sequencer's bond and role, and challenges. One call of the contract of bonds a command.

What it is not: the detection of offences; `l2rollup watch` does that.
"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from l2rollup.cli.exit import RequiredL1
from l2rollup.cli.options import AsJson, DevAccount, PasswordFile, Rollup, WalletName, open_wallet
from l2rollup.cli.output import Output
from l2rollup.l1 import L1Client, RollupContract, Sender
from l2rollup.l1.bonds import BondsContract, find_bonds
from l2rollup.types import parse_address, parse_amount, to_address

app = typer.Typer(name="bond", no_args_is_help=True, help="The sequencer's bond, its role, and challenges.")
Wei = Annotated[str, typer.Argument(metavar="WEI", help="Amount in wei, decimal digits.")]
WINDOWS = ("minimumBond", "challengeBond", "filingBond", "openingWindow", "claimWindow", "unbondingDelay")


@app.command()
def show(l1: RequiredL1, rollup: Rollup, as_json: AsJson = False) -> None:
    """Show the bond, what is leaving it, the role, and what is disputed."""
    bonds = find_bonds(L1Client(l1), rollup)
    owner, amount, available = bonds.view("unbonding")
    batch, challenger, deadline = bonds.view("challenge")
    cases, receipts, _ = bonds.view("disputes")
    Output(as_json).emit({
        "bonds": bonds.address, "sequencer": bonds.view("sequencer"), "bond": str(bonds.view("bondOf")),
        "unbonding": {"owner": owner, "amount": str(amount), "availableAt": available} if amount else None,
        "challenge": {"batchId": batch, "challenger": challenger, "deadline": deadline} if batch else None,
        "openCases": cases, "openReceipts": receipts, "cases": bonds.view("caseCount"),
        **{name: str(bonds.view(name)) for name in WINDOWS},
    })  # fmt: skip


@app.command()
def add(
    amount: Wei, l1: RequiredL1, rollup: Rollup, wallet: WalletName = None, dev: DevAccount = None,
    password_file: PasswordFile = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Add to the bond. It is the sequencer's from then on, whoever adds it."""
    who = open_wallet(wallet, dev, password_file).export_ethereum_key()
    _send(as_json, l1, rollup, who, "addBond", value=parse_amount(amount))


@app.command()
def unbond(
    amount: Wei, l1: RequiredL1, rollup: Rollup, wallet: WalletName = None, dev: DevAccount = None,
    password_file: PasswordFile = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Start to take an amount out of the bond; what was started before waits again as well."""
    who = open_wallet(wallet, dev, password_file).export_ethereum_key()
    _send(as_json, l1, rollup, who, "startUnbonding", parse_amount(amount))


@app.command()
def finish(
    l1: RequiredL1, rollup: Rollup, wallet: WalletName = None, dev: DevAccount = None,
    password_file: PasswordFile = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Credit what has waited long enough to who started it."""
    _send(as_json, l1, rollup, open_wallet(wallet, dev, password_file).export_ethereum_key(), "finishUnbonding")


@app.command()
def withdraw(
    l1: RequiredL1, rollup: Rollup,
    to: Annotated[str | None, typer.Option("--to", help="Address paid; default: your own.")] = None,
    wallet: WalletName = None, dev: DevAccount = None, password_file: PasswordFile = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Take everything that the account is owed: unbonded, rewards, covers, stakes."""
    opened = open_wallet(wallet, dev, password_file)
    target = to_address(parse_address(to or opened.address, what="to"))
    _send(as_json, l1, rollup, opened.export_ethereum_key(), "withdraw", target)


@app.command()
def offer(
    to: Annotated[str, typer.Argument(help="Account that may take the role; the zero address takes an offer back.")],
    l1: RequiredL1, rollup: Rollup, wallet: WalletName = None, dev: DevAccount = None,
    password_file: PasswordFile = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Offer the sequencer's role to another account."""
    who = open_wallet(wallet, dev, password_file).export_ethereum_key()
    _send(as_json, l1, rollup, who, "offerSequencer", to_address(parse_address(to, what="to")))


@app.command()
def accept(
    l1: RequiredL1, rollup: Rollup, wallet: WalletName = None, dev: DevAccount = None,
    password_file: PasswordFile = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Take the role that was offered, and with it the bond and what earlier keys signed."""
    _send(as_json, l1, rollup, open_wallet(wallet, dev, password_file).export_ethereum_key(), "acceptSequencer")


@app.command()
def challenge(
    l1: RequiredL1, rollup: Rollup,
    batch: Annotated[int | None, typer.Option("--batch", min=1, help="Default: the oldest unproven one.")] = None,
    wallet: WalletName = None, dev: DevAccount = None, password_file: PasswordFile = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Stake the challenge bond on the oldest unproven batch not being proven in time."""
    client = L1Client(l1)
    stake = int(find_bonds(client, rollup).view("challengeBond"))
    number = batch or RollupContract(client, rollup).finalized() + 1
    who = open_wallet(wallet, dev, password_file).export_ethereum_key()
    _send(as_json, l1, rollup, who, "challengeBatch", number, value=stake)


@app.command()
def revert(
    l1: RequiredL1, rollup: Rollup, wallet: WalletName = None, dev: DevAccount = None,
    password_file: PasswordFile = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Take batches back whose challenge was not answered. Anyone may; stake and reward are the challenger's."""
    _send(as_json, l1, rollup, open_wallet(wallet, dev, password_file).export_ethereum_key(), "revertBatches")


def _send(as_json: bool, l1: str, rollup: str, key: str, call: str, *values: Any, value: int = 0) -> None:
    """Sends one call and says what it did."""
    output, client = Output(as_json), L1Client(l1)
    bonds: BondsContract = find_bonds(client, rollup)
    with output.step(call):
        receipt = bonds.transact(Sender(client, key), call, *values, value=value)
    output.emit({
        "call": call, "l1TxHash": receipt.hash, "gas": receipt.gas_used, "bond": str(bonds.view("bondOf")),
    })  # fmt: skip
