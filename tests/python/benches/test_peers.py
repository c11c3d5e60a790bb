"""The parts of benches/peers that need no peer: records, medians, ratios, the page, the inputs of the Noir circuit."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from benches.peers import grumpkin, ours, plot, report, rows, setup, statement
from benches.peers.barretenberg import alter
from benches.peers.gnark import decode_kernel
from benches.peers.rows import BARRETENBERG, GNARK, MSM, OURS, TRANSFERS, Malformed, Row

RECORD = {
    "n": 32768, "columns": 25, "committed_columns": 32, "transfers": 82, "chunks": 2, "accounts": 1048576,
    "cells_per_transfer": 19980.5, "wall_s": 16.0, "prove_core_seconds": 20.5, "core_us_per_cell": 12.3,
    "proven_tps": 2.568, "witness_core_seconds": 0.28, "rss_mb": 352.6, "proof_bytes": 4640,
    "simd": "avx512ifma", "threads": 2, "setup": "aztec-ignition", "runs": 1, "cores": 2, "load": 1.0,
}  # fmt: skip
KERNEL = '{"kernel": "msm", "log": 15, "threads": 1, "calls": 4, "wall_s": 1.4e-1, "core_s": 1.3e-1}'


def test_a_record_of_ours_becomes_a_row() -> None:
    row = ours.decode(RECORD).row
    assert (row.system, row.what, row.size, row.threads) == (OURS, TRANSFERS, 82, 2)
    assert (row.core_s, row.wall_s, row.proof_bytes, row.cells) == (20.5, 16.0, 9280, 2 * 25 * 32768)
    assert row.core_ms_each == 250


@pytest.mark.parametrize(
    ("name", "value"),
    [("transfers", 0), ("transfers", 1.5), ("prove_core_seconds", "20"), ("wall_s", -1), ("n", True), ("chunks", None)],
)
def test_a_record_that_lacks_a_number_is_refused(name: str, value: object) -> None:
    with pytest.raises(Malformed, match=name):
        ours.decode({**RECORD, name: value})


def test_a_kernel_record_names_its_system_or_takes_the_programs() -> None:
    assert decode_kernel(GNARK, KERNEL) == Row(GNARK, MSM, 2**15, 1, 0.14, 0.13)
    assert decode_kernel(OURS, json.dumps({**json.loads(KERNEL), "system": "arkworks"})).system == "arkworks"
    with pytest.raises(Malformed, match="kernel"):
        decode_kernel(GNARK, KERNEL.replace("msm", "ntt"))


def test_rows_survive_json() -> None:
    row = ours.decode(RECORD).row
    assert rows.decode(json.loads(json.dumps(rows.encode([row])))) == [row]
    with pytest.raises(Malformed):
        rows.decode([{"system": "gnark"}])


def sample() -> list[Row]:
    """Three runs of one peer, one of the other, one of ours, two kernels."""
    return [
        *(Row(BARRETENBERG, TRANSFERS, 10, 2, wall, 2 * wall, 300.0, 8000, 1 << 18) for wall in (5.0, 1.0, 2.0)),
        Row(GNARK, TRANSFERS, 1, 2, 2.0, 4.0),
        Row(OURS, TRANSFERS, 40, 2, 1.0, 2.0),
        Row(GNARK, MSM, 1 << 15, 1, 0.3, 0.3),
        Row(OURS, MSM, 1 << 15, 1, 0.1, 0.1),
    ]


def test_medians_and_ratios() -> None:
    joined = rows.join(sample())
    assert [row.core_s for row in joined] == [4.0, 4.0, 2.0, 0.3, 0.1]
    ratios = report.ratios(joined)
    assert "| 10 / 40 | 8x | 8x |" in ratios  # 400 core-ms against 50
    assert "| 1 / 40 | 80.0x | 80.0x |" in ratios
    assert "| 2^15 | 1 | 9,155 | - | 3,052 | 3x | - |" in report.kernels(joined)


def test_the_page_has_every_part_and_its_plot_is_svg(tmp_path: Path) -> None:
    report.write(tmp_path, sample(), {"commit": "0123456"}, report.NOTES.read_text())
    page = (tmp_path / "prover.md").read_text()
    assert "- commit: 0123456" in page
    assert "{" not in page
    root = ElementTree.parse(tmp_path / "prover.svg").getroot()
    assert len(root.findall("{*}circle")) == 2  # a point and its place in the legend
    assert len(root.findall("{*}rect")) == 5


def test_the_plot_refuses_what_has_no_logarithm() -> None:
    with pytest.raises(ValueError, match="positive"):
        plot.draw("", "", "", {"ours": [(1.0, 0.0)]})


def test_grumpkin_has_its_order_and_signatures_hold() -> None:
    assert grumpkin.is_on_curve(grumpkin.GENERATOR)
    with pytest.raises(ValueError, match="scalar"):
        grumpkin.multiply(grumpkin.ORDER, grumpkin.GENERATOR)
    s, e = grumpkin.sign(secret=77, nonce=99, challenge=lambda point: point[0] ^ 1)
    key = grumpkin.multiply(77, grumpkin.GENERATOR)
    point = grumpkin.add(grumpkin.multiply(s, grumpkin.GENERATOR), grumpkin.multiply(e, key))
    assert point is not None
    assert point[0] ^ 1 == e


def test_points_of_the_shipped_setup() -> None:
    generator, larger = (1).to_bytes(32, "big"), ((1 << 255) + 1).to_bytes(32, "big")
    assert setup.decompress(generator) == (1, 2)
    assert setup.decompress(larger) == (1, setup.BASE - 2)
    with pytest.raises(ValueError, match="point"):
        setup.decompress(bytes(32))  # 3 is no square


def test_a_batch_chains_its_roots_and_every_alteration_changes_it() -> None:
    batch = statement.make_batch(2)
    first, second = batch["transfers"]
    assert batch["before"] != batch["after"]
    assert {len(first["sender_path"]), len(second["receiver_path"])} == {statement.DEPTH}
    altered = alter(batch)
    assert len(altered) >= 20
    assert all(inputs != batch for inputs in altered.values())
