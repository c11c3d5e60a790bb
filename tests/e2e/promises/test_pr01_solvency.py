"""PR1: insolvency. What the contract holds is exactly what it owes, at every station of a value's way."""

from __future__ import annotations

from living_world import ETH, ZERO, Living


def check(living: Living) -> None:
    """escrowed = proven L2 balances + open deposits + unclaimed withdrawals, and the value is there."""
    stack, owed = living.stack, living.owed()
    for index, token in enumerate([ETH, bytes.fromhex(stack.token[2:])]):
        escrowed = int(stack.contract.view("escrowed", "0x" + token.hex()))
        assert escrowed == owed.get(index, 0), (index, escrowed, owed)
        assert stack.bridge(1).token_balance(token, stack.contract.address) >= escrowed


def test_escrow_is_what_is_owed_at_every_station(living: Living) -> None:
    stack, user = living.stack, living.stack.user(1)
    living.settle(user.transfer(stack.wallets[2].address, "12345"))
    check(living)
    stack.user(2).deposit(ZERO, "777")
    living.settle(user.transfer(stack.wallets[2].address, "2"))
    check(living)
    withdrawn = user.withdraw(stack.token, "4321")
    living.settle(withdrawn)
    check(living)
    user.claim(withdrawn)
    check(living)
    forced = stack.bridge(3).request_forced_exit(ETH)
    living.settle(user.transfer(stack.wallets[2].address, "1"))
    check(living)
    stack.user(4).claim(forced.hash)
    check(living)
