"""The prover from the command line: a sample chunk, a changed cell, a changed proof, an interruption."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from running_demo import read_record, run_cli


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample")
    read_record(run_cli("proof", "sample", "-o", str(folder / "chunk.json"), "--json"))
    return folder


def test_sample_holds_and_a_changed_cell_does_not(sample: Path) -> None:
    chunk = str(sample / "chunk.json")
    held = read_record(run_cli("proof", "check", "--witness", chunk, "--json"))
    assert held == {"holds": True, "violations": []}
    cells = str(sample / "cells.json")
    read_record(run_cli("proof", "dump-witness", "--witness", chunk, "--set", "0,8=5", "-o", cells, "--json"))
    done = run_cli("proof", "check", "--witness", cells, "--json")
    found = json.loads(done.stdout)
    assert done.returncode == 1 and found["holds"] is False
    assert all(violation["label"] for violation in found["violations"])
    refused = run_cli("proof", "prove", "--witness", cells, "-o", str(sample / "no.json"), "--json")
    assert refused.returncode != 0 and not (sample / "no.json").exists()


def test_true_and_false_proofs(sample: Path) -> None:
    proof, cells = str(sample / "proof.json"), str(sample / "cells.json")
    read_record(run_cli("proof", "prove", "--witness", str(sample / "chunk.json"), "-o", proof, "--json"))
    assert read_record(run_cli("proof", "verify", proof, "--json"))["verified"] is True
    drawn = read_record(run_cli("proof", "transcript", proof, "--json"))["challenges"]
    assert len({entry["value"] for entry in drawn}) == len(drawn) >= 5
    messages, again = sample / "messages.json", str(sample / "again.json")
    read_record(run_cli("proof", "decode", proof, "-o", str(messages), "--json"))
    read_record(run_cli("proof", "encode", str(messages), "-o", again, "--json"))
    assert Path(again).read_text() == Path(proof).read_text()
    record = json.loads(messages.read_text())
    value = record["messages"][-1]["value"]
    record["messages"][-1]["value"] = value[:-1] + ("0" if value[-1] != "0" else "1")
    messages.write_text(json.dumps(record))
    read_record(run_cli("proof", "encode", str(messages), "-o", again, "--json"))
    assert run_cli("proof", "verify", again, "--json").returncode in (1, 2)
    false = str(sample / "false.json")
    read_record(run_cli("proof", "prove", "--witness", cells, "--no-precheck", "-o", false, "--json"))
    done = run_cli("proof", "verify", false, "--json")
    assert done.returncode == 1 and json.loads(done.stdout)["error"]["name"] == "proof_rejected"


def test_a_proof_for_a_verifier_that_is_a_circuit(sample: Path, tmp_path: Path) -> None:
    chunk, proof, vk = str(sample / "chunk.json"), str(tmp_path / "proof.json"), str(tmp_path / "vk")
    poseidon2 = ("--transcript", "poseidon2")
    read_record(run_cli("proof", "prove", "--witness", chunk, "-o", proof, *poseidon2, "--json"))
    read_record(run_cli("proof", "vk", "-o", vk, *poseidon2, "--json"))
    digests = {
        read_record(run_cli("proof", "verify", proof, *options, "--json"))["vkDigest"]
        for options in (poseidon2, ("--vk", vk))
    }
    assert digests == {read_record(run_cli("proof", "keys", *poseidon2, "--json"))["vkDigest"]}
    done = run_cli("proof", "verify", proof, "--json")
    assert done.returncode == 1 and json.loads(done.stdout)["error"]["name"] == "proof_rejected"
    exported = run_cli("proof", "export-solidity", "--vk", vk, "-o", str(tmp_path / "sol"), "--json")
    assert exported.returncode != 0 and "keccak" in exported.stdout
    assert run_cli("proof", "keys", "--transcript", "sha256", "--json").returncode == 2


def interrupt_proving(sample: Path, delay: float) -> int | None:
    """Sends Ctrl-C `delay` seconds into a proof. Returns the exit status, None where the proof was there before."""
    chunk = str(sample / "chunk.json")
    command = [sys.executable, "-m", "l2rollup", "proof", "prove", "--witness", chunk, "-o", "x.json"]
    process = subprocess.Popen(command, cwd=sample, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    while "prover key" not in process.stderr.readline():
        assert process.poll() is None
    time.sleep(delay)
    process.send_signal(signal.SIGINT)
    began = time.monotonic()
    status = process.wait(timeout=30)
    if status == 0:
        (sample / "x.json").unlink()
        return None
    assert time.monotonic() - began < 10
    assert "Traceback" not in process.stderr.read()
    return status


def test_ctrl_c_works_during_proving(sample: Path) -> None:
    # a proof takes less than a second on a fast machine
    status = next(found for delay in (0.3, 0.1, 0.03) if (found := interrupt_proving(sample, delay)) is not None)
    assert status == 130 and not (sample / "x.json").exists()


def test_profile(sample: Path, tmp_path: Path) -> None:
    picture = tmp_path / "cells.svg"
    chunk = str(sample / "chunk.json")
    record = read_record(run_cli("proof", "profile", "--witness", chunk, "--svg", str(picture), "--json"))
    shape = read_record(run_cli("proof", "keys", "--json"))["shape"]
    cells = sum(part["cells"] for part in record["parts"])
    assert 0.9 * shape["n"] * shape["columns"] < cells <= shape["n"] * shape["columns"]
    assert {"poseidon2 pool", "eddsa blocks", "circuit/slot/fee"} <= {part["path"] for part in record["parts"]}
    seconds = {phase["phase"]: phase["seconds"] for phase in record["phases"]}
    assert {"witness", "commitments", "openings"} <= seconds.keys() and min(seconds.values()) >= 0
    assert picture.read_text().startswith("<svg") and "eddsa blocks" in picture.read_text()
    assert "poseidon2 pool" in run_cli("proof", "profile", "--witness", chunk).stdout


def test_keys_and_setup(tmp_path: Path) -> None:
    srs = read_record(run_cli("proof", "srs", "--json"))
    assert srs["setup"] == "aztec-ignition" and srs["g1Powers"] == 32769
    key = read_record(run_cli("proof", "vk", "-o", str(tmp_path / "vk"), "--json"))
    assert read_record(run_cli("proof", "vk", "--vk", str(tmp_path / "vk"), "--json"))["vkDigest"] == key["vkDigest"]
    damaged = bytearray((tmp_path / "vk").read_bytes())
    damaged[len(damaged) // 2] ^= 1
    (tmp_path / "vk").write_bytes(damaged)
    assert run_cli("proof", "vk", "--vk", str(tmp_path / "vk"), "--json").returncode in (1, 2)
    exported = read_record(run_cli("proof", "export-solidity", "-o", str(tmp_path / "sol"), "--json"))
    assert all((tmp_path / "sol" / file).is_file() for file in exported["files"])


def test_bench_measures_what_it_says() -> None:
    arguments = ["--accounts", "1024", "--transfers", "3", "--runs", "1", "--json"]
    record = read_record(run_cli("bench", "prove", *arguments))
    shape = read_record(run_cli("proof", "keys", "--json"))
    assert record["vk_digest"] == shape["vkDigest"] and record["setup"] == "aztec-ignition"
    assert record["transfers"] == 3 and record["chunks"] == 1 and record["accounts"] == 1024
    cells = record["n"] * record["columns"]
    assert record["cells_per_transfer"] == round(cells / 3, 1)
    assert record["core_us_per_cell"] == pytest.approx(record["prove_core_seconds"] / cells * 1e6, rel=1e-3)
    assert record["proven_tps"] == pytest.approx(3 / record["wall_s"], rel=1e-2)
    assert record["columns"] < record["committed_columns"] <= record["columns"] + 20
    assert 0 < record["witness_core_seconds"] < record["prove_core_seconds"] and record["rss_mb"] > 50
