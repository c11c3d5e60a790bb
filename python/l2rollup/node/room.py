"""Room in the open batch beside its slots: bounds of the circuit that a few items use up long before the slots.

An item that meets such a bound waits for the next batch, and the batch goes on with others: else a dozen writes of
storage would end every batch. What it is not: the rule; the engine answers `chunk_full`, whatever is counted here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from l2rollup.processor import Intake
from l2rollup.types import Kind

if TYPE_CHECKING:
    from l2rollup.native import Shape

WITH_ARGUMENTS = (Kind.SET_KEY, Kind.ROTATE_KEY, Kind.SET_STORAGE, Kind.LINKED_TRANSFER)
"""Kinds whose message holds a hash of arguments or a group."""


@dataclass(frozen=True)
class Use:
    """What items take of a batch: operation records, records of change, hashes of arguments, writes of storage."""

    operations: int = 0
    changes: int = 0
    arguments: int = 0
    writes: int = 0

    def __add__(self, other: Use) -> Use:
        return Use(
            self.operations + other.operations, self.changes + other.changes, self.arguments + other.arguments,
            self.writes + other.writes,
        )  # fmt: skip

    def fits(self, bounds: Use) -> bool:
        """Says whether no part is beyond its bound."""
        return (
            self.operations <= bounds.operations
            and self.changes <= bounds.changes
            and self.arguments <= bounds.arguments
            and self.writes <= bounds.writes
        )


def bounds_of(shape: Shape) -> Use:
    """Returns what one batch of a shape holds."""
    return Use(shape.operations, shape.changes, shape.arguments, shape.writes)


def use_of(intake: Intake, creates: bool) -> Use:
    """Returns what a transaction takes; `creates`: it creates its recipient's account."""
    kind = intake.kind
    keyed = kind in (Kind.SET_KEY, Kind.ROTATE_KEY)
    return Use(
        operations=int(kind is Kind.WITHDRAW or keyed),
        changes=int(creates or keyed),
        arguments=int(kind in WITH_ARGUMENTS),
        writes=int(kind is Kind.SET_STORAGE),
    )


def use_of_all(intakes: Iterable[Intake], creations: Iterable[bool]) -> Use:
    """Returns what transactions take together."""
    total = Use()
    for intake, creates in zip(intakes, creations, strict=True):
        total += use_of(intake, creates)
    return total


@dataclass
class Room:
    """What is left of the open batch. `is_short`: something executable was passed over for want of room."""

    bounds: Use
    used: Use = field(default_factory=Use)
    is_short: bool = False

    def take(self, use: Use) -> bool:
        """Takes room for a unit, if there is enough; whatever the batch already holds, a unit beyond all bounds passes
        on to the engine, which says why not."""
        after = self.used + use
        if after.fits(self.bounds) or not use.fits(self.bounds):
            self.used = after
            return True
        self.is_short = True
        return False

