"""A rocksdict database in raw mode with fixed column families and explicitly synced write batches.

Not a cache and not a query language: get, put, delete, ordered scan. Writes without `sync` survive a killed process
(they are in the operating system) but not a power cut; what receipts depend on is written with `sync=True`.
"""

from __future__ import annotations

import contextlib
import enum
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar, cast

from rocksdict import AccessType, Options, Rdict, WriteBatch, WriteOptions

from l2rollup.errors import StorageError
from l2rollup.storage.codec import decode, encode

T = TypeVar("T")


class Family(enum.StrEnum):
    """The column families. `meta` has string keys, `items` and `receipts` bytes (ItemRecord.key), the rest integers."""

    META = "meta"
    BLOCKS = "blocks"
    ITEMS = "items"
    RECEIPTS = "receipts"
    BATCHES = "batches"
    DEPOSITS = "deposits"
    JOURNAL = "journal"
    L1_BLOCKS = "l1blocks"


FAMILIES = tuple(Family)
Key = bytes | str | int


def to_key(key: Key) -> bytes:
    """Returns the stored form of a key: integers as 8 bytes big endian (so that scans go upwards), text as UTF-8."""
    if isinstance(key, int):
        return key.to_bytes(8, "big")
    return key.encode() if isinstance(key, str) else key


class Batch:
    """Writes gathered by `Store.batch()` and applied together, or not at all."""

    def __init__(self, handles: dict[Family, Any]) -> None:
        self._handles = handles
        self._writes = WriteBatch(raw_mode=True)

    def put(self, family: Family, key: Key, value: object) -> None:
        """Stores the encoded value under the key."""
        self._writes.put(to_key(key), encode(value), self._handles[family])

    def delete(self, family: Family, key: Key) -> None:
        """Removes the key; removing an absent key is no error."""
        self._writes.delete(to_key(key), self._handles[family])

    def __len__(self) -> int:
        return self._writes.len()


class Store:
    """An open database. One process holds it at a time (rocksdb's LOCK); `close` releases it.

    Thread-safe for single calls; a `batch()` is atomic. Raises StorageError when the folder is in use or unreadable.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        path.mkdir(parents=True, exist_ok=True)
        options = Options(raw_mode=True)
        options.create_if_missing(True)
        options.create_missing_column_families(True)
        families = {str(name): Options(raw_mode=True) for name in FAMILIES}
        try:
            self._db: Rdict | None = Rdict(
                str(path), options=options, column_families=families, access_type=AccessType.read_write()
            )
            self._columns: dict[Family, Rdict] = {
                name: self._db.get_column_family(str(name)) for name in FAMILIES
            }
            self._handles: dict[Family, Any] = {
                name: self._db.get_column_family_handle(str(name)) for name in FAMILIES
            }
        except Exception as error:
            raise StorageError("cannot open the database", expected=f"a free folder {path}", got=str(error)) from error

    @property
    def path(self) -> Path:
        """Folder of the database."""
        return self._path

    def get(self, family: Family, key: Key, kind: type[T]) -> T | None:
        """Returns the value under the key read as `kind`, or None. Raises StorageCorrupt on a damaged value."""
        raw = self._column(family).get(to_key(key))
        return None if raw is None else decode(bytes(raw), kind)

    def put(self, family: Family, key: Key, value: object, *, sync: bool = False) -> None:
        """Stores one value; `sync` waits until it is on the disk."""
        with self.batch(sync=sync) as batch:
            batch.put(family, key, value)

    def scan(self, family: Family, kind: type[T], start: int | bytes = b"", limit: int | None = None) -> Iterator[T]:
        """Yields values in key order from `start` on, at most `limit` of them."""
        for count, (_, value) in enumerate(self._entries(family, to_key(start), backwards=False)):
            if limit is not None and count >= limit:
                return
            yield decode(value, kind)

    def scan_prefix(self, family: Family, prefix: str, kind: type[T]) -> Iterator[T]:
        """Yields the values whose text key begins with `prefix`, in key order."""
        start = prefix.encode()
        for key, value in self._entries(family, start, backwards=False):
            if not key.startswith(start):
                return
            yield decode(value, kind)

    def last(self, family: Family, kind: type[T]) -> T | None:
        """Returns the value with the highest key, or None when the family is empty."""
        for _, value in self._entries(family, None, backwards=True):
            return decode(value, kind)
        return None

    @contextlib.contextmanager
    def batch(self, *, sync: bool = False) -> Iterator[Batch]:
        """Gathers writes and applies them atomically at the end of the `with` block, unless it raises."""
        self._column(Family.META)
        batch = Batch(self._handles)
        yield batch
        options = WriteOptions()
        options.sync = sync
        if self._db is None:
            raise StorageError("the database is closed", expected="an open database", got=str(self._path))
        try:
            self._db.write(batch._writes, options)
        except Exception as error:
            raise StorageError("write failed", expected="an atomic write", got=str(error)) from error

    def close(self) -> None:
        """Flushes and closes. Column family objects hold the LOCK too, so all of them are closed first."""
        if self._db is None:
            return
        for column in self._columns.values():
            column.close()
        self._columns.clear()
        self._handles.clear()
        self._db.close()
        self._db = None

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _column(self, family: Family) -> Rdict:
        column = self._columns.get(family)
        if column is None:
            raise StorageError("the database is closed", expected="an open database", got=str(self._path))
        return column

    def _entries(self, family: Family, start: bytes | None, *, backwards: bool) -> Iterator[tuple[bytes, bytes]]:
        column = self._column(family)
        for key, value in column.items(backwards=backwards, from_key=start):
            yield cast(bytes, key), cast(bytes, value)
