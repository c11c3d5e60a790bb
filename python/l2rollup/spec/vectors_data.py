"""Vectors of the data: packed amounts, operation records, queue hashes, streams that must be read and streams that
must not, digests, the challenge z and the evaluations y."""

from collections.abc import Sequence
from typing import Any

from . import amount as packing
from .data import SLOT_BYTES, encode_header, padded_size
from .digest import chain_digest, data_challenge, evaluate, words_of
from .fault import Fault
from .fees import ChunkContext
from .field import to_hex
from .generate import Wallet
from .parameters import Kind
from .record import Record, roll_queue_hash
from .replay import replay
from .script import CHAIN, STRANGER, A, B, C, Script
from .vectors_crypto import numbers
from .vectors_transition import run

Document = dict[str, Any]
MARKER = bytes(4) + b"\0\3" + bytes(6)


def _hex(data: bytes) -> str:
    return "0x" + data.hex()


def amounts() -> Document:
    """Packed forms; `extension` is null without one; `packed` is null for what has no form."""
    values = [
        0,
        1,
        9,
        10,
        (1 << 27) - 1,
        1 << 27,
        10 * (1 << 27) - 10,
        10**18,
        10**18 + 1,
        10**30,
        10**31,
        (1 << 96) - 1,
        1 << 96,
        (1 << 123) - 1,
        1 << 123,
        134217727 * 10**30,
        (1 << 128) - 1,
        10**38,
    ]
    cases = []
    for value in values:
        packed, extension = packing.pack(value) or (None, None)
        cases.append(
            {"amount": str(value), "packed": packed, "extension": None if extension is None else str(extension)}
        )
    # No writer's forms, which a reader takes because the circuit does.
    others = [(1 + (1 << 27), None), (5 << 27, None), (31 << 27, 5), (31 << 27, 10**20), (13421772 + (3 << 27), None)]
    read = [
        {"packed": p, "extension": None if x is None else str(x), "amount": str(packing.unpack(p, x))}
        for p, x in others
    ]
    refused: list[Document] = [
        {"why": "exponent 31 without an extension", "packed": 31 << 27, "extension": None},
        {"why": "an extension that is not announced", "packed": 5, "extension": "5"},
        {"why": "an extension with exponent 30", "packed": 30 << 27, "extension": "0"},
    ]
    return {"cases": cases, "read": read, "refused": refused}


def records() -> Document:
    """Operation records with their words, ids and request hashes, and the queue's rolling hash over the requests."""
    key = Wallet(1).key
    queue = [
        Record(Kind.DEPOSIT, A.address, 5, amount=(1 << 128) - 1, recipient=B.address),
        Record(Kind.REGISTER_KEY, A.address, key=key),
        Record(Kind.FORCED_EXIT, A.address, 65535, amount=77, recipient=A.address),
        Record(Kind.NOOP, A.address, 9, recipient=A.address),
    ]
    user = [
        Record(Kind.WITHDRAW, B.address, 5, 0xFFFFFFFF, (1 << 48) - 2, 1 << 127, 3, C.address),
        Record(Kind.SET_KEY, B.address, index=2, nonce=7, key=key),
        Record(Kind.ROTATE_KEY, B.address, index=0xFFFFFFFF, nonce=(1 << 48) - 2, fee_token=65535, key=key),
    ]
    cases: list[Document] = []
    rolling = bytes(32)
    for record in (*queue, *user):
        case = {
            "kind": record.kind.name.lower(),
            "record": _hex(record.to_bytes()),
            "words": [to_hex(w) for w in record.words()],
        }
        if record in queue:
            block_hash = numbers("block hash", len(cases) + 1)[-1].to_bytes(32, "big")
            rolling = roll_queue_hash(rolling, record.request_hash(), block_hash)
            case |= {
                "id": to_hex(record.id()),
                "request": _hex(record.request().to_bytes()),
                "requestHash": _hex(record.request_hash()),
            }
            case |= {"blockHash": _hex(block_hash), "queueHash": _hex(rolling)}
        cases.append(case)
    return {"records": cases}


def digests() -> Document:
    """C of chunks in a row, z of batches, and y."""
    chains, before = [], 0
    for length in (0, 1, 2, 3, 5, 96):
        stream = b"".join((x >> 14).to_bytes(30, "big") for x in numbers(f"stream {length}", length))
        after = chain_digest(before, stream)
        chains.append({"before": to_hex(before), "stream": _hex(stream), "after": to_hex(after)})
        before = after
    batches = []
    for batch_id, chunk in enumerate(run("every kind").chunks, 1):
        transactions, operations = (bytes.fromhex(chunk["sealed"][name][2:]) for name in ("transactions", "operations"))
        tx_c, op_c = (int(chunk["sealed"][name], 16) for name in ("txC", "opC"))
        z = data_challenge(CHAIN, batch_id, tx_c, op_c, transactions, operations)
        batches.append(
            {
                "batchId": batch_id,
                "transactions": _hex(transactions),
                "operations": _hex(operations),
                "txC": to_hex(tx_c),
                "opC": to_hex(op_c),
                "z": to_hex(z),
                "txY": to_hex(evaluate(words_of(transactions), z)),
                "opY": to_hex(evaluate(words_of(operations), z)),
            }
        )
    return {
        "domain": to_hex(CHAIN.domain),
        "chainId": CHAIN.chain_id,
        "rollup": f"0x{CHAIN.rollup:040x}",
        "chains": chains,
        "batches": batches,
    }


def _stream(slots: Sequence[bytes], items: int, context: ChunkContext | None = None) -> bytes:
    head = encode_header(context or ChunkContext(100, 1, ((0, 3), (5, 2))), items)
    data = head + b"".join(slots)
    return data + bytes(padded_size(sum(map(len, slots)) // SLOT_BYTES) - len(data))


def _transfer(sender: int, receiver: int, packed: int, *more: bytes) -> bytes:
    return b"".join([sender.to_bytes(4, "big"), receiver.to_bytes(4, "big"), packed.to_bytes(4, "big"), *more])


def _control(code: int, payload: int) -> bytes:
    return bytes(4) + code.to_bytes(2, "big") + payload.to_bytes(6, "big")


def _hostile_streams() -> list[tuple[str, bytes, bytes]]:
    """(why, transactions, operations) on a state with accounts 1 .. 3, where 4 is the next index."""
    one, new = _transfer(2, 3, 7), STRANGER.address.to_bytes(20, "big")
    run, fee = _control(1, 5 << 16 | 5), _control(1, 5)
    storage = _control(4, 4 << 40 | 2 << 8) + bytes(4) + (3).to_bytes(2, "big") + (9).to_bytes(30, "big")
    withdraw = Record(Kind.WITHDRAW, B.address, 5, 2, 0, 9, 0, C.address).to_bytes()
    deposit = Record(Kind.DEPOSIT, B.address, 0, amount=3, recipient=B.address).to_bytes()
    noop = Record(Kind.NOOP, B.address, 9, recipient=B.address).to_bytes()
    paid = Record(Kind.FORCED_EXIT, B.address, 5, amount=10**15, recipient=B.address).to_bytes()
    bad_key = Record(Kind.SET_KEY, B.address, index=2, key=(1, 1)).to_bytes()
    rotate = Record(Kind.ROTATE_KEY, B.address, index=2, fee_token=5, key=A.key).to_bytes()
    bad_rotation = Record(Kind.ROTATE_KEY, B.address, index=2, key=(1, 1)).to_bytes()
    same, dear = _control(1, 0), ChunkContext(100, 1, ((0, 0), (5, 10**13 + 1)))

    def poke(data: bytes, at: int, value: int) -> bytes:
        return bytes([*data[:at], value, *data[at + 1 :]])

    good = _stream([one], 1)
    return [
        ("a transfer", good, b""),
        ("no chunk", b"", b""),
        ("an empty chunk", _stream([], 0), b""),
        ("two chunks", good + good, b""),
        ("token and fee token change", _stream([run, one], 1), b""),
        ("the fee token changes alone", _stream([fee, one], 1), b""),
        ("the fee token of a storage write", _stream([fee, storage], 1), b""),
        ("a storage write", _stream([storage], 1), b""),
        ("an account is created and used", _stream([_transfer(2, 4, 7, bytes(4), new), _transfer(2, 4, 7)], 2), b""),
        ("a withdrawal", _stream([MARKER], 1), withdraw),
        ("a deposit", _stream([MARKER], 1), deposit),
        ("a noop", _stream([MARKER], 1), noop),
        ("a forced exit", _stream([MARKER], 1), paid),
        ("version 2", poke(good, 1, 2), b""),
        ("unlisted fee token with a price", poke(good, 50, 1), b""),
        ("fee tokens out of order", poke(poke(good, 15, 9), 17, 5), b""),
        ("header padding", poke(good, 21, 1), b""),
        ("an item too many announced", _stream([one], 2), b""),
        ("an item too few announced", _stream([one], 0), b""),
        ("four billion items announced", good[:54] + b"\xff\xff\xff\xff" + good[58:], b""),
        ("stream padding", poke(good, len(good) - 1, 1), b""),
        ("cut", good[:-1], b""),
        ("half a header", good[:30], b""),
        ("a run that changes nothing", _stream([same, one], 1), b""),
        ("a run that changes nothing before a storage write", _stream([same, storage], 1), b""),
        ("a run that changes nothing before every item", _stream([run, one, run, one, fee, storage, fee, one], 4), b""),
        ("a run that changes nothing before a creation", _stream([same, _transfer(2, 4, 7, bytes(4), new)], 1), b""),
        ("a run that changes nothing before a marker", _stream([same, MARKER], 1), deposit),
        ("a run that changes nothing at the end", _stream([one, same], 1), b""),
        ("two runs", _stream([run, fee, one], 1), b""),
        ("two runs that change nothing", _stream([same, same, one], 1), b""),
        ("a run that changes nothing and one that does", _stream([same, run, one], 1), b""),
        ("a run with high bits", _stream([_control(1, 1 << 32 | 5), one], 1), b""),
        ("a run of the form before", _stream([_control(2, 5), one], 1), b""),
        ("a run before a marker", _stream([run, MARKER], 1), deposit),
        ("another token before a storage write", _stream([run, storage], 1), b""),
        ("control code 0", _stream([_control(0, 0), one], 1), b""),
        ("control code 5", _stream([_control(5, 0), one], 1), b""),
        ("marker with payload", _stream([_control(3, 1)], 1), deposit),
        ("marker without record", _stream([MARKER], 1), b""),
        ("record without marker", good, deposit),
        ("half a record", _stream([MARKER], 1), deposit[:-1]),
        ("extended kind 8", _stream([_control(4, 8 << 40 | 2 << 8), *[bytes(12)] * 3], 1), b""),
        ("extended kind 5", _stream([_control(4, 5 << 40 | 2 << 8), *[bytes(12)] * 3], 1), b""),
        ("extended kind with a low byte", _stream([_control(4, 4 << 40 | 2 << 8 | 1), *[bytes(12)] * 3], 1), b""),
        ("storage with high bits", _stream([poke(storage, 12, 1)], 1), b""),
        ("amount 10 as 1 * 10", _stream([_transfer(2, 3, 1 + (1 << 27))], 1), b""),
        ("amount 5 extended", _stream([_transfer(2, 3, 31 << 27, (5).to_bytes(12, "big"))], 1), b""),
        ("receiver beyond the next index", _stream([_transfer(2, 5, 7)], 1), b""),
        ("receiver 0", _stream([_transfer(2, 0, 7)], 1), b""),
        ("sender that does not exist", _stream([_transfer(4, 2, 7)], 1), b""),
        (
            "a second account for an address",
            _stream([_transfer(2, 4, 7, bytes(4), C.address.to_bytes(20, "big"))], 1),
            b"",
        ),
        (
            "an account for a system address",
            _stream([_transfer(2, 4, 7, bytes(4), (0x101).to_bytes(20, "big"))], 1),
            b"",
        ),
        ("an account for address 0", _stream([_transfer(2, 4, 7, bytes(24))], 1), b""),
        ("an address above 2^160", _stream([_transfer(2, 4, 7, b"\1\0\0\0", new)], 1), b""),
        ("more than the balance", _stream([_transfer(2, 3, 31 << 27 | 1 << 20, bytes(12))], 1), b""),
        ("a fee that is not covered", _stream([fee, one], 1, dear), b""),
        (
            "a fee account that enters with the chunk",
            _stream([one, MARKER], 2, ChunkContext(100, 4, ((0, 3),))),
            Record(Kind.DEPOSIT, STRANGER.address, 0, amount=3, recipient=B.address).to_bytes(),
        ),
        ("a fee without fee account", _stream([one], 1, ChunkContext(100, 9, ((0, 3),))), b""),
        ("a withdrawal of another index", _stream([MARKER], 1), poke(withdraw, 6, 3)),
        ("a withdrawal of another nonce", _stream([MARKER], 1), poke(withdraw, 12, 1)),
        ("a withdrawal of nothing", _stream([MARKER], 1), poke(withdraw, 28, 0)),
        ("a withdrawal to a system address", _stream([MARKER], 1), withdraw[:70] + bytes(80)),
        ("a withdrawal not covered", _stream([MARKER], 1), poke(withdraw, 13, 1)),
        ("a key off the curve", _stream([MARKER], 1), bad_key),
        ("a rotation", _stream([MARKER], 1), rotate),
        ("two rotations and what they leave", _stream([MARKER, one, MARKER], 3), rotate + poke(rotate, 12, 2)),
        ("a rotation to a key off the curve", _stream([MARKER], 1), bad_rotation),
        ("a rotation of another index", _stream([MARKER], 1), poke(rotate, 6, 3)),
        ("a rotation of another nonce", _stream([MARKER], 1), poke(rotate, 12, 1)),
        ("a rotation with an amount", _stream([MARKER], 1), poke(rotate, 28, 1)),
        ("a rotation with a token", _stream([MARKER], 1), poke(rotate, 2, 5)),
        ("a rotation with a fee token that is not listed", _stream([MARKER], 1), poke(rotate, 31, 9)),
        ("a rotation whose fee is not covered", _stream([MARKER], 1, dear), rotate),
        ("a rotation with a coordinate of r or more", _stream([MARKER], 1), poke(rotate, 60, 0xFF)),
        ("a record of a linked transfer", _stream([MARKER], 1), poke(withdraw, 0, 8)),
        ("a forced exit that pays less", _stream([MARKER], 1), poke(paid, 28, 1)),
        ("a noop of an account with a balance", _stream([MARKER], 1), poke(noop, 2, 5)),
        ("a deposit to a system address", _stream([MARKER], 1), deposit[:40] + bytes(18) + b"\1\1" + deposit[60:]),
        ("a deposit above 2^128", _stream([MARKER], 1), deposit[:13] + b"\xff" * 16 + deposit[29:]),
        ("a deposit with a nonce", _stream([MARKER], 1), poke(deposit, 12, 1)),
        ("a kind without record", _stream([MARKER], 1), poke(deposit, 0, 1)),
    ]


def streams() -> Document:
    """Batches of data on one state: what they do, or the code of the refusal, after which the state is as before."""
    script = Script(3)
    base = script.chunks[0]["sealed"]
    cases = []
    for why, transactions, operations in _hostile_streams():
        case: Document = {"why": why, "transactions": _hex(transactions), "operations": _hex(operations)}
        try:
            after, done = replay(script.rollup.state, transactions, operations)
        except Fault as fault:
            case["code"] = fault.code
        else:
            case |= {
                "code": "ok", "newRoot": to_hex(done.new_root), "txC": to_hex(done.tx_c), "opC": to_hex(done.op_c),
                "items": done.items, "queueEntries": done.queue_entries, "chunks": done.chunks, "accounts": after.count,
                "payments": [[token, str(value), f"0x{to:040x}"] for token, value, to in done.payments],
            }  # fmt: skip
        cases.append(case)
    return {"base": {name: base[name] for name in ("transactions", "operations", "newRoot")}, "cases": cases}


def data() -> Document:
    """All of this module but the digests."""
    return {"amounts": amounts(), **records(), "streams": streams()}
