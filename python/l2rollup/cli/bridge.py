"""`l2rollup bridge`: value in and out. Deposits, key registration, withdrawals and their claims."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from l2rollup.cli.options import (
    DEFAULT_NODE,
    NATIVE_TOKEN,
    Amount,
    AsJson,
    DevAccount,
    L1Url,
    NodeUrl,
    PasswordFile,
    Token,
    WalletName,
    open_client,
)
from l2rollup.cli.output import Output
from l2rollup.cli.tx import Hash, Timeout, Wait, follow
from l2rollup.client import Client

app = typer.Typer(name="bridge", no_args_is_help=True, help="Value in and out.")


@app.command()
def deposit(
    amount: Amount, token: Token = NATIVE_TOKEN,
    recipient: Annotated[str | None, typer.Option("--recipient", help="Account credited; default: your own.")] = None,
    wait: Annotated[bool, typer.Option(help="Wait until it is credited on L2.")] = True, timeout: Timeout = 120.0,
    node: NodeUrl = DEFAULT_NODE, l1: L1Url = None, wallet: WalletName = None, dev: DevAccount = None,
    password_file: PasswordFile = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Deposit ETH or a registered ERC-20 (approving it when needed)."""
    output = Output(as_json)
    client = open_client(node, wallet=wallet, dev=dev, password_file=password_file, l1_url=l1)
    with output.step("deposit on L1"):
        hash_ = client.deposit(token, amount, recipient=recipient)
    output.emit(_credit(output, client, hash_, timeout) if wait else {"l1TxHash": hash_})


@app.command("register-key")
def register_key(
    wait: Annotated[bool, typer.Option(help="Wait until it holds on L2.")] = True, timeout: Timeout = 120.0,
    node: NodeUrl = DEFAULT_NODE, l1: L1Url = None, wallet: WalletName = None, dev: DevAccount = None,
    password_file: PasswordFile = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Register the wallet's L2 key through L1; makes the account when there is none."""
    output = Output(as_json)
    client = open_client(node, wallet=wallet, dev=dev, password_file=password_file, l1_url=l1)
    with output.step("registration on L1"):
        hash_ = client.register_key()
    output.emit(_credit(output, client, hash_, timeout) if wait else {"l1TxHash": hash_})


@app.command()
def withdraw(
    amount: Amount, token: Token = NATIVE_TOKEN,
    recipient: Annotated[str | None, typer.Option("--recipient", help="L1 address paid; default: your own.")] = None,
    wait: Wait = "confirmed", timeout: Timeout = 120.0, node: NodeUrl = DEFAULT_NODE, wallet: WalletName = None,
    dev: DevAccount = None, password_file: PasswordFile = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Withdraw to L1; once claimable, `bridge claim` pays it out."""
    output = Output(as_json)
    client = open_client(node, wallet=wallet, dev=dev, password_file=password_file)
    output.emit(follow(output, client, client.withdraw(token, amount, recipient=recipient), wait, timeout))


@app.command()
def claim(
    hash_: Hash, node: NodeUrl = DEFAULT_NODE, l1: L1Url = None, wallet: WalletName = None, dev: DevAccount = None,
    password_file: PasswordFile = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Claim a settled withdrawal on L1; anyone may, the value goes to its recipient."""
    output = Output(as_json)
    client = open_client(node, wallet=wallet, dev=dev, password_file=password_file, l1_url=l1)
    with output.step("claim on L1"):
        l1_hash = client.claim(hash_)
    output.emit({"hash": hash_, "l1TxHash": l1_hash})


def _credit(output: Output, client: Client, hash_: str, timeout: float) -> dict[str, Any]:
    """Waits until the node has credited an L1 request; returns its status."""
    with output.step("waiting until the node credits it") as report:
        report(hash_, None)
        record = client.wait_credited(hash_, timeout=timeout)
    return {**record, "l1TxHash": hash_}
