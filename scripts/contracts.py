#!/usr/bin/env python3
"""Compiles the contracts and writes what the package ships: `python scripts/contracts.py [--check]`.

Reads the compiler settings from foundry.toml (per file where a restriction says so), gives npm's solc (through
scripts/solc-shim.js) one standard-JSON input for each number of optimizer runs, and writes
python/l2rollup/data/contracts/NAME.json: abi, creation code, runtime code with its immutable places, compiler, digest
of the sources; and contracts/snapshots/{abi,storage}.txt, in which a change of a signature or of a storage slot shows.
The same sources give the same bytes: no metadata, no paths. `--check` compares and writes nothing.
Needs node and `npm ci`; using the artifacts needs neither. What it is not: the generator of
contracts/src/proof/generated, whose key.json says how to run it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
ARTIFACTS = ROOT / "python/l2rollup/data/contracts"
SNAPSHOTS = ROOT / "contracts/snapshots"
GENERATED = ROOT / "contracts/src/proof/generated"
KEYS = {"BatchVerifier": "key.json", "ExitVerifier": "exit_key.json",
        "SharedExitVerifier": "shared_exit_key.json"}  # fmt: skip
"""The generated verifiers, and where the generator wrote what belongs to their keys."""
RUNTIME_LIMIT = 24_576
CREATION_LIMIT = 49_152
_IMPORT = re.compile(r'^\s*import\s[^;]*?"([^"]+)"\s*;', re.MULTILINE | re.DOTALL)


class BuildError(Exception):
    """The contracts do not compile, are too large, or the committed artifacts are stale."""


def list_contracts() -> dict[str, str]:
    """Returns the shipped contracts: name -> source path."""
    found = {
        "Rollup": "contracts/src/Rollup.sol",
        "Breakers": "contracts/src/Breakers.sol",
        "Governor": "contracts/src/Governor.sol",
        "ExitReader": "contracts/src/proof/ExitReader.sol",
        "AccountReader": "contracts/src/proof/AccountReader.sol",
        "Bonds": "contracts/src/Bonds.sol",
        "IdTreeReader": "contracts/src/proof/IdTreeReader.sol",
        "TestToken": "contracts/test/TestToken.sol",
    }
    for source in sorted(GENERATED.glob("*.sol")):
        found[source.stem] = str(source.relative_to(ROOT))
    return found


def read_settings(path: str) -> tuple[dict[str, Any], list[str]]:
    """Returns solc's settings for a source (without output selection) and the remappings, from foundry.toml."""
    profile = tomllib.loads((ROOT / "foundry.toml").read_text())["profile"]["default"]
    own = next((entry for entry in profile["compilation_restrictions"] if entry["paths"] == path), profile)
    settings = {
        "optimizer": {"enabled": profile["optimizer"], "runs": own["optimizer_runs"]},
        "viaIR": own["via_ir"],
        "evmVersion": profile["evm_version"],
        "metadata": {"bytecodeHash": profile["bytecode_hash"], "appendCBOR": profile["cbor_metadata"]},
    }
    return settings, list(profile["remappings"])


def collect_sources(paths: list[str], remappings: list[str]) -> dict[str, str]:
    """Returns the sources of `paths` and of all they import, by the name solc sees."""
    pairs = [mapping.split("=", 1) for mapping in remappings]
    sources: dict[str, str] = {}
    waiting = list(paths)
    while waiting:
        name = waiting.pop()
        if name in sources:
            continue
        sources[name] = (ROOT / name).read_text()
        for target in _IMPORT.findall(sources[name]):
            if target.startswith("."):
                waiting.append(os.path.normpath(Path(name).parent / target))
            else:
                mapped = (to + target[len(start) :] for start, to in pairs if target.startswith(start))
                waiting.append(next(mapped, target))
    return dict(sorted(sources.items()))


def run_shim(argument: str, text: str = "") -> str:
    """Returns what the compiler answers. Raises BuildError where node or the npm packages are missing."""
    command = ["node", str(ROOT / "scripts/solc-shim.js"), argument]
    try:
        done = subprocess.run(command, input=text, capture_output=True, text=True, cwd=ROOT, check=False)  # noqa: S603
    except FileNotFoundError as error:
        raise BuildError("node is not on PATH") from error
    if done.returncode != 0:
        raise BuildError(f"solc did not run (npm ci?): {done.stderr.strip()[-400:]}")
    return done.stdout


def compile_all(wanted: dict[str, str]) -> dict[str, Any]:
    """Returns solc's output for each wanted contract, by name: one run for each set of settings."""
    groups: dict[str, dict[str, str]] = {}
    for name, path in wanted.items():
        groups.setdefault(json.dumps(read_settings(path)), {})[name] = path
    found: dict[str, Any] = {}
    for key, group in groups.items():
        settings, remappings = json.loads(key)
        answer = run_solc(collect_sources(list(group.values()), remappings), group, settings, remappings)
        found |= {name: answer["contracts"][path][name] for name, path in group.items()}
    return found


def run_solc(
    sources: dict[str, str], wanted: dict[str, str], settings: dict[str, Any], remappings: list[str]
) -> dict[str, Any]:
    """Returns solc's output for the wanted contracts. Raises BuildError with the compiler's own words."""
    outputs = ["abi", "storageLayout", "evm.bytecode.object", "evm.deployedBytecode.object",
               "evm.deployedBytecode.immutableReferences"]  # fmt: skip
    settings["remappings"] = remappings
    settings["outputSelection"] = {path: {name: outputs} for name, path in wanted.items()}
    task = {"language": "Solidity", "sources": {k: {"content": v} for k, v in sources.items()}, "settings": settings}
    answer: dict[str, Any] = json.loads(run_shim("--standard-json", json.dumps(task)))
    wrong = [e["formattedMessage"] for e in answer.get("errors", []) if e["severity"] == "error"]
    if wrong:
        raise BuildError("\n".join(wrong))
    return answer


def read_version() -> str:
    """Returns the compiler's version."""
    text = run_shim("--version")
    return text.split("Version: ")[1].split("+commit")[0].strip()


def digest_sources(sources: dict[str, str]) -> str:
    """Returns the SHA-256 of names and contents."""
    whole = hashlib.sha256()
    for name, content in sources.items():
        for part in (name, content):
            whole.update(len(part.encode()).to_bytes(8, "big") + part.encode())
    return whole.hexdigest()


def make_artifact(name: str, path: str, contract: dict[str, Any], compiler: str) -> dict[str, Any]:
    """Returns the artifact of one contract. Raises BuildError where it is over a limit of Ethereum's."""
    settings, remappings = read_settings(path)
    runtime = contract["evm"]["deployedBytecode"]
    code, creation = runtime["object"], contract["evm"]["bytecode"]["object"]
    sizes = len(code) // 2, len(creation) // 2
    if sizes[0] > RUNTIME_LIMIT or sizes[1] > CREATION_LIMIT:
        raise BuildError(f"{name}: {sizes[0]} bytes of code, {sizes[1]} of creation code: over the limit")
    places = sorted(place["start"] for places in runtime.get("immutableReferences", {}).values() for place in places)
    artifact = {
        "regenerate": "make contracts",
        "contract": name,
        "source": path,
        "sourceDigest": digest_sources(collect_sources([path], remappings)),
        "compiler": {"solc": compiler, **settings},
        "abi": contract["abi"],
        "bytecode": "0x" + creation,
        "runtime": "0x" + code,
        "immutables": places,
    }
    if name in KEYS:
        artifact |= read_key(name)
    return artifact


def read_key(name: str) -> dict[str, Any]:
    """Returns what belongs to a verifier: key digest, code of the key's data contract, constraint contracts."""
    found: dict[str, Any] = json.loads((GENERATED / KEYS[name]).read_text())
    return {"vkDigest": found["vkDigest"], "key": found["key"], "parts": found["contracts"][1:]}


def describe_abi(compiled: dict[str, Any]) -> str:
    """Returns every signature of every contract, a line each, sorted."""
    lines = ["# regenerate: make contracts"]
    for name, contract in sorted(compiled.items()):
        for entry in contract["abi"]:
            types = ",".join(_show_type(argument) for argument in entry.get("inputs", []))
            answer = ",".join(_show_type(argument) for argument in entry.get("outputs", []))
            kind = entry["type"] if entry["type"] != "function" else entry["stateMutability"]
            lines.append(f"{name} {kind} {entry.get('name', '')}({types})" + (f" -> {answer}" if answer else ""))
    return "\n".join([lines[0], *sorted(set(lines[1:]))]) + "\n"


def _show_type(argument: dict[str, Any]) -> str:
    indexed = " indexed" if argument.get("indexed") else ""
    if not argument["type"].startswith("tuple"):
        return str(argument["type"]) + indexed
    parts = ",".join(_show_type(part) for part in argument["components"])
    return f"({parts}){argument['type'][len('tuple'):]}{indexed}"


def describe_storage(compiled: dict[str, Any]) -> str:
    """Returns every state variable of every contract: slot, first byte, bytes, label, type."""
    lines = ["# regenerate: make contracts", "# contract slot offset bytes label type"]
    for name, contract in sorted(compiled.items()):
        layout = contract["storageLayout"]
        for entry in layout["storage"]:
            kind = layout["types"][entry["type"]]
            place = f"{entry['slot']} {entry['offset']} {kind['numberOfBytes']}"
            lines.append(f"{name} {place} {entry['label']} {kind['label']}")
    return "\n".join(lines) + "\n"


def build() -> tuple[dict[str, str], dict[str, str]]:
    """Returns the artifacts and the snapshots as they are to be: file name -> text."""
    wanted = list_contracts()
    compiled = compile_all(wanted)
    compiler = read_version()
    made = {}
    for name, path in wanted.items():
        artifact = make_artifact(name, path, compiled[name], compiler)
        made[f"{name}.json"] = json.dumps(artifact, indent=1) + "\n"
    return made, {"abi.txt": describe_abi(compiled), "storage.txt": describe_storage(compiled)}


def find_stale(made: dict[str, str], folder: Path, suffix: str) -> list[str]:
    """Returns the files of a folder that are missing, different, or no longer made."""
    present = {file.name: file.read_text() for file in folder.glob(f"*{suffix}")}
    return sorted(name for name in made.keys() | present.keys() if made.get(name) != present.get(name))


def main() -> int:
    """Writes or compares; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare with the committed artifacts, write nothing")
    check = parser.parse_args().check
    try:
        made, snapshots = build()
        stale = find_stale(made, ARTIFACTS, ".json")
        old = find_stale(snapshots, SNAPSHOTS, ".txt")
        if check and stale + old:
            raise BuildError(f"stale, run `make contracts`: {', '.join(stale + old)}")
    except BuildError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if not check:
        write(ARTIFACTS, made, stale)
        write(SNAPSHOTS, snapshots, old)
    for name, text in made.items():
        artifact = json.loads(text)
        state = "stale" if name in stale and check else "written" if name in stale else "as committed"
        sys.stdout.write(f"{name}: {len(artifact['runtime']) // 2 - 1} bytes of code, {state}\n")
    return 0


def write(folder: Path, made: dict[str, str], stale: list[str]) -> None:
    """Writes the stale files, and removes those that are no longer made."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in stale:
        if name in made:
            (folder / name).write_text(made[name])
        else:
            (folder / name).unlink()


if __name__ == "__main__":
    sys.exit(main())
