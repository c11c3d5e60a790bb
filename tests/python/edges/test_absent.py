"""What docs/architecture.md says is deliberately absent, as far as Python can break it."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import sys
import tomllib
from pathlib import Path

from packaging.utils import canonicalize_name

PACKAGE = Path(__file__).parents[3] / "python" / "l2rollup"


def modules() -> list[tuple[Path, ast.Module]]:
    files = sorted(PACKAGE.rglob("*.py"))
    assert len(files) > 100
    return [(file.relative_to(PACKAGE), ast.parse(file.read_text())) for file in files]


def test_every_module_says_what_it_is() -> None:
    silent = [str(path) for path, tree in modules() if not ast.get_docstring(tree)]
    assert silent == []


def test_no_pickles() -> None:
    for path, tree in modules():
        for node in ast.walk(tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            assert not {"pickle", "shelve", "marshal"} & {name.split(".")[0] for name in names}, path
    store = (PACKAGE / "storage" / "store.py").read_text()
    assert re.search(r"raw_mode\s*=\s*True|Options\(raw_mode=True\)", store), "rocksdict unpickles without raw mode"


def test_one_place_writes_a_batch_status() -> None:
    """A status is assigned in node/status.py and nowhere else."""
    writers = set()
    for path, tree in modules():
        for node in ast.walk(tree):
            targets = node.targets if isinstance(node, ast.Assign) else []
            if any(isinstance(target, ast.Attribute) and target.attr == "status" for target in targets):
                writers.add(str(path))
    assert writers <= {"node/status.py"}


def test_no_rules_in_the_api() -> None:
    """It may not reach the engine's transition: it asks the node."""
    for path, tree in modules():
        if path.parts[0] != "api":
            continue
        called = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        assert not called & {"begin_chunk", "end_chunk", "prove_chunk"}, path


def test_no_names_that_name_nothing() -> None:
    bad = {"utils", "util", "helpers", "helper", "common", "misc"}
    for path, _ in modules():
        assert not bad & {part.removesuffix(".py") for part in path.parts}, path


def test_every_imported_package_is_declared_and_every_declared_one_imported() -> None:
    project = tomllib.loads((PACKAGE.parents[1] / "pyproject.toml").read_text())["project"]
    declared = {canonicalize_name(re.split(r"[<>=\[; ]", text, maxsplit=1)[0]) for text in project["dependencies"]}
    owners = importlib.metadata.packages_distributions()
    imported = set()
    for _, tree in modules():
        for node in ast.walk(tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            tops = {name.split(".")[0] for name in names} - sys.stdlib_module_names - {"l2rollup"}
            imported |= {canonicalize_name(owners[top][0]) for top in tops}
    assert imported - declared == set(), "imported and not declared"
    # uvicorn finds these two by itself.
    assert declared - imported <= {"uvloop", "httptools"}, "declared and not imported"
