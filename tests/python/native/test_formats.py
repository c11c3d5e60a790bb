"""docs/spec once more, by hand: ids, trees, streams and digests computed here from the formulas and compared.

Only the Poseidon2 permutation and circomlib's Poseidon come from the native module; the rest is plain integers.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from eth_utils.crypto import keccak

from l2rollup import _native

R = 21888242871839275222246405745257275088548364400416034343698204186575808495617
CHAIN_ID, ROLLUP = 31337, bytes([0x42]) * 20
ALICE, BOB = bytes([0xAA]) * 20, bytes([0x0B]) * 20
SEED = bytes([1]) * 32


def word(value: int) -> bytes:
    return value.to_bytes(32, "big")


def number(raw: bytes) -> int:
    return int.from_bytes(raw, "big")


def permute(state: Sequence[int]) -> list[int]:
    return [number(x) for x in _native.poseidon2_permute([word(x % R) for x in state])]


def compress(lane: int, x: Sequence[int]) -> int:
    return (permute(x)[lane] + x[lane]) % R


def sponge(tag: int, message: Sequence[int]) -> int:
    state = [0, 0, 0, (tag << 64) + len(message)]
    padded = list(message) + [0] * (-len(message) % 3)
    for i in range(0, max(len(padded), 3), 3):
        block = padded[i : i + 3] or [0, 0, 0]
        state = permute([*((s + b) % R for s, b in zip(state[:3], block, strict=True)), state[3]])
    return state[0]


def tree(lane: int, depth: int, leaves: dict[int, int], empty: int) -> int:
    """Root of a quaternary tree whose other leaves are `empty`."""
    for _ in range(depth):
        parents = {position // 4 for position in leaves}
        leaves = {p: compress(lane, [leaves.get(4 * p + c, empty) for c in range(4)]) for p in parents}
        empty = compress(lane, [empty] * 4)
    return leaves.get(0, empty)


EMPTY_VALUE = compress(2, [0, 0, 0, 0])
EMPTY_SUBTREE = tree(0, 8, {}, EMPTY_VALUE)
EMPTY_LEAF = compress(1, [0, 0, EMPTY_SUBTREE, EMPTY_SUBTREE])


def leaf(
    address: int, scheme: int, following: int, key: tuple[int, int], dynamic: int, balances: dict[int, int]
) -> int:
    static = compress(1, [address + (scheme << 160), following, *key])
    values = {token: compress(2, [value, 0, 0, 0]) for token, value in balances.items()}
    return compress(1, [static, dynamic, tree(0, 8, values, EMPTY_VALUE), EMPTY_SUBTREE])


def queue_record(kind: int, address: bytes, token: int, amount: int, tail: bytes) -> bytes:
    return (
        bytes([kind]) + token.to_bytes(2, "big") + bytes(10) + amount.to_bytes(16, "big") + bytes(11) + address + tail
    )


def recipient(address: bytes) -> bytes:
    return bytes(10) + address + bytes(60)


def key_tail(x: int, y: int) -> bytes:
    low = (1 << 136) - 1
    high = (x >> 136).to_bytes(15, "big") + (y >> 136).to_bytes(15, "big")
    return high + (x & low).to_bytes(30, "big") + (y & low).to_bytes(30, "big")


def words(stream: bytes) -> list[int]:
    return [number(stream[i : i + 30]) for i in range(0, len(stream), 30)]


def chain(before: int, stream: bytes) -> int:
    return sponge(2, [before, sponge(1, words(stream)), len(stream) // 30])


def poseidon5(*inputs: int) -> int:
    return number(_native.poseidon([word(x) for x in inputs]))


def transaction(nonce: int, to: bytes, amount: int, fee_token: int, valid_until: int) -> tuple[bytes, int]:
    """A signed intake record of a native transfer, and its id, both from the formulas."""
    prefix = word(96) + word(CHAIN_ID) + bytes(12) + ROLLUP + word(8) + b"l2rollup".ljust(32, b"\0")
    m1 = number(keccak(prefix)) % (1 << 248)
    m2 = number(ALICE) + (nonce << 160) + (1 << 208)
    m3 = number(to) + (valid_until << 160) + (fee_token << 224)
    m4 = amount + (1000 << 128) + (10 << 160)
    identifier = poseidon5(m1, m2, m3, m4, 0)
    record = bytes([1]) + ALICE + to + bytes(2) + fee_token.to_bytes(2, "big") + amount.to_bytes(16, "big")
    record += nonce.to_bytes(6, "big") + (1000).to_bytes(4, "big") + (10).to_bytes(8, "big")
    record += valid_until.to_bytes(8, "big") + bytes(64) + _native.eddsa_sign(SEED, word(identifier)) + bytes(6)
    assert len(record) == 221
    return record, identifier


def test_state_ids_and_streams_follow_the_formulas() -> None:
    engine = _native.Engine.genesis(CHAIN_ID, ROLLUP)
    sentinel = leaf(0, 0, 1 << 160, (0, 0), 1, {})
    assert number(engine.root()) == tree(0, 16, {0: sentinel}, EMPTY_LEAF)

    key = tuple(number(part) for part in _native.eddsa_public_key(SEED))
    queue = [
        queue_record(6, ALICE, 0, 0, key_tail(*key)),
        queue_record(5, ALICE, 0, 10**20, recipient(BOB)),
        queue_record(5, ALICE, 5, 3 << 100, recipient(BOB)),
    ]
    transfers = [transaction(0, BOB, 7 * 10**12, 0, 0), transaction(1, BOB, (1 << 60) + 1, 5, 99)]
    engine.begin_chunk(99, 1, [(0, 3), (5, 2)])
    outcomes = engine.apply([*queue, *(record for record, _ in transfers)])
    assert [outcome.fault for outcome in outcomes] == [None] * 5
    sealed = engine.end_chunk()

    ids = [sponge(3, words(record)) for record in queue] + [identifier for _, identifier in transfers]
    assert [number(outcome.id) for outcome in outcomes] == ids
    assert number(sealed.id_root) == tree(3, 8, dict(enumerate(ids)), 0)

    # Fees: creation 250 units at 3 native, transfer 100 units at 2 of token 5, back to Alice, the fee account.
    moved = 7 * 10**12 + (1 << 60) + 1
    alice = leaf(number(ALICE), 1, 1 << 160, (key[0], key[1]), 10**20 - moved + (2 << 128), {5: 3 << 100})
    bob = leaf(number(BOB), 0, number(ALICE), (0, 0), moved, {})
    first = leaf(0, 0, number(BOB), (0, 0), 3, {})
    assert number(sealed.new_root) == tree(0, 16, {0: first, 1: alice, 2: bob}, EMPTY_LEAF)

    header = (
        (1).to_bytes(2, "big") + (99).to_bytes(8, "big") + (1).to_bytes(4, "big") + (5).to_bytes(2, "big") + bytes(6)
    )
    header += (3).to_bytes(8, "big") + (2).to_bytes(8, "big") + bytes(16) + (5).to_bytes(4, "big") + bytes(2)
    marker = bytes(4) + (3).to_bytes(2, "big") + bytes(6)
    one, two = (1).to_bytes(4, "big"), (2).to_bytes(4, "big")
    # 7 * 10^12: the smallest exponent whose mantissa is below 2^27 is 5.
    creation = one + two + (70_000_000 + (5 << 27)).to_bytes(4, "big") + bytes(4) + BOB
    run = bytes(4) + (1).to_bytes(2, "big") + (5).to_bytes(6, "big")
    extended = one + two + (31 << 27).to_bytes(4, "big") + ((1 << 60) + 1).to_bytes(12, "big")
    stream = header + 3 * marker + creation + run + extended
    stream += bytes(-len(stream) % 30)
    assert sealed.transactions == stream
    assert sealed.operations == b"".join(queue)
    assert number(sealed.tx_c) == chain(0, stream)
    assert number(sealed.op_c) == chain(0, sealed.operations)

    z = _native.data_challenge(word(9), CHAIN_ID, ROLLUP, 4, sealed.tx_c, sealed.op_c, stream, sealed.operations)
    bound = word(9) + word(CHAIN_ID) + bytes(12) + ROLLUP + word(4) + word(len(stream) // 30) + word(15)
    bound += sealed.tx_c + sealed.op_c + keccak(sealed.operations) + keccak(stream)
    assert number(z) == number(keccak(bound)) % (1 << 248)


def test_an_account_proof_leads_to_the_root_by_hand() -> None:
    engine = _native.Engine.genesis(CHAIN_ID, ROLLUP)
    engine.begin_chunk(1, 1, [(0, 0)])
    engine.apply([queue_record(5, ALICE, 5, 77, recipient(BOB)), queue_record(5, BOB, 0, 8, recipient(BOB))])
    engine.end_chunk()
    proof = json.loads(engine.account_proof(ALICE, 5))
    expected = number(engine.root())
    for level, row in enumerate(proof["path"]):
        children = [int(child, 16) for child in row]
        assert compress(0, children) == expected
        expected = children[proof["index"] >> 2 * (15 - level) & 3]
    given = proof["leaf"]
    static = compress(1, [int(given["address"], 16), int(given["nextAddress"], 16), 0, 0])
    roots = [int(given["balancesRoot"], 16), int(given["storageRoot"], 16)]
    assert compress(1, [static, int(given["balance"]), *roots]) == expected
    assert tree(0, 8, {5: compress(2, [77, 0, 0, 0])}, EMPTY_VALUE) == roots[0]
