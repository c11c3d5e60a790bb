"""The command `l2rollup`: one group a noun. Words only; every rule is below, in the packages it calls."""

from l2rollup.cli.app import main

__all__ = ["main"]
