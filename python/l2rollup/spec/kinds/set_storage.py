"""set_storage: the owner writes one slot of its storage tree. Slot and value are in range by the record's form."""

from l2rollup.spec.effect import Effect, debit
from l2rollup.spec.parameters import Kind
from l2rollup.spec.state import State
from l2rollup.spec.transaction import Transaction


def get_units(state: State, t: Transaction) -> int:
    """Units of gas."""
    return 150


def plan(state: State, t: Transaction, sender: int, fee: int, id: int) -> Effect:
    """No rule of its own."""
    slot, value = t.data
    return Effect(Kind.SET_STORAGE, id, sender, fee_token=t.fee_token, fee=fee, slot=slot, value=value)


def apply(state: State, e: Effect) -> None:
    """Nonce, fee, value."""
    state.change(e.sender).nonce += 1
    debit(state, e.sender, e.fee_token, e.fee)
    state.set_storage(e.sender, e.slot, e.value)
