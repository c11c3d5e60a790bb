"""The Solidity verifier of a scripted circuit takes what the native one takes, and refuses what it refuses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from l2rollup import plonk
from l2rollup.errors import ConfigurationError, Malformed, ProofMalformed, ProofRejected
from l2rollup.l1 import L1Client, Sender, open_l1
from l2rollup.plonk.solidity import Deployed, SolidityVerifier


def make() -> plonk.Circuit:
    c = plonk.Circuit("on chain")
    x, y = c.public("x"), c.secret("y")
    c.range(y, 12)
    c.expose("hash", c.poseidon(x, y))
    return c


@pytest.fixture(scope="module")
def key() -> plonk.ProvingKey:
    return make().compile()


@pytest.fixture(scope="module")
def proof(key: plonk.ProvingKey) -> plonk.Proof:
    return key.prove(x=5, y=6)


@pytest.fixture(scope="module")
def deployed(key: plonk.ProvingKey) -> Iterator[Deployed]:
    with open_l1("embedded") as chain:
        sender = Sender(L1Client(chain.url), chain.accounts[0].private_key)
        yield key.verifying_key.export_solidity("Chain").deploy(sender)


def test_it_is_of_this_key_and_takes_a_proof(deployed: Deployed, key: plonk.ProvingKey, proof: plonk.Proof) -> None:
    assert deployed.vk_digest() == key.digest
    assert 200_000 < deployed.verify(proof) < 1_000_000
    assert sorted(deployed.gas) == ["ChainConstraints0", "ChainVerifier", "key_data"]
    deployed.verify(key.prove(x=0, y=0))


def test_it_refuses_changed_messages(deployed: Deployed, key: plonk.ProvingKey, proof: plonk.Proof) -> None:
    """Every ninth and the last two; all of them, of a larger circuit, are changed in tests/contracts/Verifier.t.sol."""
    places, at = [], -1
    for _, size in key.verifying_key.handle.messages():
        at += size
        places.append(at)
    assert at == len(proof.snark) - 1
    for place in [*places[::9], *places[-2:]]:
        snark = proof.snark[:place] + bytes([proof.snark[place] ^ 1]) + proof.snark[place + 1 :]
        with pytest.raises((ProofMalformed, ProofRejected)):
            deployed.verify(replace(proof, snark=snark))


def test_it_refuses_what_does_not_hold(deployed: Deployed, key: plonk.ProvingKey, proof: plonk.Proof) -> None:
    false = key.prove_witness(key.circuit.assign(x=5, y=1 << 12), check=False)
    with pytest.raises(ProofRejected, match="Solidity"):
        deployed.verify(false)
    with pytest.raises(ProofRejected, match="Solidity"):
        deployed.verify(replace(proof, instance=(6, proof.instance[1])))
    with pytest.raises(ProofMalformed, match="InputCount"):
        deployed.verify(replace(proof, instance=(5,)))
    with pytest.raises(ProofMalformed, match="ProofLength"):
        deployed.verify(replace(proof, snark=proof.snark + b"\0"))
    with pytest.raises(ProofMalformed, match="InputNotCanonical"):
        deployed.verify(replace(proof, instance=(1 << 255, 1)))


def test_sources_are_written_and_name_their_origin(key: plonk.ProvingKey, tmp_path: Path) -> None:
    files = key.verifying_key.export_solidity("Mine").write(tmp_path / "new")
    assert sorted(file.name for file in files) == ["MineConstraints0.sol", "MineKey.hex", "MineVerifier.sol"]
    assert "on chain (x, hash)" in (tmp_path / "new" / "MineVerifier.sol").read_text()
    with pytest.raises(Malformed, match="contract name"):
        key.verifying_key.export_solidity("no name")


def test_without_solc_the_error_says_what_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    verifier = SolidityVerifier("X", {"X.sol": ""}, b"\0", b"")
    monkeypatch.setenv("SOLC_MODULES", str(tmp_path))
    with pytest.raises(ConfigurationError, match="solc is a development tool and not part of the package"):
        verifier.compile()
