"""`l2rollup exit`: leave with everything, from L1 data alone, whether an operator is there or not.

While the rollup lives, `--request` queues forced exits that the operator has to serve in time. In escape, or where one
of its clocks has run out, the last proven state is rebuilt and each balance is claimed by a Merkle path, or up to 32 of
them, of one account or many, by a proof of the exit circuit; withdrawals that were proven and not claimed are claimed,
and deposits that were not consumed come back.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from l2rollup import native
from l2rollup.bridge import MAX_EXITS
from l2rollup.cli.options import AsJson, DevAccount, PasswordFile, Rollup, WalletName, open_wallet, read_bytes
from l2rollup.cli.output import Output
from l2rollup.errors import NotReady
from l2rollup.l1 import L1Client, Sender, UserBridge
from l2rollup.node import LastState
from l2rollup.types import parse_address, to_hex

RequiredL1 = Annotated[str, typer.Option("--l1", envvar="L2ROLLUP_L1", help="URL of the L1 node.")]


def exit_(
    l1: RequiredL1, rollup: Rollup,
    account: Annotated[str | None, typer.Option("--account", help="Who leaves; default: the wallet's account.")] = None,
    token: Annotated[list[str] | None, typer.Option("--token", help="Only these tokens; default: all.")] = None,
    proof: Annotated[bool, typer.Option("--proof", help="One proof for all balances, not a path for each.")] = False,
    together: Annotated[
        Path | None, typer.Option("--together", help="File of accounts, one a line, that leave by shared proofs.")
    ] = None,
    request: Annotated[bool, typer.Option("--request", help="Queue forced exits of the wallet's own.")] = False,
    start_block: Annotated[int, typer.Option("--start-block", min=0, help="L1 block of the deployment.")] = 0,
    wallet: WalletName = None, dev: DevAccount = None, password_file: PasswordFile = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Leave the rollup with everything, from L1 data alone. The wallet's Ethereum key pays the gas."""
    output = Output(as_json)
    payer = open_wallet(wallet, dev, password_file)
    client = L1Client(l1)
    state = LastState(client, rollup, native.load().Engine, start_block=start_block)
    user = UserBridge(state.contract, Sender(client, payer.export_ethereum_key()))
    owner = parse_address(account or payer.address, what="account")
    only = [parse_address(t, what="token") for t in token] if token else None
    leaving = [owner] if together is None else read_accounts(together)
    if request:
        output.emit(_request(output, state, user, only))
        return
    opened = _open(output, state, user, client)
    with output.step("rebuilding the last proven state from L1") as report:
        state.rebuild(lambda read, total: report(f"L1 block {read} of {total}", read / total))
    output.emit({
        "account": to_hex(owner), "batch": state.batch, "root": to_hex(state.root), **opened,
        "claims": _claim(output, state, user, owner, only),
        "exits": _leave_proven(output, state, user, leaving, only) if proof or together is not None
                 else _leave(output, state, user, owner, only),
        "refunds": _refund(output, state, user, owner, only),
    })  # fmt: skip


def _request(output: Output, state: LastState, user: UserBridge, only: list[bytes] | None) -> dict[str, Any]:
    """Forced exits of the wallet's own balances."""
    requests = []
    for token in only or state.tokens():
        with output.step(f"forced exit of {to_hex(token)}"):
            receipt = user.request_forced_exit(token)
        requests.append({"token": to_hex(token), "l1TxHash": receipt.hash, "gas": receipt.gas_used})
    deadline = int(state.contract.view("forcedDeadline"))
    return {"requests": requests, "deadlineSeconds": deadline}


def _open(output: Output, state: LastState, user: UserBridge, client: L1Client) -> dict[str, Any]:
    """Opens escape where it is due. Raises NotReady where it is not."""
    since = int(state.contract.view("escapedAt"))
    if since:
        return {"escapedAt": since}
    opens, newest = int(state.contract.view("escapeOpensAt")), client.block(client.head())
    now = newest.time if newest is not None else 0
    if now < opens:
        raise NotReady("the rollup lives: withdraw, or queue a forced exit with --request; where that is not served, "
                       "escape opens", expected=f"L1 time {opens}", got=str(now))  # fmt: skip
    with output.step("opening escape"):
        receipt = user.activate_escape()
    return {"escapedAt": int(state.contract.view("escapedAt")), "escapeTxHash": receipt.hash}


def _leave(
    output: Output, state: LastState, user: UserBridge, owner: bytes, only: list[bytes] | None
) -> list[dict[str, Any]]:
    exits = []
    for holding in state.holdings(owner):
        if only is not None and holding.token not in only:
            continue
        with output.step(f"exit of {holding.amount} of {to_hex(holding.token)}"):
            receipt = user.force_exit(state.prove(owner, holding.index), holding.token)
        exits.append({
            "token": to_hex(holding.token), "amount": str(holding.amount), "l1TxHash": receipt.hash,
            "gas": receipt.gas_used,
        })  # fmt: skip
    return exits


def read_accounts(file: Path) -> list[bytes]:
    """Returns the addresses of a file, one a line, empty lines left out. Raises Malformed."""
    text = read_bytes(file, "accounts").decode(errors="replace")
    return [parse_address(line.strip(), what="account") for line in text.splitlines() if line.strip()]


def _leave_proven(
    output: Output, state: LastState, user: UserBridge, accounts: list[bytes], only: list[bytes] | None
) -> list[dict[str, Any]]:
    """Leaves with every balance of the accounts, up to 32 by one proof."""
    wanted = [
        (account, holding)
        for account in dict.fromkeys(accounts)
        for holding in state.holdings(account)
        if only is None or holding.token in only
    ]
    exits = []
    for first in range(0, len(wanted), MAX_EXITS):
        some = wanted[first : first + MAX_EXITS]
        with output.step(f"proof of {len(some)} balances") as report:
            proof = state.prove_many([(account, holding.index) for account, holding in some], report)
        with output.step(f"exit of {len(some)} balances"):
            receipt = user.force_exits(proof)
        exits += [
            {"account": to_hex(account), "token": to_hex(holding.token), "amount": str(holding.amount),
             "l1TxHash": receipt.hash, "gas": receipt.gas_used // len(some)}
            for account, holding in some
        ]  # fmt: skip
    return exits


def _claim(
    output: Output, state: LastState, user: UserBridge, owner: bytes, only: list[bytes] | None
) -> list[dict[str, Any]]:
    claims = []
    for claim in state.claims(owner):
        if only is not None and claim.token not in only:
            continue
        with output.step(f"claim of withdrawal {claim.index} of batch {claim.batch_id}"):
            receipt = user.claim(claim.proof, claim.token, claim.amount, claim.recipient)
        claims.append({
            "batchId": claim.batch_id, "index": claim.index, "token": to_hex(claim.token), "amount": str(claim.amount),
            "l1TxHash": receipt.hash, "gas": receipt.gas_used,
        })  # fmt: skip
    return claims


def _refund(
    output: Output, state: LastState, user: UserBridge, owner: bytes, only: list[bytes] | None
) -> list[dict[str, Any]]:
    refunds = []
    for deposit in state.deposits(owner):
        if only is not None and deposit.token not in only:
            continue
        with output.step(f"refund of deposit {deposit.index}"):
            receipt = user.refund_deposit(
                deposit.index, deposit.token, deposit.amount, deposit.recipient, deposit.depositor
            )
        refunds.append({
            "index": deposit.index, "token": to_hex(deposit.token), "amount": str(deposit.amount),
            "l1TxHash": receipt.hash, "gas": receipt.gas_used,
        })  # fmt: skip
    return refunds
