"""register_key: an L1 queue entry by which an owner sets the key of its account, creating it if absent."""

from l2rollup.spec.effect import Effect, locate
from l2rollup.spec.parameters import Kind
from l2rollup.spec.record import Record
from l2rollup.spec.state import State

from .set_key import check_key


def plan(state: State, record: Record) -> Effect:
    """The address is no system address and the key is usable."""
    receiver, creates = locate(state, record.address)
    check_key(record.key)
    return Effect(Kind.REGISTER_KEY, record.id(), 0, receiver, creates, key=record.key, record=record)


def apply(state: State, e: Effect) -> None:
    """Scheme 1 and the key; the nonce stays."""
    if e.creates is not None:
        state.create(e.creates)
    account = state.change(e.receiver)
    account.scheme, account.key = 1, e.key
