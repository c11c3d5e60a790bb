"""`l2rollup proof srs`: what is imported, from which format, and what each refusal says it expected and got."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from l2rollup import native
from l2rollup.cli.app import run
from l2rollup.errors import ConfigurationError
from l2rollup.node.stages.prove import Prove
from l2rollup.proof import Ready, load_srs, open_keys
from l2rollup.proof.published import check_ptau

SNARKJS = Path(__file__).parents[3] / "rust" / "plonk" / "tests" / "setups" / "snarkjs-4.ptau"
POINT = 64


@pytest.fixture(autouse=True)
def own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("L2ROLLUP_CACHE", str(tmp_path / "cache"))


def record(capsys: pytest.CaptureFixture[str], *arguments: str | Path, status: int = 0) -> Any:
    capsys.readouterr()
    found = run(["proof", "srs", *map(str, arguments), "--json"])
    captured = capsys.readouterr()
    assert found == status, captured.err
    assert "Traceback" not in captured.err
    [line] = captured.out.splitlines()
    answer = json.loads(line)
    if status:
        assert answer["error"]["expected"] and answer["error"]["got"], answer
    return answer


def test_the_shipped_setup_is_the_default(capsys: pytest.CaptureFixture[str]) -> None:
    shipped = record(capsys)
    assert shipped == record(capsys, "check")
    assert shipped["setup"] == "aztec-ignition" and shipped["g1Powers"] == 32769 and not shipped["unsafe"]
    other = record(capsys, "check", "--ceremony", "hermez-powers-of-tau", status=1)["error"]
    assert (other["expected"], other["got"]) == ("hermez-powers-of-tau", "aztec-ignition")


def test_import_of_the_shipped_ceremony(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "shipped.srs").write_bytes(load_srs())
    made = record(capsys, "import", tmp_path / "shipped.srs", "--powers", "64", "--lagrange", "5", "--lagrange", "6")
    assert made["setup"] == "aztec-ignition" and made["g1Powers"] == 64 and made["format"] == "compressed"
    file = Path(made["file"])
    assert file.name == "aztec-ignition-64.srs" and file.stat().st_size == 4096 + 64 * POINT
    [listed] = record(capsys, "info")["setups"]
    assert listed["setup"] == "aztec-ignition" and listed["maxRows"] == 64 and listed["isComplete"]
    assert listed["lagrangeLogRows"] == [5, 6] and not listed["unsafe"]
    again = record(capsys, "check", file)
    assert (again["format"], again["digest"]) == ("local", made["digest"])
    assert record(capsys, "lagrange", file, "--log-rows", "6")["file"] == str(file) + ".lagrange-6"
    small = record(capsys, "lagrange", file, "--log-rows", "7", status=1)["error"]
    assert (small["expected"], small["got"]) == ("at least 128", "64")


def test_a_damaged_lagrange_basis_is_made_again(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "dev.srs"
    record(capsys, "dev", "-o", file, "--powers", "32")
    basis = Path(record(capsys, "lagrange", file, "--log-rows", "5")["file"])
    good = basis.read_bytes()
    basis.write_bytes(good[:5000] + bytes([good[5000] ^ 1]) + good[5001:])
    record(capsys, "lagrange", file, "--log-rows", "5")
    assert basis.read_bytes() == good


def test_a_ptau_file_must_be_a_published_one(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    error = record(capsys, "import", SNARKJS, status=1)["error"]
    assert (error["expected"], error["got"]) == ("8 to 28, as published", "4")
    made = record(capsys, "import", SNARKJS, "--allow-unrecognised", "-o", tmp_path / "x.srs")
    assert made["unsafe"] and made["setup"].startswith("unsafe-unrecognised-") and made["g1Powers"] == 31
    assert made["published"] is None
    # A file with the header of a published one and other bytes.
    content = bytearray(SNARKJS.read_bytes())
    content[60:68] = (8).to_bytes(4, "little") + (28).to_bytes(4, "little")
    (tmp_path / "forged.ptau").write_bytes(content)
    with pytest.raises(ConfigurationError, match="section of tau in G1"):
        check_ptau(tmp_path / "forged.ptau")
    assert len(native.load().srs_published()) == 21


def test_the_hash_of_a_ptau_file_is_compared(tmp_path: Path) -> None:
    sections = [32, 0x30644E72E131A029B85045B68181585D97816A916871CA8D3C208C16D87CFD47]
    header = sections[0].to_bytes(4, "little") + sections[1].to_bytes(32, "little")
    header += (8).to_bytes(4, "little") + (28).to_bytes(4, "little")
    bodies = [(1, header), (2, bytes(64 * 511)), (3, bytes(128 * 256))]
    content = b"ptau" + (1).to_bytes(4, "little") + (3).to_bytes(4, "little")
    for kind, body in bodies:
        content += kind.to_bytes(4, "little") + len(body).to_bytes(8, "little") + body
    file = tmp_path / "powersOfTau28_hez_final_08.ptau"
    file.write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"blake2b of powersOfTau28_hez_final_08.ptau") as caught:
        check_ptau(file)
    assert caught.value.got == hashlib.blake2b(content).hexdigest()
    assert caught.value.expected == dict(native.load().srs_published())[8]


def test_a_transcripts_checksum_is_compared(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "transcript00.dat"
    file.write_bytes(bytes(200))
    error = record(capsys, "import", file, status=1)["error"]
    assert error["got"] == "00" * 64
    file.write_bytes(bytes(136) + hashlib.blake2b(bytes(136)).digest())
    assert "manifest" in record(capsys, "import", file, status=1)["error"]["message"]
    file.write_bytes(bytes(10))
    record(capsys, "import", file, status=1)


@pytest.mark.parametrize("damage", ["cut", "flip", "swap", "generator", "tau", "longer"])
def test_damaged_files(capsys: pytest.CaptureFixture[str], tmp_path: Path, damage: str) -> None:
    file, other = tmp_path / "dev.srs", tmp_path / "other.srs"
    record(capsys, "dev", "-o", file, "--powers", "40")
    record(capsys, "dev", "-o", other, "--powers", "40", "--tau", "9")
    good, foreign = file.read_bytes(), other.read_bytes()
    at, first = 4096 + 5 * POINT, 4096
    bad = {
        "cut": good[:-1],
        "flip": good[:at] + bytes([good[at] ^ 4]) + good[at + 1 :],
        "swap": good[:at] + good[at + POINT : at + 2 * POINT] + good[at : at + POINT] + good[at + 2 * POINT :],
        "generator": good[:first] + good[first + POINT : first + 2 * POINT] + good[first + POINT :],
        "tau": good[:48] + foreign[48:304] + good[304:],
        "longer": good + b"\0",
    }[damage]
    file.write_bytes(bad)
    record(capsys, "check", file, status=1)
    # A prefix is checked as strictly, though the digest of all points is then not compared.
    if damage in ("flip", "swap", "generator", "tau"):
        record(capsys, "check", file, "--powers", "20", status=1)


def test_files_that_are_none(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    record(capsys, "check", tmp_path / "absent", status=1)
    record(capsys, "check", tmp_path, status=1)
    record(capsys, "import", tmp_path / "absent", status=1)
    (tmp_path / "empty").write_bytes(b"")
    record(capsys, "check", tmp_path / "empty", status=1)
    record(capsys, "info", tmp_path / "empty", status=1)
    record(capsys, "check", SNARKJS, "--format", "groth", status=1)
    record(capsys, "check", SNARKJS, SNARKJS, status=1)
    record(capsys, "check", SNARKJS, "--format", "eigenda", status=1)
    assert not list((tmp_path).glob("cache/srs/*")), "a refused import leaves nothing"


def test_an_import_of_another_ceremony_leaves_nothing(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "shipped.srs").write_bytes(load_srs())
    arguments = ["import", tmp_path / "shipped.srs", "--powers", "8", "--ceremony", "eigenda-mainnet"]
    assert record(capsys, *arguments, status=1)["error"]["got"] == "aztec-ignition"
    assert not list((tmp_path).glob("cache/srs/*"))


def test_a_setup_too_small_for_the_circuit(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "dev.srs"
    record(capsys, "dev", "-o", file, "--powers", "100")
    with pytest.raises(ConfigurationError) as caught:
        open_keys(tmp_path / "keys", setup=file)
    assert caught.value.expected == f"at least {native.load().shape().rows}" and caught.value.got == "100"


def test_ctrl_c_in_a_long_check(tmp_path: Path) -> None:
    shutil.copy(SNARKJS, tmp_path / "x.ptau")

    def interrupt(step: str, part: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        native.load().srs_check([tmp_path / "x.ptau"], "auto", None, interrupt)


def test_a_production_node_refuses_an_unsafe_setup() -> None:
    ready = Ready(b"vk", b"digest", "unsafe-unrecognised-0011223344556677")
    stored: list[bytes] = []
    store = SimpleNamespace(put=lambda family, key, value: stored.append(value))
    contract = SimpleNamespace(view=lambda name: b"digest")

    def stage(profile: str) -> Any:
        context: Any = SimpleNamespace(config=SimpleNamespace(profile=profile), contract=contract, store=store)
        prover: Any = SimpleNamespace(ready=ready)
        return Prove(context, prover)

    with pytest.raises(ConfigurationError, match="unsafe setup") as caught:
        stage("production")._check_key()
    assert caught.value.got == ready.setup and not stored
    stage("dev")._check_key()
    assert stored == [b"vk"]
