"""Prove: hands executed batches to the prover process, oldest first, and stores what comes back.

Proving starts once a batch is executed, beside its commit; the status moves to proven once both are there.
"""

from __future__ import annotations

from l2rollup.errors import ConfigurationError, Retryable, StorageCorrupt
from l2rollup.node import failpoints
from l2rollup.node.chain import WITNESS_KEY
from l2rollup.node.context import VERIFICATION_KEY, Context
from l2rollup.node.headers import to_header
from l2rollup.node.stages.base import Rewind
from l2rollup.node.stages.execute import is_at_least
from l2rollup.node.status import set_batch
from l2rollup.proof import Job, Prover, Ready
from l2rollup.proof.setup import check_production_setup
from l2rollup.state import build_public_inputs
from l2rollup.storage import BatchRecord, Family
from l2rollup.types import Status


class Prove:
    """Keeps one job with the prover at a time."""

    name = "prove"

    def __init__(self, context: Context, prover: Prover | None) -> None:
        self._context = context
        self._prover = prover
        self._job: int | None = None
        self._checked: Ready | None = None

    def advance(self) -> bool:
        """Collects a finished proof, marks published batches proven, gives the prover its next job."""
        done = self._collect()
        self._check_key()
        done = self._mark() or done
        return self._submit() or done

    def rewind(self, to: Rewind) -> None:
        """A job for a voided batch is cancelled; its proof would be of data that no longer exists."""
        if to.voided and self._job is not None and self._prover is not None:
            self._prover.cancel()
            self._job = None

    def _collect(self) -> bool:
        context = self._context
        try:
            result = self._prover.poll() if self._prover is not None else None
        except Retryable:
            self._job = None
            raise
        if result is None:
            return False
        self._job = None
        with context.lock:
            record = context.batches.get(result.batch_id)
            if record is None or not _needs_proof(record) or result.public_inputs != self._inputs(record):
                # Of a batch that was voided meanwhile, whatever has its number now.
                return True
            record.snark, record.prove_seconds = result.snark, result.seconds
            context.store.put(Family.BATCHES, record.batch_id, record, sync=True)
        context.count("proofs")
        context.count("prove_seconds", result.seconds)
        context.count("prove_core_seconds", result.core_seconds)
        failpoints.hit(failpoints.AFTER_PROOF, context.config.profile)
        return True

    def _check_key(self) -> None:
        """Once the prover names its key: it must be the one the contract verifies under. Keeps it for verifyState."""
        ready = self._prover.ready if self._prover is not None else None
        if ready is None or ready == self._checked:
            return
        if self._context.config.profile == "production":
            check_production_setup(ready.setup)
        on_chain = bytes(self._context.contract.view("vkDigest"))
        if on_chain != ready.vk_digest:
            raise ConfigurationError("the contract verifies under another key", expected="0x" + on_chain.hex(),
                                     got="0x" + ready.vk_digest.hex())  # fmt: skip
        self._context.store.put(Family.META, VERIFICATION_KEY, ready.vk)
        self._checked = ready

    def _mark(self) -> bool:
        context = self._context
        with context.lock:
            ready = [r for r in context.batches.values() if r.status == Status.PUBLISHED and r.snark]
            with context.store.batch() as writes:
                for record in ready:
                    set_batch(writes, record, Status.PROVEN)
        return bool(ready)

    def _submit(self) -> bool:
        context = self._context
        if self._prover is None or self._job is not None:
            return False
        with context.lock:
            record = next((r for _, r in sorted(context.batches.items()) if _needs_proof(r)), None)
            if record is None:
                return False
            witness = context.store.get(Family.META, f"{WITNESS_KEY}{record.batch_id}", bytes)
            if witness is None:
                raise StorageCorrupt("witness is missing", expected=f"batch {record.batch_id}", got="none")
            # Under the lock, so that a rewind finds either no job or one that it can cancel.
            self._job = record.batch_id
            self._prover.submit(Job(record.batch_id, witness, record.z, self._inputs(record)))
        return True

    def _inputs(self, record: BatchRecord) -> bytes:
        return build_public_inputs(to_header(record), self._context.domain, self._context.empty_id_root)


def _needs_proof(record: BatchRecord) -> bool:
    return not record.snark and is_at_least(record, Status.EXECUTED) and not is_at_least(record, Status.PROVEN)
