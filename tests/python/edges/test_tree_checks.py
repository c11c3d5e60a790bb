"""The checks of the tree find what they are for, and this tree passes them."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[3]


def load(name: str) -> ModuleType:
    """Imports a script by its path."""
    spec = importlib.util.spec_from_file_location(f"script_{name}", ROOT / "scripts" / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module = load("check_tree")
    monkeypatch.setattr(module, "ROOT", tmp_path)
    return module


def put(root: Path, name: str, content: str) -> Path:
    file = root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content)
    return Path(name)


def test_long_files_are_found(tree: ModuleType, tmp_path: Path) -> None:
    good = put(tmp_path, "a.rs", "x\n" * 600)
    bad = put(tmp_path, "b.rs", "x\n" * 601)
    assert tree.find_long_files([good]) == []
    assert tree.find_long_files([good, bad]) == ["b.rs: expected <= 600 lines, got 601"]


def test_unexplained_generated_files_are_found(tree: ModuleType, tmp_path: Path) -> None:
    silent = put(tmp_path, "tests/vectors/a.json", "{}")
    assert len(tree.find_unexplained([silent])) == 1
    spoken = put(tmp_path, "tests/vectors/b/b.json", '{"regenerate": "make vectors"}')
    assert tree.find_unexplained([spoken]) == []
    put(tmp_path, "tests/vectors/README.md", "Regenerate: make vectors")
    assert tree.find_unexplained([silent]) == []
    written = put(tmp_path, "python/a.py", "")
    assert tree.find_unexplained([written]) == []


def test_machine_paths_and_hosts_are_found(tree: ModuleType, tmp_path: Path) -> None:
    for number, text in enumerate(("/" + "work/main", "see /" + "tmp/x", "../" + "shared/API.md", "/" + "home/me")):
        assert len(tree.find_private([put(tmp_path, f"{number}.md", text)])) == 1, text
    assert tree.find_private([put(tmp_path, "good.md", "a network, attempt/ and homework")]) == []
    assert len(tree.find_private([put(tmp_path, "package-lock.json", '"resolved": "https://x"')])) == 1
    assert len(tree.find_private([put(tmp_path, "requirements.lock", "--index-url x")])) == 1


def test_the_patterns_of_generated_files_match_this_tree() -> None:
    module = load("check_tree")
    generated = [path for path in module.tracked() if module.is_generated(path)]
    assert len(generated) > 20
    assert {path.parts[0] for path in generated} >= {"contracts", "python", "tests"}


def test_counts_of_every_suite() -> None:
    suites = load("suites")
    cargo = "test result: ok. 3 passed; 0 failed; 1 ignored;\nx\ntest result: FAILED. 1 passed; 2 failed; 0 ignored;"
    count = suites.count_cargo(cargo)
    assert (count.passed, count.failed, len(count.not_run)) == (4, 2, 1)
    forge = "Suite result: ok. 5 passed; 0 failed; 0 skipped;\nSuite result: FAILED. 1 passed; 1 failed; 2 skipped;"
    count = suites.count_forge(forge)
    assert (count.passed, count.failed, len(count.not_run)) == (6, 1, 2)
    count = suites.count_lint("ok x\n7 passed, 1 failed\n")
    assert (count.passed, count.failed) == (7, 1)
    assert suites.count_lint("crash").passed == 0


def test_a_suite_that_fails_finds_nothing_or_is_missing_counts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    suites = load("suites")
    monkeypatch.setattr(suites, "REPORT", tmp_path / "build" / "report.xml")
    python = sys.executable
    cases = {
        "good": ([python, "-c", "print('1 passed, 0 failed')"], (1, 0, 0)),
        "crashes": ([python, "-c", "print('1 passed, 0 failed'); raise SystemExit(3)"], (1, 1, 0)),
        "empty": ([python, "-c", ""], (0, 0, 1)),
        "missing": (["no-such-tool-anywhere"], (0, 0, 1)),
    }
    for name, (command, wanted) in cases.items():
        monkeypatch.setitem(suites.SUITES, name, (command, suites.count_lint))
        count = suites.run(name, {})
        assert (count.passed, count.failed, len(count.not_run)) == wanted, name


def test_skipped_python_tests_are_not_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    suites = load("suites")
    report = tmp_path / "report.xml"
    report.write_text(
        "<testsuites><testsuite><testcase classname='a' name='x'/><testcase classname='a' name='y'><skipped message='no"
        " node'/></testcase><testcase classname='a' name='z'><failure/></testcase></testsuite></testsuites>"
    )
    monkeypatch.setattr(suites, "REPORT", report)
    count = suites.count_pytest("")
    assert (count.passed, count.failed, count.not_run) == (1, 1, ["a::y: no node"])
