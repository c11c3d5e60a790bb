"""The state transition: a chunk takes items in order; each is judged, then applied and numbered, or refused without
a trace. Linked transfers are taken by whole groups.

The order of checks is that of docs/spec/transactions.md. What it is not: the capacity of a circuit shape
(`chunk_full` here only says that the id tree of the batch is full) and the policy of a node.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .babyjubjub import Point
from .data import encode
from .digest import chain_digest
from .eddsa import is_valid_signature
from .effect import Effect
from .fault import Fault, Malformed
from .fees import ChunkContext, check_cover, check_fee_account, check_fee_room, pay_fees
from .group import count_members
from .kinds import APPLY, GET_UNITS, PLAN_REQUEST, PLAN_TRANSACTION
from .parameters import ID_DEPTH, MAX_BATCH_ITEMS, MAX_NONCE, QUEUE_KINDS, Kind
from .poseidon2 import hash_id_node
from .record import RECORD_BYTES, Record, read_queue_record
from .secp256k1 import recover
from .state import State
from .transaction import INTAKE_BYTES, Chain, Transaction
from .tree import Tree

Verify = Callable[[Point, int, bytes], bool]
"""(key, message, 64 bytes of R8 and S) -> valid; the acceptance set of docs/spec/hash.md."""


@dataclass(frozen=True)
class Outcome:
    """What became of an item. Refused: sequence 0, a fault, no record. `id` is 0 for bytes that are no item."""

    accepted: bool
    sequence: int
    id: int
    fault: Fault | None
    record: bytes | None


@dataclass(frozen=True)
class SealedChunk:
    """A finished chunk: its part of both streams, digests after it, and where it lies. `payments`: (token, amount,
    recipient)."""

    transactions: bytes
    operations: bytes
    tx_c: int
    op_c: int
    old_root: int
    new_root: int
    id_root: int
    first_sequence: int
    end_sequence: int
    first_queue: int
    end_queue: int
    payments: list[tuple[int, int, int]]
    ids: list[int]


Item = Transaction | Record | Fault
"""An item as it was read; bytes that are none are the fault that says so."""


def read_item(data: bytes) -> Item:
    """Reads a 221-byte intake record or a 150-byte queue record."""
    try:
        if len(data) == INTAKE_BYTES:
            return Transaction.from_bytes(data)
        if len(data) == RECORD_BYTES:
            return read_queue_record(data)
        raise Malformed("item: length", "221 or 150", len(data))
    except Malformed as fault:
        return fault


def check_signature(chain: Chain, key: Point, t: Transaction, verify: Verify) -> None:
    """The sender's EdDSA signature of the id; for set_key the owner's ECDSA signature of the EIP-712 digest."""
    if t.kind == Kind.SET_KEY:
        r, s, v = int.from_bytes(t.signature[:32], "big"), int.from_bytes(t.signature[32:64], "big"), t.signature[64]
        signer = recover(t.set_key_digest(chain), r, s, v)
        if signer != t.sender:
            raise Fault("bad_signature", "the owner did not sign this key", hex(t.sender), signer)
    elif not verify(key, t.id(chain), t.signature[:64]):
        raise Fault("bad_signature", "the sender did not sign this", "a valid EdDSA signature", t.signature.hex())


def plan_transaction(chain: Chain, state: State, chunk: ChunkContext, t: Transaction, verify: Verify) -> Effect:
    """Judges a user transaction: the first failing rule wins."""
    sender = state.get_index(t.sender)
    if sender is None:
        raise Fault("unknown_account", "the sender has no account", "an address with an account", hex(t.sender))
    account = state.accounts[sender]
    if t.kind != Kind.SET_KEY and account.scheme != 1:
        raise Fault("no_key", "the sender has no key", "scheme 1", account.scheme)
    check_signature(chain, account.key, t, verify)
    if t.nonce < account.nonce:
        raise Fault("nonce_too_low", "the nonce was used", account.nonce, t.nonce)
    if t.nonce > account.nonce or t.nonce == MAX_NONCE:
        raise Fault("nonce_too_high", "the nonce is not the next, or has no successor", account.nonce, t.nonce)
    if t.valid_until != 0 and t.valid_until < chunk.time:
        raise Fault("expired", "the transaction is no longer valid", f"validUntil >= {chunk.time}", t.valid_until)
    price = chunk.get_price(t.fee_token)
    if price is None:
        raise Fault("fee_token_not_listed", "the chunk does not list it", [x for x, _ in chunk.prices], t.fee_token)
    fee = GET_UNITS[t.kind](state, t) * price
    if fee > t.gas_limit * t.gas_price:
        raise Fault("fee_too_low", "gasLimit * gasPrice is below the fee", f">= {fee}", t.gas_limit * t.gas_price)
    check_cover(state, sender, t.token, t.amount, t.fee_token, fee)
    return PLAN_TRANSACTION[t.kind](state, t, sender, fee, t.id(chain))


class Rollup:
    """A state, a place in the sequence and in the queue, and at most one open chunk."""

    def __init__(
        self,
        chain: Chain,
        state: State | None = None,
        verify: Verify = is_valid_signature,
        kinds: frozenset[Kind] = frozenset(Kind),
    ) -> None:
        """`verify` may be a faster function of the same acceptance set; `kinds` are those that the circuit proves."""
        self.chain, self.state, self.verify, self.kinds = chain, state or State(), verify, kinds
        self.sequence = self.queue = 0
        self._start_batch()
        self._chunk: ChunkContext | None = None

    def _start_batch(self) -> None:
        self.batch_first, self.tx_c, self.op_c = self.sequence, 0, 0
        self.ids = Tree(ID_DEPTH, 0, hash_id_node)

    def begin_chunk(self, time: int, fee_account: int, prices: Sequence[tuple[int, int]]) -> None:
        """Opens a chunk. `prices` lists (fee token, price of a unit), native first."""
        if self._chunk is not None:
            raise Fault("not_ready", "a chunk is open", "no open chunk", self._chunk)
        self._chunk = ChunkContext(time, fee_account, tuple(prices))
        self._old_root = self.state.root()
        self._effects: list[Effect] = []
        self._fees: dict[int, int] = {}

    @property
    def context(self) -> ChunkContext:
        """What the open chunk fixes; Fault `not_ready` when none is open."""
        if self._chunk is None:
            raise Fault("not_ready", "no chunk is open", "an open chunk", None)
        return self._chunk

    def apply(self, item: bytes) -> Outcome:
        """Offers a 221-byte intake record or a 150-byte queue record; a linked transfer alone is no whole group."""
        return self.apply_all([item])[0]

    def apply_all(self, items: Sequence[bytes]) -> list[Outcome]:
        """Offers items in order. Where what follows begins with a whole group, its members are taken or refused
        together; a linked transfer elsewhere is refused, and what comes after it is looked at anew."""
        chunk = self.context
        read, outcomes = [read_item(item) for item in items], list[Outcome]()
        while len(outcomes) < len(read):
            rest = read[len(outcomes) :]
            first, members = rest[0], count_members(self.chain, rest)
            if members:
                outcomes += self._apply_group(chunk, rest[:members])
            elif isinstance(first, Transaction) and first.kind == Kind.LINKED_TRANSFER:
                got = hex(first.data[0])
                fault = Fault("incomplete_group", "no whole group begins here", "all members in their order", got)
                outcomes.append(self._refuse(first, fault))
            else:
                outcomes.append(self._apply(chunk, first))
        return outcomes

    def _refuse(self, item: Item, fault: Fault) -> Outcome:
        id = 0
        if isinstance(item, Transaction):
            id = item.id(self.chain)
        elif isinstance(item, Record):
            id = item.id()
        return Outcome(False, 0, id, fault, None)

    def _apply(self, chunk: ChunkContext, item: Item) -> Outcome:
        try:
            if isinstance(item, Fault):
                raise item
            if isinstance(item, Transaction):
                effect = plan_transaction(self.chain, self.state, chunk, item, self.verify)
            else:
                effect = PLAN_REQUEST[item.kind](self.state, item)
            sequence = self._take(chunk, effect)
        except Fault as fault:
            return self._refuse(item, fault)
        record = None if effect.record is None else effect.record.to_bytes()
        return Outcome(True, sequence, effect.id, None, record)

    def _apply_group(self, chunk: ChunkContext, members: Sequence[Item]) -> list[Outcome]:
        """Each member on what the members before it left; all or none. Members that have no room wait together."""
        before, outcomes = (self.state.copy(), list(self._effects), dict(self._fees)), list[Outcome]()
        for member in members:
            outcomes.append(self._apply(chunk, member))
            failed = outcomes[-1].fault
            if failed is None:
                continue
            self.state, self._effects, self._fees = before
            other = Fault("group_failed", "another member was refused", "every member succeeds", failed.code)
            if failed.code == "chunk_full":
                other = failed
            return [self._refuse(m, failed if m is member else other) for m in members]
        return outcomes

    def _take(self, chunk: ChunkContext, effect: Effect) -> int:
        if effect.kind not in self.kinds:
            raise Fault("unsupported_kind", "the circuit has no such kind", sorted(self.kinds), effect.kind)
        if effect.fee:
            check_fee_account(self.state, chunk.fee_account)
        check_fee_room(self.state, chunk, self._fees, effect)
        sequence = self.sequence + len(self._effects)
        if sequence - self.batch_first == MAX_BATCH_ITEMS:
            raise Fault("chunk_full", "the batch has no room for another id", f"< {MAX_BATCH_ITEMS}", MAX_BATCH_ITEMS)
        APPLY[effect.kind](self.state, effect)
        self._effects.append(effect)
        self._fees[effect.fee_token] = self._fees.get(effect.fee_token, 0) + effect.fee
        return sequence

    def end_chunk(self, ends_batch: bool = True) -> SealedChunk:
        """Pays the fees, writes the streams, and moves on."""
        chunk, effects = self.context, self._effects
        pay_fees(self.state, chunk, self._fees)
        transactions, operations = encode(chunk, effects)
        self.tx_c, self.op_c = chain_digest(self.tx_c, transactions), chain_digest(self.op_c, operations)
        for j, effect in enumerate(effects, self.sequence - self.batch_first):
            self.ids.set(j, effect.id)
        end = self.sequence + len(effects)
        end_queue = self.queue + sum(e.kind in QUEUE_KINDS for e in effects)
        payments = [(e.token, e.amount, e.recipient) for e in effects if e.kind in (Kind.WITHDRAW, Kind.FORCED_EXIT)]
        sealed = SealedChunk(
            transactions, operations, self.tx_c, self.op_c, self._old_root, self.state.root(), self.ids.root(),
            self.sequence, end, self.queue, end_queue, payments, [e.id for e in effects],
        )  # fmt: skip
        self.sequence, self.queue, self._chunk = end, end_queue, None
        if ends_batch:
            self._start_batch()
        return sealed
