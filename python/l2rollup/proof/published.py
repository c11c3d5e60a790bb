"""Files of ceremonies as their publishers hash them: blake2b of the Hermez `.ptau` files, checksums of transcripts.

The hash of a whole file takes a pass over it, so this reads with progress. What it is not: a check of the setup inside.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from l2rollup import native
from l2rollup.errors import ConfigurationError

CHECKSUM_BYTES = 64
_PART = 1 << 22
Report = Callable[[str, float], object]


def check_ptau(file: Path, report: Report | None = None) -> str:
    """Returns the published name of a .ptau file. Raises ConfigurationError when its hash is not the pinned one."""
    power, ceremony = native.load().srs_ptau_header(file)
    pinned = dict(native.load().srs_published()).get(power)
    name = f"powersOfTau28_hez_final_{power:02}.ptau" if power < ceremony else "powersOfTau28_hez_final.ptau"
    if pinned is None:
        raise ConfigurationError("power of the .ptau file", expected="8 to 28, as published", got=str(power))
    found = _hash(file, file.stat().st_size, report)
    if found.hex() != pinned:
        raise ConfigurationError(f"blake2b of {name}", expected=pinned, got=found.hex())
    return name


def check_transcript(file: Path, report: Report | None = None) -> None:
    """Compares the checksum at the end of an Ignition transcript. Raises ConfigurationError."""
    size = file.stat().st_size - CHECKSUM_BYTES
    if size <= 0:
        raise ConfigurationError(f"transcript {file}", expected=f"more than {CHECKSUM_BYTES} bytes",
                                 got=str(size + CHECKSUM_BYTES))  # fmt: skip
    found = _hash(file, size, report)
    with file.open("rb") as stream:
        stream.seek(size)
        stored = stream.read()
    if stored != found:
        raise ConfigurationError(f"checksum of {file}", expected=found.hex(), got=stored.hex())


def _hash(file: Path, size: int, report: Report | None) -> bytes:
    """Returns the blake2b-512 of the first `size` bytes."""
    hasher, done = hashlib.blake2b(), 0
    with file.open("rb") as stream:
        while part := stream.read(min(_PART, size - done)):
            hasher.update(part)
            done += len(part)
            if report is not None:
                report("hashing the file", done / size)
    return hasher.digest()
