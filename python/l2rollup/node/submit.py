"""Taking in user transactions: decode, check, pool, store. A refused one leaves pool and state unchanged."""

from __future__ import annotations

import time

import msgspec

from l2rollup.errors import Refused
from l2rollup.native import Fault
from l2rollup.node.context import Context
from l2rollup.node.stages.sequence import drop_items
from l2rollup.node.status import set_item
from l2rollup.processor import Intake, PoolTransaction, compute_units, parse_intake
from l2rollup.storage import Family, ItemRecord
from l2rollup.types import Kind, Status

PENDING_SET_KEYS = 1


class Submit:
    """Intake of one node."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def send(self, raw: bytes, chain_id: int | None = None) -> bytes:
        """Takes in one L2Transaction, the raw JSON object as it came; returns its 32-byte id.

        chain_id: the chain the caller believes to be on. Raises Refused with the code of the first rule that fails.
        """
        context = self._context
        if chain_id is not None and chain_id != context.chain_id:
            raise Refused("transaction is for another chain", expected=str(context.chain_id), got=str(chain_id),
                          code="wrong_chain_id")  # fmt: skip
        # The signature is verified outside the lock; execution decides again whatever changes in between.
        record, id_ = self._read(raw)
        with context.lock:
            intake = parse_intake(record)
            self._check_known(id_)
            self._check_fee(intake)
            self._check_set_key(intake)
            offer = context.fees.to_native(intake.fee_token, intake.gas_price)
            tx = PoolTransaction(id_, record, intake, offer)
            dropped = context.pool.add(tx, context.nonce_of(intake.sender), time.time())
            item = context.store.get(Family.ITEMS, id_, ItemRecord) or ItemRecord(id_, record, "", {})
            item.record = record
            with context.store.batch() as writes:
                set_item(writes, item, Status.PENDING)
            drop_items(context, dropped)
            context.count("transactions_received")
            return id_

    def _read(self, raw: bytes) -> tuple[bytes, bytes]:
        """Returns the intake record and the id of a request that the engine accepts now. Raises Refused."""
        context = self._context
        with context.lock:
            engine, tokens, halted = context.engine, context.token_list(), context.halted
        if halted:
            raise Refused("the node has halted", expected="a running node", got=halted, code="halted")
        record = engine.decode([raw], tokens)[0]
        if not isinstance(record, bytes):
            raise to_refused(record)
        id_ = engine.transaction_ids([record])[0]
        self._check_known(id_)
        fault = engine.check([record])[0]
        if fault is not None:
            raise to_refused(fault)
        return record, id_

    def _check_known(self, id_: bytes) -> None:
        item = self._context.store.get(Family.ITEMS, id_, ItemRecord)
        if item is not None and item.status in (Status.PENDING, Status.CONFIRMED):
            raise Refused("transaction is known already", expected="a new transaction", got=f"status {item.status}",
                          code="already_known")  # fmt: skip

    def _check_fee(self, intake: Intake) -> None:
        """Refuses what no chunk of this policy could ever take: an unlisted fee token, an offer below the floor."""
        if intake.kind is Kind.SET_KEY:
            return
        context = self._context
        floor = context.fees.floor(intake.fee_token)
        if floor is None:
            raise Refused("fee token is not listed", expected=f"one of {[0, *sorted(context.fees.rates)]}",
                          got=str(intake.fee_token), code="fee_token_not_listed")  # fmt: skip
        creates = intake.kind is Kind.TRANSFER and context.engine.account(intake.to) is None
        needed = compute_units(intake.kind, creates_account=creates) * floor
        if intake.gas_limit * intake.gas_price < needed:
            raise Refused("offered fee is below the floor", expected=f"gasLimit * gasPrice >= {needed}",
                          got=str(intake.gas_limit * intake.gas_price), code="fee_too_low")  # fmt: skip

    def _check_set_key(self, intake: Intake) -> None:
        """set_key is free, so an account may have one waiting at a time (docs/decisions/0004)."""
        if intake.kind is not Kind.SET_KEY:
            return
        others = (tx.intake for tx in self._context.pool.of_sender(intake.sender))
        waiting = [other for other in others if other.kind is Kind.SET_KEY and other.nonce != intake.nonce]
        if len(waiting) >= PENDING_SET_KEYS:
            raise Refused("a set_key of this account waits already", expected=f"< {PENDING_SET_KEYS} waiting",
                          got=str(len(waiting)), code="pool_full")  # fmt: skip


def to_refused(fault: Fault) -> Refused:
    """Turns a Fault of the engine into the error the API answers with."""
    return Refused(fault.message, expected=fault.expected or None, got=fault.got or None, code=fault.code)


def encode_wire(transaction: dict[str, str | int]) -> bytes:
    """Returns an L2Transaction as the JSON bytes `send` takes."""
    return msgspec.json.encode(transaction)
