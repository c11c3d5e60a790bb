"""User transactions: the 221-byte intake record, the five signed elements, the id, and the signature on the wire.

Ids, elements and EIP-712 digests depend on the chain and the rollup contract. What it is not: a judge of anything
but form.
"""

from dataclasses import dataclass, field
from functools import cached_property

from .babyjubjub import Point
from .fault import Malformed, Reader
from .field import R, to_bytes
from .keccak import keccak256, low_248, word
from .parameters import USER_KINDS, Kind
from .poseidon import poseidon5

INTAKE_BYTES = 221
SET_KEY_TYPE = b"SetKey(address account,uint256 ax,uint256 ay,uint64 nonce)"


@dataclass(frozen=True)
class Chain:
    """L1 chain id and address of the rollup contract."""

    chain_id: int
    rollup: int

    @cached_property
    def domain(self) -> int:
        """m1: low 248 bits of keccak256(abi.encode("l2rollup", chainId, rollup))."""
        name = word(8) + b"l2rollup".ljust(32, b"\0")
        return low_248(keccak256(word(96) + word(self.chain_id) + word(self.rollup) + name))

    @cached_property
    def separator(self) -> bytes:
        """EIP-712 separator of {"l2rollup", "1", chainId, rollup}."""
        kind = keccak256(b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)")
        names = keccak256(b"l2rollup") + keccak256(b"1")
        return keccak256(kind + names + word(self.chain_id) + word(self.rollup))

    def typed_digest(self, struct_hash: bytes) -> bytes:
        """keccak256(0x1901, separator, struct hash)."""
        return keccak256(b"\x19\x01" + self.separator + struct_hash)


@dataclass(frozen=True)
class Transaction:
    """A user transaction in its parts. `data` is the new key of set_key and rotate_key, (slot, value) of set_storage,
    (group, 0) of linked_transfer, else (0, 0)."""

    kind: Kind
    sender: int
    to: int
    token: int = 0
    fee_token: int = 0
    amount: int = 0
    nonce: int = 0
    gas_limit: int = 0
    gas_price: int = 0
    valid_until: int = 0
    data: Point = (0, 0)
    signature: bytes = field(default=bytes(65))

    def to_bytes(self) -> bytes:
        """The intake record (docs/seam.md)."""
        sizes = (
            (self.kind, 1),
            (self.sender, 20),
            (self.to, 20),
            (self.token, 2),
            (self.fee_token, 2),
            (self.amount, 16),
        )
        terms = ((self.nonce, 6), (self.gas_limit, 4), (self.gas_price, 8), (self.valid_until, 8))
        head = b"".join(value.to_bytes(size, "big") for value, size in sizes + terms)
        return head + to_bytes(self.data[0]) + to_bytes(self.data[1]) + self.signature + bytes(5)

    @classmethod
    def from_bytes(cls, data: bytes) -> "Transaction":
        """Reads an intake record; Malformed for another form, or a field that the kind does not use and is not zero."""
        r = Reader("intake record", data)
        code = r.number(1)
        if code not in USER_KINDS:
            raise Malformed("intake record: kind", sorted(USER_KINDS), code)
        fields = [r.number(size) for size in (20, 20, 2, 2, 16, 6, 4, 8, 8)]
        x, y = r.number(32), r.number(32)
        signature = r.take(65)
        r.zeros(5)
        r.end()
        if x >= R or y >= R:
            raise Malformed("intake record: data", "elements below r", (x, y))
        sender, to, token, fee_token, amount, nonce, gas_limit, gas_price, valid_until = fields
        transaction = cls(
            Kind(code),
            sender,
            to,
            token,
            fee_token,
            amount,
            nonce,
            gas_limit,
            gas_price,
            valid_until,
            (x, y),
            signature,
        )
        transaction._check_form()
        return transaction

    def _check_form(self) -> None:
        """Fields that a kind does not use are zero; those that it repeats are equal."""
        own = self.to == self.sender and self.amount == 0 and self.token == 0
        free = self.gas_limit == self.gas_price == self.fee_token == self.valid_until == 0
        if self.kind == Kind.SET_KEY and not (own and free):
            raise Malformed("set_key", "to = from and no amount, token, fee or validUntil", self)
        if self.kind == Kind.SET_STORAGE and not (own and self.data[0] < 1 << 16 and self.data[1] < 1 << 240):
            raise Malformed("set_storage", "to = from, no amount or token, slot < 2^16, value < 2^240", self)
        if self.kind == Kind.ROTATE_KEY and not own:
            raise Malformed("rotate_key", "to = from, no amount or token", self)
        if self.kind == Kind.LINKED_TRANSFER and (self.data[0] == 0 or self.data[1] != 0):
            raise Malformed("data of linked_transfer", "(a group that is not 0, 0)", self.data)
        if self.kind in (Kind.TRANSFER, Kind.WITHDRAW) and self.data != (0, 0):
            raise Malformed("data of transfer or withdraw", (0, 0), self.data)
        if self.kind != Kind.SET_KEY and self.signature[64] != 0:
            raise Malformed("byte after R8 and S", 0, self.signature[64])

    def elements(self, chain: Chain) -> tuple[int, int, int, int, int]:
        """m1 .. m5."""
        m2 = self.sender + (self.nonce << 160) + (self.kind << 208) + (self.token << 216)
        m3 = self.to + (self.valid_until << 160) + (self.fee_token << 224)
        m4 = self.amount + (self.gas_limit << 128) + (self.gas_price << 160)
        return chain.domain, m2, m3, m4, self._argument()

    def _argument(self) -> int:
        """m5: the group of a linked transfer, a hash of the data of kinds that have other data, else 0."""
        if self.kind in (Kind.TRANSFER, Kind.WITHDRAW):
            return 0
        return self.data[0] if self.kind == Kind.LINKED_TRANSFER else poseidon5(*self.data, 0, 0, 0)

    def id(self, chain: Chain) -> int:
        """The transaction id, which is the message that EdDSA signs."""
        return poseidon5(*self.elements(chain))

    def set_key_digest(self, chain: Chain) -> bytes:
        """The EIP-712 digest that the owner signs for set_key."""
        values = word(self.sender) + word(self.data[0]) + word(self.data[1]) + word(self.nonce)
        return chain.typed_digest(keccak256(keccak256(SET_KEY_TYPE) + values))

    def wire_signature(self) -> bytes:
        """`signature` of API.md: 74 bytes, R8, S, validUntil, fee token; 75 for set_key, whose last ten are zero."""
        own = self.signature if self.kind == Kind.SET_KEY else self.signature[:64]
        return own + self.valid_until.to_bytes(8, "big") + self.fee_token.to_bytes(2, "big")
