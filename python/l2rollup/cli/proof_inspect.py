"""The examiner's side of `l2rollup proof`: sample, check, dump-witness, decode, encode, transcript.

These take witnesses and proofs apart and put them together again, changed; a verifier's refusal is the point of them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from l2rollup import native
from l2rollup.cli.options import AsJson, read_bytes
from l2rollup.cli.output import Output
from l2rollup.cli.proof_files import (
    MESSAGES_FORMAT,
    ChunkFile,
    from_messages,
    parse_change,
    read_cells,
    read_json,
    read_proof,
    to_messages,
    write_cells,
    write_chunk,
    write_json,
)
from l2rollup.cli.sample import make_sample
from l2rollup.errors import Malformed, NotFound
from l2rollup.node.chain import WITNESS_KEY
from l2rollup.proof import open_keys
from l2rollup.storage import BatchRecord, Family, Store
from l2rollup.types import to_hex

MAX_FOUND = 1000
WitnessFile = Annotated[Path, typer.Option("--witness", help="Chunk file or cells file.")]
VkFile = Annotated[Path | None, typer.Option("--vk", help="Verifying key file; default: this package's own key.")]
Written = Annotated[Path, typer.Option("--output", "-o", help="File to write.")]
ProofPath = Annotated[Path, typer.Argument(help="Proof file.")]


def add_commands(app: typer.Typer) -> None:
    """Adds this file's commands to the group."""
    app.command()(sample)
    app.command()(check)
    app.command("dump-witness")(dump_witness)
    app.command()(decode)
    app.command()(encode)
    app.command()(transcript)


def sample(
    file: Written,
    transfers: Annotated[int | None, typer.Option(min=1, help="Default: a full chunk.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write a chunk of signed transfers made here, to prove and to take apart without a node."""
    output = Output(as_json)
    with output.step("signing and executing"):
        made = make_sample(transfers)
    write_chunk(file, ChunkFile(made.chunk.witness, made.z))
    output.emit({"file": str(file), "items": made.chunk.items, "newRoot": to_hex(made.chunk.new_root)})


def check(
    witness: WitnessFile, limit: Annotated[int, typer.Option(min=1, help="Clauses listed at most.")] = 100,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """List the clauses that a witness violates; exit status 1 when there is one."""
    output = Output(as_json)
    with output.step("checking every clause at every row"):
        found = native.load().check_cells(read_cells(witness), limit)
    violations = [{"label": v.label, "row": v.row, "place": v.place, "values": v.values} for v in found]
    output.emit({"holds": not violations, "violations": violations})
    if violations:
        raise typer.Exit(1)


def dump_witness(
    file: Annotated[Path | None, typer.Option("--output", "-o", help="Write the whole trace here.")] = None,
    witness: Annotated[Path | None, typer.Option("--witness", help="Chunk file or cells file.")] = None,
    data_dir: Annotated[Path | None, typer.Option("--data-dir", help="Folder of a node that is not running.")] = None,
    batch: Annotated[int | None, typer.Option("--batch", min=1, help="With --data-dir: the batch.")] = None,
    change: Annotated[list[str] | None, typer.Option("--set", help="COLUMN,ROW=VALUE: change a cell.")] = None,
    change_input: Annotated[list[str] | None, typer.Option("--set-input", help="INDEX=VALUE: a public input.")] = None,
    find: Annotated[str | None, typer.Option(help="List cells whose label contains this text.")] = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Write a chunk's trace as cells, changed if you like; list labelled cells."""
    output = Output(as_json)
    with output.step("assigning cells"):
        cells = read_cells(witness) if witness is not None else _read_batch(data_dir, batch)
    for text in change or []:
        (column, row), value = parse_change(text, 2)
        cells = cells.with_cell(column, row, value)
    for text in change_input or []:
        (index,), value = parse_change(text, 1)
        cells = cells.with_public_input(index, value)
    record: dict[str, Any] = {"columns": cells.columns, "rows": cells.rows}
    if file is not None:
        with output.step("writing"):
            write_cells(file, cells)
        record["file"] = str(file)
    if find is not None:
        with output.step("looking for labels"):
            record["cells"] = find_cells(cells, find)
    output.emit(record)


def find_cells(cells: native.Cells, text: str) -> list[dict[str, Any]]:
    """Returns the cells whose label contains a text, at most 1000: place, label, value, and why one is free."""
    found: list[dict[str, Any]] = []
    for row in range(cells.rows):
        for column in range(cells.columns):
            label = cells.label(column, row)
            if text in label:
                value, free = to_hex(cells.cell(column, row)), cells.free(column, row)
                found.append({"column": column, "row": row, "label": label, "value": value, "free": free})
                if len(found) == MAX_FOUND:
                    return found
    return found


def _read_batch(data_dir: Path | None, batch: int | None) -> native.Cells:
    """Returns the trace of a batch from a node's database."""
    if data_dir is None or batch is None:
        raise Malformed("which witness?", expected="--witness FILE, or --data-dir and --batch", got="neither")
    if not (data_dir / "db").is_dir():
        raise Malformed("not a node's folder", expected="a folder with db in it", got=str(data_dir))
    store = Store(data_dir / "db")
    try:
        record = store.get(Family.BATCHES, batch, BatchRecord)
        witness = store.get(Family.META, f"{WITNESS_KEY}{batch}", bytes)
    finally:
        store.close()
    if record is None or witness is None:
        raise NotFound("no witness of this batch", expected="a batch this node sealed", got=str(batch))
    return native.load().dump_chunk(witness, record.z)


def decode(
    proof: ProofPath, file: Annotated[Path | None, typer.Option("--output", "-o", help="Write here.")] = None,
    vk_file: VkFile = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Take a proof apart into its named messages (JSON)."""
    output = Output(as_json)
    record = to_messages(_read_vk(output, vk_file), read_proof(proof))
    if file is None:
        output.emit(record)
    else:
        write_json(file, record)
        output.emit({"file": str(file), "messages": len(record["messages"])})


def encode(
    messages: Annotated[Path, typer.Argument(help="Messages file, as decode writes it.")], file: Written,
    vk_file: VkFile = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Put a proof together from its messages; lengths and names are checked, values are not."""
    output = Output(as_json)
    proof = from_messages(_read_vk(output, vk_file), read_json(messages, MESSAGES_FORMAT))
    write_json(file, proof.to_record())
    output.emit({"file": str(file), "bytes": len(proof.snark)})


def transcript(proof: ProofPath, vk_file: VkFile = None, as_json: AsJson = False) -> None:
    """Show the challenges that a proof's transcript draws, in order."""
    output = Output(as_json)
    found = read_proof(proof)
    drawn = native.load().transcript(_read_vk(output, vk_file), found.public_inputs, found.snark)
    output.emit({"challenges": [{"name": name, "value": to_hex(value)} for name, value in drawn]})


def _read_vk(output: Output, file: Path | None) -> bytes:
    if file is not None:
        return read_bytes(file, "verifying key")
    with output.step("prover key (made on first use, then cached)") as report:
        return open_keys(None, report).vk()
