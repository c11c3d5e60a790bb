"""`l2rollup tx group`: transfers that happen together or not at all, in a file that goes from party to party.

Each party adds what it gives (`add`), then each signs (`sign`), then anybody hands the whole in (`send`). After the
first signature nothing can be added: every signature is for all members and their order.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from l2rollup import native
from l2rollup.cli.options import (
    DEFAULT_NODE,
    NATIVE_TOKEN,
    Amount,
    AsJson,
    DevAccount,
    NodeUrl,
    PasswordFile,
    Token,
    WalletName,
    open_client,
    read_bytes,
    write_bytes,
)
from l2rollup.cli.output import Output
from l2rollup.cli.tx import Timeout, Wait, follow
from l2rollup.client import Client, Group
from l2rollup.errors import Malformed

app = typer.Typer(name="group", no_args_is_help=True, help="Transfers that happen together or not at all.")
File = Annotated[Path, typer.Argument(help="The group, a JSON file.")]


@app.command()
def add(
    file: File,
    to: Annotated[str, typer.Option("--to", help="Recipient's address.")],
    amount: Amount,
    token: Token = NATIVE_TOKEN,
    nonce: Annotated[int | None, typer.Option("--nonce", min=0, help="Default: the account's next.")] = None,
    lifetime: Annotated[int, typer.Option("--lifetime", min=0, help="Seconds it is valid; 0: for ever.")] = 0,
    node: NodeUrl = DEFAULT_NODE, wallet: WalletName = None, dev: DevAccount = None,
    password_file: PasswordFile = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Add a transfer of the wallet to a group; the file is made when it is absent. Signs nothing."""
    client = open_client(node, wallet=wallet, dev=dev, password_file=password_file)
    group = read_group(client, file) if file.exists() else Group(client.chain_id, client.rollup)
    if nonce is None:
        nonce = client.get_account_nonce(client.wallet.address, pending=True)
        nonce += group.count_of(client.wallet.address_bytes)
    valid_until = int(time.time()) + lifetime if lifetime else 0
    group.add(client.draft_linked_transfer(to, amount, token, nonce=nonce, valid_until=valid_until))
    save(group, file)
    Output(as_json).emit(describe(group))


@app.command()
def show(file: File, node: NodeUrl = DEFAULT_NODE, as_json: AsJson = False) -> None:
    """Show the members of a group and who has signed."""
    Output(as_json).emit(describe(read_group(Client(node), file)))


@app.command()
def sign(
    file: File, node: NodeUrl = DEFAULT_NODE, wallet: WalletName = None, dev: DevAccount = None,
    password_file: PasswordFile = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Sign the wallet's transfers of a group, for exactly the members that the file lists; prints them."""
    client = open_client(node, wallet=wallet, dev=dev, password_file=password_file)
    group = read_group(client, file)
    group.sign(client.wallet, client.domain, native.load().poseidon)
    save(group, file)
    Output(as_json).emit(describe(group))


@app.command()
def send(
    file: File, wait: Wait = "confirmed", timeout: Timeout = 120.0, node: NodeUrl = DEFAULT_NODE,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Hand in a group that every member has signed; prints what became of each, with the checked receipts."""
    output, client = Output(as_json), Client(node)
    hashes = client.send_group(read_group(client, file).to_transactions(native.load().poseidon))
    output.emit([follow(output, client, hash_, wait, timeout) for hash_ in hashes])


def read_group(client: Client, file: Path) -> Group:
    """Reads a group for the client's rollup; its tokens are looked up there. Raises Malformed or Refused."""
    raw = read_bytes(file, "group")
    try:
        document = json.loads(raw)
    except ValueError as error:
        raise Malformed("the group is no JSON", expected="a file that `tx group add` made", got=str(error)) from error
    return Group.from_json(document, client.chain_id, client.rollup, client.token)


def save(group: Group, file: Path) -> None:
    """Writes the file."""
    write_bytes(file, (json.dumps(group.to_json(), indent=1) + "\n").encode(), "group")


def describe(group: Group) -> dict[str, Any]:
    """Returns what a person looks at before signing: every member, and who has signed."""
    members = group.to_json()["members"]
    signed = [{**member, "signature": member["signature"] is not None} for member in members]
    return {"members": signed, "missing": sum(not member["signature"] for member in signed)}
