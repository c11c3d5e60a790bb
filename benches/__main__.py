"""Runs every benchmark, or the named ones: `python -m benches [execution] [sequencing] [proving] [exits] [gas]`."""

from __future__ import annotations

import sys

from benches import execution, exits, gas, proving, sequencing
from benches.measure import show_machine

BENCHES = {"execution": execution.main, "sequencing": sequencing.main, "proving": proving.main, "exits": exits.main,
           "gas": gas.main}  # fmt: skip


def main() -> int:
    """Runs them."""
    names = sys.argv[1:] or list(BENCHES)
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        sys.stderr.write(f"expected {', '.join(BENCHES)}; got {', '.join(unknown)}\n")
        return 2
    show_machine()
    for name in names:
        BENCHES[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main())
