"""Execute: checks every sealed batch again before it leaves the house.

An engine of its own, which has seen nothing but the streams of earlier batches, replays the batch's data. Roots,
digests, ranges and the root of the ids that receipts name must agree, and no token may have appeared or vanished. A
mismatch halts sealing for good.
"""

from __future__ import annotations

from l2rollup.bridge import compute_withdrawals_root, parse_operations
from l2rollup.da import evaluate_lane
from l2rollup.errors import Halted, L2Error
from l2rollup.native import Engine
from l2rollup.node.chain import read_blocks
from l2rollup.node.context import Context
from l2rollup.node.stages.base import Rewind
from l2rollup.node.status import BATCH_ORDER, set_batch
from l2rollup.storage import BatchRecord, Family
from l2rollup.types import Kind, Status

_COMPARED = (
    "old_root", "new_root", "id_root", "tx_c", "op_c", "first_sequence", "end_sequence", "first_queue", "end_queue",
)  # fmt: skip


class Execute:
    """Replays sealed batches in order on the checking engine."""

    name = "execute"

    def __init__(self, context: Context) -> None:
        self._context = context
        self._engine: Engine | None = None
        self._position = 0

    def advance(self) -> bool:
        """Checks the next sealed batch; returns whether there was one. Raises Halted on a mismatch."""
        context = self._context
        with context.lock:
            record = self._next()
            if record is None:
                return False
            generation = context.generation
            ids = [id_ for block in read_blocks(context.store, record) for id_ in block.ids]
        try:
            engine = self._catch_up(record.batch_id - 1)
            self._check(engine, record, ids)
        except L2Error as error:
            with context.lock:
                self._engine = None
                if context.generation != generation:
                    return True
                context.halted = str(error)
            raise Halted(error.message, expected=error.expected, got=error.got) from error
        self._position = record.batch_id
        with context.lock:
            if context.generation != generation:
                self._engine = None
                return True
            self._describe(record)
            with context.store.batch() as writes:
                set_batch(writes, record, Status.EXECUTED)
        return True

    def rewind(self, to: Rewind) -> None:
        """Drops the checking engine when blocks were voided; the next check rebuilds it."""
        if to.voided:
            self._engine = None

    def _next(self) -> BatchRecord | None:
        for batch_id in sorted(self._context.batches):
            if self._context.batches[batch_id].status == Status.SEALED:
                return self._context.batches[batch_id]
        return None

    def _catch_up(self, batch_id: int) -> Engine:
        """Returns the checking engine at the end of `batch_id`: from a snapshot, then by replay of stored streams."""
        context, engine = self._context, self._engine
        if engine is None or self._position > batch_id:
            base = context.snapshots.newest(batch_id) or 0
            engine = self._engine = context.native.Engine.restore(context.snapshots.load(base))
            self._position = base
        while self._position < batch_id:
            record = context.store.get(Family.BATCHES, self._position + 1, BatchRecord)
            if record is None:
                raise Halted("a batch is missing", expected=f"batch {self._position + 1}", got="none")
            engine.replay(record.transactions, record.operations)
            self._position += 1
        return engine

    def _check(self, engine: Engine, record: BatchRecord, ids: list[bytes]) -> None:
        before = engine.totals()
        replayed = engine.replay(record.transactions, record.operations, ids)
        for name in _COMPARED:
            found, expected = getattr(replayed, name), getattr(record, name)
            if found != expected:
                raise Halted(f"replay of batch {record.batch_id} differs in {name}", expected=_show(expected),
                             got=_show(found))  # fmt: skip
        if engine.root() != record.new_root:
            raise Halted("replayed state has another root", expected=_show(record.new_root), got=_show(engine.root()))
        self._check_conservation(record, before, engine.totals())

    def _check_conservation(self, record: BatchRecord, before: dict[int, int], after: dict[int, int]) -> None:
        expected = dict(before)
        for operation in parse_operations(record.operations):
            if operation.kind is Kind.DEPOSIT:
                expected[operation.token] = expected.get(operation.token, 0) + operation.amount
            elif operation.pays:
                expected[operation.token] = expected.get(operation.token, 0) - operation.amount
        for token in expected.keys() | after.keys():
            total, found = expected.get(token, 0), after.get(token, 0)
            if found != total:
                raise Halted(f"token {token} is not conserved in batch {record.batch_id}", expected=str(total),
                             got=str(found))  # fmt: skip

    def _describe(self, record: BatchRecord) -> None:
        """Fills in what commit and proof need beyond the seal: z, evaluations, withdrawals root."""
        context = self._context
        lane = evaluate_lane(
            context.domain, context.chain_id, context.rollup, record.batch_id, record.tx_c, record.op_c,
            record.transactions, record.operations, context.native.data_evaluation,
        )  # fmt: skip
        record.z, record.tx_y, record.op_y = (value.to_bytes(32, "big") for value in (lane.z, lane.tx_y, lane.op_y))
        record.withdrawals_root = compute_withdrawals_root(record.batch_id, record.operations, context.token_address)


def is_at_least(record: BatchRecord, status: Status) -> bool:
    """Tells whether a batch has come at least as far as `status`."""
    return BATCH_ORDER.index(Status(record.status)) >= BATCH_ORDER.index(status)


def _show(value: object) -> str:
    return "0x" + value.hex() if isinstance(value, bytes) else str(value)
