"""Runs the stages: three threads in one process and a prover process. It knows stages only by advance and rewind.

Ingest and sequence have a thread each, because neither may wait for the other; execute, publish, prove, settle,
finalize and answer share one. A stage that raises Retryable waits, says so in /health, and comes again with a growing
pause.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence as List

import structlog

from l2rollup.errors import Halted, L1Rejected, L2Error, Retryable
from l2rollup.node.context import Context, Health
from l2rollup.node.stages import Answer, Execute, Finalize, Ingest, Prove, Publish, Rewind, Sequence, Settle, Stage
from l2rollup.proof import Prover

MAX_PAUSE_SECONDS = 10.0
HELD = "held by the operator"
log = structlog.get_logger("l2rollup.node")


class Pipeline:
    """The stages of one node and their threads. `start` and `stop` may be called once each."""

    def __init__(self, context: Context, prover: Prover | None) -> None:
        self._context = context
        self._prover = prover
        self.ingest = Ingest(context, self._rewind)
        self.sequence = Sequence(context)
        self.execute = Execute(context)
        self.publish = Publish(context)
        self.prove = Prove(context, prover)
        self.settle = Settle(context)
        self.finalize = Finalize(context)
        self.answer = Answer(context)
        self._stopping = context.stopping
        self._held: set[str] = set()
        config = context.config
        settling: List[Stage] = (self.execute, self.publish, self.prove, self.settle, self.finalize, self.answer)
        self._threads = [
            threading.Thread(target=self._run, args=(stages, pause), name=f"l2rollup-{name}", daemon=True)
            for name, stages, pause in (
                ("ingest", [self.ingest], config.l1_poll),
                ("sequence", [self.sequence], config.block_time),
                ("settle", settling, config.l1_poll),
            )
        ]
        for stage in self.stages:
            context.health[stage.name] = Health()

    @property
    def stages(self) -> tuple[Stage, ...]:
        """All stages in the order of a batch's way."""
        return (
            self.ingest, self.sequence, self.execute, self.publish, self.prove, self.settle, self.finalize,
            self.answer,
        )  # fmt: skip

    def start(self) -> None:
        """Starts the threads."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Ends the threads and the prover process; what was being done is finished or done again after a restart."""
        self._stopping.set()
        if self._prover is not None:
            self._prover.stop()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(timeout=MAX_PAUSE_SECONDS)
        if self._prover is not None:
            self._prover.stop()

    def hold(self, name: str) -> None:
        """Keeps a stage from advancing until `resume`; returns once it rests. /health says so."""
        stage = next(stage for stage in self.stages if stage.name == name)
        self._held.add(name)
        health = self._context.health[stage.name]
        while any(thread.is_alive() for thread in self._threads) and health.message != HELD:
            self._stopping.wait(0.02)

    def resume(self, name: str) -> None:
        """Lets a held stage go on."""
        self._held.discard(name)

    @property
    def is_stopped(self) -> bool:
        """Whether no thread runs any more, so that the store may be closed."""
        return not any(thread.is_alive() for thread in self._threads)

    def _rewind(self, to: Rewind) -> None:
        log.warning("l1_reorg", ancestor=to.ancestor, voided=to.voided)
        self._context.count("l1_reorgs")
        for stage in self.stages:
            stage.rewind(to)

    def _run(self, stages: List[Stage], pause: float) -> None:
        waits = {stage.name: 0.0 for stage in stages}
        resume = {stage.name: 0.0 for stage in stages}
        while not self._stopping.is_set():
            began = time.monotonic()
            for stage in stages:
                if self._stopping.is_set() or time.monotonic() < resume[stage.name]:
                    continue
                waits[stage.name] = self._advance(stage, waits[stage.name], pause)
                resume[stage.name] = time.monotonic() + waits[stage.name]
            self._stopping.wait(max(0.0, pause - (time.monotonic() - began)))

    def _advance(self, stage: Stage, waited: float, pause: float) -> float:
        """Runs a stage once; returns how long it shall rest."""
        health = self._context.health[stage.name]
        if stage.name in self._held:
            health.set("waiting", HELD)
            return 0.0
        try:
            if stage.advance():
                health.progress = time.time()
            if health.state != "ok":
                log.info("stage_resumes", stage=stage.name)
            health.set("ok")
            return 0.0
        except (Retryable, L1Rejected) as error:
            if health.state != "waiting" or health.message != str(error):
                log.warning("stage_waits", stage=stage.name, reason=str(error))
            health.set("waiting", str(error))
            return min(MAX_PAUSE_SECONDS, max(pause, 2 * waited))
        except Halted as error:
            if health.state != "halted":
                log.error("stage_halted", stage=stage.name, reason=str(error))
            health.set("halted", str(error))
            return MAX_PAUSE_SECONDS
        except L2Error as error:
            log.error("stage_failed", stage=stage.name, code=error.code, reason=str(error))
            health.set("halted", str(error))
            return MAX_PAUSE_SECONDS
        except Exception as error:
            log.exception("stage_failed", stage=stage.name)
            health.set("halted", f"{type(error).__name__}: {error}")
            return MAX_PAUSE_SECONDS
