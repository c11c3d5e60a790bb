"""The circuit as a user holds it: inputs, gates and gadgets, then `compile`, `assign` and `check`.

    circuit = plonk.Circuit("preimage")
    secret = circuit.secret("secret")
    circuit.expose("digest", circuit.poseidon(secret))
    key = circuit.compile()
    proof = key.prove(secret=42)
    key.verifying_key.verify(proof)

What it is not: the gadgets themselves (gadgets/), the layout (layout.py) or the proof system (rust/plonk).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from l2rollup.errors import Malformed
from l2rollup.plonk.binding import Unbound, find_unbound
from l2rollup.plonk.builder import Builder
from l2rollup.plonk.gadgets import eddsa, edwards, logic, merkle, poseidon, poseidon2, ranges
from l2rollup.plonk.layout import Layout, lay_out
from l2rollup.plonk.profile import Profile
from l2rollup.plonk.table import MAX_WIDTH, Table
from l2rollup.plonk.wire import Wire
from l2rollup.plonk.witness import Violation, Witness, assign, compute_values

if TYPE_CHECKING:
    from pathlib import Path

    from l2rollup.plonk.keys import Progress, ProvingKey, Setup

Value = Wire | int
LIMB_BITS = 8


class Circuit(Builder):
    """A circuit under construction. `limb_bits` is the width of range limbs: wider ones, fewer rows, a longer table.

    Labels name what a row is for: errors and the profile use them.
    """

    def __init__(self, name: str, *, limb_bits: int = LIMB_BITS) -> None:
        if not 1 <= limb_bits <= MAX_WIDTH:
            raise Malformed("limb_bits", expected=f"1 to {MAX_WIDTH}", got=str(limb_bits))
        super().__init__(name, limb_bits)
        self._layout: tuple[int, Layout] | None = None

    # --- booleans and selections

    def assert_boolean(self, value: Value, *, label: str = "") -> Wire:
        """The value is 0 or 1; returns it."""
        return logic.assert_boolean(self, value, label)

    def and_(self, x: Value, y: Value, *, label: str = "") -> Wire:
        """x and y; both are asserted to be bits."""
        return logic.both(self, x, y, label)

    def or_(self, x: Value, y: Value, *, label: str = "") -> Wire:
        """x or y; both are asserted to be bits."""
        return logic.either(self, x, y, label)

    def xor(self, x: Value, y: Value, *, label: str = "") -> Wire:
        """Exclusive or; both are asserted to be bits."""
        return logic.differ(self, x, y, label)

    def not_(self, x: Value, *, label: str = "") -> Wire:
        """1 - x; x is asserted to be a bit."""
        return logic.negate(self, x, label)

    def select(self, bit: Value, yes: Value, no: Value, *, label: str = "") -> Wire:
        """`yes` where the bit is 1, else `no`; the bit is asserted to be one."""
        return logic.select(self, bit, yes, no, label)

    def is_zero(self, value: Value, *, label: str = "") -> Wire:
        """A bit: whether the value is 0."""
        return logic.is_zero(self, value, label)

    def is_equal(self, left: Value, right: Value, *, label: str = "") -> Wire:
        """A bit: whether both are the same."""
        return logic.is_zero(self, self.wire(left) - right, label)

    def assert_nonzero(self, value: Value, *, label: str = "") -> None:
        """The value is not 0."""
        logic.assert_nonzero(self, value, label)

    def divide(self, numerator: Value, denominator: Value, *, label: str = "") -> Wire:
        """The quotient in the field; the denominator is asserted not to be 0."""
        return logic.divide(self, numerator, denominator, label)

    # --- numbers

    def bits(self, value: Value, count: int, *, label: str = "") -> list[Wire]:
        """The bits of a number below 2^count, lowest first; count is at most 253."""
        return logic.bits(self, value, count, label)

    def range(self, value: Value, count: int, *, label: str = "") -> None:
        """The value is below 2^count; count is at most 253."""
        ranges.assert_range(self, value, count, label)

    def is_less(self, left: Value, right: Value, count: int, *, label: str = "") -> Wire:
        """A bit: whether left < right, as integers that are asserted to be below 2^count."""
        return ranges.is_less(self, left, right, count, label)

    def look_up(self, table: Table, *known: Value, label: str = "") -> list[Wire]:
        """The rest of the table's row that begins with `known`; the first such row where there are several."""
        self._check_table(table)
        missing = table.width - len(known)
        if not known or missing < 1:
            raise Malformed(f"lookup in {table.name}", expected=f"1 to {table.width - 1} values", got=str(len(known)))
        rest: dict[tuple[int, ...], tuple[int, ...]] = {}
        for row in table.rows:
            rest.setdefault(row[: len(known)], row[len(known) :])
        # no such row: the lookup below then fails and names the values
        found: list[Wire] = self.compute(lambda *x: rest.get(x, (0,) * missing), *known, count=missing)
        self.assert_in(table, *known, *found, label=label)
        return found

    # --- hashes, signatures, trees

    def poseidon(self, *inputs: Value, label: str = "") -> Wire:
        """circomlib's Poseidon of one to twelve elements."""
        return poseidon.hash_inputs(self, list(inputs), label)

    def poseidon2(self, *state: Value, label: str = "") -> list[Wire]:
        """The Poseidon2 permutation of four elements."""
        return poseidon2.permute(self, _four(state), label)

    def poseidon2_compress(self, *state: Value, lane: int = 0, label: str = "") -> Wire:
        """P(x)[lane] + x[lane] of four elements: the compression of docs/spec/hash.md."""
        if lane not in range(poseidon2.WIDTH):
            raise Malformed("lane", expected="0 to 3", got=repr(lane))
        return poseidon2.compress(self, _four(state), lane, label)

    def poseidon2_sponge(self, tag: int, message: Sequence[Value], *, label: str = "") -> Wire:
        """The hash of any number of elements; `tag` (below 2^16) keeps uses apart, the length is hashed too."""
        return poseidon2.sponge(self, tag, message, label)

    def assert_on_curve(self, point: tuple[Value, Value], *, label: str = "") -> None:
        """The point is on BabyJubJub."""
        edwards.assert_on_curve(self, point, label)

    def add_points(self, p: tuple[Value, Value], q: tuple[Value, Value], *, label: str = "") -> tuple[Wire, Wire]:
        """p + q on BabyJubJub; both must be known to be on the curve."""
        return edwards.add(self, p, q, label)

    def assert_signature(
        self, key: tuple[Value, Value], message: Value, r8: tuple[Value, Value], s: Value, *, label: str = ""
    ) -> None:
        """circomlib's EdDSA with Poseidon: (R8, S) signs the message. `unpack_signature` gives R8 and S of 64 bytes."""
        eddsa.assert_signature(self, key, message, r8, s, label)

    def merkle_root(
        self, leaf: Value, siblings: Sequence[Value], position: Sequence[Value], *,
        hash_pair: merkle.Hash | None = None, label: str = "",
    ) -> Wire:  # fmt: skip
        """The root of a binary tree above a leaf; a position bit a level, lowest first. Poseidon of two by default."""
        with self.scope(label or "merkle path"):
            return merkle.binary_root(self, leaf, siblings, position, hash_pair)

    def quaternary_root(
        self, leaf: Value, siblings: Sequence[Sequence[Value]], position: Sequence[Value], *, label: str = ""
    ) -> Wire:
        """The root of a quaternary tree of Poseidon2 compressions: three siblings and two position bits a level."""
        with self.scope(label or "merkle path"):
            return merkle.quaternary_root(self, leaf, siblings, position)

    # --- use

    def layout(self) -> Layout:
        """The circuit as columns, fixed values and copies; made again when something was added."""
        mark = len(self.placed) + len(self.publics) + len(self.tables)
        if self._layout is None or self._layout[0] != mark:
            self._layout = (mark, lay_out(self))
        return self._layout[1]

    def assign(self, /, **inputs: object) -> Witness:
        """A witness from named inputs: integers, bytes or numpy arrays (values.py). Only their form is checked."""
        return assign(self, self.layout(), inputs)

    def check(self, /, limit: int = 100, **inputs: object) -> list[Violation]:
        """What these inputs violate, at most `limit` clauses; an empty list for a witness that can be proved."""
        return self.assign(**inputs).violations(limit)

    def find_unbound(self, /, **inputs: object) -> list[Unbound]:
        """Wires that could take another value with all others as they are (binding.py): mistakes, or free hints.

        Raises WitnessRejected for inputs that do not satisfy the circuit.
        """
        self.assign(**inputs).require()
        return find_unbound(self, self.layout(), compute_values(self, inputs))

    def profile(self) -> Profile:
        """Rows and cells by label."""
        return self.layout().profile()

    def compile(
        self, setup: Setup | None = None, *, transcript: str = "keccak", cache: bool | Path = False,
        progress: Progress | None = None,
    ) -> ProvingKey:  # fmt: skip
        """The proving key on a setup, the shipped one by default. `cache` keeps it in a folder (True: the user's).

        `transcript`: the hash that draws the challenges, "keccak" for verifiers in Solidity, "poseidon2" for verifiers
        that are circuits. Raises Malformed for a circuit over the setup's rows and for another transcript.
        """
        from l2rollup.plonk.keys import compile_circuit

        return compile_circuit(self, setup, transcript, cache, progress)

    def load_key(self, data: bytes, setup: Setup | None = None, progress: Progress | None = None) -> ProvingKey:
        """A proving key from `ProvingKey.to_bytes`. Raises Malformed for damaged bytes, another circuit or setup."""
        from l2rollup.plonk.keys import load_key

        return load_key(self, data, setup, progress)


def _four(state: Sequence[Value]) -> list[Value]:
    if len(state) != poseidon2.WIDTH:
        raise Malformed("state of poseidon2", expected="4 elements", got=str(len(state)))
    return list(state)
