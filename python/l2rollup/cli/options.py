"""Options that several commands share, and what they name: a node's client, a wallet. Opens; decides nothing."""

from __future__ import annotations

import os
import sys
from getpass import getpass
from pathlib import Path
from typing import Annotated, Any

import typer

from l2rollup.cli.accounts import make_dev_wallet
from l2rollup.client import Client, Wallet
from l2rollup.client.client import DEFAULT_URL
from l2rollup.errors import Malformed, WalletError
from l2rollup.types import ZERO_ADDRESS

PASSWORD_VARIABLE = "L2ROLLUP_PASSWORD"  # noqa: S105
HOME_VARIABLE = "L2ROLLUP_HOME"
DEFAULT_NODE = DEFAULT_URL

AsJson = Annotated[bool, typer.Option("--json", help="Record as JSON on stdout; progress stays on stderr.")]
NodeUrl = Annotated[str, typer.Option("--node", envvar="L2ROLLUP_NODE", help="URL of the node's API.")]
L1Url = Annotated[str | None, typer.Option("--l1", envvar="L2ROLLUP_L1", help="URL of the L1 node.")]
SetupFile = Annotated[
    Path | None,
    typer.Option("--setup", envvar="L2ROLLUP_SETUP", help="Setup that proves: a file; default: the shipped one."),
]
WalletName = Annotated[
    str | None, typer.Option("--wallet", "-w", envvar="L2ROLLUP_WALLET", help="Keystore: its name, or a file.")
]
DevAccount = Annotated[
    int | None, typer.Option("--dev", min=0, max=11, help="Development account by number, instead of a keystore.")
]
PasswordFile = Annotated[
    Path | None, typer.Option("--password-file", help=f"File with the password (else ${PASSWORD_VARIABLE}, or asked).")
]
Token = Annotated[str, typer.Option("--token", help="Token address; the zero address is ETH.")]
Amount = Annotated[str, typer.Option("--amount", help="Smallest units, decimal digits.")]
Rollup = Annotated[str, typer.Option("--rollup", envvar="L2ROLLUP_ROLLUP", help="Address of the rollup contract.")]
NATIVE_TOKEN = ZERO_ADDRESS


def home() -> Path:
    """Returns the folder of the user's wallets' folder: $L2ROLLUP_HOME, else ~/.config/l2rollup."""
    named = os.environ.get(HOME_VARIABLE)
    return Path(named) if named else Path.home() / ".config" / "l2rollup"


def wallet_path(name: str) -> Path:
    """Returns the keystore file of a wallet name; a path (with a separator or .json) is taken as it is."""
    if os.sep in name or name.endswith(".json"):
        return Path(name)
    if not name or name.startswith("."):
        raise Malformed("not a wallet name", expected="letters, digits, - and _", got=repr(name))
    return home() / "wallets" / f"{name}.json"


def read_password(file: Path | None, *, confirm: bool = False) -> str:
    """Returns the password: from the file, the environment, or asked for (twice with `confirm`)."""
    if file is not None:
        try:
            return file.read_text().rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise WalletError("cannot read the password", expected=str(file), got=str(error)) from error
    named = os.environ.get(PASSWORD_VARIABLE)
    if named is not None:
        return named
    if not sys.stdin.isatty():
        raise WalletError("no password", expected=f"--password-file, ${PASSWORD_VARIABLE} or a terminal", got="none")
    password = getpass("Password: ")
    if confirm and getpass("Again: ") != password:
        raise WalletError("passwords differ", expected="the same twice")
    return password


def read_secret(file: str, what: str) -> str:
    """Reads a secret from a file, or from stdin when it is '-'. Secrets are never taken from the command line."""
    try:
        return (sys.stdin.readline() if file == "-" else Path(file).read_text()).strip()
    except (OSError, UnicodeDecodeError) as error:
        raise WalletError(f"cannot read the {what}", expected=file, got=str(error)) from error


def open_wallet(name: str | None, dev: int | None, password_file: Path | None) -> Wallet:
    """Opens the wallet that the options name. Raises Malformed when they name none or two."""
    if (name is None) == (dev is None):
        raise Malformed("which wallet?", expected="--wallet NAME or --dev NUMBER", got="both" if name else "none")
    if dev is not None:
        return make_dev_wallet(dev)
    return Wallet.load(wallet_path(str(name)), read_password(password_file))


def open_client(
    url: str, *, wallet: str | None = None, dev: int | None = None, password_file: Path | None = None,
    l1_url: str | None = None,
) -> Client:  # fmt: skip
    """Opens a client that signs."""
    return Client(url, open_wallet(wallet, dev, password_file), l1_url=l1_url)


def read_bytes(path: Path, what: str) -> bytes:
    """Reads a file the user named. Raises Malformed when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise Malformed(f"cannot read the {what}", expected="a readable file", got=str(error)) from error


def write_bytes(path: Path, content: bytes, what: str) -> None:
    """Writes a file the user named. Raises Malformed when it cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise Malformed(f"cannot write the {what}", expected="a writable path", got=str(error)) from error


def pick(record: dict[str, Any], *names: str) -> dict[str, Any]:
    """Returns the named members that a record has."""
    return {name: record[name] for name in names if name in record}
