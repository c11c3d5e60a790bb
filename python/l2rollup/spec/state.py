"""The state: accounts in a quaternary tree and in an address-sorted linked list, balances, storage
(docs/spec/state.md).

What it is not: a judge. `kinds/` decide what may change; this module only keeps the form of what there is.
"""

from bisect import bisect_left, insort
from copy import copy
from dataclasses import dataclass, field

from .babyjubjub import Point
from .parameters import ACCOUNT_DEPTH, LIST_END, SUBTREE_DEPTH
from .poseidon2 import hash_account, hash_value
from .tree import Tree, value_tree

EMPTY_SUBTREE = value_tree(SUBTREE_DEPTH).root()
EMPTY_LEAF = hash_account((0, 0, EMPTY_SUBTREE, EMPTY_SUBTREE))
"""The leaf of the zero tuple: its static part is the word 0, which no account in use has."""


@dataclass
class Account:
    """A leaf of the account tree. In the sentinel, index 0, `balance` is the number of leaves in use."""

    address: int
    next_address: int
    scheme: int = 0
    key: Point = (0, 0)
    balance: int = 0
    nonce: int = 0
    flags: int = 0
    tokens: dict[int, int] = field(default_factory=dict)
    storage: dict[int, int] = field(default_factory=dict)
    balances_tree: Tree = field(default_factory=lambda: value_tree(SUBTREE_DEPTH))
    storage_tree: Tree = field(default_factory=lambda: value_tree(SUBTREE_DEPTH))

    def static(self) -> int:
        """H1(address + 2^160 scheme, next_address, A.x, A.y)."""
        return hash_account((self.address + (self.scheme << 160), self.next_address, *self.key))

    def dynamic(self) -> int:
        """native balance + 2^128 nonce + 2^176 flags."""
        return self.balance + (self.nonce << 128) + (self.flags << 176)

    def leaf(self) -> int:
        """H1(static, dynamic, balances root, storage root)."""
        return hash_account((self.static(), self.dynamic(), self.balances_tree.root(), self.storage_tree.root()))

    def copy(self) -> "Account":
        """An independent account of the same content."""
        other = copy(self)
        other.tokens, other.storage = dict(self.tokens), dict(self.storage)
        other.balances_tree, other.storage_tree = self.balances_tree.copy(), self.storage_tree.copy()
        return other


class State:
    """All accounts by index. A new state is genesis: the sentinel alone."""

    def __init__(self) -> None:
        self.accounts = [Account(address=0, next_address=LIST_END, balance=1)]
        self._index_of: dict[int, int] = {}
        self._sorted: list[int] = []
        self._tree = Tree(ACCOUNT_DEPTH, EMPTY_LEAF)
        self._changed = {0}

    def copy(self) -> "State":
        """An independent state of the same content."""
        other = State.__new__(State)
        other.accounts = [account.copy() for account in self.accounts]
        other._index_of, other._sorted = dict(self._index_of), list(self._sorted)
        other._tree, other._changed = self._tree.copy(), set(self._changed)
        return other

    @property
    def count(self) -> int:
        """Leaves in use, the sentinel included; the index of the next account."""
        return self.accounts[0].balance

    def root(self) -> int:
        """The state root."""
        for index in self._changed:
            self._tree.set(index, self.accounts[index].leaf())
        self._changed = set()
        return self._tree.root()

    def path(self, index: int) -> list[tuple[int, int, int, int]]:
        """The children of each node above an account leaf, root first."""
        self.root()
        return self._tree.path(index)

    def get_index(self, address: int) -> int | None:
        """Index of the account of an address; the sentinel is nobody's."""
        return self._index_of.get(address)

    def get_predecessor(self, address: int) -> int:
        """Index of the account with the greatest address below, or of the sentinel."""
        rank = bisect_left(self._sorted, address)
        return self._index_of[self._sorted[rank - 1]] if rank else 0

    def change(self, index: int) -> Account:
        """The account, to be changed."""
        self._changed.add(index)
        return self.accounts[index]

    def create(self, address: int) -> int:
        """Puts a new account into the tree and the list, and returns its index."""
        before = self.change(self.get_predecessor(address))
        if not before.address < address < before.next_address:
            raise ValueError(
                f"expected an address between {before.address:#x} and {before.next_address:#x}, got {address:#x}"
            )
        index = self.count
        self.accounts.append(Account(address=address, next_address=before.next_address))
        before.next_address = address
        self.change(0).balance += 1
        self._index_of[address] = index
        insort(self._sorted, address)
        self.change(index)
        return index

    def get_balance(self, index: int, token: int) -> int:
        """Balance of a token; token 0 is native."""
        account = self.accounts[index]
        return account.balance if token == 0 else account.tokens.get(token, 0)

    def set_balance(self, index: int, token: int, value: int) -> None:
        """Replaces a balance below 2^128."""
        if not 0 <= value < 1 << 128:
            raise ValueError(f"expected a balance in [0, 2^128), got {value}")
        account = self.change(index)
        if token == 0:
            account.balance = value
        else:
            account.tokens[token] = value
            account.balances_tree.set(token, hash_value(value))

    def set_storage(self, index: int, slot: int, value: int) -> None:
        """Replaces a storage value below 2^240."""
        if not 0 <= value < 1 << 240:
            raise ValueError(f"expected a value in [0, 2^240), got {value}")
        account = self.change(index)
        account.storage[slot] = value
        account.storage_tree.set(slot, hash_value(value))

    def get_total(self, token: int) -> int:
        """Sum of a token over all accounts; the sentinel has no balance."""
        return sum(self.get_balance(index, token) for index in range(1, len(self.accounts)))
