"""`make test`: runs every suite, streams what it says, and ends with the counts of all.

A test that was skipped, a suite that is missing or finds no test, or a tool that is not there is printed as
`NOT RUN: why`, and the run fails: nothing is left out in silence. What it is not: a test framework.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REPORT = ROOT / "build" / "pytest.xml"


@dataclass
class Count:
    """What became of a suite's tests; `not_run` says why for each that was left out."""

    passed: int = 0
    failed: int = 0
    not_run: list[str] = field(default_factory=list)

    def add(self, other: Count) -> None:
        """Adds another suite's count."""
        self.passed += other.passed
        self.failed += other.failed
        self.not_run += other.not_run


def count_lines(pattern: str, left_out: str, output: str) -> Count:
    """Sums lines that give passed, failed and left out."""
    count = Count()
    for passed, failed, skipped in re.findall(pattern, output, re.MULTILINE):
        count.passed += int(passed)
        count.failed += int(failed)
        count.not_run += [left_out] * int(skipped)
    return count


def count_cargo(output: str) -> Count:
    """Counts `test result:` lines of cargo."""
    return count_lines(r"^test result: .*? (\d+) passed; (\d+) failed; (\d+) ignored", "an ignored Rust test", output)


def count_forge(output: str) -> Count:
    """Counts `Suite result:` lines of forge."""
    return count_lines(r"Suite result: .*? (\d+) passed; (\d+) failed; (\d+) skipped", "a skipped forge test", output)


def count_lint(output: str) -> Count:
    """Reads the last line of scripts/lint.py."""
    found = re.findall(r"^(\d+) passed, (\d+) failed$", output, re.M)
    return Count(int(found[-1][0]), int(found[-1][1])) if found else Count()


def count_pytest(output: str) -> Count:
    """Reads pytest's XML report."""
    if not REPORT.is_file():
        return Count()
    count = Count()
    for case in ElementTree.parse(REPORT).getroot().iter("testcase"):  # noqa: S314 - our own file
        skipped = case.find("skipped")
        if skipped is not None:
            count.not_run.append(f"{case.get('classname')}::{case.get('name')}: {skipped.get('message')}")
        elif case.find("failure") is not None or case.find("error") is not None:
            count.failed += 1
        else:
            count.passed += 1
    return count


SUITES: dict[str, tuple[list[str], Callable[[str], Count]]] = {
    "lint": ([sys.executable, "scripts/lint.py"], count_lint),
    "rust": (["cargo", "test", "--release", "--locked", "--workspace", "--no-fail-fast"], count_cargo),
    "cuda": ([sys.executable, "scripts/cuda.py"], count_cargo),
    "contracts": (["node_modules/.bin/forge", "test"], count_forge),
    "python": ([sys.executable, "-m", "pytest", f"--junitxml={REPORT}", "tests/python"], count_pytest),
    "e2e": ([sys.executable, "-m", "pytest", f"--junitxml={REPORT}", "tests/e2e"], count_pytest),
}


def stream(command: list[str], environment: dict[str, str]) -> tuple[int, str]:
    """Runs a command, passing its output on as it comes; returns its status and the output."""
    lines = []
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=pipe, stderr=subprocess.STDOUT) as process:  # noqa: S603
        for raw in process.stdout or ():
            line = raw.decode(errors="replace")
            lines.append(line)
            print(line, end="", flush=True)
    return process.returncode, "".join(lines)


def run(name: str, environment: dict[str, str]) -> Count:
    """Runs a suite and counts; a suite that fails without a failed test, or finds none, is a failure of its own."""
    command, counter = SUITES[name]
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.unlink(missing_ok=True)
    print(f"\n== {name}: {' '.join(command)}", flush=True)
    began = time.monotonic()
    try:
        status, output = stream(command, environment)
    except OSError as error:
        return Count(not_run=[f"suite {name}: {error}"])
    count = counter(output)
    if status != 0 and count.failed == 0:
        count.failed += 1
        print(f"suite {name}: exit status {status} without a failed test")
    if count.passed + count.failed == 0:
        count.not_run.append(f"suite {name}: it found no test")
    print(f"== {name}: {count.passed} passed, {count.failed} failed, {time.monotonic() - began:.0f} s", flush=True)
    return count


def prepare() -> tuple[dict[str, str], list[str]]:
    """Returns the environment with node and the npm packages on PATH, and why they are missing if they are."""
    environment = {**os.environ, "PYO3_PYTHON": sys.executable, "CI": "1"}
    done = subprocess.run([sys.executable, "scripts/node.py"], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    folders = [done.stdout.strip(), str(ROOT / "node_modules" / ".bin"), str(Path(sys.executable).parent)]
    environment["PATH"] = os.pathsep.join([*(f for f in folders if f), environment.get("PATH", "")])
    return environment, [] if done.returncode == 0 else ["node and the npm packages: see above"]


def main() -> int:
    """Runs all suites, or the named ones."""
    names = sys.argv[1:] or list(SUITES)
    unknown = [name for name in names if name not in SUITES]
    if unknown:
        print(f"expected suites of {', '.join(SUITES)}; got {', '.join(unknown)}")
        return 2
    environment, missing = prepare()
    total = Count(not_run=missing)
    for name in names:
        total.add(run(name, environment))
    for reason in total.not_run:
        print(f"NOT RUN: {reason}")
    print(f"{total.passed} passed, {total.failed} failed")
    return 1 if total.failed or total.not_run or not total.passed else 0


if __name__ == "__main__":
    sys.exit(main())
