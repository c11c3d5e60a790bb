"""The record of a demo: what was measured in this run, and its table. Field names are an interface; see docs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from rich.table import Table

from l2rollup.cli.output import make_table


@dataclass(frozen=True)
class DemoRecord:
    """One run.

    l1: anvil, embedded or the URL. data: lane of the transactions. batches, transfers: how many. Roots: the node's,
    the contract's, the rebuilt one. n, columns: rows and advice columns of the leaf circuit. cells_per_transfer:
    n x columns / slots of a full chunk, padding included. prove_core_seconds: CPU seconds of one proof, mean of the
    run, all threads of the prover. proof_bytes: snark without header. verify_gas: gasUsed of finalizeBatch (the
    largest). l1_gas: gasUsed by call (the largest). stage_seconds: wall time. data_bytes_per_transfer: bytes of the
    transactions stream of a full chunk of plain transfers, header included, by transfer. withdraw_tx: the L1 claim.
    refused: attacks and the contract's error.
    """

    l1: str
    data: str
    batches: int
    transfers: int
    final_root: str
    onchain_root: str
    reconstructed_root: str
    n: int
    columns: int
    cells_per_transfer: float
    prove_core_seconds: float
    proof_bytes: int
    verify_gas: int
    l1_gas: dict[str, int]
    stage_seconds: dict[str, float]
    data_bytes_per_transfer: float
    withdraw_tx: str
    refused: list[dict[str, Any]]

    def to_json(self) -> dict[str, Any]:
        """Returns the record with the interface's names."""
        return asdict(self)


def make_tables(record: DemoRecord) -> list[Table]:
    """Returns the tables shown at the end."""
    figures = [
        ("transfers / batches", f"{record.transfers} / {record.batches}"),
        ("cells per transfer", f"{record.cells_per_transfer:,.0f} = {record.n} x {record.columns} / slots"),
        ("proof, CPU seconds", f"{record.prove_core_seconds:.1f}"),
        ("proof, bytes", f"{record.proof_bytes:,}"),
        ("finalizeBatch, gas", f"{record.verify_gas:,}"),
        ("data bytes per plain transfer", f"{record.data_bytes_per_transfer:.2f}"),
        ("final root", record.final_root),
        ("root on L1", record.onchain_root),
        ("rebuilt root", record.reconstructed_root),
        ("withdrawal claimed in", record.withdraw_tx),
    ]
    seconds = [(name, f"{value:.1f}") for name, value in record.stage_seconds.items()]
    gas = [(name, f"{value:,}") for name, value in record.l1_gas.items()]
    attacks = [(entry["attack"], entry["error"], f"{entry['gas']:,}") for entry in record.refused]
    return [
        make_table("Figures of this run", ("what", "value"), figures),
        make_table("Seconds by stage", ("stage", ">seconds"), seconds),
        make_table("Gas by L1 call (largest)", ("call", ">gas"), gas),
        make_table("Refused by the contract", ("attack", "error", ">gas"), attacks),
    ]
