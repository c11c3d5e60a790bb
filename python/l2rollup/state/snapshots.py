"""Snapshots of the engine at batch ends, as files with a digest, written so that a crash leaves the old or the new one.

A file is blake2b-256 of the content, then the content. Not part of the database: they are large and replaceable.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from l2rollup.errors import StorageCorrupt

DIGEST_BYTES = 32


class Snapshots:
    """The folder of snapshots, named by batch id (0 is genesis)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def save(self, batch_id: int, content: bytes) -> None:
        """Writes a snapshot durably: temporary file, fsync, rename, fsync of the folder."""
        target = self._path(batch_id)
        temporary = target.with_suffix(".part")
        with temporary.open("wb") as file:
            file.write(hashlib.blake2b(content, digest_size=DIGEST_BYTES).digest())
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(target)
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def load(self, batch_id: int) -> bytes:
        """Reads a snapshot. Raises StorageCorrupt when it is missing or does not match its digest."""
        try:
            raw = self._path(batch_id).read_bytes()
        except OSError as error:
            raise StorageCorrupt("snapshot is missing", expected=f"batch {batch_id}", got=str(error)) from error
        digest, content = raw[:DIGEST_BYTES], raw[DIGEST_BYTES:]
        found = hashlib.blake2b(content, digest_size=DIGEST_BYTES).digest()
        if digest != found:
            raise StorageCorrupt("snapshot is damaged", expected=digest.hex(), got=found.hex())
        return content

    def ids(self) -> list[int]:
        """Returns the batch ids that have a snapshot, ascending."""
        return sorted(int(path.stem) for path in self._folder.glob("*.snapshot"))

    def newest(self, limit: int) -> int | None:
        """Returns the highest batch id <= limit that has a snapshot, or None."""
        return max((batch_id for batch_id in self.ids() if batch_id <= limit), default=None)

    def drop_after(self, batch_id: int) -> None:
        """Removes the snapshots of later batches: their blocks are void."""
        for other in self.ids():
            if other > batch_id:
                self._path(other).unlink(missing_ok=True)

    def prune(self, final_batch: int) -> None:
        """Removes what no rewind can need: all but genesis and those from the newest one <= final_batch on."""
        keep_from = self.newest(final_batch)
        for other in self.ids():
            if keep_from is not None and 0 < other < keep_from:
                self._path(other).unlink(missing_ok=True)

    def _path(self, batch_id: int) -> Path:
        return self._folder / f"{batch_id:012d}.snapshot"
