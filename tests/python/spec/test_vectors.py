"""The committed vectors are what the specification writes, they are small, and they hit every rule that can be hit."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from l2rollup.spec import vectors

ROOT = Path(__file__).parents[3]
DIRECTORY = ROOT / "tests/vectors"
UNREACHABLE = {"state_full", "chunk_full", "unsupported_kind"}
"""2^32 accounts, a capacity, and a set of kinds: properties of an engine, not of a transition."""


@pytest.mark.parametrize("name", vectors.FILES)
def test_committed_files_are_what_the_specification_writes(name: str) -> None:
    assert (DIRECTORY / f"{name}.json").read_text(encoding="utf-8") == vectors.render(name), "run make vectors"


def test_files_are_known_small_and_say_how_to_regenerate() -> None:
    files = sorted(DIRECTORY.rglob("*.json"))
    assert {path.stem for path in DIRECTORY.glob("*.json")} == set(vectors.FILES)
    assert sum(path.stat().st_size for path in files) < 1_000_000
    assert all("regenerate" in json.loads(path.read_text(encoding="utf-8")) for path in files)


def test_every_fault_of_the_chapter_occurs() -> None:
    chapter = (ROOT / "docs/spec/transactions.md").read_text(encoding="utf-8").split("## Rules of execution")[1]
    named = {code for code in re.findall(r"`([a-z_]+)`", chapter) if "_" in code or code == "expired"}
    document = vectors.FILES["transitions"]()
    items = [item for s in document["scenarios"] for chunk in s["chunks"] for item in chunk["items"]]
    seen = {item["code"] for item in items}
    assert named - UNREACHABLE <= seen, named - seen
    assert seen - {"ok", "malformed"} <= named, seen - named


def test_every_kind_is_accepted_somewhere() -> None:
    document = vectors.FILES["transitions"]()
    items = [item for s in document["scenarios"] for chunk in s["chunks"] for item in chunk["items"]]
    records = {item["record"][2:4] for item in items if item["record"]}
    assert records == {"02", "03", "05", "06", "07", "09"}
    streams = [item["item"][2:4] for item in items if item["code"] == "ok" and item["record"] is None]
    assert set(streams) == {"01", "04", "08"}
