"""PR3: a unit of value leaves once. Every ordered pair of ways out is tried on every kind of unit.

Ways: claim, claim into a pending balance and out of it, forced exit (its queue entry), escape by path, refund. A way
that a unit does not have must be refused by a typed error; whatever the pair, what leaves is the unit, once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

from abandoned_world import ETH, WITHDRAWN, Abandoned

from l2rollup import native
from l2rollup.bridge import Claim
from l2rollup.cli.accounts import make_dev_wallet
from l2rollup.errors import L1Rejected
from l2rollup.l1 import Sender
from l2rollup.l1.contracts import encode_call
from l2rollup.node import LastState
from l2rollup.node.leaving import OpenDeposit

REFUSES = "0x5f5ffd"  # code that reverts whatever it is sent
HOLDER, PAYEE, DEPOSITOR, FORCED = 3, 4, 5, 6
"""Development accounts: a balance; a withdrawal; a deposit that stays open; a forced exit that was served."""
WAYS = ("claim", "pending", "forced exit", "escape", "refund")
TYPED = (
    "AlreadyClaimed", "AmountZero", "EscapeOpen", "AlreadyExited", "AlreadyRefunded", "EntryConsumed", "WrongDeposit",
    "NotFinalised", "WrongPath",
)  # fmt: skip


@dataclass(frozen=True)
class Unit:
    """Value of one owner. amount: what may leave. Each field is what the way would be tried with."""

    name: str
    amount: int
    real: tuple[str, ...]
    owner: int | None
    claim: Claim
    deposit: OpenDeposit


class Trial:
    """One world in escape, and the five ways tried on its units."""

    def __init__(self, world: Abandoned) -> None:
        self.world, self.contract = world, world.contract
        world.bridge(DEPOSITOR).deposit(ETH, 12_345)
        world.bridge(HOLDER).request_forced_exit(ETH)  # open for ever: nobody serves it
        world.escape()
        self.state = LastState(world.client, world.rollup, native.load().Engine)
        self.state.rebuild()
        (self.open,) = self.state.deposits(make_dev_wallet(DEPOSITOR).address_bytes)
        (self.withdrawn,) = self.state.claims(make_dev_wallet(PAYEE).address_bytes)
        (self.forced,) = self.state.claims(make_dev_wallet(FORCED).address_bytes)
        # an entry that a finalised batch consumed: the first of all
        self.consumed = OpenDeposit(0, ETH, 1, self.open.recipient, self.open.depositor)

    def units(self) -> list[Unit]:
        """A balance, a withdrawal, a served forced exit, an open deposit."""
        (balance,) = (h.amount for h in self.state.holdings(make_dev_wallet(HOLDER).address_bytes) if h.token == ETH)
        nothing = Claim(self.withdrawn.proof, 1, 0, ETH, balance, make_dev_wallet(HOLDER).address_bytes)
        refunded = Claim(self.withdrawn.proof, 1, 0, ETH, self.open.amount, self.open.depositor)
        return [
            Unit("a balance whose forced exit was never served", balance, ("escape",), HOLDER, nothing, self.consumed),
            Unit("a withdrawal", WITHDRAWN, ("claim", "pending"), None, self.withdrawn, self.consumed),
            Unit("a forced exit that was served", self.forced.amount, ("claim", "pending"), FORCED, self.forced,
                 self.consumed),
            Unit("an open deposit", self.open.amount, ("refund",), None, refunded, self.open),
        ]  # fmt: skip

    def take(self, way: str, unit: Unit) -> None:
        """Tries a way. Raises L1Rejected where the contract refuses."""
        stranger, claim, deposit = self.world.bridge(7), unit.claim, unit.deposit
        ways: dict[str, Callable[[], object]] = {
            "claim": lambda: stranger.claim(claim.proof, claim.token, claim.amount, claim.recipient),
            "pending": lambda: self.take_pending(claim),
            "forced exit": lambda: self.world.bridge(unit.owner or DEPOSITOR).request_forced_exit(ETH),
            "escape": lambda: self.escape(unit),
            "refund": lambda: stranger.refund_deposit(
                deposit.index, deposit.token, deposit.amount, deposit.recipient, deposit.depositor
            ),
        }
        ways[way]()

    def refuses(self, way: str, unit: Unit) -> str | None:
        """Tries a way; returns the contract's typed error, None where it was taken."""
        try:
            self.take(way, unit)
        except L1Rejected as error:
            return str(error.got)
        return None

    def take_pending(self, claim: Claim) -> None:
        """The recipient refuses the push, changes its mind, and takes what waits."""
        name, number = "0x" + claim.recipient.hex(), FORCED if claim == self.forced else PAYEE
        self.world.client.request("anvil_setCode", [name, REFUSES])
        try:
            self.world.bridge(7).claim(claim.proof, claim.token, claim.amount, claim.recipient)
        finally:
            self.world.client.request("anvil_setCode", [name, "0x"])
        recipient = Sender(self.world.client, make_dev_wallet(number).export_ethereum_key())
        recipient.transact(self.world.rollup, encode_call("withdrawPending", [ETH]))
        # and there is no second time
        assert int(self.contract.view("pending", "0x" + ETH.hex(), name)) == 0

    def escape(self, unit: Unit) -> None:
        """By the path of the unit's owner; of one that holds nothing else where it has none."""
        owner = make_dev_wallet(FORCED if unit.owner is None else unit.owner).address_bytes
        self.world.bridge(7).force_exit(self.state.prove(owner, 0), ETH)

    def escrowed(self) -> int:
        """Wei the contract accounts for."""
        return int(self.contract.view("escrowed", "0x" + ETH.hex()))


def test_every_ordered_pair_of_ways_pays_once(undone: Abandoned) -> None:
    trial = Trial(undone)
    tried = 0
    for unit, first, second in product(trial.units(), WAYS, WAYS):
        snapshot, before = undone.client.request("evm_snapshot", []), trial.escrowed()
        for way in (first, second):
            refusal = trial.refuses(way, unit)
            assert refusal is None or refusal.startswith(TYPED), f"{unit.name}, {first} then {second}: {refusal}"
        paid = before - trial.escrowed()
        possible = first in unit.real or second in unit.real
        assert paid == (unit.amount if possible else 0), f"{unit.name}, {first} then {second}: {paid} left"
        assert undone.client.request("evm_revert", [snapshot])
        tried += 1
    assert tried == 4 * len(WAYS) ** 2
