"""The demo's record, looked at from outside: nothing it says is believed that L1 or a fresh process can show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from running_demo import Demo, read_record, run_cli

from l2rollup.l1 import BatchFinalized, L1Client, WithdrawalClaimed
from l2rollup.types import to_hex

KEYS = [
    "l1", "data", "batches", "transfers", "final_root", "onchain_root", "reconstructed_root", "n", "columns",
    "cells_per_transfer", "prove_core_seconds", "proof_bytes", "verify_gas", "l1_gas", "stage_seconds",
    "data_bytes_per_transfer", "withdraw_tx", "refused",
]  # fmt: skip
L1_CALLS = {
    "depositETH", "deposit", "registerKey", "registerToken", "commitBatch", "finalizeBatch", "initiateWithdrawal",
}  # fmt: skip
GAS_CAP = 1 << 24


def finalized_roots(demo: Demo) -> dict[int, str]:
    logs = L1Client(demo.l1).logs_between(demo.rollup, 0, L1Client(demo.l1).head())
    events = [event for log in logs if isinstance(event := demo.contract.decode(log), BatchFinalized)]
    return {event.batch_id: to_hex(event.root) for event in events}


def test_record_has_exactly_the_listed_keys(demo: Demo) -> None:
    assert list(demo.record) == KEYS
    assert len(demo.stdout) == 1, "stdout is the record and nothing else"
    assert demo.record["l1"] == demo.kind and demo.record["data"] == "calldata"
    assert set(demo.record["l1_gas"]) >= L1_CALLS
    assert all(0 < gas < GAS_CAP for gas in demo.record["l1_gas"].values())
    assert demo.record["stage_seconds"]["total"] > 0


def test_figures_stand_for_themselves(demo: Demo) -> None:
    record = demo.record
    assert record["transfers"] >= 64
    assert record["batches"] == len(finalized_roots(demo)) or demo.contract.finalized() > record["batches"]
    assert record["n"] == 1 << 15
    assert record["n"] * record["columns"] / record["cells_per_transfer"] >= 32, "slots of a chunk"
    assert record["cells_per_transfer"] <= 20_000
    assert record["verify_gas"] <= 750_000
    assert record["prove_core_seconds"] > 0.1, "a proof that costs nothing is none"
    assert 12 <= record["data_bytes_per_transfer"] <= 16
    statuses = [batch["status"] for batch in demo.client().get_batches(1, record["batches"])]
    assert statuses == ["final"] * record["batches"]
    sizes = {(len(demo.client().get_batch_proof(i)) - 2) // 2 for i in range(1, record["batches"] + 1)}
    assert len(sizes) == 1 and record["proof_bytes"] < sizes.pop()


def test_roots_are_the_contracts(demo: Demo) -> None:
    record, roots = demo.record, finalized_roots(demo)
    last = roots[record["batches"]]
    assert record["final_root"] == record["onchain_root"] == record["reconstructed_root"] == last
    batches = demo.client().get_batches(1, record["batches"])
    assert [batch["newStateRoot"] for batch in batches] == [roots[i + 1] for i in range(record["batches"])]
    assert [batch["oldStateRoot"] for batch in batches[1:]] == [roots[i + 1] for i in range(record["batches"] - 1)]


def test_attacks_were_mined_and_refused_with_typed_errors(demo: Demo) -> None:
    refused = {entry["attack"]: entry for entry in demo.record["refused"]}
    assert set(refused) == {"wrong root", "proof of another batch", "flipped byte"}
    client = L1Client(demo.l1)
    for entry in refused.values():
        receipt = client.receipt(entry["tx"])
        assert receipt is not None and not receipt.success and receipt.gas_used == entry["gas"]
    assert refused["wrong root"]["error"].startswith("WrongRoot(expected=0x")
    assert refused["proof of another batch"]["error"] == f"ProofRejected(batchId={refused['flipped byte']['batch']})"
    assert refused["flipped byte"]["error"].split("(")[0] in {"ProofRejected", "PointMalformed"}


def test_withdrawal_was_claimed_on_l1(demo: Demo) -> None:
    receipt = L1Client(demo.l1).receipt(demo.record["withdraw_tx"])
    assert receipt is not None and receipt.success
    assert any(isinstance(demo.contract.decode(log), WithdrawalClaimed) for log in receipt.logs)


@pytest.fixture(scope="module")
def rebuilt_state(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    """The state rebuilt by another process in an empty folder: its record, and where it was saved."""
    empty, saved = tmp_path_factory.mktemp("empty"), tmp_path_factory.mktemp("saved")
    place = ["--l1", demo.l1, "--rollup", demo.rollup]
    record = read_record(run_cli("state", "reconstruct", *place, "--output", str(saved), "--json", cwd=empty))
    assert list(empty.iterdir()) == []
    return record, saved


def test_a_stranger_rebuilds_the_state(demo: Demo, rebuilt_state: tuple[dict[str, Any], Path]) -> None:
    record, saved = rebuilt_state
    roots = finalized_roots(demo)
    rebuilt = {batch["batchId"]: batch["root"] for batch in record["batches"] if batch["final"]}
    assert rebuilt and rebuilt == {batch: roots[batch] for batch in rebuilt}
    assert rebuilt[demo.record["batches"]] == demo.record["final_root"]
    account = demo.client(1).wallet.address
    proven = read_record(run_cli("state", "proof", account, "--snapshot", str(saved), "--json"))
    assert proven["checked"] and proven["proof"]["included"] and proven["stateRoot"] == record["root"]
    absent = read_record(run_cli("state", "proof", "0x" + "77" * 20, "--snapshot", str(saved), "--json"))
    assert absent["proof"]["included"] is False


def test_conservation(demo: Demo, rebuilt_state: tuple[dict[str, Any], Path]) -> None:
    record, saved = rebuilt_state
    place = ["--l1", demo.l1, "--rollup", demo.rollup]
    audited = read_record(run_cli("state", "audit", "--snapshot", str(saved), *place, "--json"))
    assert audited["root"] == audited["onchainRoot"] == record["root"]
    for token in demo.client().chain_info(refresh=True)["tokens"]:
        held = int(demo.contract.view("escrowed", token["address"]))
        assert int(audited["totals"].get(str(token["index"]), "0")) == held > 0


def test_three_verifiers_agree_on_the_same_bytes(demo: Demo, tmp_path: Path) -> None:
    client, file = demo.client(), tmp_path / "proof.bin"
    batch = demo.record["batches"]
    read_record(run_cli("batch", "proof", str(batch), "--node", demo.node, "-o", str(file), "--json"))
    proof, root = file.read_bytes(), demo.record["final_root"]
    here = ["--chain-id", str(client.chain_id), "--rollup", demo.rollup, "--json"]
    assert read_record(run_cli("proof", "verify", str(file), *here))["verified"] is True
    assert client.verify_state(root, to_hex(proof)) is True
    assert demo.contract.view("verifyStateCommitment", bytes.fromhex(root[2:]), proof) is True
    assert client.verify_state("0x" + "00" * 32, to_hex(proof)) is False
    flipped = bytearray(proof)
    flipped[-60] ^= 1
    file.write_bytes(flipped)
    refused = run_cli("proof", "verify", str(file), *here)
    assert refused.returncode in (1, 2) and '"error"' in refused.stdout
