"""What a rollup is deployed with, for ever: deadlines, bond, windows, breakers, roles. Values only.

`PRODUCTION` is what a rollup for others has at least; anything shorter or cheaper is for development, and a production
node refuses to run on it (`find_weaknesses`).
"""

from __future__ import annotations

from dataclasses import dataclass

HOUR = 3_600
DAY = 24 * HOUR
ETHER = 10**18

FORCED_DEADLINE = 7 * DAY
FINALITY_DEADLINE = 14 * DAY


@dataclass(frozen=True)
class Finding:
    """A production rule that is broken: what it asks for, and what is there."""

    rule: str
    expected: str
    got: str


@dataclass(frozen=True)
class Terms:
    """Amounts in wei, times in seconds, `share` in hundredths of a percent.

    forced_deadline, finality_deadline: after which an open queue entry, or a state not finalised, opens escape.
    token_fee: burned for a token's index. minimum_bond: below it nothing is committed. challenge_bond: what a challenge
    costs where the batch is proven; challenge_forfeit: what one that is not answered takes from the sequencer.
    filing_bond: what a receipt costs its filer where it was honoured. proof_window, challenge_window: a challenged
    batch is due at the earlier of commit + proof_window and challenge + challenge_window. opening_window: to answer a
    filed receipt. claim_window: to register violated receipts. share: of what is owed in a token, what leaves at once
    within `window`. guardian, owner: who may pause and who may propose; None is the deployer, "" nobody.
    """

    forced_deadline: int = FORCED_DEADLINE
    finality_deadline: int = FINALITY_DEADLINE
    token_fee: int = 5 * 10**16
    minimum_bond: int = ETHER
    challenge_bond: int = ETHER // 10
    challenge_forfeit: int = ETHER // 2
    filing_bond: int = ETHER // 10
    proof_window: int = 24 * HOUR
    challenge_window: int = 6 * HOUR
    opening_window: int = 24 * HOUR
    claim_window: int = 7 * DAY
    unbonding_delay: int = 21 * DAY
    share: int = 2_500
    window: int = DAY
    guardian: str | None = None
    owner: str | None = None

    def bond_settings(self) -> tuple[int, ...]:
        """Returns the constructor argument BondSettings of Bonds."""
        return (
            self.minimum_bond, self.challenge_bond, self.challenge_forfeit, self.filing_bond, self.proof_window,
            self.challenge_window, self.opening_window, self.claim_window, self.unbonding_delay,
        )  # fmt: skip


PRODUCTION = Terms()
DEVELOPMENT = Terms(minimum_bond=ETHER // 10, challenge_bond=ETHER // 100, challenge_forfeit=ETHER // 20,
                    filing_bond=ETHER // 100, share=10_000)  # fmt: skip
"""Deadlines of production, a bond that any funded account can post, and no claim that waits."""
AT_LEAST = (
    "forced_deadline", "finality_deadline", "token_fee", "minimum_bond", "challenge_bond", "challenge_forfeit",
    "filing_bond", "proof_window", "challenge_window", "opening_window", "claim_window", "unbonding_delay", "window",
)  # fmt: skip
"""What may not be below PRODUCTION."""
LATITUDE = 4
AT_MOST = {
    "forced_deadline": LATITUDE, "finality_deadline": LATITUDE, "challenge_bond": LATITUDE, "filing_bond": LATITUDE,
    "share": 1,
}  # fmt: skip
"""What may not be above so many times PRODUCTION: a way out that opens after years, a stake that nobody can pay, a
bucket that holds nothing back."""


def find_weaknesses(terms: Terms) -> list[Finding]:
    """Returns what production does not run on, in the order of the terms; empty where there is nothing."""
    found = []
    for name in Terms.__dataclass_fields__:
        least = getattr(PRODUCTION, name) if name in AT_LEAST else None
        most = getattr(PRODUCTION, name) * AT_MOST[name] if name in AT_MOST else None
        value = getattr(terms, name)
        bounds = [text for bound, text in ((least, f">= {least}"), (most, f"<= {most}")) if bound is not None]
        if (least is not None and value < least) or (most is not None and value > most):
            found.append(Finding(name.replace("_", " "), " and ".join(bounds), str(value)))
    return found
