"""`l2rollup demo`: the whole rollup in one run, on real proofs; every number in its record is measured in that run."""

from l2rollup.cli.demo.command import demo

__all__ = ["demo"]
