"""How the tests break a witness: for each clause of a circuit, a cell whose change violates that very clause."""

from __future__ import annotations

from collections.abc import Iterator

from l2rollup.errors import ProofRejected
from l2rollup.plonk import Circuit, ProvingKey, Witness
from l2rollup.plonk.expression import Code, leaves
from l2rollup.spec.field import R

LIMIT = 60


def list_clauses(circuit: Circuit) -> set[str]:
    """Labels of all constraints and of all groups of lookups that some row of the circuit carries."""
    relation = circuit.layout().relation
    groups = {group.label for helper in relation.helpers for group in helper if group.label != "tables"}
    return {constraint.label for constraint in relation.constraints} | groups


def find_breakers(circuit: Circuit, witness: Witness) -> dict[str, Witness]:
    """A changed witness for each clause: one whose list of violations names it."""
    return {label: next(_break(circuit, witness, label), witness) for label in sorted(list_clauses(circuit))}


def _break(circuit: Circuit, witness: Witness, label: str) -> Iterator[Witness]:
    for column, row in _cells(circuit, label):
        changed = witness.with_cell(column, row, (witness.cell(column, row) + 1) % R)
        if any(violation.constraint == label for violation in changed.violations(LIMIT)):
            yield changed


def _cells(circuit: Circuit, label: str) -> Iterator[tuple[int, int]]:
    """Cells that a clause reads on the rows of its gate, those of its first and last row first."""
    layout = circuit.layout()
    for gate in layout.gates:
        looked_up = [(f"lookups of {gate.name}", part) for _, payload in gate.lookups for part in payload]
        reads = [*gate.constraints, *looked_up]
        rows = [i for i, row in enumerate(layout.rows) if row.gate is gate]
        for name, expression in reads:
            if name == label:
                for row in (rows[0], rows[-1], *rows[1:-1]):
                    for leaf in leaves(expression):
                        if leaf.code is Code.ADVICE:
                            yield leaf.a, row + leaf.b


def assert_refused(key: ProvingKey, witness: Witness) -> None:
    """The checker refuses the witness, and so does the verifier of a proof made without the checker."""
    assert witness.violations(1)
    assert_proof_refused(key, witness)


def assert_proof_refused(key: ProvingKey, witness: Witness) -> None:
    """A proof of this witness, made without a check, does not verify."""
    proof = key.prove_witness(witness, check=False)
    try:
        key.verifying_key.verify(proof)
    except ProofRejected:
        return
    raise AssertionError("a false witness was proved")


def assert_every_clause_bites(circuit: Circuit, witness: Witness) -> None:
    """The honest witness passes and proves; each clause has a breaker, refused by checker and verifier."""
    assert witness.violations() == []
    key = circuit.compile()
    key.verifying_key.verify(key.prove_witness(witness))
    for label, broken in find_breakers(circuit, witness).items():
        assert broken is not witness, f"no change of a cell violates {label}"
        assert_refused(key, broken)
