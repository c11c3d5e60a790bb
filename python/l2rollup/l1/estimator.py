"""Gas estimates of the embedded chain in two or three executions; py-evm's own binary search takes fifteen.

A proof verification takes py-evm a second or more, so how often it runs is what an estimate costs.
"""

from __future__ import annotations

from typing import Any

from eth.abc import ComputationAPI, SignedTransactionAPI, StateAPI
from eth.exceptions import VMError
from eth.vm.spoof import SpoofTransaction
from eth_utils.exceptions import ValidationError

RESERVE_GAS = 5_000


def estimate_gas(state: StateAPI, transaction: SignedTransactionAPI) -> int:
    """Returns a gas limit with which the transaction succeeds. Raises its VMError when it fails at the block's limit.

    A call keeps back 1/64 of its gas and a contract may ask for more than it uses, so the limit is tried, and doubled.
    """
    full = _run(state, transaction, state.gas_limit)
    if full.is_error:
        raise full.error
    used = transaction.intrinsic_gas + full.get_gas_used()
    limit = used + used // 63 + RESERVE_GAS
    while limit < state.gas_limit and not _succeeds(state, transaction, limit):
        limit *= 2
    return min(limit, state.gas_limit)


def _succeeds(state: StateAPI, transaction: SignedTransactionAPI, limit: int) -> bool:
    try:
        return not _run(state, transaction, limit).is_error
    except (ValidationError, VMError):
        # Below the floor that EIP-7623 sets for its calldata.
        return False


def _run(state: StateAPI, transaction: SignedTransactionAPI, limit: int) -> ComputationAPI:
    spoofed: Any = SpoofTransaction(transaction, gas=limit, gas_price=0)
    snapshot = state.snapshot()
    try:
        return state.apply_transaction(spoofed)
    finally:
        state.revert(snapshot)
