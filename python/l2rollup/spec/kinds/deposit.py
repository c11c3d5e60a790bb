"""deposit: an L1 queue entry credits an account, creating it if absent. L1 refuses what this file refuses."""

from l2rollup.spec.effect import Effect, check_credit, credit, locate
from l2rollup.spec.parameters import Kind
from l2rollup.spec.record import Record
from l2rollup.spec.state import State


def plan(state: State, record: Record) -> Effect:
    """The address is no system address and the new balance is below 2^128."""
    receiver, creates = locate(state, record.address)
    check_credit(state, receiver, record.token, record.amount)
    return Effect(Kind.DEPOSIT, record.id(), 0, receiver, creates, record.token, record.amount, record=record)


def apply(state: State, e: Effect) -> None:
    """The credit."""
    if e.creates is not None:
        state.create(e.creates)
    credit(state, e.receiver, e.token, e.amount)
