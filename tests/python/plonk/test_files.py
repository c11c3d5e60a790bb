"""Keys and proofs survive their files; a truncated, flipped or foreign one is a typed error, never a crash."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from l2rollup import native, plonk
from l2rollup.errors import ConfigurationError, L2Error, Malformed, ProofMalformed, ProofRejected
from l2rollup.plonk.relation import read_name


def make(name: str = "files", factor: int = 3) -> plonk.Circuit:
    c = plonk.Circuit(name)
    x = c.secret("x")
    c.range(x, 20)
    c.expose("y", [x * x * factor, x + 1])
    return c


@pytest.fixture(scope="module")
def key() -> plonk.ProvingKey:
    return make().compile()


@pytest.fixture(scope="module")
def proof(key: plonk.ProvingKey) -> plonk.Proof:
    return key.prove(x=1000)


def test_round_trips(key: plonk.ProvingKey, proof: plonk.Proof) -> None:
    vk = plonk.VerifyingKey.from_bytes(key.verifying_key.to_bytes())
    assert vk.digest == key.digest and vk.setup == "aztec-ignition"
    loaded = vk.load_proof(proof.to_bytes())
    assert loaded.public == proof.public == {"y": [3_000_000, 1001]}
    vk.verify(loaded, y=[3_000_000, 1001])
    again = make().load_key(key.to_bytes())
    assert again.digest == key.digest
    vk.verify(again.prove(x=7))


def test_layout_does_not_depend_on_values_or_time(key: plonk.ProvingKey) -> None:
    assert make().layout().digest == key.layout.digest
    assert make(factor=4).layout().digest != key.layout.digest
    assert make("other").compile().digest != key.digest


@pytest.mark.parametrize("cut", [0, 7, 8, 40, 1000, -1])
def test_truncated_keys_are_refused(key: plonk.ProvingKey, cut: int) -> None:
    with pytest.raises(Malformed, match=r"expected .*got"):
        plonk.VerifyingKey.from_bytes(key.verifying_key.to_bytes()[:cut])
    with pytest.raises(Malformed, match=r"expected .*got"):
        make().load_key(key.to_bytes()[:cut])


def test_flipped_keys_are_refused(key: plonk.ProvingKey) -> None:
    vk, pk = key.verifying_key.to_bytes(), key.to_bytes()
    chance = random.Random(1)
    for _ in range(40):
        for data, load in ((vk, plonk.VerifyingKey.from_bytes), (pk, make().load_key)):
            at = chance.randrange(len(data))
            with pytest.raises(Malformed, match=r"expected .*got"):
                load(data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :])


def test_a_key_of_another_circuit_or_setup_is_refused(key: plonk.ProvingKey) -> None:
    with pytest.raises(Malformed, match="proving key of another circuit"):
        make(factor=5).load_key(key.to_bytes())
    with pytest.raises(L2Error, match=r"digest|ceremony|commitments"):
        make().load_key(key.to_bytes(), plonk.Setup.unsafe(7, key.layout.n + 1))


def test_an_unsafe_setup_is_named_in_the_key() -> None:
    circuit = make()
    key = circuit.compile(plonk.Setup.unsafe(7, 1025))
    assert key.setup.startswith("unsafe-") and key.verifying_key.setup.startswith("unsafe-")
    key.verifying_key.verify(key.prove(x=3))
    for tau, powers in ((0, 9), (1, 9), (5, 1), (5, 1 << 21)):
        with pytest.raises(Malformed):
            plonk.Setup.unsafe(tau, powers)


def test_a_damaged_setup_is_refused() -> None:
    from l2rollup.proof.setup import load_srs

    data = load_srs()
    for bad in (b"", data[:-1], data[:5000], data[:16] + bytes(32) + data[48:], data[:-1] + bytes([data[-1] ^ 1])):
        with pytest.raises(ConfigurationError, match=r"expected .*got"):
            plonk.Setup.from_bytes(bad)


def test_a_setup_from_a_file(tmp_path: Path, key: plonk.ProvingKey) -> None:
    """The local form of the shipped setup: another file, the same key; its Lagrange basis is kept and checked."""
    from l2rollup.proof.setup import load_srs

    compressed, local = tmp_path / "shipped.srs", tmp_path / "shipped.local"
    compressed.write_bytes(load_srs())
    native.load().srs_import([compressed], local)
    setup = plonk.Setup.from_file(local, key.layout.n)
    assert setup.name == "aztec-ignition" and setup.rows == key.layout.n
    assert make().compile(setup).digest == key.digest
    [basis] = [file for file in tmp_path.iterdir() if "lagrange" in file.name]
    again = make().compile(plonk.Setup.from_file(local, key.layout.n))
    key.verifying_key.verify(again.prove(x=5))
    basis.write_bytes(basis.read_bytes()[:-64] + bytes(64))
    steps: list[str] = []
    make().compile(plonk.Setup.from_file(local, key.layout.n), progress=lambda step, _: steps.append(step))
    assert any("refused" in step for step in steps)
    with pytest.raises(Malformed, match="over the row budget"):
        make().compile(plonk.Setup.from_file(compressed, 64))
    for file in (tmp_path / "none", tmp_path):
        with pytest.raises(ConfigurationError):
            plonk.Setup.from_file(file)
    with pytest.raises(Malformed, match="at least 2"):
        plonk.Setup.from_file(local, 1)


def test_every_message_of_a_proof_counts(key: plonk.ProvingKey, proof: plonk.Proof) -> None:
    """One flipped bit in each message: malformed or rejected, never accepted."""
    vk, at = key.verifying_key, 0
    vk.verify(proof)
    for name, size in vk.handle.messages():
        place = at + size - 1
        snark = proof.snark[:place] + bytes([proof.snark[place] ^ 1]) + proof.snark[place + 1 :]
        with pytest.raises((ProofMalformed, ProofRejected)):
            vk.verify(replace(proof, snark=snark))
        assert name
        at += size
    assert at == len(proof.snark)


def test_damaged_proofs_are_refused(key: plonk.ProvingKey, proof: plonk.Proof) -> None:
    data, vk = proof.to_bytes(), key.verifying_key
    for cut in (0, 5, 43, 44, 80, len(data) - 1):
        with pytest.raises(ProofMalformed, match=r"expected .*got"):
            vk.verify(vk.load_proof(data[:cut]))
    chance = random.Random(2)
    for _ in range(60):
        at = chance.randrange(len(data))
        with pytest.raises((ProofMalformed, ProofRejected)):
            vk.verify(vk.load_proof(data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]))
    for instance in ((), (1,), (1 << 256, 1), (-1, 1), (proof.instance[0] + 1, proof.instance[1])):
        with pytest.raises((ProofMalformed, ProofRejected)):
            vk.verify(replace(proof, instance=instance))


def test_no_bytes_of_a_relation_crash_the_native_module(key: plonk.ProvingKey) -> None:
    """Flipped, truncated and grown relations: a typed error or another relation, never an internal error."""
    module, layout = native.load(), key.layout
    relation, vk = layout.encoded, key.handle.vk()
    assert read_name(relation) == "files (y[2])"
    chance = random.Random(3)
    refused: list[Malformed] = []
    for _ in range(400):
        at = chance.randrange(len(relation))
        kinds = [relation[:at], relation + bytes([at % 256]), relation[:at] + chance.randbytes(1) + relation[at + 1 :]]
        data = chance.choice(kinds)
        for call in (
            lambda data=data: module.plonk_verifying_key(data, vk),
            lambda data=data: module.plonk_circuit(data, layout.fixed, layout.copies),
        ):
            try:
                call()
            except Malformed as error:
                refused.append(error)
    assert len(refused) > 600
    assert all(error.expected and error.got for error in refused)


def test_no_bytes_of_a_circuit_crash_the_native_module(key: plonk.ProvingKey) -> None:
    module, layout = native.load(), key.layout
    out_of_range = bytes(12) + (1 << 31).to_bytes(4, "little")
    strange = [
        (layout.fixed[:-32], layout.copies), (layout.fixed + bytes(32), layout.copies), (b"", layout.copies),
        (b"\xff" * len(layout.fixed), layout.copies), (layout.fixed, layout.copies[:-1]),
    ]  # fmt: skip
    for fixed, copies in strange:
        with pytest.raises(Malformed, match=r"expected .*got"):
            module.plonk_circuit(layout.encoded, fixed, copies)
    circuit = module.plonk_circuit(layout.encoded, layout.fixed, out_of_range)
    with pytest.raises(Malformed, match="copied cell"):
        module.plonk_keys(circuit, plonk.Setup.shipped().handle)
    witness = make().assign(x=1)
    for columns, instance in ((b"", witness.packed_instance()), (witness.packed(), b""), (witness.packed(), bytes(33))):
        with pytest.raises(Malformed, match=r"expected .*got"):
            key.handle.prove(columns, instance)


def test_the_cache_is_checked_and_repaired(tmp_path: Path) -> None:
    circuit = make("cached")
    first = circuit.compile(cache=tmp_path)
    [file] = tmp_path.iterdir()
    steps: list[str] = []
    assert circuit.compile(cache=tmp_path, progress=lambda step, _: steps.append(step)).digest == first.digest
    assert steps == ["loading the key"]
    file.write_bytes(file.read_bytes()[:-5])
    steps.clear()
    assert circuit.compile(cache=tmp_path, progress=lambda step, _: steps.append(step)).digest == first.digest
    assert "refused" in steps[0] and steps[-1] == "making the key"
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="a folder that can be written"):
        circuit.compile(cache=tmp_path / "file" / "below")
