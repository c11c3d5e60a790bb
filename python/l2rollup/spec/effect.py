"""What an accepted item does, complete enough to apply it to the state and to write it to the streams."""

from dataclasses import dataclass

from .babyjubjub import Point
from .fault import Fault
from .parameters import FIRST_ADDRESS, Kind
from .record import Record
from .state import State


@dataclass(frozen=True)
class Effect:
    """An accepted item. What a kind does not use is 0; `creates` is the address of an account that is created first."""

    kind: Kind
    id: int = 0
    sender: int = 0
    receiver: int = 0
    creates: int | None = None
    token: int = 0
    amount: int = 0
    fee_token: int = 0
    fee: int = 0
    key: Point = (0, 0)
    slot: int = 0
    value: int = 0
    recipient: int = 0
    record: Record | None = None


def locate(state: State, address: int) -> tuple[int, int | None]:
    """(index, None) of an account, or (index of the next account, address) when it is to be created."""
    index = state.get_index(address)
    if index is not None:
        return index, None
    if address < FIRST_ADDRESS:
        raise Fault("reserved_address", "a system address has no account", ">= 2^16", hex(address))
    if state.count == 1 << 32:
        raise Fault("state_full", "no account leaf is free", "fewer than 2^32", state.count)
    return state.count, address


def check_credit(state: State, index: int, token: int, amount: int) -> None:
    """The balance after a credit stays below 2^128; `index` may be that of the next account."""
    balance = state.get_balance(index, token) if index < state.count else 0
    if balance + amount >= 1 << 128:
        raise Fault("amount_too_large", "a balance would reach 2^128", f"< {(1 << 128) - balance}", amount)


def credit(state: State, index: int, token: int, amount: int) -> None:
    """Adds to a balance."""
    state.set_balance(index, token, state.get_balance(index, token) + amount)


def debit(state: State, index: int, token: int, amount: int) -> None:
    """Subtracts from a balance that covers it."""
    state.set_balance(index, token, state.get_balance(index, token) - amount)
