"""withdraw: amount leaves the sender; L1 pays the recipient after finality."""

from l2rollup.spec.effect import Effect, debit
from l2rollup.spec.fault import Fault
from l2rollup.spec.parameters import FIRST_ADDRESS, Kind
from l2rollup.spec.record import Record
from l2rollup.spec.state import State
from l2rollup.spec.transaction import Transaction


def get_units(state: State, t: Transaction) -> int:
    """Units of gas."""
    return 400


def plan(state: State, t: Transaction, sender: int, fee: int, id: int) -> Effect:
    """The recipient is no system address and the amount is not 0."""
    if t.to < FIRST_ADDRESS:
        raise Fault("reserved_address", "a system address cannot be paid", ">= 2^16", hex(t.to))
    if t.amount == 0:
        raise Fault("zero_amount", "a withdrawal moves something", "> 0", 0)
    record = Record(Kind.WITHDRAW, t.sender, t.token, sender, t.nonce, t.amount, t.fee_token, t.to)
    return Effect(
        Kind.WITHDRAW, id, sender, 0, None, t.token, t.amount, t.fee_token, fee, recipient=t.to, record=record
    )


def apply(state: State, e: Effect) -> None:
    """Nonce, fee, amount."""
    state.change(e.sender).nonce += 1
    debit(state, e.sender, e.fee_token, e.fee)
    debit(state, e.sender, e.token, e.amount)
