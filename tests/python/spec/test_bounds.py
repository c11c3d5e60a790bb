"""The bounds of a chunk: those of the chapter, of the specification and of the engine are one list, and the engine
keeps to them with the kinds that have arguments."""

from __future__ import annotations

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from pair import CHAIN, ROLLUP, native

from l2rollup.native import Engine
from l2rollup.spec.batch import CHUNK_BOUNDS
from l2rollup.spec.generate import Wallet
from l2rollup.spec.parameters import Kind
from l2rollup.spec.script import Script

ROOT = Path(__file__).parents[3]
A, B = Wallet(1), Wallet(2)
PRICES = ((0, 3), (5, 2))


def test_one_list() -> None:
    chapter = (ROOT / "docs/spec/batch.md").read_text(encoding="utf-8").split("## What a chunk holds")[1]
    rows = re.findall(r"^\| ([a-z ]+) \| (\d+) \|", chapter.split("##")[0], re.MULTILINE)
    assert {name: int(number) for name, number in rows} == CHUNK_BOUNDS
    source = (ROOT / "rust/core/src/batch/capacity.rs").read_text(encoding="utf-8").split("const fn leaf()")[1]
    fields = re.findall(r"(\w+): (\d+),", source.split("kinds:")[0])
    assert {name.replace("_", " "): int(number) for name, number in fields} == CHUNK_BOUNDS


def both() -> tuple[Script, Engine]:
    """The specification and the engine after the same first chunk, with an open one."""
    script, engine = Script(2), native.Engine.genesis(CHAIN.chain_id, ROLLUP)
    first = script.chunks[0]["sealed"]
    engine.replay(*(bytes.fromhex(first[name][2:]) for name in ("transactions", "operations")))
    script.begin(prices=PRICES)
    engine.begin_chunk(100, 1, list(PRICES))
    return script, engine


def offer(script: Script, engine: Engine, items: list[bytes]) -> set[str]:
    """Codes of the engine for a call; the specification takes what the engine has room for."""
    codes = {"ok" if outcome.fault is None else outcome.fault.code for outcome in engine.apply(items)}
    if codes != {"chunk_full"}:
        script.offer_all(items, ["ok"] * len(items))
    assert engine.root() == script.rollup.state.root().to_bytes(32, "big")
    return codes


def test_writes() -> None:
    script, engine = both()
    for slot in range(CHUNK_BOUNDS["writes"]):
        assert offer(script, engine, [script.build(B, Kind.SET_STORAGE, data=(slot, 1)).to_bytes()]) == {"ok"}
    assert offer(script, engine, [script.build(B, Kind.SET_STORAGE, data=(0, 2)).to_bytes()]) == {"chunk_full"}
    assert offer(script, engine, [script.build(B, Kind.ROTATE_KEY, data=B.key).to_bytes()]) == {"ok"}


def test_arguments_and_a_group_that_has_no_room() -> None:
    script, engine = both()
    kinds = (Kind.ROTATE_KEY, Kind.SET_KEY, Kind.SET_STORAGE)
    for k in range(CHUNK_BOUNDS["arguments"] - 7):
        data = (k, 1) if kinds[k % 3] == Kind.SET_STORAGE else B.key
        assert offer(script, engine, [script.build(B, kinds[k % 3], data=data).to_bytes()]) == {"ok"}
    group = [script.member((A, B)[k % 2], to=(B, A)[k % 2].address, amount=k) for k in range(8)]
    sequence = engine.sequence
    assert offer(script, engine, script.link(*group)) == {"chunk_full"}
    assert engine.sequence == sequence
    assert offer(script, engine, script.link(*group[:7])) == {"ok"}
    assert offer(script, engine, [script.build(B, Kind.ROTATE_KEY, data=B.key).to_bytes()]) == {"chunk_full"}
    assert offer(script, engine, [script.build(B, to=A.address).to_bytes()]) == {"ok"}
