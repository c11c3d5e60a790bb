"""`l2rollup wallet`: keys in encrypted keystores. Shown only by `export`, read only from a file or stdin."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Annotated, Any

import typer

from l2rollup.cli.options import AsJson, PasswordFile, home, open_wallet, read_password, read_secret, wallet_path
from l2rollup.cli.output import Output
from l2rollup.client import Wallet
from l2rollup.client.wallet import KEY_BYTES
from l2rollup.errors import Malformed

app = typer.Typer(name="wallet", no_args_is_help=True, help="Keys in encrypted keystores.")
Name = Annotated[str, typer.Argument(help="Name of the wallet, or a file.")]


def describe(wallet: Wallet, path: Path | None = None) -> dict[str, Any]:
    """Returns what may be shown of a wallet: address and public key."""
    x, y = wallet.public_key
    record: dict[str, Any] = {"address": wallet.address, "key": [str(x), str(y)]}
    return record if path is None else {**record, "file": str(path)}


@app.command()
def new(name: Name, password_file: PasswordFile = None, as_json: AsJson = False) -> None:
    """Make a wallet with fresh random keys."""
    path = wallet_path(name)
    wallet = Wallet.create()
    wallet.save(path, read_password(password_file, confirm=True))
    Output(as_json).emit(describe(wallet, path))


@app.command("list")
def list_wallets(as_json: AsJson = False) -> None:
    """List the keystores, without opening them."""
    found = []
    for path in sorted((home() / "wallets").glob("*.json")):
        try:
            found.append({"name": path.stem, "address": str(json.loads(path.read_text())["address"])})
        except (OSError, ValueError, KeyError, TypeError):
            found.append({"name": path.stem, "address": "not a keystore"})
    output = Output(as_json)
    output.emit(found) if found or as_json else output.say("no wallets yet: l2rollup wallet new NAME")


@app.command()
def show(
    name: Annotated[str | None, typer.Argument(help="Name of the wallet, or a file.")] = None,
    dev: Annotated[int | None, typer.Option("--dev", help="Development account instead.")] = None,
    password_file: PasswordFile = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Show a wallet's address and public L2 key."""
    Output(as_json).emit(describe(open_wallet(name, dev, password_file)))


@app.command("import")
def import_keys(
    name: Name,
    eddsa_key_file: Annotated[
        str | None, typer.Option(help="L2 private key in circomlibjs's form, 64 hex digits ('-': stdin).")
    ] = None,
    ethereum_key_file: Annotated[
        str | None, typer.Option(help="Ethereum private key, 64 hex digits ('-': stdin). Default: a fresh one.")
    ] = None,
    password_file: PasswordFile = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Make a wallet from keys you have; the one not given is made afresh."""
    if eddsa_key_file is None and ethereum_key_file is None:
        raise Malformed("nothing to import", expected="--eddsa-key-file or --ethereum-key-file", got="none")
    fresh = secrets.token_bytes(KEY_BYTES).hex()
    ethereum = read_secret(ethereum_key_file, "Ethereum key") if ethereum_key_file else fresh
    seed = read_secret(eddsa_key_file, "EdDSA key") if eddsa_key_file else secrets.token_bytes(KEY_BYTES).hex()
    wallet = Wallet(ethereum, seed)
    path = wallet_path(name)
    wallet.save(path, read_password(password_file, confirm=True))
    Output(as_json).emit(describe(wallet, path))


@app.command("export")
def export_keys(
    name: Annotated[str | None, typer.Argument(help="Name of the wallet, or a file.")] = None,
    eddsa: Annotated[bool, typer.Option("--eddsa", help="The L2 key, circomlibjs's form: 64 hex digits.")] = False,
    ethereum: Annotated[bool, typer.Option("--ethereum", help="The Ethereum private key, 0x-hex.")] = False,
    dev: Annotated[int | None, typer.Option("--dev", help="Development account instead.")] = None,
    password_file: PasswordFile = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Print private keys. Whoever has them has the account."""
    if not eddsa and not ethereum:
        raise Malformed("which key?", expected="--eddsa, --ethereum or both", got="none")
    wallet = open_wallet(name, dev, password_file)
    record: dict[str, Any] = describe(wallet)
    if eddsa:
        record["eddsaPrivateKey"] = wallet.export_eddsa_key()
    if ethereum:
        record["ethereumPrivateKey"] = wallet.export_ethereum_key()
    Output(as_json).emit(record)
