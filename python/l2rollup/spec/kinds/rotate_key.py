"""rotate_key: an account replaces its EdDSA key, by a signature under the present one. It pays a fee."""

from l2rollup.spec.effect import Effect, debit
from l2rollup.spec.parameters import Kind
from l2rollup.spec.record import Record
from l2rollup.spec.state import State
from l2rollup.spec.transaction import Transaction

from .set_key import check_key


def get_units(state: State, t: Transaction) -> int:
    """Units of gas."""
    return 400


def plan(state: State, t: Transaction, sender: int, fee: int, id: int) -> Effect:
    """The new key is usable; it may be the present one."""
    check_key(t.data)
    record = Record(Kind.ROTATE_KEY, t.sender, index=sender, nonce=t.nonce, fee_token=t.fee_token, key=t.data)
    return Effect(Kind.ROTATE_KEY, id, sender, fee_token=t.fee_token, fee=fee, key=t.data, record=record)


def apply(state: State, e: Effect) -> None:
    """Fee, key, nonce; the scheme stays 1."""
    debit(state, e.sender, e.fee_token, e.fee)
    account = state.change(e.sender)
    account.key, account.nonce = e.key, account.nonce + 1
