"""Gas and data of L1, by call: what the contract tests measured last, from the snapshots in git. Nothing runs here.

`make test-contracts` writes contracts/snapshots; `l2rollup demo` measures the same calls on a live chain.
"""

from __future__ import annotations

import json
from pathlib import Path

from benches.measure import show

SNAPSHOTS = Path(__file__).parent.parent / "contracts" / "snapshots"


def main() -> None:
    """Prints the figures."""
    for file in sorted(SNAPSHOTS.glob("*.json")):
        for name, gas in json.loads(file.read_text()).items():
            show("settled", f"{file.stem}: {name}", float(gas), "gas")
