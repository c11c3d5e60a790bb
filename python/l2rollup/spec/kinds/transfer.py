"""transfer: amount moves from the sender to the recipient, whose account it creates if there is none."""

from l2rollup.spec.amount import pack
from l2rollup.spec.effect import Effect, check_credit, credit, debit, locate
from l2rollup.spec.fault import Fault
from l2rollup.spec.parameters import Kind
from l2rollup.spec.state import State
from l2rollup.spec.transaction import Transaction


def get_units(state: State, t: Transaction) -> int:
    """Units of gas: more when it creates an account."""
    return 100 if state.get_index(t.to) is not None else 250


def plan(state: State, t: Transaction, sender: int, fee: int, id: int) -> Effect:
    """The recipient is no system address, the amount has a packed form, the new balance is below 2^128."""
    receiver, creates = locate(state, t.to)
    if pack(t.amount) is None:
        raise Fault("amount_too_large", "the amount has no packed form", "< 2^123", t.amount)
    if receiver != sender:
        check_credit(state, receiver, t.token, t.amount)
    return Effect(Kind.TRANSFER, id, sender, receiver, creates, t.token, t.amount, t.fee_token, fee)


def apply(state: State, e: Effect) -> None:
    """Nonce, fee, and the amount; to oneself the amount comes back."""
    if e.creates is not None:
        state.create(e.creates)
    state.change(e.sender).nonce += 1
    debit(state, e.sender, e.fee_token, e.fee)
    debit(state, e.sender, e.token, e.amount)
    credit(state, e.receiver, e.token, e.amount)
