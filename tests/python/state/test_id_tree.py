"""The id tree against the specification's vectors, which Rust's and Solidity's trees are held to as well."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from l2rollup import native
from l2rollup.state import compute_empty_id_root
from l2rollup.state.id_tree import compute_id_root, compute_id_siblings

TREE = json.loads((Path(__file__).parents[2] / "vectors/headers.json").read_text())["idTree"]
PERMUTE = native.load().poseidon2_permute


@pytest.mark.parametrize("opening", TREE["openings"], ids=lambda opening: str(opening["place"]))
def test_root_of_an_opening(opening: dict[str, object]) -> None:
    id_ = bytes.fromhex(str(opening["id"])[2:])
    siblings = [bytes.fromhex(word[2:]) for word in opening["siblings"]]  # type: ignore[attr-defined]
    place = int(str(opening["place"]))
    assert compute_id_root(id_, place, siblings, PERMUTE).hex() == TREE["root"][2:]
    assert compute_id_root(id_, place ^ 2, siblings, PERMUTE).hex() != TREE["root"][2:] or not any(id_)


@pytest.mark.parametrize("count", [1, 3, 4, 5, 17, 99])
def test_siblings_lead_to_one_root(count: int) -> None:
    ids = [(i + 1).to_bytes(32, "big") for i in range(count)]
    roots = {compute_id_root(ids[i], i, compute_id_siblings(ids, i, PERMUTE), PERMUTE) for i in range(count)}
    beyond = compute_id_siblings(ids, 60_000, PERMUTE)
    assert roots == {compute_id_root(bytes(32), 60_000, beyond, PERMUTE)}


def test_empty_tree() -> None:
    siblings = compute_id_siblings([], 5, PERMUTE)
    assert compute_id_root(bytes(32), 5, siblings, PERMUTE) == compute_empty_id_root(PERMUTE)
