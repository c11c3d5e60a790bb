"""`l2rollup proof profile`: what the batch circuit costs part by part, and where the time of a proof goes.

Rows and cells come from the compiled circuit, seconds from one proof of a chunk, by phase of the prover: gates share
rows and columns, so time is not told by gadget. What it is not: a benchmark (`l2rollup bench prove` is).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from l2rollup import native
from l2rollup.cli.options import AsJson, SetupFile, write_bytes
from l2rollup.cli.output import Output
from l2rollup.cli.proof_files import CHUNK_FORMAT, read_json
from l2rollup.cli.sample import make_sample
from l2rollup.plonk.profile import Part, Profile
from l2rollup.proof import open_keys
from l2rollup.types import parse_hex

KeyCache = Annotated[Path | None, typer.Option("--key-cache", help="Folder of prover keys.")]


def read_statement(witness: Path | None) -> tuple[bytes, bytes]:
    """Returns (witness, z) of a chunk file, or of a full chunk of transfers made here."""
    if witness is None:
        made = make_sample(None)
        return made.chunk.witness, made.z
    record = read_json(witness, CHUNK_FORMAT)
    return parse_hex(record.get("witness"), what="witness"), parse_hex(record.get("z"), length=32, what="z")


def make_profile(parts: list[tuple[str, int, int]]) -> Profile:
    """Returns the profile of the batch circuit. Its rows are counted twice: the hash pool has columns of its own."""
    shape = native.load().shape()
    named = [Part(tuple(label.split("/")), rows, cells) for label, rows, cells in parts]
    return Profile("batch circuit", named, total_rows=2 * shape.rows, total_cells=shape.rows * shape.advice)


def profile(
    witness: Annotated[Path | None, typer.Option("--witness", help="Chunk file; default: transfers made here.")] = None,
    svg: Annotated[Path | None, typer.Option("--svg", help="Write a flame picture of the cells here.")] = None,
    depth: Annotated[int, typer.Option(min=1, max=8, help="Levels of the table.")] = 3,
    key_cache: KeyCache = None, setup: SetupFile = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Show rows and cells of the batch circuit by part, and seconds of a proof by phase."""
    output = Output(as_json)
    with output.step("prover key (made on first use, then cached)") as report:
        key = open_keys(key_cache, report, setup=setup)
    with output.step("proving one chunk"):
        statement, z = read_statement(witness)
        parts, phases = native.load().profile_chunk(key, statement, z)
    made = make_profile(parts)
    record: dict[str, Any] = {
        "parts": made.records(),
        "phases": [{"phase": name, "seconds": round(seconds, 4)} for name, seconds in phases],
    }
    if svg is not None:
        write_bytes(svg, made.svg().encode(), "picture")
        record["svg"] = str(svg)
    if as_json:
        output.emit(record)
        return
    typer.echo(made.table(depth))
    width = max(len(name) for name, _ in phases)
    typer.echo("\n".join(["", "seconds (wall) by phase", *(f"{name.ljust(width)}  {s:8.4f}" for name, s in phases)]))
