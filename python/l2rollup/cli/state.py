"""`l2rollup state`: rebuild the state from L1 alone, audit it, prove accounts, show roots.

`reconstruct` needs an L1 URL and the contract's address, and nothing of any operator; what it saves (`--output`) is
what `audit`, `root` and `proof` read with `--snapshot`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from l2rollup import native
from l2rollup.cli.options import DEFAULT_NODE, AsJson, NodeUrl, Rollup
from l2rollup.cli.output import Output
from l2rollup.client import Client
from l2rollup.client.account_proof import verify_account_proof
from l2rollup.errors import Malformed, ProofRejected
from l2rollup.l1 import L1Client, RollupContract
from l2rollup.node import Reconstruction
from l2rollup.state import Snapshots
from l2rollup.types import parse_address, to_hex

app = typer.Typer(name="state", no_args_is_help=True, help="The state: rebuild, audit, prove.")
RequiredL1 = Annotated[str, typer.Option("--l1", envvar="L2ROLLUP_L1", help="URL of the L1 node.")]
SnapshotFolder = Annotated[
    Path | None, typer.Option("--snapshot", help="Folder that `state reconstruct --output` or a node wrote.")
]


@app.command()
def reconstruct(
    l1: RequiredL1, rollup: Rollup,
    start_block: Annotated[int, typer.Option("--start-block", min=0, help="L1 block of the deployment.")] = 0,
    folder: Annotated[Path | None, typer.Option("--output", "-o", help="Save the rebuilt state here.")] = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Rebuild the state from L1 data alone and compare every batch's root with the contract's."""
    output = Output(as_json)
    parse_address(rollup, what="rollup")
    client = L1Client(l1)
    if not client.code(rollup):
        raise Malformed("there is no contract at the rollup's address", expected="code", got=rollup)
    work = Reconstruction(client, rollup, native.load().Engine, start_block=start_block)
    batches: list[dict[str, Any]] = []
    with output.step("reading and replaying the batches") as report:
        def progress(read: int, total: int) -> None:
            report(f"L1 block {read} of {total}", read / total)

        for rebuilt in work.run(progress):
            batches.append({
                "batchId": rebuilt.batch_id, "root": to_hex(rebuilt.root), "final": rebuilt.is_finalized,
                "dataBytes": rebuilt.data_bytes,
            })  # fmt: skip
    with output.step("auditing the rebuilt tree"):
        work.engine.audit()
    if folder is not None:
        Snapshots(folder).save(len(batches), work.engine.snapshot())
    output.emit({
        "root": to_hex(work.engine.root()), "onchainRoot": to_hex(RollupContract(client, rollup).state_root()),
        "accounts": work.engine.account_count - 1, "sequence": work.engine.sequence, "batches": batches,
    })  # fmt: skip


def open_engine(folder: Path) -> native.Engine:
    """Opens the newest snapshot of a folder."""
    if not folder.is_dir():
        raise Malformed("no such folder", expected="a folder of snapshots", got=str(folder))
    snapshots = Snapshots(folder)
    newest = snapshots.newest(1 << 62)
    if newest is None:
        raise Malformed("no snapshot there", expected="a file NUMBER.snapshot", got=str(folder))
    return native.load().Engine.restore(snapshots.load(newest))


@app.command()
def audit(
    snapshot: Annotated[Path, typer.Option("--snapshot", help="Folder of snapshots.")],
    l1: Annotated[str | None, typer.Option("--l1", help="Compare with this L1's contract.")] = None,
    rollup: Annotated[str | None, typer.Option("--rollup", help="Address of the contract.")] = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Rebuild a snapshot's tree from its leaves and compare; with --l1 and --rollup also with the contract's root."""
    engine = open_engine(snapshot)
    output = Output(as_json)
    with output.step("rebuilding the tree from its leaves"):
        engine.audit()
    record: dict[str, Any] = {
        "root": to_hex(engine.root()), "accounts": engine.account_count - 1, "sequence": engine.sequence,
        "totals": {str(token): str(amount) for token, amount in sorted(engine.totals().items())},
    }  # fmt: skip
    if l1 is not None and rollup is not None:
        onchain = to_hex(RollupContract(L1Client(l1), rollup).state_root())
        record["onchainRoot"] = onchain
        if onchain != record["root"]:
            raise ProofRejected("snapshot is not the contract's state", expected=onchain, got=record["root"])
    output.emit(record)


@app.command()
def root(
    snapshot: SnapshotFolder = None, l1: Annotated[str | None, typer.Option("--l1")] = None,
    rollup: Annotated[str | None, typer.Option("--rollup")] = None, node: NodeUrl = DEFAULT_NODE,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Show the state root: of a snapshot, of the contract (--l1 and --rollup), or of a node."""
    output = Output(as_json)
    if snapshot is not None:
        output.emit({"source": str(snapshot), "root": to_hex(open_engine(snapshot).root())})
    elif l1 is not None and rollup is not None:
        output.emit({"source": rollup, "root": to_hex(RollupContract(L1Client(l1), rollup).state_root())})
    else:
        output.emit({"source": node, "root": Client(node).chain_info()["stateRoot"]})


@app.command()
def storage(
    address: Annotated[str, typer.Argument(help="Account, existing or not.")],
    slot: Annotated[int, typer.Argument(min=0, max=65535, help="Slot of its storage.")],
    snapshot: SnapshotFolder = None, node: NodeUrl = DEFAULT_NODE, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Read a storage slot of an account: of a node, or of a snapshot. `state proof --slot` shows it to others."""
    if snapshot is not None:
        value = open_engine(snapshot).storage(parse_address(address), slot)
    else:
        value = Client(node).get_storage(address, slot).to_bytes(32, "big")
    Output(as_json).emit({"address": address, "slot": slot, "value": to_hex(value)})


@app.command()
def proof(
    address: Annotated[str, typer.Argument(help="Account, existing or not.")],
    token: Annotated[str | None, typer.Option("--token", help="Also prove the balance of this token.")] = None,
    token_index: Annotated[int | None, typer.Option("--token-index", min=0, max=65535, help="With --snapshot.")] = None,
    slot: Annotated[int | None, typer.Option("--slot", min=0, max=65535, help="Also prove this storage slot.")] = None,
    snapshot: SnapshotFolder = None, node: NodeUrl = DEFAULT_NODE, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Prove an account (or its absence) against the root; the proof is checked before it is printed."""
    if snapshot is not None:
        engine, raw = open_engine(snapshot), parse_address(address)
        state_root, found = engine.root(), json.loads(engine.account_proof(raw, token_index, slot))
        permute = native.load().poseidon2_permute
        verify_account_proof(found, state_root, raw, permute, token=token_index, slot=slot)
        record = {"stateRoot": to_hex(state_root), "proof": found}
    else:
        record = Client(node).get_account_proof(address, token, slot)
    Output(as_json).emit({**record, "checked": True})
