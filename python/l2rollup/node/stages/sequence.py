"""Sequence: takes queue entries and pool transactions, executes them, and makes the result durable as a signed block.

Order: apply, end the chunk when a batch ends, build and sign the header, one synced write, then readers see receipts.
Whatever fails before the write leaves no trace: the engine is rebuilt from the store.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from l2rollup.bridge import parse_operation
from l2rollup.errors import Halted
from l2rollup.native import Outcome, SealedChunk
from l2rollup.node import failpoints
from l2rollup.node.chain import recover, store_block
from l2rollup.node.context import Context, OpenBatch
from l2rollup.node.covers import Covers
from l2rollup.node.room import Room, Use, use_of_all
from l2rollup.node.stages.base import Rewind
from l2rollup.node.stages.ingest import REQUEST_KEY, WITHDRAWAL_KEY
from l2rollup.node.status import is_withdrawal, set_item
from l2rollup.processor import BlockHeader, Dropped, Intake, PoolTransaction, Unit, compute_leaf, compute_units
from l2rollup.processor.block import INCLUDE_WITHIN_SECONDS
from l2rollup.state.keccak_tree import EMPTY, compute_layers, compute_path
from l2rollup.storage import (
    Batch,
    BatchRecord,
    BlockRecord,
    ChunkStart,
    Family,
    Fee,
    ItemRecord,
    JournalRecord,
    QueueRecord,
    ReasonRecord,
    ReceiptRecord,
    to_entry_key,
)
from l2rollup.types import Kind, Status, to_hex

EASE_SECONDS = 12.0
"""Waiting transactions see a lower price after at most this long: one slot of L1, the cadence of EIP-1559."""
FIRST_ACCOUNT = 1
RETRY_CODES = ("nonce_too_high",)
MAX_UNCHECKED = 1


@dataclass
class _Applied:
    """What one call of the engine did: accepted items in order, rejected ones, whether the chunk is full."""

    items: list[ItemRecord] = field(default_factory=list)
    records: list[bytes] = field(default_factory=list)
    rejected: list[ItemRecord] = field(default_factory=list)
    full: bool = False


class Sequence:
    """Makes blocks. One call of `advance` makes at most one."""

    name = "sequence"

    def __init__(self, context: Context) -> None:
        self._context = context
        self._covers = Covers(context)
        self._eased = time.monotonic()

    def advance(self) -> bool:
        """Makes a block when there is something to put in it or a batch to end; returns whether it did."""
        context = self._context
        with context.lock:
            if context.halted:
                raise Halted(context.halted)
            if context.l1_time == 0 or self._is_ahead():
                return False
            self._expire()
            room = Room(context.bounds, context.open_batch.used if context.open_batch else Use())
            entries = self._next_entries(room)
            transactions = self._next_transactions(self._room() - len(entries), room)
            beats = not entries and not transactions and self._is_quiet()
            # only what has to wait for the next batch is left
            stuck = not entries and not transactions and room.is_short and context.open_batch is not None
            if not entries and not transactions and not self._is_aged() and not beats and not stuck:
                self._ease_price()
                return False
            try:
                made = self._make_block(entries, transactions, beats or stuck)
                if context.open_batch is not None:
                    context.open_batch.used = room.used
                return made
            except BaseException:
                recover(context)
                raise

    def rewind(self, to: Rewind) -> None:
        """Nothing is remembered outside the context."""

    def _make_block(self, entries: list[QueueRecord], transactions: list[PoolTransaction], beats: bool) -> bool:
        context = self._context
        begun = context.open_batch is None
        mark = context.engine.mark() if begun else None
        if begun:
            self._begin()
        applied = self._apply(entries, transactions)
        if begun and mark is not None:
            if not applied.items and not beats:
                context.engine.rewind(mark)
                context.open_batch = None
                self._store_rejected(applied.rejected)
                return bool(applied.rejected)
            context.engine.forget(mark)
        open_batch = self._open()
        open_batch.items += len(applied.items)
        ends = applied.full or open_batch.items >= context.batch_items or beats or self._is_aged()
        if not applied.items and not ends:
            self._store_rejected(applied.rejected)
            return bool(applied.rejected)
        self._finish(applied, ends)
        return True

    def _finish(self, applied: _Applied, ends: bool) -> None:
        context, open_batch = self._context, self._open()
        sealed = context.engine.end_chunk() if ends else None
        first_sequence = context.engine.sequence - len(applied.items)
        block, receipts = self._build_block(applied, first_sequence, sealed)
        for item, receipt in zip(applied.items, receipts, strict=True):
            item.block, item.sequence, item.batch_id = block.number, receipt.sequence, open_batch.batch_id
        journal = JournalRecord(
            number=block.number, batch_id=open_batch.batch_id, ids=[item.id for item in applied.items],
            start=open_batch.start if block.number == open_batch.first_block else None,
            items=applied.records, ends_batch=ends, end_sequence=context.engine.sequence,
            queue_position=context.engine.queue_position, root=sealed.new_root if sealed else bytes(32),
        )  # fmt: skip
        batch = self._build_batch(sealed, block) if sealed else None
        rejected = [(item, Status.REJECTED) for item in applied.rejected]
        witness = bytes(sealed.witness) if sealed else b""
        links = index_withdrawals(applied.items, open_batch.withdrawals)
        open_batch.withdrawals += len(links)
        links += index_requests(applied.items)
        store_block(context, block, journal, applied.items, receipts, rejected, batch, witness, links)
        failpoints.hit(failpoints.AFTER_JOURNAL_APPEND, context.config.profile)
        for item in (*applied.items, *applied.rejected):
            context.pool.remove(item.id)
        context.last_block = block
        self._covers.append(block)
        context.count("blocks")
        context.count("items", len(applied.items))
        if batch is not None:
            self._close_batch(batch)

    def _begin(self) -> None:
        """Opens a batch. Its time is L1's newest, never later: L1 refuses a batch from its future."""
        context = self._context
        start = ChunkStart(
            time=max(min(int(time.time()), context.l1_time), context.last_batch_time),
            fee_account=self._fee_account(),
            prices=[Fee(token, price) for token, price in context.fees.list_prices(context.tokens)],
        )
        context.engine.begin_chunk(start.time, start.fee_account, [(fee.token, fee.price) for fee in start.prices])
        number = context.last_block.number + 1 if context.last_block else 0
        context.open_batch = OpenBatch(context.last_batch + 1, start, number, 0, time.monotonic())

    def _fee_account(self) -> int:
        """Returns the configured account's index; before it exists, that of the first account of the chain."""
        configured = self._context.config.fee_account
        if configured is not None:
            account = self._context.engine.account(bytes.fromhex(configured[2:]))
            if account is not None:
                return account.index
        return FIRST_ACCOUNT

    def _apply(self, entries: list[QueueRecord], transactions: list[PoolTransaction]) -> _Applied:
        context = self._context
        records = [entry.record for entry in entries] + [tx.record for tx in transactions]
        outcomes = context.engine.apply(records) if records else []
        applied = _Applied()
        for entry, outcome in zip(entries, outcomes, strict=False):
            self._take_entry(applied, entry, outcome)
        rest = list(zip(transactions, outcomes[len(entries) :], strict=True))
        while rest:
            size = len(rest[0][0].group) or 1
            self._take_unit(applied, rest[:size])
            rest = rest[size:]
        return applied

    def _take_entry(self, applied: _Applied, entry: QueueRecord, outcome: Outcome) -> None:
        if outcome.accepted:
            item = self._context.store.get(Family.ITEMS, to_entry_key(entry.index, outcome.id), ItemRecord)
            item = item or ItemRecord(outcome.id, entry.record, "", {}, queue_index=entry.index)
            # what a forced exit pays is known from here on
            item.record, item.l1_tx = outcome.record or entry.record, entry.l1_tx
            applied.items.append(item)
            applied.records.append(entry.record)
        elif outcome.fault is not None and outcome.fault.code == "chunk_full":
            applied.full = True
        else:
            code = outcome.fault.code if outcome.fault else "none"
            raise Halted("queue entry is refused by the engine", expected="accepted, in order", got=code)

    def _take_unit(self, applied: _Applied, unit: list[tuple[PoolTransaction, Outcome]]) -> None:
        """Notes what became of a transaction, or of all members of a group, which wait on together or not at all."""
        faults = {outcome.fault.code for _, outcome in unit if not outcome.accepted and outcome.fault is not None}
        applied.full |= "chunk_full" in faults
        if faults.isdisjoint(("chunk_full", *RETRY_CODES)):
            for tx, outcome in unit:
                self._take_transaction(applied, tx, outcome)

    def _take_transaction(self, applied: _Applied, tx: PoolTransaction, outcome: Outcome) -> None:
        item = self._context.store.get(Family.ITEMS, tx.id, ItemRecord)
        if item is None:
            item = ItemRecord(tx.id, tx.record, Status.PENDING, {Status.PENDING: time.time()})
            item.group = list(tx.group) or None
        if outcome.accepted:
            applied.items.append(item)
            applied.records.append(tx.record)
        else:
            item.reason = _to_reason(outcome)
            applied.rejected.append(item)

    def _build_block(
        self, applied: _Applied, first_sequence: int, sealed: SealedChunk | None
    ) -> tuple[BlockRecord, list[ReceiptRecord]]:
        context, now = self._context, int(time.time())
        number = context.last_block.number + 1 if context.last_block else 0
        covers, outstanding = self._covers.assign([item.queue_index is None for item in applied.items])
        numbered = enumerate(zip(applied.items, covers, strict=True), first_sequence)
        leaves = [compute_leaf(sequence, item.id, cover) for sequence, (item, cover) in numbered]
        layers = compute_layers(leaves)
        position = context.engine.queue_position
        entry = context.store.get(Family.DEPOSITS, position - 1, QueueRecord) if position else None
        header = BlockHeader(
            number=number, parent=context.last_block.digest if context.last_block else bytes(32),
            first_sequence=first_sequence, count=len(leaves), leaves_root=layers[-1][0] if layers else EMPTY,
            outstanding_cover=outstanding, queue_index=position, queue_hash=entry.queue_hash if entry else bytes(32),
            time=now, include_by=now + INCLUDE_WITHIN_SECONDS,
            chunk_ends=(sealed.end_sequence,) if sealed else (),
            batch_id=self._open().batch_id if sealed else 0, state_root=sealed.new_root if sealed else bytes(32),
        )  # fmt: skip
        digest = header.digest(context.separator)
        fields = {name: getattr(header, name) for name in BlockHeader.__dataclass_fields__}
        fields["chunk_ends"] = list(header.chunk_ends)
        block = BlockRecord(**fields, digest=digest, signature=context.sign_digest(digest), cover=sum(covers))
        receipts = [
            ReceiptRecord(number, first_sequence + i, cover, i, compute_path(layers, i))
            for i, cover in enumerate(covers)
        ]
        return block, receipts

    def _build_batch(self, sealed: SealedChunk, block: BlockRecord) -> BatchRecord:
        open_batch = self._open()
        operations = len(sealed.operations) // 150
        return BatchRecord(
            batch_id=open_batch.batch_id, status="", times={}, time=open_batch.start.time,
            old_root=sealed.old_root, new_root=sealed.new_root, first_sequence=sealed.first_sequence,
            end_sequence=sealed.end_sequence, first_queue=sealed.first_queue, end_queue=sealed.end_queue,
            id_root=sealed.id_root, tx_c=sealed.tx_c, op_c=sealed.op_c, transactions=bytes(sealed.transactions),
            operations=bytes(sealed.operations), block_hash=block.digest,
            first_block=open_batch.first_block, last_block=block.number,
            transaction_count=sealed.items - operations, operation_count=operations,
        )  # fmt: skip

    def _close_batch(self, batch: BatchRecord) -> None:
        context = self._context
        context.batches[batch.batch_id] = batch
        context.last_batch, context.last_batch_time = batch.batch_id, batch.time
        context.last_batch_block = batch.block_hash
        context.open_batch = None
        context.fees.update(batch.end_sequence - batch.first_sequence, len(context.pool))
        context.count("batches")
        if batch.batch_id % context.config.snapshot_every == 0:
            context.snapshots.save(batch.batch_id, context.engine.snapshot())

    def _next_entries(self, room: Room) -> list[QueueRecord]:
        """Takes entries in their order; one that has to wait for the next batch keeps those behind it."""
        context = self._context
        scanned = context.store.scan(Family.DEPOSITS, QueueRecord, context.engine.queue_position, self._room())
        taken: list[QueueRecord] = []
        created: set[bytes] = set()
        for entry in scanned:
            record = parse_operation(entry.record)
            is_new = record.address not in created and context.engine.account(record.address) is None
            if entry.block > context.credited_head:
                break
            if not room.take(Use(operations=1, changes=int(is_new or record.kind is Kind.REGISTER_KEY))):
                break
            created.add(record.address)
            taken.append(entry)
        return taken

    def _next_transactions(self, slots: int, room: Room) -> list[PoolTransaction]:
        context = self._context
        if slots <= 0:
            return []
        start = context.open_batch.start if context.open_batch else None
        prices = (
            {fee.token: fee.price for fee in start.prices}
            if start
            else dict(context.fees.list_prices(context.tokens))
        )

        def find_use(unit: Unit) -> Use | None:
            """What a unit takes, if it pays."""
            intakes = [tx.intake for tx in unit]
            creates = find_creations(context, intakes)
            pay = all(_pays(intake, prices, created) for intake, created in zip(intakes, creates, strict=True))
            return use_of_all(intakes, creates) if pay else None

        def accepts(unit: Unit) -> bool:
            use = find_use(unit)
            return use is not None and room.take(use)

        def waits(unit: Unit) -> None:
            room.is_short |= find_use(unit) is not None

        return list(context.pool.take(context.nonce_of, slots, accepts, waits))

    def _ease_price(self) -> None:
        """Lets the price fall while transactions wait that cannot pay it and no batch is open."""
        context = self._context
        if context.open_batch is None and len(context.pool):
            if time.monotonic() - self._eased >= min(context.config.batch_age, EASE_SECONDS):
                context.fees.update(0, 0)
                self._eased = time.monotonic()
        else:
            self._eased = time.monotonic()

    def _room(self) -> int:
        items = self._context.open_batch.items if self._context.open_batch else 0
        return max(0, self._context.batch_items - items)

    def _is_aged(self) -> bool:
        open_batch = self._context.open_batch
        if open_batch is None or open_batch.items == 0:
            return False
        return time.monotonic() - open_batch.opened >= self._context.config.batch_age

    def _is_quiet(self) -> bool:
        """Whether an empty batch is due, because L1 takes a state that is not finalised for too long as abandoned."""
        context = self._context
        if context.open_batch is not None:
            return False
        now = min(int(time.time()), context.l1_time)
        return now - max(context.last_batch_time, context.deployed) > context.heartbeat

    def _is_ahead(self) -> bool:
        """Whether the next batch has to wait for the check of an earlier one: sealing halts within one batch of a
        mismatch."""
        if self._context.open_batch is not None:
            return False
        return sum(batch.status == Status.SEALED for batch in self._context.batches.values()) > MAX_UNCHECKED

    def _open(self) -> OpenBatch:
        if self._context.open_batch is None:
            raise Halted("no batch is open", expected="an open batch", got="none")
        return self._context.open_batch

    def _expire(self) -> None:
        context = self._context
        dropped = context.pool.expire(time.time(), context.nonce_of)
        if dropped:
            with context.store.batch() as writes:
                drop_items(context, writes, dropped)

    def _store_rejected(self, items: list[ItemRecord]) -> None:
        if not items:
            return
        with self._context.store.batch() as writes:
            for item in items:
                set_item(writes, item, Status.REJECTED, reason=item.reason)
        for item in items:
            self._context.pool.remove(item.id)


def find_creations(context: Context, intakes: Iterable[Intake]) -> list[bool]:
    """Says of each transaction, executed one after the other, whether it creates its recipient's account."""
    created: set[bytes] = set()
    found = []
    for intake in intakes:
        creates = intake.kind.is_transfer and intake.to not in created and context.engine.account(intake.to) is None
        if creates:
            created.add(intake.to)
        found.append(creates)
    return found


def _pays(intake: Intake, prices: Mapping[int, int], creates: bool) -> bool:
    if intake.kind is Kind.SET_KEY:
        return True
    price = prices.get(intake.fee_token)
    units = compute_units(intake.kind, creates_account=creates)
    return price is not None and units * price <= intake.gas_limit * intake.gas_price


def drop_items(
    context: Context, writes: Batch, dropped: list[Dropped], unwritten: Mapping[bytes, ItemRecord] | None = None
) -> None:
    """Stores that transactions left the pool unexecuted. unwritten: items that are in `writes` only, by id."""
    for entry in dropped:
        id_ = entry.transaction.id
        item = (unwritten or {}).get(id_) or context.store.get(Family.ITEMS, id_, ItemRecord)
        if item is not None and item.status == Status.PENDING:
            reason = ReasonRecord(entry.code, entry.message, entry.expected, entry.got)
            set_item(writes, item, Status.DROPPED, reason=reason)


def index_withdrawals(items: list[ItemRecord], first: int) -> list[tuple[str, bytes]]:
    """Numbers the withdrawals among items from `first` on; returns META keys (batch and index) with the item's key."""
    keys: list[tuple[str, bytes]] = []
    for item in items:
        if is_withdrawal(item):
            item.withdrawal = first + len(keys)
            keys.append((f"{WITHDRAWAL_KEY}{item.batch_id}/{item.withdrawal}", item.key))
    return keys


def index_requests(items: list[ItemRecord]) -> list[tuple[str, bytes]]:
    """Returns META keys that lead from the L1 transaction and from the id of each queue entry to its item's key.

    Where several entries share one of them, it leads to the last.
    """
    entries = [item for item in items if item.queue_index is not None]
    by_transaction = [(f"{REQUEST_KEY}{item.l1_tx}", item.key) for item in entries]
    return by_transaction + [(f"{REQUEST_KEY}{to_hex(item.id)}", item.key) for item in entries]


def _to_reason(outcome: Outcome) -> ReasonRecord:
    fault = outcome.fault
    if fault is None:
        return ReasonRecord("unknown_fault", "refused without a reason")
    return ReasonRecord(fault.code, fault.message, fault.expected or None, fault.got or None)
