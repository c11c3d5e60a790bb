"""One file a kind, each with `plan` (judges, changes nothing) and `apply` (changes, judges nothing)."""

from collections.abc import Callable

from l2rollup.spec.effect import Effect
from l2rollup.spec.parameters import Kind
from l2rollup.spec.record import Record
from l2rollup.spec.state import State
from l2rollup.spec.transaction import Transaction

from . import (
    deposit,
    forced_exit,
    linked_transfer,
    noop,
    register_key,
    rotate_key,
    set_key,
    set_storage,
    transfer,
    withdraw,
)

GET_UNITS: dict[Kind, Callable[[State, Transaction], int]] = {
    Kind.TRANSFER: transfer.get_units,
    Kind.WITHDRAW: withdraw.get_units,
    Kind.SET_KEY: set_key.get_units,
    Kind.SET_STORAGE: set_storage.get_units,
    Kind.LINKED_TRANSFER: linked_transfer.get_units,
    Kind.ROTATE_KEY: rotate_key.get_units,
}
PLAN_TRANSACTION: dict[Kind, Callable[[State, Transaction, int, int, int], Effect]] = {
    Kind.TRANSFER: transfer.plan,
    Kind.WITHDRAW: withdraw.plan,
    Kind.SET_KEY: set_key.plan,
    Kind.SET_STORAGE: set_storage.plan,
    Kind.LINKED_TRANSFER: linked_transfer.plan,
    Kind.ROTATE_KEY: rotate_key.plan,
}
PLAN_REQUEST: dict[Kind, Callable[[State, Record], Effect]] = {
    Kind.DEPOSIT: deposit.plan,
    Kind.REGISTER_KEY: register_key.plan,
    Kind.FORCED_EXIT: forced_exit.plan,
}
APPLY: dict[Kind, Callable[[State, Effect], None]] = {
    Kind.NOOP: noop.apply,
    Kind.TRANSFER: transfer.apply,
    Kind.WITHDRAW: withdraw.apply,
    Kind.SET_KEY: set_key.apply,
    Kind.SET_STORAGE: set_storage.apply,
    Kind.DEPOSIT: deposit.apply,
    Kind.REGISTER_KEY: register_key.apply,
    Kind.FORCED_EXIT: forced_exit.apply,
    Kind.LINKED_TRANSFER: linked_transfer.apply,
    Kind.ROTATE_KEY: rotate_key.apply,
}
