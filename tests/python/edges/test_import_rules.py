"""The import rules bite: a copy of the package with one forbidden import each, and the tool must refuse it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
BIN = Path(sys.executable).parent

FORBIDDEN = {
    "a lower layer sees a higher one": ("state", "import l2rollup.node"),
    "neighbours": ("processor", "import l2rollup.bridge"),
    "api and client are neighbours": ("api", "import l2rollup.client"),
    "errors see nothing": ("errors.py", "import l2rollup.config"),
    "the specification imports ours": ("spec", "import l2rollup.errors"),
    "rocksdict outside storage": ("node", "import rocksdict"),
    "web3 outside l1": ("client", "import web3"),
}


def copy(to: Path) -> Path:
    package = to / "l2rollup"
    shutil.copytree(ROOT / "python" / "l2rollup", package, ignore=shutil.ignore_patterns("*.so", "__pycache__", "data"))
    shutil.copy(ROOT / "pyproject.toml", to / "pyproject.toml")
    return package


def check(folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    command = [str(BIN / "lint-imports"), "--no-cache", "--no-logo"]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_this_package_keeps_every_rule(tmp_path: Path) -> None:
    copy(tmp_path)
    done = check(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "4 kept, 0 broken" in done.stdout


@pytest.mark.parametrize("name", FORBIDDEN)
def test_a_forbidden_import_is_found(name: str, tmp_path: Path) -> None:
    module, line = FORBIDDEN[name]
    package = copy(tmp_path)
    file = package / module if module.endswith(".py") else package / module / "planted.py"
    with file.open("a") as stream:
        stream.write(f"\n{line}\n")
    done = check(tmp_path)
    assert done.returncode != 0 and "BROKEN" in done.stdout, done.stdout


def test_a_module_without_a_layer_is_found(tmp_path: Path) -> None:
    package = copy(tmp_path)
    (package / "helpers.py").write_text("")
    assert check(tmp_path).returncode != 0


def test_only_the_loader_imports_the_native_module(tmp_path: Path) -> None:
    file = tmp_path / "planted.py"
    file.write_text("from l2rollup import _native\n\n__all__ = ['_native']\n")
    command = [str(BIN / "ruff"), "check", "--no-cache", "--config", str(ROOT / "pyproject.toml"), "--select", "TID251"]
    done = subprocess.run([*command, str(file)], capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "only l2rollup/native.py" in done.stdout
