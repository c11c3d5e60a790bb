"""The operation record: five words of 30 bytes, one form for all kinds that have one (docs/spec/data.md)."""

from dataclasses import dataclass, replace

from .babyjubjub import Point
from .fault import Malformed, Reader
from .field import R
from .keccak import keccak256
from .parameters import KEY_KINDS, QUEUE_KINDS, Kind
from .poseidon2 import TAG_QUEUE_ENTRY, sponge

WORD_BYTES = 30
RECORD_BYTES = 5 * WORD_BYTES
_LOW = (1 << 136) - 1
_CODES = frozenset(
    {Kind.WITHDRAW, Kind.SET_KEY, Kind.DEPOSIT, Kind.REGISTER_KEY, Kind.FORCED_EXIT, Kind.ROTATE_KEY}
)


@dataclass(frozen=True)
class Record:
    """A record. `recipient` is the depositor, the owner or the L1 recipient; kinds with a key have none."""

    kind: Kind
    address: int
    token: int = 0
    index: int = 0
    nonce: int = 0
    amount: int = 0
    fee_token: int = 0
    recipient: int = 0
    key: Point = (0, 0)

    def words(self) -> list[int]:
        """w0 .. w4."""
        kind = Kind.FORCED_EXIT if self.kind == Kind.NOOP else self.kind
        w0 = kind << 232 | self.token << 216 | self.index << 184 | self.nonce << 136 | self.amount << 8
        w1 = self.fee_token << 224 | self.address
        if self.kind not in KEY_KINDS:
            return [w0, w1, self.recipient, 0, 0]
        x, y = self.key
        return [w0, w1, (x >> 136) << 120 | y >> 136, x & _LOW, y & _LOW]

    def to_bytes(self) -> bytes:
        """150 bytes."""
        return b"".join(w.to_bytes(WORD_BYTES, "big") for w in self.words())

    @classmethod
    def from_bytes(cls, data: bytes) -> "Record":
        """Reads 150 bytes; Malformed for another form, or a field that the kind does not use and is not zero."""
        r = Reader("operation record", data)
        code = r.number(1)
        if code not in _CODES:
            raise Malformed("operation record: kind", sorted(_CODES), code)
        token, index, nonce, amount = r.number(2), r.number(4), r.number(6), r.number(16)
        r.zeros(1)
        fee_token = r.number(2)
        r.zeros(8)
        address = r.number(20)
        body = [r.number(WORD_BYTES) for _ in range(3)]
        r.end()
        key, recipient = (0, 0), body[0]
        if code in KEY_KINDS:
            recipient, key = 0, ((body[0] >> 120) << 136 | body[1], (body[0] & (1 << 120) - 1) << 136 | body[2])
        record = cls(Kind(code), address, token, index, nonce, amount, fee_token, recipient, key)
        if record.recipient >= 1 << 160 or max(key) >= R or record.to_bytes() != data or not record._is_sparse():
            raise Malformed("operation record", "zero in unused fields and key coordinates below r", data.hex())
        return record

    def _is_sparse(self) -> bool:
        user = self.kind in (Kind.WITHDRAW, Kind.SET_KEY, Kind.ROTATE_KEY) or self.index == self.nonce == 0
        value = self.kind in (Kind.WITHDRAW, Kind.DEPOSIT, Kind.FORCED_EXIT) or self.amount == self.token == 0
        pays = self.kind in (Kind.WITHDRAW, Kind.ROTATE_KEY) or self.fee_token == 0
        return user and value and pays

    def id(self) -> int:
        """Id of a queue entry: the sponge of the record as it stands on the stream, outcome included."""
        return sponge(TAG_QUEUE_ENTRY, self.words())

    def request(self) -> "Record":
        """What L1 queued: the record without the outcome."""
        outcome = self.kind in (Kind.FORCED_EXIT, Kind.NOOP)
        return replace(self, kind=Kind.FORCED_EXIT, amount=0) if outcome else self

    def request_hash(self) -> bytes:
        """What the queue's rolling hash absorbs."""
        return keccak256(self.request().to_bytes())


def read_queue_record(data: bytes) -> Record:
    """A request of the L1 queue."""
    record = Record.from_bytes(data)
    if record.kind not in QUEUE_KINDS or record.request() != record:
        raise Malformed("queue record", "a deposit, register_key, or forced_exit without outcome", record)
    return record


def roll_queue_hash(before: bytes, request_hash: bytes, block_hash: bytes) -> bytes:
    """Q' = keccak256(Q, request hash, blockhash(block.number - 1)), last 4 bytes zero; Q starts at 32 zero bytes."""
    return keccak256(before + request_hash + block_hash)[:28] + bytes(4)
