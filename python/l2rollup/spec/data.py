"""The transaction stream of a chunk: header, data slots of 12 bytes, zero padding (docs/spec/data.md).

The decoder accepts what a proof can show: what the encoder writes, other packed forms of an amount, and a run that
changes nothing. It asks for the account count at each moment, because that says
whether a transfer creates an account. What it is not: replay, which applies what is decoded.
"""

from collections.abc import Sequence

from .amount import is_extended, pack, unpack
from .effect import Effect
from .fault import Malformed, Reader
from .fees import LISTED_TOKENS, ChunkContext
from .parameters import STREAM_KINDS, TRANSFERS, Kind
from .record import WORD_BYTES

VERSION = 1
HEADER_BYTES = 2 * WORD_BYTES
SLOT_BYTES = 12
RUN, MARKER, EXTENDED_KIND = 1, 3, 4


def padded_size(slots: int) -> int:
    """Bytes of a chunk of the stream with so many data slots: 5 slots are 2 words."""
    return HEADER_BYTES + (2 * slots + 4) // 5 * WORD_BYTES


def encode_header(chunk: ChunkContext, items: int) -> bytes:
    """h0 and h1."""
    listed = [*chunk.prices, *[(0, 0)] * (LISTED_TOKENS - len(chunk.prices))]
    tokens, prices = [t for t, _ in listed], [p for _, p in listed]
    h0 = (
        VERSION << 224
        | chunk.time << 160
        | chunk.fee_account << 128
        | tokens[1] << 112
        | tokens[2] << 96
        | tokens[3] << 80
    )
    h0 |= prices[0]
    h1 = prices[1] << 176 | prices[2] << 112 | prices[3] << 48 | items << 16
    return h0.to_bytes(WORD_BYTES, "big") + h1.to_bytes(WORD_BYTES, "big")


def _control(code: int, payload: int) -> bytes:
    return (code << 48 | payload).to_bytes(SLOT_BYTES, "big")


def _encode_transfer(e: Effect) -> bytes:
    form = pack(e.amount)
    if form is None:
        raise ValueError(f"expected an amount below 2^123, got {e.amount}")
    packed, extension = form
    out = (e.sender << 64 | e.receiver << 32 | packed).to_bytes(SLOT_BYTES, "big")
    if extension is not None:
        out += extension.to_bytes(SLOT_BYTES, "big")
    if e.creates is not None:
        out += bytes(4) + e.creates.to_bytes(20, "big")
    return out


def _encode_storage(e: Effect) -> bytes:
    return (
        _control(EXTENDED_KIND, e.kind << 40 | e.sender << 8) + bytes(4) + (e.slot << 240 | e.value).to_bytes(32, "big")
    )


def encode(chunk: ChunkContext, effects: Sequence[Effect]) -> tuple[bytes, bytes]:
    """(transactions, operations) of a chunk."""
    out, run = encode_header(chunk, len(effects)), (0, 0)
    for e in effects:
        after = (e.token if e.kind in TRANSFERS else 0, e.fee_token)
        if e.kind in STREAM_KINDS and after != run:
            out, run = out + _control(RUN, after[0] << 16 | after[1]), after
        if e.kind in TRANSFERS:
            out += _encode_transfer(e)
        elif e.kind == Kind.SET_STORAGE:
            out += _encode_storage(e)
        else:
            out += _control(MARKER, 0)
    out += bytes(padded_size((len(out) - HEADER_BYTES) // SLOT_BYTES) - len(out))
    return out, b"".join(e.record.to_bytes() for e in effects if e.record is not None)


class Decoder:
    """Reads one chunk at the start of `data`, which may hold more chunks behind it."""

    def __init__(self, data: bytes) -> None:
        r = self._reader = Reader("transaction stream", data)
        version = r.number(2)
        if version != VERSION:
            raise Malformed("stream version", VERSION, version)
        time, fee_account = r.number(8), r.number(4)
        tokens = [0, r.number(2), r.number(2), r.number(2)]
        r.zeros(2)
        prices = [r.number(8) for _ in range(LISTED_TOKENS)]
        self.items = r.number(4)
        r.zeros(2)
        listed = list(zip(tokens, prices, strict=True))
        while len(listed) > 1 and listed[-1] == (0, 0):
            listed.pop()
        self.context = ChunkContext(time, fee_account, tuple(listed))
        self._token, self._fee_token, self._slots = 0, 0, 0

    def _slot(self) -> int:
        self._slots += 1
        return self._reader.number(SLOT_BYTES)

    def _run(self, payload: int) -> None:
        if payload >> 32:
            raise Malformed("run", "a token and a fee token of 16 bits", payload)
        self._token, self._fee_token = divmod(payload, 1 << 16)

    def next_item(self, count: int) -> Effect | None:
        """The next item as an effect without fee, given the account count now; None for a marker."""
        seen = False
        while True:
            slot = self._slot()
            if slot >> 64:
                return self._transfer(slot, count)
            code, payload = slot >> 48, slot & (1 << 48) - 1
            if code == RUN and not seen:
                self._run(payload)
                seen = True
            elif code == MARKER and not seen and payload == 0:
                return None
            elif code == EXTENDED_KIND and self._token == 0:
                return self._storage(payload)
            else:
                raise Malformed("control slot", "one in its place", (code, payload))

    def _transfer(self, slot: int, count: int) -> Effect:
        sender, receiver, packed = slot >> 64, slot >> 32 & 0xFFFFFFFF, slot & 0xFFFFFFFF
        amount = unpack(packed, self._slot() if is_extended(packed) else None)
        creates = None
        if receiver == count:
            high = self._slot()
            if high >> 64:
                raise Malformed("address slot", "zero above 64 bits", hex(high))
            creates = high << 96 | self._slot()
        return Effect(Kind.TRANSFER, 0, sender, receiver, creates, self._token, amount, self._fee_token)

    def _storage(self, payload: int) -> Effect:
        kind, sender, zero = payload >> 40, payload >> 8 & 0xFFFFFFFF, payload & 0xFF
        if kind != Kind.SET_STORAGE or zero:
            raise Malformed("extended kind", "4 and a zero byte", (kind, zero))
        value = self._slot() << 192 | self._slot() << 96 | self._slot()
        if value >> 256:
            raise Malformed("storage slots", "32 zero bits", hex(value >> 256))
        return Effect(
            Kind.SET_STORAGE, 0, sender, fee_token=self._fee_token, slot=value >> 240, value=value & (1 << 240) - 1
        )

    def finish(self) -> int:
        """Bytes of this chunk; the padding must be zero."""
        total = padded_size(self._slots)
        self._reader.zeros(total - self._reader.at)
        return total
