"""Circuits and proofs from Python (docs/plonk.md): `from l2rollup import plonk`. Knows no rollup."""

from l2rollup.plonk.binding import Unbound
from l2rollup.plonk.builder import Row
from l2rollup.plonk.circuit import Circuit
from l2rollup.plonk.expression import Expression, total
from l2rollup.plonk.gadgets.eddsa import unpack_signature
from l2rollup.plonk.gate import Gate
from l2rollup.plonk.keys import Proof, ProvingKey, Setup, VerifyingKey
from l2rollup.plonk.profile import Part, Profile
from l2rollup.plonk.table import Table
from l2rollup.plonk.wire import Wire
from l2rollup.plonk.witness import Violation, Witness

__all__ = [
    "Circuit",
    "Expression",
    "Gate",
    "Part",
    "Profile",
    "Proof",
    "ProvingKey",
    "Row",
    "Setup",
    "Table",
    "Unbound",
    "VerifyingKey",
    "Violation",
    "Wire",
    "Witness",
    "total",
    "unpack_signature",
]
