"""`l2rollup devnet`: L1, contracts, node and API, up until Ctrl-C, with funded accounts. For development only."""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path
from typing import Annotated, Any

import typer

from l2rollup.cli.options import AsJson
from l2rollup.cli.output import Output, make_table
from l2rollup.cli.stack import Stack, StackOptions, open_stack
from l2rollup.client import Wallet
from l2rollup.types import ZERO_ADDRESS

ETH_DEPOSIT = 10**18
TOKEN_DEPOSIT = 10**9
L1Choice = Annotated[str, typer.Option("--l1", help="anvil, embedded, auto (anvil if found) or the URL of an L1.")]
Port = Annotated[int, typer.Option("--port", min=0, max=65535, help="Port of the node's API; 0: a free one.")]
L1Port = Annotated[int, typer.Option("--l1-port", min=0, max=65535, help="Port of a local L1; 0: a free one.")]
Folder = Annotated[Path | None, typer.Option("--data-dir", help="Folder of the node; default: a temporary one.")]
FunderKey = Annotated[
    str | None,
    typer.Option(envvar="L2ROLLUP_FUNDER_KEY", show_envvar=True, hidden=True, help="Key that funds accounts on a URL."),
]


def devnet(
    l1: L1Choice = "auto", port: Port = 8545, l1_port: L1Port = 0, data_dir: Folder = None,
    users: Annotated[int, typer.Option("--users", min=1, max=11)] = 8,
    fund: Annotated[bool, typer.Option(help="Register keys and deposit for every account.")] = True,
    batch_age: Annotated[float, typer.Option(help="Seconds after which a batch is sealed.")] = 8.0,
    funder_key: FunderKey = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Run a development rollup until Ctrl-C."""
    output = Output(as_json)
    with tempfile.TemporaryDirectory(prefix="l2rollup-") as temporary:
        options = StackOptions(
            folder=data_dir or Path(temporary), l1=l1, l1_port=l1_port, api_port=port, users=users,
            batch_age=batch_age, funder_key=funder_key,
        )  # fmt: skip
        with open_stack(options, output) as stack:
            if fund:
                with output.step("keys and deposits of the accounts"):
                    for number in range(1, users + 1):
                        stack.user(number).register_key()
                        hash_ = stack.user(number).deposit(ZERO_ADDRESS, str(ETH_DEPOSIT))
                    stack.user(users).wait_credited(hash_)
            print_accounts(output, stack)
            output.emit(describe(stack))
            wait_for_interrupt(output)


def describe(stack: Stack) -> dict[str, Any]:
    """Returns where everything is."""
    return {
        "node": stack.server.url, "l1": stack.chain.url, "rollup": stack.contract.address, "token": stack.token,
        "startBlock": stack.deployment.start_block, "log": str(stack.options.folder / "node.log"),
        "accounts": [describe_account(i, wallet) for i, wallet in enumerate(stack.wallets)],
    }  # fmt: skip


def describe_account(number: int, wallet: Wallet) -> dict[str, Any]:
    """Returns an account with its private keys: these are development accounts, and everybody knows them."""
    return {
        "dev": number, "address": wallet.address, "ethereumPrivateKey": wallet.export_ethereum_key(),
        "eddsaPrivateKey": wallet.export_eddsa_key(),
    }  # fmt: skip


def print_accounts(output: Output, stack: Stack) -> None:
    """Shows the funded accounts and what to type next."""
    rows = [(i, w.address, w.export_ethereum_key(), w.export_eddsa_key()) for i, w in enumerate(stack.wallets)]
    output.say()
    output.say("Development accounts (0 is the operator). These keys are public: never use them elsewhere.")
    for number, address, ethereum, eddsa in rows:
        output.say(f"  {number}  {address}  Ethereum {ethereum}")
        output.say(f"     {'':42}  L2       {eddsa}")
    output.say()
    places = [("node", stack.server.url), ("L1", f"{stack.chain.url} ({stack.chain.kind})"),
              ("rollup", stack.contract.address), ("token", stack.token)]  # fmt: skip
    output.show(make_table("", ("where", ""), places))
    output.say("Next, in another terminal:")
    receiver = stack.wallets[2].address
    output.say(f"  l2rollup tx send --node {stack.server.url} --dev 1 --to {receiver} --amount 1000000000000000")
    output.say()


def wait_for_interrupt(output: Output) -> None:
    """Returns when the user presses Ctrl-C."""
    output.say("Everything stays up until Ctrl-C.")
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        output.say("stopping")
