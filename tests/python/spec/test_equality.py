"""Specification == native engine on 10,000 generated items, many of them wrong; and replay, rewinding, account proofs.

Hypothesis draws 16 bytes of entropy an item (l2rollup.spec.generate). What fails names the item and is not shrunk: the
items after it depend on it.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from pair import CHAIN, Pair, native, sign, verify

from l2rollup.errors import Malformed, Refused
from l2rollup.spec.fault import Fault
from l2rollup.spec.field import to_bytes
from l2rollup.spec.generate import TOKENS, Draw, Wallet, funding, make_call, make_prices
from l2rollup.spec.proof import account_proof, check
from l2rollup.spec.replay import replay
from l2rollup.spec.state import State
from l2rollup.spec.transition import Rollup

CHUNK = 36
PARTS, EXAMPLES, CHUNKS = 4, 24, 3
"""Calls, of an item or a group: 4 * 24 * 3 * 36 = 10,368."""
ENTROPY = st.binary(min_size=16, max_size=16).map(lambda data: int.from_bytes(data, "big"))
ITEMS = st.lists(ENTROPY, min_size=CHUNK, max_size=CHUNK)
SLOW = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
)


def play(pair: Pair, chunks: list[list[int]], terms: int) -> None:
    """The funding chunk and the generated ones."""
    pair.begin(1_800_000_000, 1, ((0, 0),))
    for item in funding():
        pair.offer([item])
    pair.end()
    draw = Draw(terms)
    for k, items in enumerate(chunks, 1):
        pair.begin(1_800_000_000 + 10 * k, draw.of((1, 1, 2, 3, 1, 0, 99)), make_prices(draw))
        for entropy in items:
            pair.offer(make_call(pair.spec, entropy, sign))
        pair.end()


@pytest.mark.parametrize("part", range(PARTS))
def test_specification_and_engine_agree(part: int) -> None:
    codes: Counter[str] = Counter()

    @SLOW
    @given(st.lists(ITEMS, min_size=CHUNKS, max_size=CHUNKS), ENTROPY)
    def run(chunks: list[list[int]], terms: int) -> None:
        pair = Pair()
        play(pair, chunks, terms)
        codes.update(pair.codes)

    run()
    offered = codes.total() - codes["chunk_full"]
    assert offered >= EXAMPLES * CHUNKS * CHUNK, codes
    assert codes["ok"] > offered // 4, codes
    common = {"bad_signature", "nonce_too_high", "insufficient_balance", "fee_too_low", "expired", "bad_key"}
    assert common | {"incomplete_group", "group_failed"} <= set(codes), codes


@settings(SLOW, max_examples=6)
@given(ITEMS, ENTROPY, st.integers(0, CHUNK - 1))
def test_a_rewound_engine_is_one_that_never_went_there(items: list[int], terms: int, cut: int) -> None:
    pair = Pair()
    engine = pair.engine
    play(pair, [], terms)
    before = engine.snapshot()
    pair.begin(1_800_000_100, 1, ((0, 1), (5, 1)))
    made = [item for entropy in items for item in make_call(pair.spec, entropy, sign)]
    engine.apply(made[:cut])
    inside = engine.mark()
    root = engine.root()
    engine.apply(made[cut:])
    engine.end_chunk()
    engine.rewind(inside)
    assert engine.root() == root
    sealed = engine.end_chunk()
    fresh = native.Engine.restore(before)
    fresh.begin_chunk(1_800_000_100, 1, [(0, 1), (5, 1)])
    fresh.apply(made[:cut])
    again = fresh.end_chunk()
    assert (again.new_root, again.id_root, again.witness) == (sealed.new_root, sealed.id_root, sealed.witness)
    assert fresh.snapshot() == engine.snapshot()
    engine.audit()


def funded() -> Rollup:
    rollup = Rollup(CHAIN, verify=verify)
    rollup.begin_chunk(1, 1, ((0, 0),))
    assert all(rollup.apply(item).accepted for item in funding())
    rollup.end_chunk()
    return rollup


@settings(SLOW, max_examples=10)
@given(ITEMS, ENTROPY)
def test_account_proofs_agree_and_hold(items: list[int], terms: int) -> None:
    rollup = funded()
    engine = native.Engine.genesis(CHAIN.chain_id, CHAIN.rollup.to_bytes(20, "big"))
    prices = make_prices(Draw(terms))
    rollup.begin_chunk(2, 1, prices)
    for entropy in items[:12]:
        rollup.apply_all(make_call(rollup, entropy, sign))
    engine_data = [rollup.end_chunk()]
    other = funded_data()
    engine.replay(*other)
    for sealed in engine_data:
        engine.replay(sealed.transactions, sealed.operations)
    root = to_bytes(rollup.state.root())
    for number in (1, 5, 9, 50):
        address, token, slot = Wallet(number).address, TOKENS[items[0] % len(TOKENS)], items[1] % 65536
        ours = account_proof(rollup.state, address, token, slot)
        theirs = json.loads(engine.account_proof(address.to_bytes(20, "big"), token, slot))
        assert theirs == ours
        check(ours, int.from_bytes(root, "big"))
        with pytest.raises(Fault, match="proof_rejected"):
            check(ours, int.from_bytes(root, "big") ^ 1)


def funded_data() -> tuple[bytes, bytes]:
    rollup = Rollup(CHAIN)
    rollup.begin_chunk(1, 1, ((0, 0),))
    for item in funding():
        rollup.apply(item)
    sealed = rollup.end_chunk()
    return sealed.transactions, sealed.operations


@settings(SLOW, max_examples=100)
@given(ENTROPY, st.integers(0, 1 << 20), st.integers(1, 255), st.booleans())
def test_changed_data_has_one_verdict(entropy: int, at: int, flip: int, first: bool) -> None:
    """One byte of a batch's data is another: both followers refuse with one code and stay, or both end alike."""
    rollup, (base, base_operations) = funded(), funded_data()
    before = rollup.state.copy()
    rollup.begin_chunk(2, 1, ((0, 1), (5, 1)))
    for k in range(8):
        rollup.apply_all(make_call(rollup, entropy ^ k * 0x9E3779B97F4A7C15F39CC0605CEDC835, sign))
    sealed = rollup.end_chunk()
    streams = [bytearray(sealed.transactions), bytearray(sealed.operations)]
    changed = streams[0] if first or not streams[1] else streams[1]
    changed[at % len(changed)] ^= flip
    engine = native.Engine.genesis(CHAIN.chain_id, CHAIN.rollup.to_bytes(20, "big"))
    engine.replay(base, base_operations)
    root = engine.root()
    want = _replayed(before, bytes(streams[0]), bytes(streams[1]))
    if isinstance(want, str):
        with pytest.raises((Malformed, Refused)) as refused:
            engine.replay(bytes(streams[0]), bytes(streams[1]))
        assert refused.value.code == want, refused.value
        assert engine.root() == root
    else:
        got = engine.replay(bytes(streams[0]), bytes(streams[1]))
        assert (got.new_root, got.tx_c) == want


def _replayed(state: State, transactions: bytes, operations: bytes) -> tuple[bytes, bytes] | str:
    """(new root, digest of the transactions), or the code of the refusal."""
    try:
        after, done = replay(state, transactions, operations)
    except Fault as fault:
        return fault.code
    return to_bytes(after.root()), to_bytes(done.tx_c)
