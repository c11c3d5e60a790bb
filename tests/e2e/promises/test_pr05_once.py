"""PR5: a signed transaction executes once, ever, and no nonce is used twice."""

from __future__ import annotations

from living_world import ZERO, Living

from l2rollup.client.transport import RpcError


def test_a_transaction_executes_once(living: Living) -> None:
    stack, user = living.stack, living.stack.user(1)
    draft = user.draft_transfer(stack.wallets[2].address, 99, ZERO)
    signed = user.sign(draft)
    first = user.submit_all([signed])[0]
    user.wait(str(first))
    before, nonce = user.get_account_balance(stack.wallets[2].address), user.get_account_nonce(user.wallet.address)
    (again,) = user.submit_all([signed])
    assert isinstance(again, RpcError), again
    assert user.get_account_balance(stack.wallets[2].address) == before
    assert user.get_account_nonce(user.wallet.address) == nonce


def test_a_nonce_is_used_once(living: Living) -> None:
    """Another transaction under a nonce that was used is refused, whatever it says."""
    stack, user = living.stack, living.stack.user(1)
    draft = user.draft_transfer(stack.wallets[2].address, 5, ZERO)
    user.wait(str(user.submit_all([user.sign(draft)])[0]))
    other = user.draft_transfer(stack.wallets[3].address, 6, ZERO, nonce=draft.nonce)
    before = user.get_account_balance(stack.wallets[3].address)
    (refused,) = user.submit_all([user.sign(other)])
    assert isinstance(refused, RpcError) and refused.code == "nonce_too_low", refused
    assert user.get_account_balance(stack.wallets[3].address) == before
