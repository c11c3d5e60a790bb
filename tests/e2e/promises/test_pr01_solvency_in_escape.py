"""PR1: solvency without an operator. After every L1 call the abandoned rollup holds what it owes, by L1 data alone.

Owed are: balances under the last proven root, unclaimed withdrawals of finalised batches, pending balances, and
deposits that no finalised batch consumed.
"""

from __future__ import annotations

from abandoned_world import ETH, Abandoned

from l2rollup import native
from l2rollup.cli.accounts import make_dev_wallet
from l2rollup.node import LastState

PAYEE = 4  # development account with an unclaimed withdrawal
REFUSES = "0x5f5ffd"  # code that reverts whatever it is sent


class Ledger:
    """What is owed, rebuilt once (the proven state does not move any more) and counted after each call."""

    def __init__(self, world: Abandoned) -> None:
        self.world = world
        self.state = LastState(world.client, world.rollup, native.load().Engine)
        self.state.rebuild()

    def owed(self) -> dict[bytes, int]:
        """Units owed by token."""
        owed = dict.fromkeys(self.world.tokens, 0)
        for account in self.world.accounts:
            for holding in self.state.holdings(account):
                owed[holding.token] += holding.amount
            for claim in self.state.claims(account):
                owed[claim.token] += claim.amount
        for number in range(9):
            for deposit in self.state.deposits(make_dev_wallet(number).address_bytes):
                owed[deposit.token] += deposit.amount
        for token in self.world.tokens:
            owed[token] += self.pending(token)
        return owed

    def pending(self, token: bytes) -> int:
        """Units whose push the payee refused."""
        return int(self.world.contract.view("pending", "0x" + token.hex(), make_dev_wallet(PAYEE).address))

    def check(self, after: str) -> None:
        """The contract's own account is exactly what is owed, and what it holds covers it."""
        user = self.world.bridge(7)
        for token, owed in self.owed().items():
            accounted = int(self.world.contract.view("escrowed", "0x" + token.hex()))
            assert accounted == owed, f"after {after}: 0x{token.hex()} owes {owed}, accounts for {accounted}"
            assert user.token_balance(token, self.world.rollup) >= owed, f"after {after}: 0x{token.hex()}"


def test_what_is_owed_is_held_after_every_call(undone: Abandoned) -> None:
    ledger, stranger, owner = Ledger(undone), undone.bridge(7), undone.bridge(1)
    assert all(ledger.owed().values()), "there is something to lose"
    ledger.check("the operator's end")
    for token in undone.tokens[:2]:
        owner.deposit(token, 777, undone.accounts[0])
        ledger.check("a deposit")
    undone.bridge(3).request_forced_exit(ETH)
    ledger.check("a forced exit that nobody serves")
    undone.escape()
    ledger.check("the opening of escape")
    undone.client.request("anvil_setCode", [make_dev_wallet(PAYEE).address, REFUSES])
    for claim in [claim for account in undone.accounts for claim in ledger.state.claims(account)]:
        stranger.claim(claim.proof, claim.token, claim.amount, claim.recipient)
        ledger.check("a claim")
    assert ledger.pending(ETH) > 0, "one push failed"
    for account in (undone.accounts[0], undone.accounts[-2]):
        for holding in ledger.state.holdings(account):
            stranger.force_exit(ledger.state.prove(account, holding.index), holding.token)
            ledger.check("an exit by path")
    for deposit in list(ledger.state.deposits(make_dev_wallet(1).address_bytes)):
        stranger.refund_deposit(deposit.index, deposit.token, deposit.amount, deposit.recipient, deposit.depositor)
        ledger.check("a refund")
    # a gift belongs to nobody and changes nothing
    owner.send_token(undone.tokens[1], undone.rollup, 5)
    ledger.check("a gift")
