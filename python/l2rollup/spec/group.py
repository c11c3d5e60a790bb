"""Groups of linked transfers: 2 to 8 that name one another by one hash, which every member signs as m5.

From the last member to the first, t = Poseidon5(m2, m3, m4, t of the next or 0, 0); the group is t of the first. So the
signature of each covers what all others do, and their order. What it is not: their execution (`Rollup.apply_all`).
"""

from collections.abc import Sequence

from .parameters import GROUP_SIZES, Kind
from .poseidon import poseidon5
from .transaction import Chain, Transaction


def hash_group(chain: Chain, members: Sequence[Transaction]) -> int:
    """The group of these members in this order. It does not depend on what they name as their group themselves."""
    group = 0
    for t in reversed(members):
        _, m2, m3, m4, _ = t.elements(chain)
        group = poseidon5(m2, m3, m4, group, 0)
    return group


def count_members(chain: Chain, items: Sequence[object]) -> int:
    """Members of the whole group that the items begin with; 0 when they do not begin with one."""
    first, members = items[0] if items else None, list[Transaction]()
    if not isinstance(first, Transaction) or first.kind != Kind.LINKED_TRANSFER:
        return 0
    for t in items[: GROUP_SIZES[-1]]:
        if not isinstance(t, Transaction) or t.kind != Kind.LINKED_TRANSFER or t.data != first.data:
            break
        members.append(t)
        if len(members) in GROUP_SIZES and hash_group(chain, members) == first.data[0]:
            return len(members)
    return 0
