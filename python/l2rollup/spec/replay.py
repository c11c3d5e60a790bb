"""Rebuilding the state from the two byte streams of a batch alone.

Signatures, ids, the nonces and gas terms of transfers, and which of them were linked are not in the data; the proof
showed them. What is there is read strictly. What it is not: a second set of rules; kinds and fees are those of the
transition.
"""

from dataclasses import dataclass, field, replace

from .data import Decoder
from .digest import chain_digest
from .effect import Effect, check_credit, locate
from .fault import Fault, Malformed
from .fees import ChunkContext, check_cover, check_fee_account, check_fee_room, pay_fees
from .kinds import APPLY, PLAN_REQUEST
from .kinds.set_key import check_key
from .parameters import FIRST_ADDRESS, KEY_KINDS, MAX_NONCE, QUEUE_KINDS, Kind
from .record import RECORD_BYTES, Record
from .state import State

_UNITS = {Kind.TRANSFER: 100, Kind.WITHDRAW: 400, Kind.SET_KEY: 0, Kind.SET_STORAGE: 150, Kind.ROTATE_KEY: 400}
_UNITS_OF_CREATION = 250


@dataclass
class Replayed:
    """What a batch of data did."""

    old_root: int
    new_root: int = 0
    tx_c: int = 0
    op_c: int = 0
    items: int = 0
    queue_entries: int = 0
    chunks: int = 0
    payments: list[tuple[int, int, int]] = field(default_factory=list)


def replay(state: State, transactions: bytes, operations: bytes) -> tuple[State, Replayed]:
    """The state after a batch, and what it did; the state given stays as it was. Fault for data that does not apply."""
    after, done, used = state.copy(), Replayed(state.root()), 0
    while transactions:
        decoder = Decoder(transactions)
        first = used
        used = _replay_chunk(after, decoder, operations, used, done)
        size = decoder.finish()
        done.tx_c = chain_digest(done.tx_c, transactions[:size])
        done.op_c = chain_digest(done.op_c, operations[first:used])
        done.chunks += 1
        transactions = transactions[size:]
    if used != len(operations):
        raise Malformed("operation stream: length", used, len(operations))
    done.new_root = after.root()
    return after, done


def _replay_chunk(state: State, decoder: Decoder, operations: bytes, used: int, done: Replayed) -> int:
    """Applies the items of a chunk and pays its fees; returns the operation bytes used."""
    chunk, fees = decoder.context, dict[int, int]()
    for _ in range(decoder.items):
        effect = decoder.next_item(state.count)
        if effect is None:
            record = Record.from_bytes(operations[used : used + RECORD_BYTES])
            used += RECORD_BYTES
            effect = _plan_record(state, record)
        if effect.kind not in QUEUE_KINDS:
            effect = _plan_user(state, chunk, effect)
        check_fee_room(state, chunk, fees, effect)
        APPLY[effect.kind](state, effect)
        fees[effect.fee_token] = fees.get(effect.fee_token, 0) + effect.fee
        if effect.kind in (Kind.WITHDRAW, Kind.FORCED_EXIT):
            done.payments.append((effect.token, effect.amount, effect.recipient))
        done.items += 1
        done.queue_entries += effect.kind in QUEUE_KINDS
    # as in the circuit, the account need only exist when the chunk ends
    if any(fees.values()):
        check_fee_account(state, chunk.fee_account)
    pay_fees(state, chunk, fees)
    return used


def _plan_record(state: State, record: Record) -> Effect:
    """The effect of a record; the outcome of a queue entry must be the state's."""
    if record.kind in PLAN_REQUEST:
        effect = PLAN_REQUEST[record.kind](state, record.request())
        if effect.record != record:
            raise Fault("queue_order", "the outcome is not the state's", effect.record, record)
        return effect
    account = state.accounts[record.index] if 0 < record.index < state.count else None
    if account is None or (account.address, account.nonce) != (record.address, record.nonce):
        raise Fault(
            "unknown_account", "the record's sender is not at its index", (record.address, record.nonce), account
        )
    if record.kind in KEY_KINDS:
        check_key(record.key)
    elif record.recipient < FIRST_ADDRESS or record.amount == 0:
        raise Fault(
            "zero_amount", "a withdrawal pays something to somebody", "> 0, >= 2^16", (record.amount, record.recipient)
        )
    return Effect(
        record.kind, 0, record.index, token=record.token, amount=record.amount, fee_token=record.fee_token,
        key=record.key, recipient=record.recipient, record=record,
    )  # fmt: skip


def _plan_user(state: State, chunk: ChunkContext, e: Effect) -> Effect:
    """Parties exist, a created address is free, the fee is listed, balances cover. Returns the effect with its fee."""
    if not 0 < e.sender < state.count or state.accounts[e.sender].nonce >= MAX_NONCE:
        raise Fault("unknown_account", "no such sender", f"1..{state.count - 1}", e.sender)
    if e.kind == Kind.TRANSFER and not 0 < e.receiver <= state.count:
        raise Fault("unknown_account", "no such receiver", f"1..{state.count}", e.receiver)
    if e.creates is not None and locate(state, e.creates)[1] is None:
        raise Fault("reserved_address", "the account exists", "an address without account", hex(e.creates))
    price = chunk.get_price(e.fee_token)
    if price is None:
        raise Fault("fee_token_not_listed", "the chunk does not list it", chunk.prices, e.fee_token)
    fee = price * (_UNITS[e.kind] if e.creates is None else _UNITS_OF_CREATION)
    check_cover(state, e.sender, e.token, e.amount, e.fee_token, fee)
    if e.kind == Kind.TRANSFER and e.receiver != e.sender:
        check_credit(state, e.receiver, e.token, e.amount)
    return replace(e, fee=fee)
