"""noop: the outcome of a forced exit whose account is absent or whose balance is 0."""

from l2rollup.spec.effect import Effect
from l2rollup.spec.parameters import Kind
from l2rollup.spec.record import Record
from l2rollup.spec.state import State


def plan(request: Record) -> Effect:
    """The record stands on the stream as a forced exit of amount 0."""
    return Effect(Kind.NOOP, request.id(), token=request.token, recipient=request.recipient, record=request)


def apply(state: State, e: Effect) -> None:
    """Changes nothing."""
