"""The cost table and its picture say what they were given, once each, and refuse parts that do not fit."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import pytest

from l2rollup.errors import Malformed
from l2rollup.plonk import Part, Profile

PARTS = [Part(("hash", "first <&>"), 8, 80), Part(("hash", "second"), 4, 40), Part(("range",), 2, 20)]


def make(parts: list[Part] = PARTS) -> Profile:
    return Profile("toy", parts, total_rows=16, total_cells=160)


def test_table_sums_parts_and_padding() -> None:
    lines = [line.split() for line in make().table().splitlines()]
    assert lines[0] == ["toy"]
    assert ["hash", "12", "120", "75.0%"] in lines
    assert ["second", "4", "40", "25.0%"] in lines
    assert ["(padding)", "2", "20", "12.5%"] in lines
    assert lines[-1] == ["total", "16", "160", "100.0%"]
    assert not any(line[0] == "second" for line in (text.split() for text in make().table(depth=1).splitlines()))


def test_seconds_are_shown_where_there_are_any() -> None:
    assert "seconds" not in make().table()
    timed = make([Part(("hash",), 8, 80, 0.25), Part(("hash",), 8, 80, 0.5)])
    assert timed.table().splitlines()[2].split()[-1] == "0.750"
    assert timed.records()[0]["seconds"] == 0.25


def test_picture_is_well_formed_and_proportional() -> None:
    root = ElementTree.fromstring(make().svg(width=1600))
    bars = {group[0].text.split(":")[0]: float(group[1].get("width", "0")) for group in root if group.tag.endswith("g")}
    assert bars["first <&>"] == pytest.approx(800, abs=1)
    assert bars["range"] == pytest.approx(200, abs=1)
    assert bars["toy"] == pytest.approx(1600, abs=1)


def test_more_cells_than_there_are_is_refused() -> None:
    with pytest.raises(Malformed, match="expected at most 160 cells; got 161"):
        make([*PARTS, Part(("one too many",), 1, 21)])
