"""The executed rung: parse, verify, execute, hash and seal, without network, disk or proof."""

from __future__ import annotations

from benches.measure import measure, show
from benches.workload import Ring
from l2rollup import native

ACCOUNTS, TRANSFERS = 1000, 4000


def main() -> None:
    """Prints the figures."""
    ring = Ring(ACCOUNTS)
    slots = native.load().shape().slots
    requests, signing = measure(lambda: ring.sign(TRANSFERS))
    note = f"{ACCOUNTS} accounts in a ring, {TRANSFERS} transfers"
    show("client", "sign and encode a transfer", signing.cpu / TRANSFERS * 1e6, "core-us", note)
    records, decoding = measure(lambda: ring.decode(requests))
    show("intake", "parse raw JSON", TRANSFERS / decoding.wall, "/s", f"{decoding.cpu:.2f} core-s")
    _, checking = measure(lambda: ring.engine.check(records))
    show("intake", "verify a signature and check the account", checking.cpu / TRANSFERS * 1e6, "core-us")
    _, executing = measure(lambda: ring.execute(records, slots))
    note = f"chunks of {slots}, signatures and roots included, {executing.cpu:.2f} core-s"
    show("executed", "transfers", TRANSFERS / executing.wall, "/s", note)
