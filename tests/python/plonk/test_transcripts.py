"""The transcript is a parameter of a key: one circuit, one form of proof, two keys; neither takes the other's."""

from __future__ import annotations

from pathlib import Path

import pytest

from l2rollup import plonk
from l2rollup.errors import Malformed, ProofMalformed, ProofRejected

TRANSCRIPTS = ("keccak", "poseidon2")


def make() -> plonk.Circuit:
    c = plonk.Circuit("transcripts")
    x = c.secret("x")
    c.range(x, 20)
    c.expose("y", x * x + 1)
    return c


@pytest.fixture(scope="module")
def keys() -> dict[str, plonk.ProvingKey]:
    return {name: make().compile(transcript=name) for name in TRANSCRIPTS}


def test_each_key_proves_and_takes_no_proof_of_the_other(keys: dict[str, plonk.ProvingKey]) -> None:
    proofs = {name: key.prove(x=1000) for name, key in keys.items()}
    assert len({key.digest for key in keys.values()}) == 2
    assert len({len(proof.snark) for proof in proofs.values()}) == 1
    for name, key in keys.items():
        assert key.transcript == key.verifying_key.transcript == name
        key.verifying_key.verify(proofs[name], y=1_000_001)
        [other] = set(TRANSCRIPTS) - {name}
        with pytest.raises(ProofMalformed, match="another key"):
            key.verifying_key.verify(proofs[other])
        relabelled = plonk.Proof(proofs[other].snark, proofs[other].instance, key.digest)
        with pytest.raises(ProofRejected):
            key.verifying_key.verify(relabelled)


@pytest.mark.parametrize("name", TRANSCRIPTS)
def test_files_of_keys_keep_it(keys: dict[str, plonk.ProvingKey], name: str) -> None:
    key = keys[name]
    vk = plonk.VerifyingKey.from_bytes(key.verifying_key.to_bytes())
    again = make().load_key(key.to_bytes())
    assert (vk.transcript, again.transcript, vk.digest, again.digest) == (name, name, key.digest, key.digest)
    vk.verify(again.prove(x=3))


def test_one_cached_key_serves_both(tmp_path: Path, keys: dict[str, plonk.ProvingKey]) -> None:
    steps: list[str] = []
    for name in ("poseidon2", "keccak", "poseidon2"):
        key = make().compile(transcript=name, cache=tmp_path, progress=lambda step, _: steps.append(step))
        assert (key.transcript, key.digest) == (name, keys[name].digest)
    assert len(list(tmp_path.iterdir())) == 1
    assert [step for step in steps if step.endswith("the key")] == ["making the key", *["loading the key"] * 2]


def test_only_keccak_has_a_solidity_verifier(keys: dict[str, plonk.ProvingKey]) -> None:
    assert keys["keccak"].verifying_key.export_solidity("Some").sources
    with pytest.raises(Malformed, match="expected keccak; got poseidon2"):
        keys["poseidon2"].verifying_key.export_solidity("Some")


@pytest.mark.parametrize("name", ["", "Keccak", "sha256"])
def test_another_transcript_is_refused(name: str) -> None:
    with pytest.raises(Malformed, match=f"transcript; expected keccak or poseidon2; got {name}"):
        make().compile(transcript=name)
