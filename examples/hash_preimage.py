"""Shows that somebody knows a number with a given Poseidon hash: the smallest whole circuit.

`python examples/hash_preimage.py [NUMBER]`. The proof does not contain the number, but this proof system does not hide
it either: proofs are not blinded, and a number that can be guessed can be tried.
"""

from __future__ import annotations

import sys

from l2rollup import plonk


def make_circuit() -> plonk.Circuit:
    """secret -> Poseidon(secret)."""
    circuit = plonk.Circuit("hash preimage")
    secret = circuit.secret("secret")
    circuit.expose("digest", circuit.poseidon(secret))
    return circuit


def main() -> None:
    """Proves, sends the proof through bytes, verifies."""
    secret = int(sys.argv[1]) if len(sys.argv) > 1 else 42
    circuit = make_circuit()
    print(circuit.profile())
    key = circuit.compile()
    proof = key.prove(secret=secret)

    verifier = plonk.VerifyingKey.from_bytes(key.verifying_key.to_bytes())  # what the other side has
    received = verifier.load_proof(proof.to_bytes())
    verifier.verify(received)
    print(f"somebody knows the preimage of {received.public['digest']}")
    print(f"proof of {len(received.snark)} bytes in {proof.seconds:.2f} s, setup {verifier.setup}")


if __name__ == "__main__":
    main()
