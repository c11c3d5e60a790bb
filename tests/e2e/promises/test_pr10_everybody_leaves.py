"""PR10: escape opens but a user cannot leave: every account leaves with every token, by L1 alone."""

from __future__ import annotations

import json
from pathlib import Path

from abandoned_world import ACCOUNTS, ETH, Abandoned
from running_demo import read_record, run_cli

from l2rollup import native
from l2rollup.cli.accounts import make_dev_wallet
from l2rollup.node import LastState

ALONE = 30
"""Accounts that leave by Merkle paths, a balance at a time; the others share proofs."""


def leave_together(undone: Abandoned, state: LastState, accounts: list[bytes], at: list[str], folder: Path) -> int:
    """Leaves by the command line with every balance of the accounts, 32 by one proof; returns how many left."""
    file = folder / "accounts.txt"
    file.write_text("\n".join("0x" + account.hex() for account in accounts) + "\n")
    owed = {(account, h.token): h.amount for account in accounts for h in state.holdings(account)}
    stranger = undone.bridge(7)
    before = {key: stranger.token_balance(key[1], "0x" + key[0].hex()) for key in owed}
    record = read_record(run_cli("exit", *at, "--together", str(file)))
    assert {(e["account"], e["token"]): int(e["amount"]) for e in record["exits"]} == {
        ("0x" + account.hex(), "0x" + token.hex()): amount for (account, token), amount in owed.items()
    }
    for (account, token), amount in owed.items():
        payer = account == make_dev_wallet(3).address_bytes  # pays the gas
        assert payer or stranger.token_balance(token, "0x" + account.hex()) == before[account, token] + amount
    print(f"{len(owed)} exits in shared proofs: {record['exits'][0]['gas']} gas each")  # noqa: T201
    assert all(state.holdings(account) == [] for account in accounts)
    return len({account for account, _ in owed})


def test_every_account_leaves_with_every_token(undone: Abandoned, tmp_path: Path) -> None:
    contract, stranger = undone.contract, undone.bridge(7)
    # a deposit that nobody will consume
    stranded = undone.bridge(5).deposit(ETH, 12_345)
    at = ["--l1", undone.l1, "--rollup", undone.rollup, "--dev", "3", "--json"]
    early = run_cli("exit", *at)
    assert early.returncode == 75 or json.loads(early.stdout)["error"]["name"] == "not_ready", early.stderr
    undone.travel(int(contract.view("escapeOpensAt")))
    undone.client.request("evm_mine", [])

    # one by the command line, in a process of its own
    record = read_record(run_cli("exit", *at))
    assert record["root"] == "0x" + contract.state_root().hex()
    assert {e["token"] for e in record["exits"]} == {"0x" + ETH.hex()} and record["refunds"] == []

    # another by one proof for all it has
    proven = read_record(run_cli("exit", *at[:-2], "2", "--json", "--proof"))
    assert proven["exits"] and {e["account"] for e in proven["exits"]} == {make_dev_wallet(2).address.lower()}

    state = LastState(undone.client, undone.rollup, native.load().Engine)
    state.rebuild()
    for number in (2, 3):
        assert state.holdings(make_dev_wallet(number).address_bytes) == [], "it has left"
    gas: dict[bytes, list[int]] = {token: [] for token in undone.tokens}
    left = leave_together(undone, state, undone.accounts[ALONE:], at, tmp_path)
    for account in undone.accounts[:ALONE]:
        holdings = state.holdings(account)
        for holding in holdings:
            before = stranger.token_balance(holding.token, "0x" + account.hex())
            receipt = stranger.force_exit(state.prove(account, holding.index), holding.token)
            if account != bytes.fromhex(stranger.address[2:]):
                assert stranger.token_balance(holding.token, "0x" + account.hex()) == before + holding.amount
            gas[holding.token].append(receipt.gas_used)
        left += len(holdings) > 0
    assert left >= ACCOUNTS and all(len(used) >= ALONE - 2 for used in gas.values())
    for account in undone.accounts:
        for claim in list(state.claims(account)):
            stranger.claim(claim.proof, claim.token, claim.amount, claim.recipient)
    (open_deposit,) = list(state.deposits(make_dev_wallet(5).address_bytes))
    assert (open_deposit.amount, stranded.success) == (12_345, True)
    stranger.refund_deposit(
        open_deposit.index, open_deposit.token, open_deposit.amount, open_deposit.recipient, open_deposit.depositor
    )
    # nobody owns anything here any more, and nothing is left
    assert [int(contract.view("escrowed", "0x" + token.hex())) for token in undone.tokens] == [0, 0, 0]
    for token, used in gas.items():
        print(f"forceExit of 0x{token.hex()}: median {sorted(used)[len(used) // 2]} gas, {len(used)} exits")  # noqa: T201
        assert max(used) < 700_000
