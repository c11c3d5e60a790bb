"""Exit proofs from Python: under the shipped key, of what the state has, and typed errors for everything else."""

from __future__ import annotations

import pytest

from l2rollup import native
from l2rollup.bridge import MAX_EXITS, encode_deposit, encode_proven_exits
from l2rollup.errors import ConfigurationError, Malformed, ProofMalformed
from l2rollup.l1.deploy import EXIT_VERIFIERS, read_vk_digest
from l2rollup.native import Engine
from l2rollup.proof import load_srs

OWNERS = [bytes([0xA5, i]) * 10 for i in range(3)]


@pytest.fixture(scope="module")
def engine() -> Engine:
    made = native.load().Engine.genesis(31337, bytes(19) + b"\x01")
    made.begin_chunk(1_800_000_000, 1, [(0, 0)])
    deposits = [encode_deposit(token, 100 + token, owner, owner) for owner in OWNERS for token in (0, 7)]
    assert all(outcome.accepted for outcome in made.apply(deposits))
    made.end_chunk()
    return made


@pytest.mark.parametrize("wanted", [[(OWNERS[1], 0)], [(OWNERS[0], 7), (OWNERS[2], 0), (OWNERS[2], 7)]])
def test_a_proof_says_what_it_is_of(engine: Engine, wanted: list[tuple[bytes, int]]) -> None:
    made = engine.prove_exits(wanted, load_srs())
    places = [(1 + OWNERS.index(owner), token, 100 + token) for owner, token in wanted]
    assert made.balances == places
    assert made.vk_digest == read_vk_digest(EXIT_VERIFIERS[len(wanted) > 1])
    coded = encode_proven_exits([owner for owner, _ in wanted], made.balances, made.snark)
    assert coded[:2] == bytes([1, len(wanted)]) and len(coded) == 2 + 42 * len(wanted) + len(made.snark)


def test_wrong_wishes(engine: Engine) -> None:
    setup = load_srs()
    for wanted in ([], [(OWNERS[0], 0)] * (MAX_EXITS + 1)):
        with pytest.raises(Malformed, match="count"):
            engine.prove_exits(wanted, setup)
    with pytest.raises(Malformed, match="account"):
        engine.prove_exits([(b"\x77" * 20, 0)], setup)
    with pytest.raises(Malformed, match="length"):
        engine.prove_exits([(b"\x77", 0)], setup)
    with pytest.raises(ConfigurationError):
        engine.prove_exits([(OWNERS[0], 0)], setup[:1000])


def test_a_balance_of_nothing_is_provable_and_no_exit(engine: Engine) -> None:
    """The circuit shows 0; that nobody leaves with it is the contract's."""
    assert engine.prove_exits([(OWNERS[0], 9)], load_srs()).balances == [(1, 9, 0)]


@pytest.mark.parametrize(("owners", "balances"), [([], []), (OWNERS[:1], []), (OWNERS[:1] * 33, [(1, 0, 1)] * 33)])
def test_no_encoding_of_other_numbers(owners: list[bytes], balances: list[tuple[int, int, int]]) -> None:
    with pytest.raises(ProofMalformed):
        encode_proven_exits(owners, balances, b"")
