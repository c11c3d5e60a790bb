"""forced_exit: an L1 queue entry pays the whole balance of a token to the owner, or is a noop. It is never refused."""

from dataclasses import replace

from l2rollup.spec.effect import Effect, debit
from l2rollup.spec.parameters import Kind
from l2rollup.spec.record import Record
from l2rollup.spec.state import State

from . import noop


def plan(state: State, request: Record) -> Effect:
    """The outcome is a function of the state."""
    sender = state.get_index(request.address)
    amount = 0 if sender is None else state.get_balance(sender, request.token)
    if sender is None or amount == 0:
        return noop.plan(request)
    record = replace(request, amount=amount)
    return Effect(
        Kind.FORCED_EXIT,
        record.id(),
        sender,
        token=record.token,
        amount=amount,
        recipient=record.recipient,
        record=record,
    )


def apply(state: State, e: Effect) -> None:
    """The balance becomes 0; the nonce stays."""
    debit(state, e.sender, e.token, e.amount)
