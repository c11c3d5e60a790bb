"""The store: order of scans, atomic batches, survival of kill -9, the LOCK, refusal of damaged values."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from l2rollup.errors import StorageCorrupt, StorageError
from l2rollup.storage import Family, Fee, L1BlockRecord, Store, decode, encode


def block(number: int) -> L1BlockRecord:
    return L1BlockRecord(number, bytes([number % 256]) * 32, bytes(32), 1000 + number)


def test_values_come_back_in_key_order(tmp_path: Path) -> None:
    with Store(tmp_path / "db") as store:
        for number in (300, 2, 70_000, 1):
            store.put(Family.L1_BLOCKS, number, block(number))
        assert [entry.number for entry in store.scan(Family.L1_BLOCKS, L1BlockRecord)] == [1, 2, 300, 70_000]
        assert [entry.number for entry in store.scan(Family.L1_BLOCKS, L1BlockRecord, 2, 2)] == [2, 300]
        last = store.last(Family.L1_BLOCKS, L1BlockRecord)
        assert last is not None
        assert last.number == 70_000
        assert store.get(Family.L1_BLOCKS, 3, L1BlockRecord) is None
        assert store.last(Family.JOURNAL, L1BlockRecord) is None


def test_a_batch_that_raises_writes_nothing(tmp_path: Path) -> None:
    with Store(tmp_path / "db") as store:
        with pytest.raises(RuntimeError), store.batch(sync=True) as writes:  # noqa: PT012
            writes.put(Family.META, "a", 1)
            raise RuntimeError
        assert store.get(Family.META, "a", int) is None


def test_reopen_finds_everything_and_close_frees_the_lock(tmp_path: Path) -> None:
    for round_ in range(3):
        store = Store(tmp_path / "db")
        assert store.get(Family.META, "round", int) == (round_ - 1 if round_ else None)
        store.put(Family.META, "round", round_, sync=True)
        with pytest.raises(StorageError):
            Store(tmp_path / "db")
        store.close()
        store.close()
    with pytest.raises(StorageError):
        store.get(Family.META, "round", int)


def test_a_synced_batch_survives_kill_minus_nine(tmp_path: Path) -> None:
    script = textwrap.dedent("""
        import os, signal, sys
        from pathlib import Path
        from l2rollup.storage import Family, Store
        store = Store(Path(sys.argv[1]))
        with store.batch(sync=True) as writes:
            for number in range(1000):
                writes.put(Family.JOURNAL, number, number)
            writes.put(Family.META, "tip", 999)
        os.kill(os.getpid(), signal.SIGKILL)
    """)
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path / "db")], env={**os.environ}, check=False)
    assert done.returncode == -signal.SIGKILL
    with Store(tmp_path / "db") as store:
        assert store.get(Family.META, "tip", int) == 999
        assert list(store.scan(Family.JOURNAL, int)) == list(range(1000))


@pytest.mark.parametrize(
    "damage",
    [
        lambda raw: raw[:-1],
        lambda raw: raw + b"\0",
        lambda raw: b"\2" + raw[1:],
        lambda raw: raw[:3],
        lambda raw: raw[:5] + b"\xff" + raw[6:],
        lambda raw: b"",
    ],
)
def test_damaged_values_are_refused(damage: object) -> None:
    raw = encode(Fee(1, 2))
    assert decode(raw, Fee) == Fee(1, 2)
    with pytest.raises(StorageCorrupt):
        decode(damage(raw), Fee)  # type: ignore[operator]
