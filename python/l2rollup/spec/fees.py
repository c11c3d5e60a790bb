"""What a chunk fixes for its items, and its fees: listed prices, the cover of a transaction, and the last step of a
chunk."""

from dataclasses import dataclass

from .effect import Effect, credit
from .fault import Fault, Malformed
from .state import State

LISTED_TOKENS = 4


@dataclass(frozen=True)
class ChunkContext:
    """The chunk header: time in seconds, index of the fee account, (token, price) with native first, then rising
    tokens."""

    time: int
    fee_account: int
    prices: tuple[tuple[int, int], ...]

    def __post_init__(self) -> None:
        tokens = [token for token, _ in self.prices]
        if not tokens or len(tokens) > LISTED_TOKENS or tokens[0] != 0 or sorted(set(tokens)) != tokens:
            raise Malformed("fee prices", "token 0, then up to three rising token indices", self.prices)

    def get_price(self, token: int) -> int | None:
        """Price of a unit of gas, or None for a token that is not listed."""
        return dict(self.prices).get(token)


def check_cover(state: State, sender: int, token: int, amount: int, fee_token: int, fee: int) -> None:
    """The sender's balances cover fee and amount, together when they are of one token."""
    needs = {fee_token: fee}
    needs[token] = needs.get(token, 0) + amount
    for which, need in needs.items():
        balance = state.get_balance(sender, which)
        if need > balance:
            raise Fault(
                "insufficient_balance", f"the balance of token {which} does not cover it", f">= {need}", balance
            )


def check_fee_account(state: State, index: int) -> None:
    """The account that a fee goes to exists."""
    if not 0 < index < state.count:
        raise Fault("unknown_account", "the fee account does not exist", f"1..{state.count - 1}", index)


def check_fee_room(state: State, chunk: ChunkContext, sums: dict[int, int], e: Effect) -> None:
    """The last step of the chunk cannot reach 2^128: the fee account's balance, what the item credits, and all fees."""
    for token in {e.token, e.fee_token}:
        index = chunk.fee_account
        balance = state.get_balance(index, token) if 0 < index < state.count else 0
        credited = e.amount if e.token == token and e.receiver == index != e.sender else 0
        total = balance + credited + sums.get(token, 0) + (e.fee if e.fee_token == token else 0)
        if total >= 1 << 128:
            raise Fault(
                "amount_too_large", f"the fee account's balance of token {token} would reach 2^128", "< 2^128", total
            )


def pay_fees(state: State, chunk: ChunkContext, sums: dict[int, int]) -> None:
    """The last step of a chunk. Until here the fees are in nobody's balance."""
    for token, total in sums.items():
        if total:
            credit(state, chunk.fee_account, token, total)
