"""set_key: the owner of an account, by an EIP-712 signature, sets its EdDSA key. It pays no fee."""

from l2rollup.spec.babyjubjub import Point
from l2rollup.spec.eddsa import is_usable_key
from l2rollup.spec.effect import Effect
from l2rollup.spec.fault import Fault
from l2rollup.spec.parameters import Kind
from l2rollup.spec.record import Record
from l2rollup.spec.state import State
from l2rollup.spec.transaction import Transaction


def get_units(state: State, t: Transaction) -> int:
    """Units of gas."""
    return 0


def check_key(key: Point) -> None:
    """The key is on the curve and not of small order."""
    if not is_usable_key(key):
        raise Fault("bad_key", "not a usable key", "a curve point whose eightfold is not the identity", key)


def plan(state: State, t: Transaction, sender: int, fee: int, id: int) -> Effect:
    """The key is usable."""
    check_key(t.data)
    record = Record(Kind.SET_KEY, t.sender, index=sender, nonce=t.nonce, key=t.data)
    return Effect(Kind.SET_KEY, id, sender, fee_token=t.fee_token, fee=fee, key=t.data, record=record)


def apply(state: State, e: Effect) -> None:
    """Scheme 1, the key, and the nonce."""
    account = state.change(e.sender)
    account.scheme, account.key, account.nonce = 1, e.key, account.nonce + 1
