"""Circuits and proofs from Python (docs/plonk.md): `from l2rollup import plonk`. Knows no rollup."""

from l2rollup.plonk.profile import Part, Profile

__all__ = ["Part", "Profile"]
