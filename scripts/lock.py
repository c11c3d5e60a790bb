"""Writes requirements.lock (the package), requirements-dev.lock (its tests), requirements-node.lock (a node for them),
requirements-cuda.lock (nvcc).

Reads the wanted packages from pyproject.toml and the versions from the environment that runs it, so the order is:
install, test, then `make lock`. What it is not: a resolver; pip is.
"""

from __future__ import annotations

import importlib.metadata
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
HEAD = "# Written by `make lock`. Versions of the environment in which the tests passed.\n"


def closure(wanted: list[str]) -> dict[str, str]:
    """Returns name -> version of the wanted packages and of all they need. Raises PackageNotFoundError."""
    found: dict[str, str] = {}
    seen: set[tuple[str, str]] = set()
    todo = [(Requirement(text), "") for text in wanted]
    while todo:
        requirement, extra = todo.pop()
        name = canonicalize_name(requirement.name)
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        distribution = importlib.metadata.distribution(name)
        found[name] = distribution.version
        for part in ("", *requirement.extras):
            if (name, part) not in seen:
                seen.add((name, part))
                todo += [(Requirement(text), part) for text in distribution.requires or []]
    return found


def write(path: Path, first: str, packages: dict[str, str]) -> None:
    """Writes a lock file."""
    lines = [f"{name}=={version}\n" for name, version in sorted(packages.items())]
    path.write_text(HEAD + first + "".join(lines))


def main() -> int:
    """Writes the files."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = project["dependency-groups"]
    runtime = closure(project["project"]["dependencies"])
    development = closure(groups["test"] + project["build-system"]["requires"])
    write(ROOT / "requirements.lock", "", runtime)
    only = {name: version for name, version in development.items() if name not in runtime}
    write(ROOT / "requirements-dev.lock", "-r requirements.lock\n", only)
    for group in ("node", "cuda"):
        write(ROOT / f"requirements-{group}.lock", "", closure(groups[group]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
