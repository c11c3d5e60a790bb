"""`l2rollup doctor`: what a deployed rollup is and who can do what to it, from L1 alone.

Exit status 1 where a production rule is broken. What it is not: `l2rollup node health`, which asks a node, and
`l2rollup watch`, which holds a sequencer to what it signed.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer

from l2rollup.cli.exit import RequiredL1
from l2rollup.cli.options import AsJson, Rollup
from l2rollup.cli.output import Output
from l2rollup.l1 import L1Client
from l2rollup.l1.beside import MAX_DELAY, PAUSE
from l2rollup.l1.inspection import Inspection, Proposal, inspect
from l2rollup.types import ZERO_ADDRESS, parse_address, to_address, to_hex

POWERS = {
    "sequencer": "commits batches, orders and censors transactions, unbonds, hands its role over in two steps",
    "owner": "proposes a verifier, a token's share, a guardian; cancels; hands its role over in two steps; renounces",
    "guardian": "pauses deposits or claims for 72 hours, once in 30 days; ends its pause; hands over in two steps",
    "governor": "sets verifier, shares and guardian as proposed, after its delay, never in escape",
    "breakers": "hold claims for at most three days and close deposits",
    "bonds": "names the sequencer, slashes it, takes back batches that nobody proved in time",
    "anyone": "proves, finalises, claims and exits for others, opens escape, challenges, reports, trips, executes",
}
"""Every role and every power it has. What none of them can: move a user's value, skip the queue, delay escape, or
change custody, exits, deadlines or the governor's delay."""


def doctor(
    l1: RequiredL1, rollup: Rollup,
    findings_only: Annotated[bool, typer.Option("--findings", help="Only the broken rules.")] = False,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Examine a deployed rollup: code, roles, exit window, proposals, pauses, bond. Status 1 if a rule is broken."""
    output, client = Output(as_json), L1Client(l1)
    with output.step("reading the contracts"):
        found = inspect(client, to_address(parse_address(rollup, what="rollup")))
    record = describe(found)
    output.emit({name: record[name] for name in ("production", "findings")} if findings_only else record)
    if record["findings"]:
        raise typer.Exit(1)


def describe(found: Inspection) -> dict[str, Any]:
    """Returns the record of a rollup."""
    findings = [asdict(finding) for finding in (*found.find_weaknesses(), *found.find_faults())]
    return {
        "production": not findings, "findings": findings, "rollup": found.rollup, "time": found.time,
        "code": "the package's" if found.code_fault is None else found.code_fault,
        "key": {"verifier": found.verifier, "vkDigest": to_hex(found.vk_digest), "setup": found.setup},
        "exitWindow": {
            "governorDelay": found.delay, "forcedDeadline": found.terms.forced_deadline, "claimDelay": MAX_DELAY,
            "pause": PAUSE, "net": found.exit_window, "netDays": found.exit_window // 86_400,
        },
        "escape": {
            "openSince": found.escaped_at or None, "opensAt": found.escape_opens_at,
            "forcedDeadline": found.terms.forced_deadline, "finalityDeadline": found.terms.finality_deadline,
        },
        "roles": _describe_roles(found), "proposals": [_describe_proposal(p) for p in found.proposals],
        "breakers": _describe_breakers(found), "bond": _describe_bond(found),
    }  # fmt: skip


def _describe_roles(found: Inspection) -> list[dict[str, Any]]:
    holders = {
        "sequencer": found.sequencer, "owner": found.owner, "guardian": found.guardian, "governor": found.governor,
        "breakers": found.breaking.address, "bonds": found.bonds,
    }  # fmt: skip
    roles = []
    for role, powers in POWERS.items():
        address = holders.get(role)
        nobody = address == ZERO_ADDRESS
        entry = {"role": role, "address": None if nobody else address, "can": "nothing" if nobody else powers}
        if role in found.offered:
            entry["offeredTo"] = found.offered[role]
        roles.append(entry)
    return roles


def _describe_proposal(proposal: Proposal) -> dict[str, Any]:
    record: dict[str, Any] = {
        "id": proposal.number, "changes": proposal.action, "to": proposal.subject, "state": proposal.state,
        "earliest": proposal.ready_at, "latest": proposal.expires_at,
    }  # fmt: skip
    if proposal.action == "share":
        record["share"] = proposal.share or "default"
    if proposal.action == "verifier":
        record["codeHash"] = to_hex(proposal.code_hash)
    return record


def _describe_breakers(found: Inspection) -> dict[str, Any]:
    breaking, now = found.breaking, found.time
    return {
        "depositsPausedUntil": breaking.deposits_until if breaking.deposits_until > now else None,
        "claimsPausedUntil": breaking.claims_until if breaking.claims_until > now else None,
        "nextPauseAt": breaking.next_pause or None, "shortTokens": list(breaking.tripped),
        "tokensAsked": breaking.tokens_asked, "share": found.terms.share, "window": found.terms.window,
    }  # fmt: skip


def _describe_bond(found: Inspection) -> dict[str, Any]:
    terms = found.terms
    return {
        "bond": str(found.bond), "minimum": str(terms.minimum_bond), "challengeBond": str(terms.challenge_bond),
        "challengeForfeit": str(terms.challenge_forfeit), "filingBond": str(terms.filing_bond),
        "unbondingDelay": terms.unbonding_delay,
    }  # fmt: skip
