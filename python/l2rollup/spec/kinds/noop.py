"""noop: the outcome of a forced exit whose account is absent or whose balance is 0."""

from ..effect import Effect
from ..parameters import Kind
from ..record import Record
from ..state import State


def plan(request: Record) -> Effect:
    """The record stands on the stream as a forced exit of amount 0."""
    return Effect(Kind.NOOP, request.id(), token=request.token, recipient=request.recipient, record=request)


def apply(state: State, e: Effect) -> None:
    """Changes nothing."""
