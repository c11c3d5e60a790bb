"""Puts the groups together and turns every ending into an exit status: no traceback for what a user can cause.

0 done; 1 refused or false; 2 malformed input or usage; 75 try again later; 130 interrupted.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import Annotated

import typer

from l2rollup.cli import batch, bench, bond, bridge, node, proof, state, tx, wallet
from l2rollup.cli import group as tx_group
from l2rollup.cli.demo import demo
from l2rollup.cli.devnet import devnet
from l2rollup.cli.doctor import doctor
from l2rollup.cli.exit import exit_
from l2rollup.cli.output import EXIT_INTERRUPTED, EXIT_USAGE, Output, exit_status
from l2rollup.cli.watch import watch
from l2rollup.errors import L2Error

app = typer.Typer(
    name="l2rollup", no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None,
    help="A ZK rollup for token payments that anyone can run.",
)  # fmt: skip
app.command()(demo)
app.command()(devnet)
app.command("exit")(exit_)
app.command()(watch)
app.command()(doctor)
tx.app.add_typer(tx_group.app)
for group in (node, wallet, tx, bridge, bond, batch, proof, state, bench):
    app.add_typer(group.app)


def _print_version(wanted: bool) -> None:
    if wanted:
        Output().emit(version("l2rollup"))
        raise typer.Exit()


@app.callback()
def root(
    show_version: Annotated[bool, typer.Option("--version", callback=_print_version, is_eager=True)] = False,
) -> None:
    """A ZK rollup for token payments that anyone can run."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command line and exits. SIGTERM ends a command as Ctrl-C does: what it started is stopped."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(run(sys.argv[1:] if arguments is None else list(arguments)))


def run(arguments: list[str]) -> int:
    """Runs one command; returns its exit status."""
    output = Output("--json" in arguments)
    try:
        status = app(arguments, standalone_mode=False, prog_name="l2rollup")
        return status if isinstance(status, int) else 0
    except L2Error as error:
        output.fail(error)
        return exit_status(error)
    except (KeyboardInterrupt, typer.Abort):
        output.say("interrupted")
        return EXIT_INTERRUPTED
    except typer.Exit as ended:
        return int(ended.exit_code)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        shown = getattr(error, "show", None)
        if shown is None or not hasattr(error, "exit_code"):
            raise
        shown()
        return EXIT_USAGE
