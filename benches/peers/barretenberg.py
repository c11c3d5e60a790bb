"""UltraHonk of barretenberg over the Noir circuit in noir/: checks the circuit, compiles it for a size, proves."""

from __future__ import annotations

import json
import platform
import re
import shutil
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benches.peers import rows
from benches.peers.process import run
from benches.peers.statement import make_batch

FOLDER = Path(__file__).parent / "noir"
PACKAGES = FOLDER / "node_modules"
# The Keccak transcript and no blinding, as our leaf; it is also bb's cheapest setting.
TARGET = ("--verifier_target", "evm-no-zk")
CRS_ENVIRONMENT = "HOME"
COUNT_LINE = re.compile(r"^global COUNT: u32 = \d+;$", re.MULTILINE)


def find_program() -> Path:
    """Returns the bb executable of this machine. Raises FileNotFoundError."""
    system = {"Linux": "linux", "Darwin": "macos"}.get(platform.system(), "")
    machine = {"x86_64": "amd64", "arm64": "arm64", "aarch64": "arm64"}.get(platform.machine(), "")
    program = PACKAGES / "@aztec" / "bb.js" / "build" / f"{machine}-{system}" / "bb"
    if not program.is_file():
        raise FileNotFoundError(f"expected bb at {program}; `npm ci` in {FOLDER.name}/ installs it where there is one")
    return program


def compile_circuit(count: int, work: Path) -> Path:
    """Compiles the circuit for `count` transfers and returns the artifact."""
    package, artifact = work / f"noir-{count}", work / f"noir-{count}.json"
    shutil.copytree(FOLDER / "circuit", package, dirs_exist_ok=True)
    main = package / "src" / "main.nr"
    source, replaced = COUNT_LINE.subn(f"global COUNT: u32 = {count};", main.read_text())
    if replaced != 1:
        raise ValueError(f"{main.name}: expected one line that sets COUNT, got {replaced}")
    main.write_text(source)
    run(["node", "compile.mjs", package.resolve(), artifact.resolve()], FOLDER)
    return artifact.resolve()


def alter(inputs: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Returns the inputs of a batch with one fact changed in each copy; every copy must be refused."""
    out = {}

    def change(name: str, *path: str | int, value: Any = None) -> None:
        copy = deepcopy(inputs)
        place: Any = copy
        for step in path[:-1]:
            place = place[step]
        old = place[path[-1]]
        place[path[-1]] = value if value is not None else hex((old if isinstance(old, int) else int(old, 16)) + 1)
        out[name] = copy

    change("root before", "before")
    change("root after", "after")
    for field in ("from", "to", "amount", "s_low", "s_high", "e"):
        change(field, "transfers", 0, field)
    for party in ("sender", "receiver"):
        for field in ("x", "y", "nonce", "balance"):
            change(f"{party} {field}", "transfers", 0, party, field)
        for level in (0, 19):
            change(f"{party} sibling {level}", "transfers", 0, f"{party}_path", level)
    change("more than the sender has", "transfers", 0, "amount", value=hex(2**41))
    return out


def check(work: Path) -> int:
    """Checks that the circuit accepts an honest transfer and refuses every altered one; returns how many those were."""
    artifact = compile_circuit(1, work)
    honest = make_batch(1)
    altered = alter(honest)
    inputs = work / "noir-check.json"
    inputs.write_text(json.dumps(honest))
    run(["node", "execute.mjs", artifact, inputs.resolve(), work.resolve() / "noir-check.gz"], FOLDER)
    inputs.write_text(json.dumps(altered))
    run(["node", "execute.mjs", artifact, inputs.resolve(), "--refused"], FOLDER)
    return len(altered)


@dataclass(frozen=True)
class Prover:
    """A compiled circuit with its key and one witness, ready to prove."""

    count: int
    gates: int
    artifact: Path
    witness: Path
    out: Path
    home: Path
    verifies: bool

    @classmethod
    def prepare(cls, count: int, work: Path, home: Path, verifies: bool) -> Prover:
        """Compiles, solves a witness, and writes the verification key. `home` holds .bb-crs; see setup.py."""
        artifact = compile_circuit(count, work)
        inputs, witness, out = (work.resolve() / f"noir-{count}{end}" for end in ("-inputs.json", ".gz", "-out"))
        inputs.write_text(json.dumps(make_batch(count)))
        run(["node", "execute.mjs", artifact, inputs, witness], FOLDER)
        out.mkdir(exist_ok=True)
        program, environment = find_program(), {CRS_ENVIRONMENT: str(home.resolve())}
        run([program, "write_vk", "-b", artifact, "-o", out, *TARGET], environment=environment)
        text, _ = run([program, "gates", "-b", artifact], environment=environment)
        gates = rows.count(json.loads(text)["functions"][0], "circuit_size")
        return cls(count, gates, artifact, witness, out, home.resolve(), verifies)

    def prove(self) -> rows.Row:
        """Proves, and verifies where the setup allows; the row is what `bb prove` cost as a process, all included."""
        program, environment = find_program(), {CRS_ENVIRONMENT: str(self.home)}
        key = ("-k", self.out / "vk")
        where = ("-b", self.artifact, "-w", self.witness, "-o", self.out)
        _, cost = run([program, "prove", *where, *key, *TARGET], environment=environment)
        proof = (self.out / "proof", self.out / "public_inputs")
        if self.verifies:
            run([program, "verify", "-p", proof[0], "-i", proof[1], *key, *TARGET], environment=environment)
        return rows.Row(
            rows.BARRETENBERG,
            rows.TRANSFERS,
            self.count,
            rows.THREADS,
            cost.wall_s,
            cost.core_s,
            cost.rss_mb,
            proof[0].stat().st_size,
            1 << (self.gates - 1).bit_length(),
            note=f"{self.gates:,} gates, " + ("verified" if self.verifies else "unsafe setup, not verifiable"),
        )
