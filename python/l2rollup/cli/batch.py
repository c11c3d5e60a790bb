"""`l2rollup batch`: batches as the node knows them, their proofs, and headers that L1 has in its archive alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from l2rollup.cli.exit import RequiredL1
from l2rollup.cli.options import (
    DEFAULT_NODE,
    AsJson,
    DevAccount,
    NodeUrl,
    PasswordFile,
    Rollup,
    WalletName,
    open_wallet,
    write_bytes,
)
from l2rollup.cli.output import Output
from l2rollup.client import Client
from l2rollup.l1 import HeaderLog, L1Client, RollupContract, Sender
from l2rollup.types import parse_hex, to_hex

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


@app.command()
def restore(
    batch_id: Id, l1: RequiredL1, rollup: Rollup, wallet: WalletName = None, dev: DevAccount = None,
    password_file: PasswordFile = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Have L1 know the header of an old batch again, so that it verifies its proof. Anyone may; needs no node."""
    output = Output(as_json)
    client = L1Client(l1)
    contract = RollupContract(client, rollup)
    sender = Sender(client, open_wallet(wallet, dev, password_file).export_ethereum_key())
    with output.step("reading the commits of all batches"):
        sent = HeaderLog(contract).restore(sender, batch_id)
    transaction = {} if sent is None else {"l1TxHash": sent[0], "gas": sent[1]}
    output.emit({"batchId": batch_id, "headerHash": to_hex(contract.header_hash(batch_id)), **transaction})
