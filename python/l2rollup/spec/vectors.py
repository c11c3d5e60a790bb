"""Writes tests/vectors/*.json from the specification: `python -m l2rollup.spec.vectors [directory]`.

Deterministic: no clock, no randomness. Python, Rust and Solidity tests read the same files; a Python test checks
that the
committed files are what this module writes. What it is not: a second source; tests/vectors/peers holds the answers
of others.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import vectors_batch, vectors_crypto, vectors_data, vectors_eddsa, vectors_proof, vectors_transition

Document = dict[str, Any]

FILES: dict[str, Callable[[], Document]] = {
    "poseidon2_constants": vectors_crypto.poseidon2_constants,
    "poseidon5_constants": vectors_crypto.poseidon5_constants,
    "poseidon2": vectors_crypto.poseidon2,
    "poseidon": vectors_crypto.poseidon,
    "eddsa": vectors_crypto.eddsa,
    "eddsa_edge": vectors_eddsa.eddsa_edge,
    "data": vectors_data.data,
    "digests": vectors_data.digests,
    "transitions": vectors_transition.transitions,
    "headers": vectors_batch.headers,
    "proofs": vectors_proof.proofs,
}


def render(name: str) -> str:
    """The text of one file."""
    document = {"regenerate": "python -m l2rollup.spec.vectors", **FILES[name]()}
    return json.dumps(document, indent=1) + "\n"


def write(directory: Path) -> None:
    """Writes every file."""
    for name in FILES:
        (directory / f"{name}.json").write_text(render(name), encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1] if len(sys.argv) > 1 else "tests/vectors"))
