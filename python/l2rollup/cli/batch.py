"""`l2rollup batch`: batches as the node knows them, and their proofs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from l2rollup.cli.options import DEFAULT_NODE, AsJson, NodeUrl, write_bytes
from l2rollup.cli.output import Output
from l2rollup.client import Client
from l2rollup.types import parse_hex

app = typer.Typer(name="batch", no_args_is_help=True, help="Batches and their proofs.")
Id = Annotated[int, typer.Argument(min=0, help="Batch id, from 1.")]


@app.command("list")
def list_batches(
    start: Annotated[int | None, typer.Option("--start", min=0, help="First id; default: the newest ones.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=100)] = 20,
    node: NodeUrl = DEFAULT_NODE, as_json: AsJson = False,
) -> None:  # fmt: skip
    """List batches."""
    Output(as_json).emit(Client(node).get_batches(start, limit))


@app.command()
def status(batch_id: Id, node: NodeUrl = DEFAULT_NODE, as_json: AsJson = False) -> None:
    """Show one batch."""
    Output(as_json).emit(Client(node).get_batch_status(batch_id))


@app.command()
def proof(
    batch_id: Id,
    file: Annotated[Path | None, typer.Option("--output", "-o", help="Write the bytes here instead.")] = None,
    node: NodeUrl = DEFAULT_NODE, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Fetch a batch's proof, abi.encode(header, snark): what finalizeBatch takes."""
    text = Client(node).get_batch_proof(batch_id)
    content = parse_hex(text, what="proof")
    if file is not None:
        write_bytes(file, content, "proof")
    written = {"file": str(file)} if file is not None else {"proof": text}
    Output(as_json).emit({"batchId": batch_id, "bytes": len(content), **written})
