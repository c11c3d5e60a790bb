"""Fixtures of the native tests: one prover key and one real proof for all of them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from native_chunk import SealedWitness, seal

from l2rollup import _native
from l2rollup.proof.setup import open_keys


@pytest.fixture(scope="session")
def key() -> _native.ProverKey:
    """The key of the shipped setup, from this user's cache when it is there."""
    return open_keys()


@pytest.fixture(scope="session")
def sealed() -> SealedWitness:
    return seal()


@pytest.fixture(scope="session")
def proof(key: _native.ProverKey, sealed: SealedWitness) -> _native.ChunkProof:
    return _native.prove_chunk(key, sealed.witness, sealed.z)
