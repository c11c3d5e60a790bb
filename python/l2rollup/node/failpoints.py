"""Named points at which a dev node kills itself when L2ROLLUP_FAILPOINT names them: for crash tests only."""

from __future__ import annotations

import os

from l2rollup.config import FAILPOINT_VARIABLE

AFTER_JOURNAL_APPEND = "after_journal_append"
AFTER_COMMIT_SENT = "after_commit_sent"
AFTER_PROOF = "after_proof"
NAMES = (AFTER_JOURNAL_APPEND, AFTER_COMMIT_SENT, AFTER_PROOF)
EXIT_STATUS = 137


def hit(name: str, profile: str) -> None:
    """Ends the process at once, as kill -9 would, when the environment names this point and the profile is dev."""
    if profile == "dev" and os.environ.get(FAILPOINT_VARIABLE) == name:
        os._exit(EXIT_STATUS)
