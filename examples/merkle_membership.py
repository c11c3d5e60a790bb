"""Shows that an entry is in a list of 2^10 of which a contract knows only the Merkle root, and checks it on a chain.

`python examples/merkle_membership.py`. Compiling the verifier needs node and npm's solc (`npm ci`); the chain is the
embedded one. The tree is binary, with circomlib's Poseidon of two; a leaf is Poseidon(1 entry), so that no node passes
for a leaf.
"""

from __future__ import annotations

from functools import cache

from l2rollup import plonk
from l2rollup.errors import ProofRejected, WitnessRejected

DEPTH = 10
ENTRIES = [1000 + 7 * k for k in range(1 << DEPTH)]


def make_circuit() -> plonk.Circuit:
    """(entry, path) -> root; the entry and the root are public."""
    circuit = plonk.Circuit("merkle membership")
    entry, root = circuit.public("entry"), circuit.public("root")
    siblings, position = circuit.secret("siblings", DEPTH), circuit.secret("position", DEPTH)
    found = circuit.merkle_root(circuit.poseidon(entry, label="leaf"), siblings, position)
    circuit.assert_equal(found, root, label="the path ends at the root")
    return circuit


@cache
def make_hasher(count: int) -> plonk.Circuit:
    """A circuit serves as the hash function too: its witness is the hash."""
    circuit = plonk.Circuit("hasher")
    circuit.expose("hash", circuit.poseidon(*circuit.secret("inputs", count)))
    return circuit


def hash_of(*inputs: int) -> int:
    """circomlib's Poseidon outside a circuit."""
    return int(str(make_hasher(len(inputs)).assign(inputs=list(inputs)).public["hash"]))


def make_tree(entries: list[int]) -> list[list[int]]:
    """Levels of the tree, leaves first."""
    levels = [[hash_of(entry) for entry in entries]]
    while len(levels[-1]) > 1:
        below = levels[-1]
        levels.append([hash_of(below[i], below[i + 1]) for i in range(0, len(below), 2)])
    return levels


def main() -> None:
    """Proves membership of one entry, verifies in Rust and in Solidity, and shows two refusals."""
    levels = make_tree(ENTRIES)
    root, index = levels[-1][0], 613
    siblings = [level[(index >> depth) ^ 1] for depth, level in enumerate(levels[:-1])]
    position = [index >> depth & 1 for depth in range(DEPTH)]

    circuit = make_circuit()
    print(circuit.profile().table(depth=1))
    key = circuit.compile()
    proof = key.prove(entry=ENTRIES[index], root=root, siblings=siblings, position=position)
    key.verifying_key.verify(proof, root=root)
    print(f"{ENTRIES[index]} is in the list: {len(proof.snark)} bytes, {proof.seconds:.2f} s")

    try:
        key.prove(entry=1001, root=root, siblings=siblings, position=position)
    except WitnessRejected as error:
        print(f"1001 is not: {error.message}")
    try:
        key.verifying_key.verify(proof, entry=1001)
    except ProofRejected as error:
        print(f"and this proof is not about 1001: {error.message}")

    result = key.verifying_key.export_solidity("Membership").run(proof)
    print(f"the contract at {result['address']} agrees for {result['verify_gas']} gas")


if __name__ == "__main__":
    main()
