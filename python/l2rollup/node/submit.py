"""Taking in user transactions: decode, check, pool, store. A refused one leaves pool and state unchanged."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from l2rollup.errors import L2Error, Refused, StorageError
from l2rollup.native import Fault
from l2rollup.node.context import Context
from l2rollup.node.stages.sequence import drop_items
from l2rollup.node.status import set_item
from l2rollup.processor import Intake, PoolTransaction, compute_units, parse_intake
from l2rollup.storage import Batch, Family, ItemRecord
from l2rollup.types import Kind, Status

PENDING_SET_KEYS = 1


@dataclass(frozen=True)
class Request:
    """One L2Transaction, the raw JSON object as it came, and the chain its caller believes to be on, if it says so."""

    raw: bytes
    chain_id: int | None = None


Read = tuple[bytes, bytes] | L2Error
"""Intake record and id of a request, or why it is refused."""


class Submit:
    """Intake of one node."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def send(self, raw: bytes, chain_id: int | None = None) -> bytes:
        """Takes in one L2Transaction; returns its 32-byte id. Raises Refused with the first rule that fails."""
        (result,) = self.send_many([Request(raw, chain_id)])
        if isinstance(result, L2Error):
            raise result
        return result

    def send_many(self, requests: Sequence[Request]) -> list[bytes | L2Error]:
        """Takes in transactions in order, crossing to the engine once for all; an entry is an id or the refusal.

        Signatures are verified outside the lock; execution decides again whatever changes in between.
        """
        read = self._read(requests)
        context = self._context
        taken: dict[bytes, ItemRecord] = {}
        results: list[bytes | L2Error] = []
        with context.lock:
            try:
                with context.store.batch() as writes:
                    for entry in read:
                        results.append(entry if isinstance(entry, L2Error) else self._take(writes, taken, *entry))
            except StorageError:
                for id_ in taken:
                    context.pool.remove(id_)
                raise
            context.count("transactions_received", len(taken))
        return results

    def _take(self, writes: Batch, taken: dict[bytes, ItemRecord], record: bytes, id_: bytes) -> bytes | L2Error:
        """Puts one transaction into the pool and the writes; returns its id, or the refusal."""
        context, intake = self._context, parse_intake(record)
        try:
            self._check_known(id_)
            self._check_fee(intake)
            self._check_set_key(intake)
            offer = context.fees.to_native(intake.fee_token, intake.gas_price)
            tx = PoolTransaction(id_, record, intake, offer)
            dropped = context.pool.add(tx, context.nonce_of(intake.sender), time.time())
        except L2Error as error:
            return error
        item = context.store.get(Family.ITEMS, id_, ItemRecord) or ItemRecord(id_, record, "", {})
        item.record = record
        taken[id_] = item
        set_item(writes, item, Status.PENDING)
        drop_items(context, writes, dropped, taken)
        return id_

    def _read(self, requests: Sequence[Request]) -> list[Read]:
        """Returns intake record and id of each request that the engine accepts now: three crossings for all."""
        context = self._context
        with context.lock:
            engine, tokens, halted = context.engine, context.token_list(), context.halted
        results: list[Read | None] = [self._check_chain(request, halted) for request in requests]
        open_ = [i for i, result in enumerate(results) if result is None]
        records: dict[int, bytes] = {}
        for i, decoded in zip(open_, engine.decode([requests[i].raw for i in open_], tokens), strict=True):
            if isinstance(decoded, bytes):
                records[i] = decoded
            else:
                results[i] = to_refused(decoded)
        ids = dict(zip(records, engine.transaction_ids(list(records.values())), strict=True))
        for i, id_ in ids.items():
            results[i] = self._find_known(id_)
        records = {i: record for i, record in records.items() if results[i] is None}
        for i, fault in zip(records, engine.check(list(records.values())), strict=True):
            results[i] = to_refused(fault) if fault is not None else (records[i], ids[i])
        return [result for result in results if result is not None]

    def _check_chain(self, request: Request, halted: str | None) -> L2Error | None:
        chain_id = self._context.chain_id
        if request.chain_id is not None and request.chain_id != chain_id:
            return Refused("transaction is for another chain", expected=str(chain_id), got=str(request.chain_id),
                           code="wrong_chain_id")  # fmt: skip
        if halted:
            return Refused("the node has halted", expected="a running node", got=halted, code="halted")
        return None

    def _find_known(self, id_: bytes) -> L2Error | None:
        try:
            self._check_known(id_)
        except Refused as error:
            return error
        return None

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
