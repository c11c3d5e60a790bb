"""Runs every static check and says which hold; the last line counts them.

What it is not: a test of behaviour. Each check is one command that anybody can run by itself.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent

CHECKS: dict[str, list[str]] = {
    "ruff": [str(BIN / "ruff"), "check", "--quiet", "python", "tests", "scripts", "benches", "examples"],
    "mypy --strict": [str(BIN / "mypy"), "--no-incremental"],  # its cache forgets submodules of a package in a cycle
    "stub of the native module": [sys.executable, "-m", "mypy.stubtest", "l2rollup._native"],
    "import directions": [str(BIN / "lint-imports"), "--no-logo"],
    "clippy": [
        *("cargo", "clippy", "--release", "--locked", "--quiet", "--workspace", "--all-targets"),
        *("--", "-D", "warnings"),
    ],
    "file sizes": [sys.executable, "scripts/check_tree.py", "file sizes"],
    "generated files say how": [sys.executable, "scripts/check_tree.py", "generated files say how"],
    "no machine paths": [sys.executable, "scripts/check_tree.py", "no machine paths"],
}


def main() -> int:
    """Runs all, or the named ones."""
    names = sys.argv[1:] or list(CHECKS)
    environment = {**os.environ, "MYPYPATH": "python"}
    failed = 0
    for name in names:
        done = subprocess.run(CHECKS[name], cwd=ROOT, env=environment, capture_output=True, text=True)  # noqa: S603
        print(f"{'ok    ' if done.returncode == 0 else 'FAILED'} {name}", flush=True)
        if done.returncode:
            failed += 1
            print(done.stdout + done.stderr, flush=True)
    print(f"{len(names) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
