"""`l2rollup proof`: keys, proving, verifying, the Solidity verifier. Looking inside is in proof_inspect.py and
proof_profile.py, setups in proof_srs.py."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from l2rollup import native
from l2rollup.cli import proof_srs
from l2rollup.cli.options import AsJson, SetupFile, read_bytes, write_bytes
from l2rollup.cli.output import Output
from l2rollup.cli.proof_files import CHUNK_FORMAT, ProofFile, read_cells, read_json, read_proof, write_json
from l2rollup.cli.proof_inspect import add_commands
from l2rollup.cli.proof_profile import profile
from l2rollup.errors import Malformed, ProofRejected
from l2rollup.l1 import L1Client, RollupContract
from l2rollup.proof import open_keys
from l2rollup.proof.setup import check_ceremony, default_key_cache
from l2rollup.types import parse_hex, to_hex

app = typer.Typer(name="proof", no_args_is_help=True, help="The proof system: keys, proofs, and a look inside.")
KeyCache = Annotated[Path | None, typer.Option("--key-cache", help="Folder of prover keys.")]
VkFile = Annotated[Path | None, typer.Option("--vk", help="Verifying key file; default: this package's own key.")]
TranscriptName = Annotated[
    str, typer.Option("--transcript", help="Draws the challenges: keccak (for L1) or poseidon2 (for a circuit).")
]


def open_key(output: Output, cache: Path | None, setup: Path | None, transcript: str) -> native.ProverKey:
    """Returns the prover key, showing what is done for it."""
    with output.step("prover key (made on first use, then cached)") as report:
        return open_keys(cache, report, setup=setup, transcript=transcript)


def read_vk(output: Output, file: Path | None, cache: Path | None, setup: Path | None, transcript: str) -> bytes:
    """Returns the verifying key: of the file, which has a transcript of its own, else this package's."""
    return open_key(output, cache, setup, transcript).vk() if file is None else read_bytes(file, "verifying key")


def describe_shape() -> dict[str, Any]:
    """Returns the leaf circuit's shape; cells count advice columns only, the others are beside."""
    shape = native.load().shape()
    return {
        "n": shape.rows, "columns": shape.advice, "slots": shape.slots,
        "cellsPerTransfer": round(shape.rows * shape.advice / shape.slots, 1),
        "multiplicityColumns": shape.multiplicity, "helperColumns": shape.helpers, "fixedColumns": shape.fixed,
        "copiedColumns": shape.copied,
        "publicInputs": shape.public_inputs, "proofBytes": shape.proof_bytes,
    }  # fmt: skip


@app.command()
def keys(
    key_cache: KeyCache = None, setup: SetupFile = None, transcript: TranscriptName = "keccak", as_json: AsJson = False
) -> None:
    """Make the prover key, or check the cached one; show its digest and the circuit's shape."""
    output = Output(as_json)
    key = open_key(output, key_cache, setup, transcript)
    output.emit({
        "vkDigest": to_hex(key.vk_digest), "setup": key.setup, "transcript": key.transcript, "fromCache": key.cached,
        "cache": str(key_cache or default_key_cache()), "shape": describe_shape(),
    })  # fmt: skip


@app.command()
def vk(
    file: Annotated[Path | None, typer.Option("--output", "-o", help="Write the verifying key here.")] = None,
    vk_file: VkFile = None,
    l1: Annotated[str | None, typer.Option("--l1", help="Compare with vkDigest() of a contract on this L1.")] = None,
    rollup: Annotated[str | None, typer.Option("--rollup", help="Address of that contract.")] = None,
    ceremony: Annotated[str | None, typer.Option("--ceremony", help="Refuse a key of any other ceremony.")] = None,
    key_cache: KeyCache = None, setup: SetupFile = None, transcript: TranscriptName = "keccak", as_json: AsJson = False,
) -> None:  # fmt: skip
    """Show the verifying key's digest, check it, compare it with the one on chain."""
    output = Output(as_json)
    content = read_vk(output, vk_file, key_cache, setup, transcript)
    digest, made_with = native.load().check_key(content)
    check_ceremony(made_with, ceremony)
    record: dict[str, Any] = {"vkDigest": to_hex(digest), "setup": made_with, "bytes": len(content)}
    if (l1 is None) != (rollup is None):
        raise Malformed("half a contract", expected="--l1 and --rollup together", got="one of them")
    if l1 is not None and rollup is not None:
        onchain = to_hex(RollupContract(L1Client(l1), rollup).view("vkDigest"))
        record["onchain"] = onchain
        if onchain != record["vkDigest"]:
            raise ProofRejected("the contract verifies under another key", expected=record["vkDigest"], got=onchain)
    if file is not None:
        write_bytes(file, content, "verifying key")
    output.emit(record)


@app.command()
def prove(
    witness: Annotated[Path, typer.Option("--witness", help="Chunk file or cells file.")],
    file: Annotated[Path, typer.Option("--output", "-o", help="Where the proof goes.")],
    precheck: Annotated[bool, typer.Option(help="Refuse a witness that violates a clause before proving.")] = True,
    key_cache: KeyCache = None, setup: SetupFile = None, transcript: TranscriptName = "keccak", as_json: AsJson = False,
) -> None:  # fmt: skip
    """Prove a witness. With --no-precheck anything is proven as far as it goes, and a verifier must refuse it."""
    output = Output(as_json)
    module = native.load()
    record = read_json(witness, CHUNK_FORMAT) if precheck and _is_chunk(witness) else None
    key = open_key(output, key_cache, setup, transcript)
    with output.step("proving (Ctrl-C stops it)") as report:
        if record is not None:
            z = parse_hex(record.get("z"), length=32, what="z")
            made = module.prove_chunk(key, parse_hex(record.get("witness"), what="witness"), z, report)
        else:
            made = module.prove_cells(key, read_cells(witness), precheck, report)
    write_json(file, ProofFile(made.public_inputs, made.snark).to_record())
    output.emit({"file": str(file), "bytes": len(made.snark), "seconds": round(made.seconds, 3)})


def _is_chunk(path: Path) -> bool:
    return read_bytes(path, "witness")[:200].find(CHUNK_FORMAT.encode()) >= 0


@app.command()
def verify(
    proof: Annotated[Path, typer.Argument(help="Proof file, or abi.encode(header, snark) as `batch proof` writes it.")],
    vk_file: VkFile = None,
    chain_id: Annotated[int | None, typer.Option("--chain-id", min=1, help="For a proof in L1's form.")] = None,
    rollup: Annotated[str | None, typer.Option("--rollup", help="For a proof in L1's form.")] = None,
    key_cache: KeyCache = None, setup: SetupFile = None, transcript: TranscriptName = "keccak", as_json: AsJson = False,
) -> None:  # fmt: skip
    """Verify a proof; exit status 0 only when it holds."""
    output = Output(as_json)
    found = read_proof(proof, chain_id=chain_id, rollup=rollup)
    key = read_vk(output, vk_file, key_cache, setup, transcript)
    native.load().verify(key, found.public_inputs, found.snark)
    output.emit({"verified": True, "vkDigest": to_hex(native.load().check_key(key)[0]), "bytes": len(found.snark)})


@app.command("export-solidity")
def export_solidity(
    folder: Annotated[Path, typer.Option("--output", "-o", help="Folder for the sources and the key's data.")],
    name: Annotated[str, typer.Option(help="Prefix of the contracts' names.")] = "Batch",
    vk_file: VkFile = None, key_cache: KeyCache = None, setup: SetupFile = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Write the Solidity verifier of a key: sources, and the code of its data contract. Needs no solc."""
    output = Output(as_json)
    sources, key_data = native.load().export_solidity(read_vk(output, vk_file, key_cache, setup, "keccak"), name)
    for file, text in sources:
        write_bytes(folder / file, text.encode(), "source")
    write_bytes(folder / "key_data.hex", (key_data.hex() + "\n").encode(), "key data")
    output.emit({"folder": str(folder), "files": [file for file, _ in sources], "keyDataBytes": len(key_data)})


add_commands(app)
app.command()(profile)
app.add_typer(proof_srs.app)
