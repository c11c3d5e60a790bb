"""Exit proofs: what one costs whoever leaves. A part of no rung: nothing here is transferred."""

from __future__ import annotations

from functools import partial

from benches.measure import measure, show
from l2rollup.bridge import MAX_EXITS, encode_deposit
from l2rollup.native import load
from l2rollup.proof import load_srs

CHAIN_ID, ROLLUP = 31337, bytes(19) + b"\x01"
PER_CHUNK, ROUNDS = 16, 3


def main() -> None:
    """Prints seconds for one balance and for 32, setup and key included."""
    engine, setup = load().Engine.genesis(CHAIN_ID, ROLLUP), load_srs()
    owners = [bytes([0xA5, i]) * 10 for i in range(MAX_EXITS)]
    deposits = [encode_deposit(0, 10**18 + i, owner, owner) for i, owner in enumerate(owners)]
    for first in range(0, len(deposits), PER_CHUNK):
        engine.begin_chunk(1_800_000_000, 1, [(0, 0)])
        engine.apply(deposits[first : first + PER_CHUNK])
        engine.end_chunk()
    for count in (1, MAX_EXITS):
        prove = partial(engine.prove_exits, [(owner, 0) for owner in owners[:count]], setup)
        timings = sorted((measure(prove)[1] for _ in range(ROUNDS)), key=lambda timing: timing.wall)
        median = timings[ROUNDS // 2]
        what = f"exit proof of {count} balance{'s' if count > 1 else ''}"
        show("proven", what, median.wall, "s", f"{median.cpu:.2f} core-seconds; checks of the setup and the key in it")
