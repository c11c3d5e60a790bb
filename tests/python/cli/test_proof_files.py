"""Files of proofs: a proof in binary is taken byte for byte, a proof in text with or without white space around it."""

from __future__ import annotations

from pathlib import Path

import pytest

from l2rollup.cli.proof_files import read_proof

ROLLUP = "0x" + "11" * 20
SNARK = bytes(range(1, 32))


@pytest.mark.parametrize("last", [b"\x00", b"\n", b" ", b"\t", b"\xff"])
@pytest.mark.parametrize("form", ["binary", "text"])
def test_the_last_byte_of_a_proof_belongs_to_it(tmp_path: Path, last: bytes, form: str) -> None:
    # abi.encode(header, snark): twenty words, offset of the tail, length, the snark. The first byte is white space too.
    header = b"\n".ljust(32, b"\x00") + bytes(19 * 32) if form == "text" else bytes(20 * 32)
    content = header + (672).to_bytes(32, "big") + (32).to_bytes(32, "big") + SNARK + last
    file = tmp_path / "proof.bin"
    file.write_bytes(content if form == "binary" else f"\n 0x{content.hex()}\n".encode())
    assert read_proof(file, chain_id=1, rollup=ROLLUP).snark == SNARK + last
