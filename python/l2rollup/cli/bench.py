"""`l2rollup bench`: what a user of this machine can measure with the installed package. One record a command.

docs/proof.md, "Measuring", says what each number counts. `make bench` of the repository measures the parts.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from l2rollup import native
from l2rollup.cli.bench_gas import gas
from l2rollup.cli.bench_workload import ACCOUNTS, make_statements, populate
from l2rollup.cli.options import AsJson, SetupFile
from l2rollup.cli.output import Output
from l2rollup.errors import Malformed
from l2rollup.proof.measure import Cost, measure_proving
from l2rollup.types import to_hex

app = typer.Typer(name="bench", no_args_is_help=True, help="Measure this machine, and the gas of L1 calls.")
app.command()(gas)
RUNS = 3


@app.command()
def prove(
    transfers: Annotated[
        int | None, typer.Option(min=1, help="Plain transfers; beyond a full chunk, more proofs. Default: one chunk.")
    ] = None,
    accounts: Annotated[int, typer.Option(help="Leaves of the state, the sentinel among them.")] = ACCOUNTS,
    runs: Annotated[int, typer.Option(min=1, max=100, help="Figures are medians of so many runs.")] = RUNS,
    key_cache: Annotated[Path | None, typer.Option("--key-cache", help="Folder of prover keys.")] = None,
    setup: SetupFile = None,
    as_json: AsJson = False,
) -> None:
    """Prove full chunks of plain ETH transfers between random accounts, with the key a node settles with."""
    output = Output(as_json)
    slots = native.load().shape().slots
    count = slots if transfers is None else transfers
    most = (accounts - 2) // 2
    if count > most:
        raise Malformed("--transfers", expected=f"at most {most} with {accounts} accounts", got=str(count))
    with output.step(f"a state of {accounts} accounts"):
        population = populate(accounts)
    with output.step(f"signing and executing {count} transfers"):
        statements = make_statements(population, count, slots)
    del population
    with output.step(f"proving {len(statements)} chunk(s) {runs} time(s)") as report:
        cost = measure_proving(statements, runs=runs, cache=key_cache, setup=setup, report=report)
    output.emit(describe(cost, count, len(statements), accounts, runs))


def describe(cost: Cost, transfers: int, chunks: int, accounts: int, runs: int) -> dict[str, Any]:
    """Returns the record: the statement, its cells, its cost."""
    shape = native.load().shape()
    cells = shape.rows * shape.advice * chunks
    return {
        "n": shape.rows, "columns": shape.advice, "committed_columns": committed_columns(shape),
        "transfers": transfers, "chunks": chunks, "accounts": accounts,
        "cells_per_transfer": round(cells / transfers, 1),
        "wall_s": round(cost.wall_s, 4), "prove_core_seconds": round(cost.prove_core_seconds, 4),
        "core_us_per_cell": round(cost.prove_core_seconds / cells * 1e6, 4),
        "proven_tps": round(transfers / cost.wall_s, 3),
        "witness_core_seconds": round(cost.witness_core_seconds, 4),
        "verify_core_ms": round(cost.verify_core_seconds * 1e3, 3),
        "rss_mb": round(cost.rss_mb, 1), "proof_bytes": cost.proof_bytes,
        "simd": cost.simd, "threads": cost.threads, "setup": cost.setup, "vk_digest": to_hex(cost.vk_digest),
        "runs": runs, "cores": os.cpu_count(), "load": round(os.getloadavg()[0], 2),
    }  # fmt: skip


def committed_columns(shape: native.Shape) -> int:
    """Returns the columns of n values that a proof commits to: witness, multiplicities, helpers, sum, product."""
    return shape.advice + shape.multiplicity + shape.helpers + (shape.helpers > 0) + (shape.copied > 0)
