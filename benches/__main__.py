"""Runs every benchmark, or the named ones: `python -m benches [execution] [proving]`."""

from __future__ import annotations

import sys

from benches import execution, proving
from benches.measure import show_machine

BENCHES = {"execution": execution.main, "proving": proving.main}


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
