"""PR11: an outsider forces escape on an honest operator: entries that mean nothing are consumed, and filling costs."""

from __future__ import annotations

from living_world import ETH, ZERO, Living

ENTRIES = 40


def test_entries_that_mean_nothing_block_nobody(living: Living) -> None:
    stack, outsider = living.stack, living.stack.bridge(6)
    token = bytes.fromhex(stack.token[2:])
    fees = []
    for i in range(ENTRIES // 2):
        fees.append(int(stack.contract.view("forcedExitFee")))
        outsider.request_forced_exit(token if i % 2 else ETH)
    # the highest address, and dust to fresh ones
    outsider.deposit(ETH, 1, bytes([255]) * 20)
    for i in range(ENTRIES // 2 - 1):
        outsider.deposit(ETH, 1, (0xD0570000 + (i << 120)).to_bytes(20, "big"))
    living.settle(stack.user(1).transfer(stack.wallets[2].address, "1"))
    assert stack.contract.view("queueHead") == stack.contract.view("queueLength")
    assert stack.user(1).get_account_balance("0x" + "ff" * 20, ZERO) == "1"
    assert min(fees) >= 10**15, "every entry costs at least 0.001 ETH"
