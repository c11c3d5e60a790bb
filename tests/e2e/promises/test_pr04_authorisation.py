"""PR4: a balance falls without its owner's signature or request."""

from __future__ import annotations

import pytest
from living_world import ZERO, Living

from l2rollup.client import Client, Wallet
from l2rollup.client.transport import RpcError
from l2rollup.errors import L1Rejected


def thief(living: Living, victim: int) -> Client:
    """A client that claims the victim's address with a key of its own."""
    stack = living.stack
    wallet = Wallet(stack.wallets[victim].export_ethereum_key(), bytes([66]) * 32)
    return Client(stack.server.url, wallet, l1_url=stack.chain.url, rollup=stack.contract.address)


def test_nobody_spends_with_another_key(living: Living) -> None:
    stack = living.stack
    victim = stack.wallets[2].address
    before = stack.user(2).get_account_balance(victim)
    with pytest.raises(RpcError) as refused:
        thief(living, 2).transfer(stack.wallets[5].address, "1000")
    assert "did not sign" in str(refused.value)
    assert stack.user(2).get_account_balance(victim) == before


def test_a_forced_exit_is_the_owners(living: Living) -> None:
    """Whoever asks on L1 asks for itself: another account's balance does not move."""
    stack = living.stack
    before = stack.user(2).get_account_balance(stack.wallets[2].address)
    receipt = stack.bridge(6).request_forced_exit(bytes(20))
    living.settle(stack.user(1).transfer(stack.wallets[3].address, "1"))
    assert stack.user(2).get_account_balance(stack.wallets[2].address) == before
    assert receipt.success



def test_a_claim_pays_once(living: Living) -> None:
    user = living.stack.user(4)
    withdrawn = user.withdraw(ZERO, "5")
    living.settle(withdrawn)
    user.claim(withdrawn)
    with pytest.raises(L1Rejected) as twice:
        user.claim(withdrawn)
    assert "AlreadyClaimed" in str(twice.value.got)
