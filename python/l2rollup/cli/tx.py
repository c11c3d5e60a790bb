"""`l2rollup tx`: sign and send L2 transactions, follow them, read their receipts."""

from __future__ import annotations

import time
from pathlib import Path
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
    read_password,
    wallet_path,
)
from l2rollup.cli.output import Output
from l2rollup.client import Client, Wallet
from l2rollup.client.client import LATER
from l2rollup.errors import Malformed
from l2rollup.types import parse_amount, parse_hex

STORAGE_BITS = 240

app = typer.Typer(name="tx", no_args_is_help=True, help="Transactions on L2.")
Wait = Annotated[
    str | None, typer.Option("--wait", help="Wait until it has come so far: " + ", ".join(LATER) + ".")
]  # fmt: skip
Timeout = Annotated[float, typer.Option("--timeout", min=0.1, help="Seconds to wait.")]
Hash = Annotated[str, typer.Argument(help="Hash that sending returned.")]


@app.command()
def send(
    to: Annotated[str, typer.Option("--to", help="Recipient's address.")],
    amount: Amount,
    token: Token = NATIVE_TOKEN,
    nonce: Annotated[int | None, typer.Option("--nonce", min=0, help="Default: the account's next.")] = None,
    lifetime: Annotated[int, typer.Option("--lifetime", min=0, help="Seconds it is valid; 0: for ever.")] = 0,
    wait: Wait = "confirmed", timeout: Timeout = 120.0, node: NodeUrl = DEFAULT_NODE, wallet: WalletName = None,
    dev: DevAccount = None, password_file: PasswordFile = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Send ETH or a token to an address; prints the hash and, once confirmed, the checked receipt."""
    output = Output(as_json)
    client = open_client(node, wallet=wallet, dev=dev, password_file=password_file)
    valid_until = int(time.time()) + lifetime if lifetime else 0
    hash_ = client.transfer(to, amount, token, nonce=nonce, valid_until=valid_until)
    output.emit(follow(output, client, hash_, wait, timeout))


@app.command()
def status(
    hash_: Hash, wait: Wait = None, timeout: Timeout = 120.0, node: NodeUrl = DEFAULT_NODE, as_json: AsJson = False
) -> None:
    """Show how far a transaction has come."""
    output = Output(as_json)
    output.emit(follow(output, Client(node), hash_, wait, timeout, receipt=False))


@app.command()
def receipt(
    hash_: Hash, node: NodeUrl = DEFAULT_NODE, l1: L1Url = None,
    confirmations: Annotated[
        int | None, typer.Option("--l1-confirmations", min=1, help="How deep on L1 what it names must be; else final.")
    ] = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Print a receipt after checking signature, path and identity; with an L1 node also signer, queue and bond."""
    client = Client(node, l1_url=l1, l1_confirmations=confirmations)
    Output(as_json).emit(client.get_receipt(hash_))


@app.command("rotate-key")
def rotate_key(
    to_wallet: Annotated[str, typer.Option("--to-wallet", help="Keystore with the new L2 key; made when absent.")],
    wait: Wait = "confirmed", timeout: Timeout = 120.0, node: NodeUrl = DEFAULT_NODE, wallet: WalletName = None,
    dev: DevAccount = None, password_file: PasswordFile = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Change the account's L2 key, by a signature of the present L2 key; costs a fee.

    The new keystore holds the same Ethereum key and a new L2 key, and is written before anything is sent.
    """
    output = Output(as_json)
    client = open_client(node, wallet=wallet, dev=dev, password_file=password_file)
    successor = open_successor(client.wallet, wallet_path(to_wallet), password_file)
    hash_ = client.rotate_key(successor)
    output.emit(follow(output, client, hash_, wait, timeout))


@app.command("set-storage")
def set_storage(
    slot: Annotated[int, typer.Option("--slot", min=0, max=65535, help="Slot of the account's storage.")],
    value: Annotated[str, typer.Option("--value", help="Decimal digits, or 0x-hex; below 2^240.")],
    wait: Wait = "confirmed", timeout: Timeout = 120.0, node: NodeUrl = DEFAULT_NODE, wallet: WalletName = None,
    dev: DevAccount = None, password_file: PasswordFile = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Write a slot of the account's storage; `l2rollup state storage` reads it."""
    output = Output(as_json)
    number = parse_value(value)
    client = open_client(node, wallet=wallet, dev=dev, password_file=password_file)
    output.emit(follow(output, client, client.set_storage(slot, number), wait, timeout))


@app.command("set-key")
def set_key(
    to_wallet: Annotated[str, typer.Option("--to-wallet", help="Keystore with the new L2 key; made when absent.")],
    wait: Wait = "confirmed", timeout: Timeout = 120.0, node: NodeUrl = DEFAULT_NODE, wallet: WalletName = None,
    dev: DevAccount = None, password_file: PasswordFile = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Change the account's L2 key, by an EIP-712 signature of its Ethereum key.

    The new keystore holds the same Ethereum key and a new L2 key, and is written before anything is sent.
    """
    output = Output(as_json)
    client = open_client(node, wallet=wallet, dev=dev, password_file=password_file)
    successor = open_successor(client.wallet, wallet_path(to_wallet), password_file)
    hash_ = client.set_key(successor)
    output.emit(follow(output, client, hash_, wait, timeout))


def parse_value(text: str) -> int:
    """Reads a storage value: decimal digits, or 0x-hex of at most 30 bytes. Raises Malformed."""
    if not text.startswith("0x"):
        return parse_amount(text, bits=STORAGE_BITS, what="value")
    raw = parse_hex(text, what="value")
    number = int.from_bytes(raw, "big")
    if not raw or number >> STORAGE_BITS:
        raise Malformed("value is too large", expected=f"< 2^{STORAGE_BITS}", got=text[:80], code="out_of_range")
    return number


def open_successor(wallet: Wallet, path: Path, password_file: Path | None) -> Wallet:
    """Returns the wallet in `path`, or makes one there with a fresh L2 key. Raises Malformed for another account's."""
    if path.exists():
        successor = Wallet.load(path, read_password(password_file))
        if successor.address != wallet.address:
            raise Malformed("the new wallet is another account's", expected=wallet.address, got=successor.address)
        return successor
    successor = Wallet(wallet.export_ethereum_key(), Wallet.create().export_eddsa_key())
    successor.save(path, read_password(password_file, confirm=True))
    return successor


def follow(
    output: Output, client: Client, hash_: str, wait: str | None, timeout: float, *, receipt: bool = True
) -> dict[str, Any]:
    """Waits for a status when asked to; returns the status record, with the checked receipt of an executed one."""
    if wait is None:
        return client.get_transaction_status(hash_)
    if wait not in LATER:
        raise Malformed("unknown status", expected=", ".join(LATER), got=wait)
    with output.step(f"waiting for {wait}"):
        record = client.wait(hash_, wait, timeout=timeout)
    if receipt:
        client.get_receipt(hash_)
        record["receipt"] = "checked"
    return record
