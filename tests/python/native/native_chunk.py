"""A small real chunk for the proof tests: a key, two deposits, a transfer to a new account and one to oneself."""

from __future__ import annotations

from dataclasses import dataclass

from test_engine import ALICE, BOB, CHAIN_ID, ROLLUP, funded, intake, word

from l2rollup import _native


@dataclass(frozen=True)
class SealedWitness:
    """What the prover is given."""

    witness: bytes
    z: bytes


def seal() -> SealedWitness:
    """Seals a chunk of two transfers after one of queue entries."""
    engine = funded()
    engine.begin_chunk(2, 1, [(0, 3), (1, 1)])
    outcomes = engine.apply([intake(engine, BOB, 12345, 0), intake(engine, ALICE, 5, 1)])
    assert [outcome.fault for outcome in outcomes] == [None, None]
    sealed = engine.end_chunk()
    z = _native.data_challenge(
        word(1), CHAIN_ID, ROLLUP, 1, sealed.tx_c, sealed.op_c, sealed.transactions, sealed.operations
    )
    return SealedWitness(sealed.witness, z)
