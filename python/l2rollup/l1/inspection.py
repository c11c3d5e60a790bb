"""What a deployed rollup is, as its contracts say: terms, roles, pauses, proposals; which production rules it breaks.

Reads only, and believes nothing but L1. What it is not: a decision whether to use it; `l2rollup doctor` prints what is
found here, and a production node does not start on what `Inspection.find_weaknesses` finds.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from eth_utils.address import to_checksum_address

from l2rollup.errors import L1Rejected
from l2rollup.l1.accounts import derive_dev_accounts
from l2rollup.l1.beside import (
    ACTIONS,
    BREAKERS,
    EXECUTION_WINDOW,
    GOVERNOR,
    MAX_DELAY,
    PAUSE,
    PAUSE_EVERY,
    BesideContract,
)
from l2rollup.l1.bonds import BondsContract, find_bonds
from l2rollup.l1.client import L1Client
from l2rollup.l1.contracts import RollupContract
from l2rollup.l1.deploy import ZERO_ADDRESS, check_deployment, read_key_data, read_vk_digest
from l2rollup.l1.terms import DAY, Finding, Terms
from l2rollup.l1.terms import find_weaknesses as find_weak_terms

MIN_DELAY = 43 * DAY
MIN_EXIT_WINDOW = 30 * DAY
MAX_TOKENS_ASKED = 1_000
MAX_PROPOSALS = 200
"""How many tokens, and how many of the newest proposals, are looked at one by one."""
G2_GENERATOR = bytes.fromhex("198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2")
CEREMONIES = {"0efcfa1b8a947fbf356d2eadb08292bc775ae6845bb317636c0f0f62aa7dbfe8": "aztec-ignition"}
"""SHA-256 of the 128 bytes of tau h, as a verifier reads them, and the ceremony that made it."""


@dataclass(frozen=True)
class Proposal:
    """An open proposal. Times in unix seconds; state: waiting, ready or expired."""

    number: int
    action: str
    subject: str
    share: int
    ready_at: int
    expires_at: int
    code_hash: bytes
    state: str


@dataclass(frozen=True)
class Breaking:
    """What holds claims or closes deposits now. Times in unix seconds, 0 for never."""

    address: str
    deposits_until: int
    claims_until: int
    last_pause: int
    tripped: tuple[str, ...]
    tokens_asked: int
    governor: str

    @property
    def next_pause(self) -> int:
        """Earliest time of the guardian's next pause; 0: now."""
        return self.last_pause + PAUSE_EVERY if self.last_pause else 0


@dataclass(frozen=True)
class Inspection:
    """A deployed rollup. Amounts in wei, times in seconds; code_fault: why it is not the package's, else None.

    offered: to whom sequencer, owner and guardian offer their roles, by role; only who was named and has not accepted.
    """

    rollup: str
    time: int
    code_fault: str | None
    verifier: str
    vk_digest: bytes
    setup: str
    terms: Terms
    delay: int
    bonds: str
    bond: int
    sequencer: str
    governor: str
    owner: str
    guardian: str
    offered: dict[str, str]
    breaking: Breaking
    proposals: tuple[Proposal, ...]
    escaped_at: int
    escape_opens_at: int
    unlocked: frozenset[str]

    @property
    def exit_window(self) -> int:
        """Seconds that are left to leave before a change, after the slowest way out and a pause. Negative: none."""
        return self.delay - self.terms.forced_deadline - MAX_DELAY - PAUSE

    def find_weaknesses(self) -> list[Finding]:
        """Returns the broken rules that are for ever, or for as long as nobody changes a role."""
        found = [] if self.code_fault is None else [Finding("code", "the package's contracts", self.code_fault)]
        found += find_weak_terms(self.terms)
        if self.delay < MIN_DELAY:
            found.append(Finding("governor's delay", f">= {MIN_DELAY}", str(self.delay)))
        if self.exit_window < MIN_EXIT_WINDOW:
            found.append(Finding("exit window", f">= {MIN_EXIT_WINDOW}", str(self.exit_window)))
        if self.breaking.governor != self.governor:
            found.append(Finding("breakers' governor", self.governor, self.breaking.governor))
        if self.setup not in CEREMONIES.values():
            found.append(Finding("setup", "a known ceremony's", self.setup))
        return [*found, *self._find_open_keys()]

    def find_faults(self) -> list[Finding]:
        """Returns the broken rules of the moment: what would stop commits."""
        if self.bond >= self.terms.minimum_bond:
            return []
        return [Finding("bond", f">= {self.terms.minimum_bond}", str(self.bond))]

    def _find_open_keys(self) -> list[Finding]:
        known = {account.address for account in derive_dev_accounts()}
        found = []
        holders = {"sequencer": self.sequencer, "owner": self.owner, "guardian": self.guardian}
        # Who is offered a role has it with one transaction of its own.
        heirs = {f"{role}'s successor": address for role, address in self.offered.items()}
        for role, address in (holders | heirs).items():
            if address in known:
                found.append(Finding(f"key of the {role}", "a secret one", f"development account {address}"))
            elif address in self.unlocked:
                found.append(Finding(f"key of the {role}", "locked", f"{address} is unlocked on the L1 node"))
        return found


def inspect(client: L1Client, rollup: str) -> Inspection:
    """Reads everything. Raises L1Rejected where `rollup` does not answer as one, or its bonds are another's."""
    contract = RollupContract(client, rollup)
    bonds = find_bonds(client, contract.address)
    breakers = BesideContract(client, str(contract.view("breakers")), BREAKERS)
    governor = BesideContract(client, str(contract.view("governor")), GOVERNOR)
    now = client.latest().time
    fault = _find_code_fault(client, contract.address)
    digest = bytes(contract.view("vkDigest"))
    return Inspection(
        rollup=contract.address, time=now, code_fault=fault, verifier=_address(contract.view("verifier")),
        vk_digest=digest, setup=read_setup(read_key_data()) if digest == read_vk_digest() else "unknown",
        terms=_read_terms(contract, bonds, breakers), delay=int(governor.view("delay")), bonds=bonds.address,
        bond=int(bonds.view("bondOf")), sequencer=_address(contract.view("sequencer")), governor=governor.address,
        owner=_address(governor.view("owner")), guardian=_address(breakers.view("guardian")),
        offered=_read_offers(sequencer=bonds, owner=governor, guardian=breakers),
        breaking=_read_breaking(contract, breakers), proposals=_read_proposals(governor, now),
        escaped_at=int(contract.view("escapedAt")), escape_opens_at=int(contract.view("escapeOpensAt")),
        unlocked=_read_unlocked(client),
    )  # fmt: skip


def read_setup(key_data: bytes) -> str:
    """Returns the ceremony of the setup that a key's data contract holds, "unknown" for none that is known.

    tau h lies before h, the generator of G2; both are four words.
    """
    place = key_data.find(G2_GENERATOR)
    if place < 128:
        return "unknown"
    return CEREMONIES.get(hashlib.sha256(key_data[place - 128 : place]).hexdigest(), "unknown")


def _find_code_fault(client: L1Client, rollup: str) -> str | None:
    try:
        check_deployment(client, rollup)
    except L1Rejected as error:
        return f"{error.message}: {error.got}"
    return None


def _read_terms(contract: RollupContract, bonds: BondsContract, breakers: BesideContract) -> Terms:
    return Terms(
        forced_deadline=int(contract.view("forcedDeadline")), finality_deadline=int(contract.view("finalityDeadline")),
        token_fee=int(contract.view("tokenFee")), minimum_bond=int(bonds.view("minimumBond")),
        challenge_bond=int(bonds.view("challengeBond")), challenge_forfeit=int(bonds.view("challengeForfeit")),
        filing_bond=int(bonds.view("filingBond")), proof_window=int(bonds.view("proofWindow")),
        challenge_window=int(bonds.view("challengeWindow")), opening_window=int(bonds.view("openingWindow")),
        claim_window=int(bonds.view("claimWindow")), unbonding_delay=int(bonds.view("unbondingDelay")),
        share=int(breakers.view("shareOf", ZERO_ADDRESS)), window=int(breakers.view("window")),
    )  # fmt: skip


def _read_offers(**places: BondsContract | BesideContract) -> dict[str, str]:
    """Returns who is named for each role and has not accepted it."""
    named = {role: _address(place.view("offeredTo")) for role, place in places.items()}
    return {role: address for role, address in named.items() if address != ZERO_ADDRESS}


def _read_breaking(contract: RollupContract, breakers: BesideContract) -> Breaking:
    deposits, claims, last = breakers.view("pauses")
    asked = min(int(contract.view("tokenCount")), MAX_TOKENS_ASKED)
    tokens = [ZERO_ADDRESS, *(_address(contract.view("tokens", index)) for index in range(1, asked))]
    tripped = tuple(token for token in tokens if breakers.view("isTripped", token))
    governor = _address(breakers.view("governor"))
    return Breaking(breakers.address, int(deposits), int(claims), int(last), tripped, asked, governor)


def _read_proposals(governor: BesideContract, now: int) -> tuple[Proposal, ...]:
    newest = int(governor.view("proposalCount"))
    found = []
    for number in range(max(1, newest - MAX_PROPOSALS + 1), newest + 1):
        action, subject, share, ready_at, code_hash = governor.view("proposal", number)
        if not action:
            continue
        expires_at = ready_at + EXECUTION_WINDOW
        state = "waiting" if now < ready_at else "ready" if now <= expires_at else "expired"
        entry = (number, ACTIONS[action], _address(subject), share, ready_at, expires_at, bytes(code_hash), state)
        found.append(Proposal(*entry))
    return tuple(found)


def _read_unlocked(client: L1Client) -> frozenset[str]:
    """Accounts that the L1 node signs for: whoever reaches it has their keys. A node that does not say has none."""
    try:
        answer = client.request("eth_accounts", [])
    except L1Rejected:
        return frozenset()
    return frozenset(_address(account) for account in answer or [])


def _address(value: object) -> str:
    return str(to_checksum_address(str(value)))
