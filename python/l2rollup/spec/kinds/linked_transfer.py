"""linked_transfer: a transfer that happens with all of its group or not at all. Here is the member alone; `group.py`
says what a group is, and `Rollup.apply_all` takes it whole."""

from dataclasses import replace

from l2rollup.spec.effect import Effect
from l2rollup.spec.parameters import Kind
from l2rollup.spec.state import State
from l2rollup.spec.transaction import Transaction

from . import transfer


def get_units(state: State, t: Transaction) -> int:
    """Units of gas: those of a transfer, on the state that the members before it left."""
    return transfer.get_units(state, t)


def plan(state: State, t: Transaction, sender: int, fee: int, id: int) -> Effect:
    """The rules of a transfer."""
    return replace(transfer.plan(state, t, sender, fee, id), kind=Kind.LINKED_TRANSFER)


def apply(state: State, e: Effect) -> None:
    """What a transfer does."""
    transfer.apply(state, e)
