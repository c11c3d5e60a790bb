"""Taking in user transactions: decode, check, pool, store. A refused one leaves pool and state unchanged.

A linked transfer comes with all of its group, and the group is taken in whole or not at all.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from l2rollup.errors import L2Error, Refused, StorageError
from l2rollup.native import Fault
from l2rollup.node.context import Context
from l2rollup.node.stages.sequence import drop_items, find_creations
from l2rollup.node.status import set_item
from l2rollup.processor import GROUP_MEMBERS, Intake, PoolTransaction, compute_units, parse_intake
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

    def send_group(self, requests: Sequence[bytes], chain_id: int | None = None) -> list[bytes]:
        """Takes in the members of one group, L2Transactions in the order of the group; returns their ids in that order.

        Raises Refused: `incomplete_group` for what is not one whole group, else the first rule that a member breaks.
        """
        context = self._context
        if len(requests) not in GROUP_MEMBERS:
            raise Refused("this is no group", expected="2 to 8 linked transfers", got=f"{len(requests)}",
                          code="incomplete_group")  # fmt: skip
        read: list[tuple[bytes, bytes]] = []
        for place, entry in enumerate(self._read([Request(raw, chain_id) for raw in requests], linked=True)):
            if isinstance(entry, L2Error):
                raise _of_member(entry, place)
            read.append(entry)
        records = [record for record, _ in read]
        intakes = [parse_intake(record) for record in records]
        with context.lock:
            context.engine.check_group(records)
            self._check_balances(intakes)
            for place, (intake, creates) in enumerate(zip(intakes, find_creations(context, intakes), strict=True)):
                try:
                    self._check_known(read[place][1])
                    self._check_fee(intake, creates)
                except L2Error as error:
                    raise _of_member(error, place) from error
            self._check_fits(len(read))
            self._take_group(read, intakes)
            context.count("transactions_received", len(read))
        return [id_ for _, id_ in read]

    def _take_group(self, read: list[tuple[bytes, bytes]], intakes: list[Intake]) -> None:
        context = self._context
        rows = [(*entry, intake) for entry, intake in zip(read, intakes, strict=True)]
        members = [PoolTransaction(id_, record, intake, self._offer(intake)) for record, id_, intake in rows]
        dropped = context.pool.add_group(members, context.nonce_of, time.time())
        ids = [id_ for _, id_ in read]
        taken: dict[bytes, ItemRecord] = {}
        try:
            with context.store.batch() as writes:
                for record, id_ in read:
                    self._store(writes, taken, record, id_, ids)
                drop_items(context, writes, dropped, taken)
        except StorageError:
            context.pool.remove(ids[0])
            raise

    def _check_balances(self, intakes: list[Intake]) -> None:
        """Every amount is covered when its turn comes, by what the sender has now and what members before it paid."""
        context = self._context
        left: dict[tuple[bytes, int], int] = {}

        def balance(account: bytes, token: int) -> int:
            return left.setdefault((account, token), context.engine.balance(account, token))

        for place, intake in enumerate(intakes):
            has = balance(intake.sender, intake.token)
            if has < intake.amount:
                error = Refused(f"the balance of token {intake.token} does not cover it",
                                expected=f">= {intake.amount}", got=str(has), code="insufficient_balance")  # fmt: skip
                raise _of_member(error, place)
            left[intake.sender, intake.token] = has - intake.amount
            left[intake.to, intake.token] = balance(intake.to, intake.token) + intake.amount

    def _check_fits(self, members: int) -> None:
        if members > self._context.batch_items:
            raise Refused("a batch of this node has no room for the group", code="chunk_full",
                          expected=f"<= {self._context.batch_items} members", got=str(members))  # fmt: skip

    def _take(self, writes: Batch, taken: dict[bytes, ItemRecord], record: bytes, id_: bytes) -> bytes | L2Error:
        """Puts one transaction into the pool and the writes; returns its id, or the refusal."""
        context, intake = self._context, parse_intake(record)
        try:
            self._check_known(id_)
            self._check_fee(intake, find_creations(context, [intake])[0])
            self._check_set_key(intake)
            tx = PoolTransaction(id_, record, intake, self._offer(intake))
            dropped = context.pool.add(tx, context.nonce_of(intake.sender), time.time())
        except L2Error as error:
            return error
        self._store(writes, taken, record, id_, None)
        drop_items(context, writes, dropped, taken)
        return id_

    def _store(
        self, writes: Batch, taken: dict[bytes, ItemRecord], record: bytes, id_: bytes, group: list[bytes] | None
    ) -> None:
        """Notes the item as taken, then writes it: a write that fails takes back what is noted."""
        item = self._context.store.get(Family.ITEMS, id_, ItemRecord) or ItemRecord(id_, record, "", {})
        item.record, item.group = record, group
        taken[id_] = item
        set_item(writes, item, Status.PENDING)

    def _offer(self, intake: Intake) -> int:
        return self._context.fees.to_native(intake.fee_token, intake.gas_price)

    def _read(self, requests: Sequence[Request], *, linked: bool = False) -> list[Read]:
        """Returns intake record and id of each request that the engine accepts now: three crossings for all.

        linked: they are members of a group, whose balances are checked one after the other, and so not here.
        """
        context = self._context
        with context.lock:
            engine, tokens, halted = context.engine, context.token_list(), context.halted
        results: list[Read | None] = [self._check_chain(request, halted) for request in requests]
        open_ = [i for i, result in enumerate(results) if result is None]
        records: dict[int, bytes] = {}
        for i, decoded in zip(open_, engine.decode([requests[i].raw for i in open_], tokens), strict=True):
            if isinstance(decoded, bytes) and decoded[0] == Kind.LINKED_TRANSFER and not linked:
                results[i] = Refused("a linked transfer comes with its group", expected="l2_sendGroup with all members",
                                     got="one by itself", code="incomplete_group")  # fmt: skip
            elif isinstance(decoded, bytes):
                records[i] = decoded
            else:
                results[i] = to_refused(decoded)
        ids = dict(zip(records, engine.transaction_ids(list(records.values())), strict=True))
        for i, id_ in ids.items():
            results[i] = self._find_known(id_)
        records = {i: record for i, record in records.items() if results[i] is None}
        for i, fault in zip(records, engine.check(list(records.values())), strict=True):
            is_waived = linked and fault is not None and fault.code == "insufficient_balance"
            results[i] = (records[i], ids[i]) if fault is None or is_waived else to_refused(fault)
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

    def _check_fee(self, intake: Intake, creates: bool) -> None:
        """Refuses what no chunk of this policy could ever take: an unlisted fee token, an offer below the floor."""
        if intake.kind is Kind.SET_KEY:
            return
        context = self._context
        floor = context.fees.floor(intake.fee_token)
        if floor is None:
            raise Refused("fee token is not listed", expected=f"one of {[0, *sorted(context.fees.rates)]}",
                          got=str(intake.fee_token), code="fee_token_not_listed")  # fmt: skip
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


def _of_member(error: L2Error, place: int) -> Refused:
    """Names the member of a group that an error is about; members count from 1."""
    message = f"member {place + 1}: {error.message}"
    return Refused(message, expected=error.expected, got=error.got, code=error.code)


def encode_wire(transaction: dict[str, str | int]) -> bytes:
    """Returns an L2Transaction as the JSON bytes `send` takes."""
    return msgspec.json.encode(transaction)
