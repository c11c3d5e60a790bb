"""Proofs through the seam: a real chunk proves and verifies; every damaged field is refused with the right type."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from pathlib import Path

import pytest
from native_chunk import SealedWitness

from l2rollup import _native
from l2rollup.errors import (
    Cancelled,
    ConfigurationError,
    L2Error,
    Malformed,
    ProofMalformed,
    ProofRejected,
    WitnessRejected,
)
from l2rollup.proof.setup import default_key_cache, load_srs, open_keys

R = 21888242871839275222246405745257275088548364400416034343698204186575808495617
Q = 21888242871839275222246405745257275088696311157297823662689037894645226208583


def word(value: int) -> bytes:
    return value.to_bytes(32, "big")


def test_a_chunk_is_proved_and_verified(key: _native.ProverKey, proof: _native.ChunkProof) -> None:
    shape = _native.shape()
    assert key.setup == "aztec-ignition"
    assert len(proof.snark) == shape.proof_bytes and len(proof.public_inputs) == 32 * shape.public_inputs
    assert _native.verify(key.vk(), proof.public_inputs, proof.snark) is None
    assert _native.check_key(key.vk()) == (key.vk_digest, "aztec-ignition")


def test_verification_is_quick(key: _native.ProverKey, proof: _native.ChunkProof) -> None:
    """No proving key, no witness: many verifications a second, whatever else runs here."""
    vk = key.vk()
    _native.verify(vk, proof.public_inputs, proof.snark)
    used = time.process_time()
    for _ in range(10):
        _native.verify(vk, proof.public_inputs, proof.snark)
    assert (time.process_time() - used) / 10 < 1.0


def test_every_damaged_message_is_refused(key: _native.ProverKey, proof: _native.ChunkProof) -> None:
    vk = key.vk()
    fields = _native.decode_proof(vk, proof.snark)
    assert len(fields) > 50 and _native.encode_proof(vk, fields) == proof.snark

    def attempt(i: int, content: bytes) -> None:
        changed = [*fields[:i], (fields[i][0], content), *fields[i + 1 :]]
        _native.verify(vk, proof.public_inputs, _native.encode_proof(vk, changed))

    for i, (name, content) in enumerate(fields):
        x = int.from_bytes(content[:32], "big")
        if len(content) == 32:
            with pytest.raises(ProofRejected):
                attempt(i, word((x + 1) % R))
            with pytest.raises(ProofMalformed, match="Evaluation"):
                attempt(i, word(x + R) if x + R < 1 << 256 else word(R))
        else:
            y = content[32:]
            if content == bytes(64):
                continue
            with pytest.raises(ProofRejected):  # the same x, the other y
                attempt(i, content[:32] + word(Q - int.from_bytes(y, "big")))
            with pytest.raises(ProofMalformed):  # off the curve
                attempt(i, word(x ^ 1) + y)
            with pytest.raises(ProofMalformed, match="below q"):
                attempt(i, word(x + Q) + y)
        with pytest.raises((ProofMalformed, ProofRejected)):
            attempt(i, bytes(len(content)))
        assert name


def test_every_changed_public_input_is_refused(key: _native.ProverKey, proof: _native.ChunkProof) -> None:
    vk, inputs = key.vk(), proof.public_inputs
    for i in range(0, len(inputs), 32):
        x = int.from_bytes(inputs[i : i + 32], "big")
        with pytest.raises(ProofRejected):
            _native.verify(vk, inputs[:i] + word((x + 1) % R) + inputs[i + 32 :], proof.snark)
        with pytest.raises(ProofMalformed):
            _native.verify(vk, inputs[:i] + word(x + R) + inputs[i + 32 :], proof.snark)


@pytest.mark.parametrize("change", [lambda b: b[:-1], lambda b: b + b"\0", lambda b: b"", lambda b: b[32:]])
def test_other_lengths_are_malformed(key: _native.ProverKey, proof: _native.ChunkProof, change) -> None:  # type: ignore[no-untyped-def]
    vk = key.vk()
    with pytest.raises(ProofMalformed) as caught:
        _native.verify(vk, proof.public_inputs, change(proof.snark))
    assert caught.value.expected and caught.value.got
    with pytest.raises(ProofMalformed):
        _native.verify(vk, change(proof.public_inputs), proof.snark)
    with pytest.raises(Malformed):
        _native.verify(change(vk), proof.public_inputs, proof.snark)


def test_another_key_is_refused(key: _native.ProverKey, proof: _native.ChunkProof) -> None:
    vk = bytearray(key.vk())
    vk[0] ^= 1  # the digest
    with pytest.raises(Malformed, match="digest"):
        _native.verify(bytes(vk), proof.public_inputs, proof.snark)


def test_messages_keep_their_names_and_places(key: _native.ProverKey, proof: _native.ChunkProof) -> None:
    vk = key.vk()
    fields = _native.decode_proof(vk, proof.snark)
    swapped, emptied = [fields[1], fields[0], *fields[2:]], [(fields[0][0], b""), *fields[1:]]
    for wrong in (fields[1:], [*fields, fields[0]], swapped, emptied):
        with pytest.raises(ProofMalformed):
            _native.encode_proof(vk, wrong)


def test_the_transcript_depends_on_everything(key: _native.ProverKey, proof: _native.ChunkProof) -> None:
    vk, inputs = key.vk(), proof.public_inputs
    drawn = _native.transcript(vk, inputs, proof.snark)
    assert [name for name, _ in drawn] == ["alpha", "gamma", "beta", "delta", "y", "zeta", "v", "u"]
    changed = inputs[:-32] + word(int.from_bytes(inputs[-32:], "big") ^ 1)
    assert all(a != b for a, b in zip(drawn, _native.transcript(vk, changed, proof.snark), strict=True))


def test_a_good_witness_violates_nothing(sealed: SealedWitness) -> None:
    assert _native.check_chunk(sealed.witness, sealed.z) == []


def test_a_changed_cell_is_found_and_its_proof_refused(key: _native.ProverKey, sealed: SealedWitness) -> None:
    cells = _native.dump_chunk(sealed.witness, sealed.z)
    shape = _native.shape()
    assert (cells.columns, cells.rows) == (shape.advice + shape.multiplicity, shape.rows)
    column, row = shape.advice - 1, 0
    while cells.free(column, row) or cells.cell(column, row) == bytes(32):
        row += 1
    changed = cells.with_cell(column, row, word((int.from_bytes(cells.cell(column, row), "big") + 1) % R))
    found = _native.check_cells(changed)
    assert found and found[0].label and found[0].place and cells.label(column, row)
    assert _native.check_cells(cells) == []
    with pytest.raises(WitnessRejected):
        _native.prove_cells(key, changed)
    bad = _native.prove_cells(key, changed, check=False)
    with pytest.raises(ProofRejected):
        _native.verify(key.vk(), bad.public_inputs, bad.snark)


def test_a_changed_public_input_is_found(sealed: SealedWitness) -> None:
    cells = _native.dump_chunk(sealed.witness, sealed.z)
    for index in range(_native.shape().public_inputs):
        given = int.from_bytes(cells.public_inputs[32 * index : 32 * index + 32], "big")
        changed = cells.with_public_input(index, word((given + 1) % R))
        assert _native.check_cells(changed, 1), f"public input {index} is bound by nothing"


def test_cells_return_from_their_columns(sealed: SealedWitness) -> None:
    cells = _native.dump_chunk(sealed.witness, sealed.z)
    columns = [cells.column(i) for i in range(cells.columns)]
    again = _native.Cells.of(columns, cells.public_inputs)
    assert again.column(3) == columns[3] and again.public_inputs == cells.public_inputs
    assert columns[3][:32] == cells.cell(3, 0)
    with pytest.raises(Malformed):
        _native.Cells.of(columns[:-1], cells.public_inputs)
    with pytest.raises(Malformed):
        _native.Cells.of([columns[0][:-32], *columns[1:]], cells.public_inputs)
    with pytest.raises(Malformed):
        cells.with_cell(cells.columns, 0, word(1))
    with pytest.raises(Malformed):
        cells.with_cell(0, 0, word(R))
    with pytest.raises(Malformed):
        cells.cell(0, cells.rows)


def test_a_damaged_witness_is_malformed_or_violates(sealed: SealedWitness) -> None:
    with pytest.raises(Malformed):
        _native.check_chunk(sealed.witness[:-1], sealed.z)
    with pytest.raises(Malformed):
        _native.check_chunk(b"", sealed.z)
    with pytest.raises(Malformed):
        _native.check_chunk(sealed.witness, word(R))
    # Roots and digests, in and out; the evaluations that follow begin anywhere, and their ends are computed.
    for at in range(115 + 31, 115 + 8 * 32, 32):
        damaged = bytearray(sealed.witness)
        damaged[at] ^= 1
        assert _native.check_chunk(bytes(damaged), sealed.z, 1), f"the word up to byte {at} is bound by nothing"
    # Anything else may be data that this kind does not read, but it ends in an answer.
    for at in range(6, len(sealed.witness), len(sealed.witness) // 5):
        damaged = bytearray(sealed.witness)
        damaged[at] ^= 0xFF
        with contextlib.suppress(Malformed):
            _native.check_chunk(bytes(damaged), sealed.z, 1)


def test_ctrl_c_ends_a_proof_at_once(key: _native.ProverKey, sealed: SealedWitness) -> None:
    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    began = time.monotonic()
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        _native.prove_chunk(key, sealed.witness, sealed.z)
    assert time.monotonic() - began < 3


def test_progress_hears_every_round_and_may_stop(key: _native.ProverKey, sealed: SealedWitness) -> None:
    heard: list[str] = []

    def progress(step: str, part: float) -> None:
        assert 0 <= part <= 1
        heard.append(step)
        if step.startswith("round 2"):
            raise LookupError("enough")

    with pytest.raises(LookupError, match="enough"):
        _native.prove_chunk(key, sealed.witness, sealed.z, progress)
    assert heard == ["assigning cells", "round 1 of 5", "round 2 of 5"]


def test_other_threads_run_while_rust_computes(sealed: SealedWitness) -> None:
    done = threading.Event()
    counted = [0]

    def count() -> None:
        while not done.is_set():
            counted[0] += 1
            time.sleep(0.001)

    thread = threading.Thread(target=count)
    thread.start()
    before = counted[0]
    _native.check_chunk(sealed.witness, sealed.z)
    during = counted[0] - before
    done.set()
    thread.join()
    assert during > 20


def test_a_damaged_key_cache_is_made_again_and_a_bad_setup_refused(tmp_path: Path, key: _native.ProverKey) -> None:
    found = list(default_key_cache().glob("leaf-*.key"))
    assert key and found
    for source in found:  # this circuit's, and perhaps older ones
        content = bytearray(source.read_bytes())
        content[len(content) // 2] ^= 1
        (tmp_path / source.name).write_bytes(bytes(content))
    steps: list[str] = []

    def progress(step: str, part: float) -> None:
        steps.append(step)
        if step == "making the key":  # it takes long, and what comes is known
            raise InterruptedError

    with pytest.raises(InterruptedError):
        open_keys(tmp_path, progress)
    assert any("refused" in step for step in steps)
    srs = load_srs()
    assert _native.check_setup(srs)[:2] == ("aztec-ignition", 32769)
    for bad in (srs[:-1], b"", srs[:100] + bytes([srs[100] ^ 1]) + srs[101:], b"l2r-srs1" + b"\xff" * 8 + srs[16:]):
        with pytest.raises(ConfigurationError):
            _native.check_setup(bad)
    with pytest.raises(ConfigurationError):
        open_keys(tmp_path / found[0].name / "below a file")


def test_solidity_is_exported_for_any_name_that_is_one(key: _native.ProverKey) -> None:
    files, code = _native.export_solidity(key.vk(), "Leaf")
    assert files[0][0] == "LeafVerifier.sol" and "contract LeafVerifier" in files[0][1]
    assert code[0] == 0 and 0 < len(code) < 24576
    assert key.vk_digest.hex() in files[0][1] or key.vk_digest in code
    with pytest.raises(L2Error):
        _native.export_solidity(key.vk(), "not a name")


def test_cancelled_is_its_own_class() -> None:
    assert Cancelled("x").code == "cancelled"
