"""Numbers and codes that docs/spec fixes and more than one module needs."""

from enum import IntEnum

ACCOUNT_DEPTH = 16
SUBTREE_DEPTH = 8
ID_DEPTH = 8
MAX_BATCH_ITEMS = 4**ID_DEPTH
FIRST_ADDRESS = 1 << 16
"""Addresses below are system addresses: never accounts, never recipients."""
LIST_END = 1 << 160
"""next_address of the last account."""
MAX_NONCE = (1 << 48) - 1
"""A nonce the account can hold but not use: after it there is no next one."""


class Kind(IntEnum):
    """What an item does."""

    NOOP = 0
    TRANSFER = 1
    WITHDRAW = 2
    SET_KEY = 3
    SET_STORAGE = 4
    DEPOSIT = 5
    REGISTER_KEY = 6
    FORCED_EXIT = 7
    LINKED_TRANSFER = 8
    ROTATE_KEY = 9


USER_KINDS = frozenset(
    {Kind.TRANSFER, Kind.WITHDRAW, Kind.SET_KEY, Kind.SET_STORAGE, Kind.LINKED_TRANSFER, Kind.ROTATE_KEY}
)
QUEUE_KINDS = frozenset({Kind.NOOP, Kind.DEPOSIT, Kind.REGISTER_KEY, Kind.FORCED_EXIT})
"""Kinds that consume an L1 queue entry."""
TRANSFERS = frozenset({Kind.TRANSFER, Kind.LINKED_TRANSFER})
"""Kinds that move an amount from account to account; the stream does not tell them apart."""
STREAM_KINDS = TRANSFERS | {Kind.SET_STORAGE}
"""Kinds whose data is in the transaction stream; the others put a record on the operation stream."""
KEY_KINDS = frozenset({Kind.SET_KEY, Kind.REGISTER_KEY, Kind.ROTATE_KEY})
"""Kinds that give an account a key; their record holds it."""
GROUP_SIZES = range(2, 9)
"""Members that a group of linked transfers can have."""
