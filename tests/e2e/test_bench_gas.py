"""`l2rollup bench gas`: L1 calls with real proofs on a live L1 stay below the bars of docs/spec/bridge.md."""

from __future__ import annotations

from running_demo import read_record, run_cli

BARS = {
    "exit_path": 600_000, "exit_path_token": 700_000, "exit_proof": 450_000, "exit_aggregated_32": 100_000,
    "initiate_withdrawal": 120_000, "deposit_eth": 90_000, "deposit_erc20": 120_000, "finalize_batch": 750_000,
    "commit_batch": 60_000 + 100_000, "commit_batch_beside_data": 60_000,
}  # fmt: skip


def test_every_call_is_measured_and_below_its_bar() -> None:
    record = read_record(run_cli("bench", "gas", "--l1", "anvil", "--json"))
    assert record["l1"] == "anvil"
    for name, bar in BARS.items():
        assert 21_000 < record[name] <= bar, f"{name}: expected <= {bar}, got {record[name]}"
    assert record["calls"]["deposit_eth"] == record["calls"]["deposit_erc20"] == 8
