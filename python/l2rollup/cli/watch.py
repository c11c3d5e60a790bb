"""`l2rollup watch`: holds a sequencer to its signatures, and with a wallet files what it has broken.

It keeps the receipts that it is given and every signed header that the node shows, and compares them with L1: two
headers of one number, a signed root that a finalised batch contradicts, a receipt that nothing on L1 honours.
"""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer

from l2rollup import native
from l2rollup.cli.exit import RequiredL1
from l2rollup.cli.options import AsJson, DevAccount, PasswordFile, Rollup, WalletName, open_wallet
from l2rollup.cli.output import Output
from l2rollup.client import RpcError, Transport
from l2rollup.client.accuse import Accuser, show_equivocation, show_receipt, show_root
from l2rollup.client.evidence import read_paper
from l2rollup.client.watch import VIOLATIONS, Standing, Watch
from l2rollup.errors import Malformed, Retryable
from l2rollup.l1 import L1Client, Sender

Record = dict[str, Any]


def watch(
    l1: RequiredL1, rollup: Rollup,
    node: Annotated[str | None, typer.Option("--node", envvar="L2ROLLUP_NODE", help="URL of the node's API.")] = None,
    db: Annotated[Path | None, typer.Option("--db", help="Folder that keeps headers and receipts.")] = None,
    receipt: Annotated[list[Path] | None, typer.Option("--receipt", help="File of an l2_getReceipt.")] = None,
    tx: Annotated[list[str] | None, typer.Option("--tx", help="Fetch the receipt of this transaction.")] = None,
    once: Annotated[bool, typer.Option("--once", help="One round, then exit: 1 where something was broken.")] = False,
    answer: Annotated[bool, typer.Option("--answer", help="Open filed receipts for an honest sequencer.")] = False,
    interval: Annotated[float, typer.Option("--interval", min=0.1, help="Seconds between rounds.")] = 12.0,
    start_block: Annotated[int, typer.Option("--start-block", min=0, help="L1 block of the deployment.")] = 0,
    wallet: WalletName = None, dev: DevAccount = None, password_file: PasswordFile = None, as_json: AsJson = False,
) -> int:  # fmt: skip
    """Watch a sequencer; with a wallet, file what it has broken (its account pays gas and filing bonds)."""
    output = Output(as_json)
    transport = None if node is None else Transport(node)
    found = Watch(
        L1Client(l1), rollup, native.load().poseidon2_permute, node=transport, folder=db, start_block=start_block
    )
    accuser = None
    if wallet is not None or dev is not None:
        key = open_wallet(wallet, dev, password_file).export_ethereum_key()
        accuser = Accuser(found, Sender(found.client, key), start_block=start_block)
    elif answer:
        raise Malformed("who answers?", expected="--wallet NAME or --dev NUMBER", got="none")
    _take(found, transport, receipt or [], tx or [])
    known: list[Record] = []
    while True:
        try:
            record = run_round(found, accuser, answer=answer)
        except Retryable as error:
            if once:
                raise
            output.say(str(error))
            time.sleep(interval)
            continue
        if once:
            output.emit(record)
            return 1 if record["findings"] else 0
        if record["findings"] != known or record["actions"]:
            output.emit(record)
        known = record["findings"]
        time.sleep(interval)


def _take(found: Watch, transport: Transport | None, files: list[Path], hashes: list[str]) -> None:
    """Takes what the command line names."""
    for file in files:
        found.take_paper(read_paper(file))
    if hashes and transport is None:
        raise Malformed("where are the receipts?", expected="--node URL", got="none")
    for hash_ in hashes:
        found.take_paper(transport.call("l2_getReceipt", hash_) if transport is not None else None)


def run_round(found: Watch, accuser: Accuser | None, *, answer: bool = False) -> Record:
    """Reads what is new, judges everything, acts where there is somebody to act; returns the record of it."""
    found.refused.clear()
    try:
        found.collect()
    except (Retryable, RpcError) as error:
        found.refused.append(str(error))  # a node that is silent is a reason to go on, not to stop
    found.follow()
    findings: list[Record] = []
    actions: list[Record] = []
    for pair in found.equivocations():
        findings.append(show_equivocation(pair))
        actions += accuser.slash_equivocation(pair) if accuser else []
    for root in found.contradicted_roots():
        findings.append(show_root(root))
        actions += accuser.slash_root(root) if accuser else []
    judged = [found.judge(paper) for paper in found.evidence.papers()]
    for one in judged:
        if one.standing in VIOLATIONS:
            findings.append(show_receipt(one))
            actions += accuser.pursue(one) if accuser else []
    if accuser:
        actions += accuser.answer() if answer else []
        actions += accuser.withdraw()
    counts = Counter(one.standing for one in judged)
    return {
        "bonds": found.bonds.address, "time": found.now(), "headers": found.evidence.count,
        "receipts": {str(standing): counts[standing] for standing in Standing if counts[standing]},
        "findings": findings, "actions": actions, "refused": list(found.refused),
    }  # fmt: skip
