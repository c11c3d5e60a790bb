"""Where structured logs go: one JSON object a line, to stderr for a node, to a file for a stack with a display."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import TextIO

import structlog


def write_logs_to(target: Path | TextIO | None, level: int = logging.INFO) -> None:
    """Sends all logs from `level` on to a file (appended, made with its folder), a stream, or (None) to whatever stderr
    is when something is logged: who runs a command in its own process may replace and close it."""
    if isinstance(target, Path):
        target.parent.mkdir(parents=True, exist_ok=True)
        target = target.open("a", buffering=1)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: structlog.WriteLogger(sys.stderr if target is None else target),
        cache_logger_on_first_use=False,
    )


def write_logs_to_stderr() -> None:
    """Sends logs to stderr."""
    write_logs_to(None)
