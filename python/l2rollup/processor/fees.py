"""Fee policy: gas units per kind (protocol) and prices per listed token that follow load (node policy).

As EIP-1559: the price moves by at most 1/8 a batch towards the load it sees, between fixed bounds. The circuit checks
only units x price <= gasLimit x gasPrice; which price a chunk lists is the sequencer's choice inside these bounds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from l2rollup.types import Kind

UNITS: dict[Kind, int] = {
    Kind.TRANSFER: 100, Kind.WITHDRAW: 400, Kind.SET_STORAGE: 150, Kind.LINKED_TRANSFER: 100, Kind.ROTATE_KEY: 400,
}  # fmt: skip
UNITS_NEW_ACCOUNT = 250
MAX_LISTED = 4
MAX_PRICE = (1 << 64) - 1
CHANGE_DENOMINATOR = 8


def compute_units(kind: Kind, *, creates_account: bool = False) -> int:
    """Returns the gas units of a kind, docs/spec/transactions.md; 0 for set_key and queue kinds."""
    if kind.is_transfer and creates_account:
        return UNITS_NEW_ACCOUNT
    return UNITS.get(kind, 0)


@dataclass
class FeePolicy:
    """Prices of the next chunk.

    price: native price now (wei per unit of gas), between minimum and maximum. rates: listed tokens other than native
    (at most three), as smallest token units per 10^18 wei. target: items a batch should hold on average.
    """

    price: int
    minimum: int = 1
    maximum: int = 10**15
    target: int = 22
    rates: dict[int, int] = field(default_factory=dict)

    def update(self, items: int, pending: int) -> None:
        """Moves the price after a batch of `items` with `pending` transactions still waiting."""
        load = min(items + pending, 2 * self.target)
        step = self.price * (load - self.target) // (self.target * CHANGE_DENOMINATOR)
        if step == 0 and load > self.target:
            step = 1
        self.price = max(self.minimum, min(self.maximum, self.price + step))

    def list_prices(self, known_tokens: Mapping[int, bytes]) -> list[tuple[int, int]]:
        """Returns (token index, price) of the next chunk: native first, then listed known tokens ascending."""
        listed = [(0, self.price)]
        for token in sorted(self.rates):
            if token in known_tokens and len(listed) < MAX_LISTED:
                listed.append((token, max(1, min(MAX_PRICE, self.price * self.rates[token] // 10**18))))
        return listed

    def floor(self, token: int) -> int | None:
        """Returns the lowest price of a token this policy can reach, None for a token it never lists."""
        if token == 0:
            return self.minimum
        rate = self.rates.get(token)
        return None if rate is None else max(1, self.minimum * rate // 10**18)

    def to_native(self, token: int, amount: int) -> int:
        """Returns the wei value of an amount of a listed token, for comparing offers; 0 for an unlisted one."""
        if token == 0:
            return amount
        rate = self.rates.get(token, 0)
        return amount * 10**18 // rate if rate else 0
