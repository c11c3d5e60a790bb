"""Every example runs as its first lines say, and prints what it claims."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
DIGEST_OF_42 = "12326503012965816391338144612242952408728683609716147019497703475006801258307"
CLAIMS = {
    "hash_preimage": [f"somebody knows the preimage of {DIGEST_OF_42}"],
    "merkle_membership": [
        "5291 is in the list", "1001 is not: the witness violates", "this proof is not about 1001", "agrees for",
    ],
    "sudoku": [
        "two cells exchanged: arithmetic: equation at each digit once/column 2", "(10, 0) is not in table",
        "the puzzle has a solution",
    ],
    "custom_gate": ["scores [-4992, -2222, 4144], by numpy [-4992, -2222, 4144]"],
}  # fmt: skip


@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("*.py")), ids=lambda file: file.stem)
def test_example(file: Path) -> None:
    command = [sys.executable, str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=EXAMPLES.parent)
    assert done.returncode == 0, done.stderr
    for claim in CLAIMS[file.stem]:
        assert claim in done.stdout
    assert file.name in file.read_text().splitlines()[2], "the first lines say how it is run"


@pytest.mark.parametrize("page", ["docs/plonk.md", "README.md"])
def test_the_first_lines_of_a_page_run(page: str, tmp_path: Path) -> None:
    blocks = (EXAMPLES.parent / page).read_text().split("```python\n")[1:]
    [code] = [block.split("```")[0] for block in blocks if 'plonk.Circuit("preimage")' in block]
    command = [sys.executable, "-c", code + 'print(proof.public["digest"])']
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == DIGEST_OF_42


def test_the_pictures_of_an_example(tmp_path: Path) -> None:
    picture = tmp_path / "cost.svg"
    subprocess.run([sys.executable, str(EXAMPLES / "custom_gate.py"), str(picture)], check=True, capture_output=True)
    assert "score 2: 17 rows" in picture.read_text()
