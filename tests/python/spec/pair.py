"""The specification and the native engine side by side: the same items go to both, and everything is compared."""

from __future__ import annotations

from collections import Counter

from l2rollup.errors import Malformed, Refused
from l2rollup.native import Outcome, load
from l2rollup.spec import transition
from l2rollup.spec.babyjubjub import Point
from l2rollup.spec.field import to_bytes
from l2rollup.spec.generate import TOKENS, WALLETS, Wallet
from l2rollup.spec.parameters import Kind
from l2rollup.spec.record import Record
from l2rollup.spec.script import CHAIN
from l2rollup.spec.transition import Rollup, SealedChunk

native = load()
ROLLUP = CHAIN.rollup.to_bytes(20, "big")
ROOTS = ("tx_c", "op_c", "old_root", "new_root", "id_root")
PLACES = ("first_sequence", "end_sequence", "first_queue", "end_queue")


def sign(seed: bytes, message: int) -> bytes:
    """The native signer: faster, and equal to the specification's by the vectors."""
    return native.eddsa_sign(seed, to_bytes(message))


def verify(key: Point, message: int, signature: bytes) -> bool:
    """The native verifier, which raises; equal to the specification's by test_primitives."""
    x, y = (part.to_bytes(32, "big") for part in key)
    try:
        native.eddsa_verify(x, y, to_bytes(message), signature)
    except (Malformed, Refused):
        return False
    return True


def totals(rollup: Rollup) -> Counter[int]:
    """Sum of every token that anybody has."""
    tokens = {0, *(token for account in rollup.state.accounts[1:] for token in account.tokens)}
    return +Counter({token: rollup.state.get_total(token) for token in tokens})


class Pair:
    """A rollup in both implementations, from genesis, and a native follower that sees data only."""

    def __init__(self) -> None:
        self.spec = Rollup(CHAIN, verify=verify)
        self.engine = native.Engine.genesis(CHAIN.chain_id, ROLLUP)
        self.follower = native.Engine.genesis(CHAIN.chain_id, ROLLUP)
        self.codes: Counter[str] = Counter()
        self._context: tuple[int, int, tuple[tuple[int, int], ...]] = (0, 0, ())
        self._expected: Counter[int] = Counter()

    def begin(self, time: int, fee_account: int, prices: tuple[tuple[int, int], ...]) -> None:
        """Opens a chunk in both."""
        self._context = time, fee_account, prices
        self._expected = totals(self.spec)
        self.spec.begin_chunk(time, fee_account, prices)
        self.engine.begin_chunk(time, fee_account, list(prices))

    def offer(self, items: list[bytes]) -> None:
        """Offers the items of a call, of which one or one group has no room together: then both seal and open another
        chunk, and all are offered again."""
        got = self.engine.apply(items)
        if any(outcome.fault is not None and outcome.fault.code == "chunk_full" for outcome in got):
            assert not any(outcome.accepted for outcome in got)
            self.codes["chunk_full"] += 1
            self.end()
            self.begin(*self._context)
            got = self.engine.apply(items)
        for item, want, outcome in zip(items, self.spec.apply_all(items), got, strict=True):
            self._compare(item, want, outcome)

    def _compare(self, item: bytes, want: transition.Outcome, got: Outcome) -> None:
        self.codes[want.fault.code if want.fault else "ok"] += 1
        self._compare_outcome(item, want, got)
        if want.record is not None and want.record[0] == Kind.DEPOSIT:
            record = Record.from_bytes(want.record)
            self._expected[record.token] += record.amount

    def _compare_outcome(self, item: bytes, want: transition.Outcome, got: Outcome) -> None:
        codes = want.fault.code if want.fault else "ok", got.fault.code if got.fault else "ok"
        assert codes[0] == codes[1], (item.hex(), want.fault, got.fault and (got.fault.message, got.fault.got))
        sequence, identifier = want.sequence, to_bytes(want.id)
        assert (got.accepted, got.sequence, got.id) == (want.accepted, sequence, identifier), item.hex()
        assert got.record == want.record, item.hex()

    def end(self) -> None:
        """Seals and compares; nothing was made or lost; the follower and the specification rebuild it from its data."""
        want = self.spec.end_chunk()
        got = self.engine.end_chunk()
        assert (got.transactions, got.operations) == (want.transactions, want.operations)
        assert [getattr(got, f) for f in ROOTS] == [to_bytes(getattr(want, f)) for f in ROOTS]
        assert [getattr(got, f) for f in PLACES] == [getattr(want, f) for f in PLACES]
        assert got.payments == [(t, x, to.to_bytes(20, "big")) for t, x, to in want.payments]
        assert self.engine.root() == got.new_root
        for token, amount, _ in want.payments:
            self._expected[token] -= amount
        assert totals(self.spec) == +self._expected
        self._follow(want)

    def _follow(self, want: SealedChunk) -> None:
        done = self.follower.replay(want.transactions, want.operations, [to_bytes(x) for x in want.ids])
        assert [getattr(done, f) for f in ROOTS] == [to_bytes(getattr(want, f)) for f in ROOTS]
        assert done.payments == [(t, x, to.to_bytes(20, "big")) for t, x, to in want.payments]
        assert [getattr(done, f) for f in PLACES] == [getattr(want, f) for f in PLACES]
        assert (done.items, self.follower.root()) == (len(want.ids), to_bytes(self.spec.state.root()))
        self._compare_accounts()

    def _compare_accounts(self) -> None:
        state = self.spec.state
        assert self.follower.account_count == state.count
        # The engine's sums stop at 2^128 - 1; L1 lets no total come near it, but these deposits come from no L1.
        assert self.follower.totals() == {t: min(x, (1 << 128) - 1) for t, x in totals(self.spec).items()}
        for number in range(1, WALLETS + 5):
            address = Wallet(number).address
            raw, index = address.to_bytes(20, "big"), state.get_index(address)
            account = self.follower.account(raw)
            assert (account is None) == (index is None)
            if account is None or index is None:
                continue
            want = state.accounts[index]
            key = to_bytes(want.key[0]) + to_bytes(want.key[1])
            assert (account.index, account.scheme, account.nonce, account.key) == (index, want.scheme, want.nonce, key)
            assert all(self.follower.balance(raw, t) == state.get_balance(index, t) for t in TOKENS)
            assert all(self.follower.storage(raw, slot) == to_bytes(value) for slot, value in want.storage.items())
