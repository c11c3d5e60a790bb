"""Inputs of the Noir circuit: accounts in a binary tree of 2^20 leaves, and signed transfers between random ones.

Twin of noir/circuit/src/main.nr. What it is not: the product's tree, which is quaternary; see docs/spec/state.md.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any

from benches.peers import grumpkin
from l2rollup.spec.poseidon2 import permute

DEPTH = 20
NODE, LEAF, SIGNATURE = 0, 1, 2

Json = dict[str, Any]


def pack(a: int, b: int, nonce: int, amount: int) -> int:
    """Returns a + 2^32 b + 2^64 nonce + 2^96 amount."""
    return a + (b << 32) + (nonce << 64) + (amount << 96)


def hash_node(left: int, right: int) -> int:
    """Returns the parent of two nodes."""
    return permute((left, right, 0, NODE))[0]


@dataclass
class Account:
    """An account whose key signs."""

    index: int
    secret: int
    nonce: int
    balance: int
    key: grumpkin.Point = field(init=False)

    def __post_init__(self) -> None:
        self.key = grumpkin.multiply(self.secret, grumpkin.GENERATOR)

    def leaf(self) -> int:
        """Returns the leaf's hash."""
        return permute((*self.key, pack(self.index, 0, self.nonce, self.balance), LEAF))[0]

    def encode(self) -> Json:
        """Returns the account as the circuit reads it."""
        return {"x": hex(self.key[0]), "y": hex(self.key[1]), "nonce": self.nonce, "balance": hex(self.balance)}

    def sign(self, to: int, amount: int) -> tuple[int, int]:
        """Returns the Schnorr signature (s, e) of a transfer."""
        message = pack(self.index, to, self.nonce, amount)

        def challenge(point: grumpkin.Point) -> int:
            a, b, c, d = permute((point[0], *self.key, SIGNATURE))
            return permute((a + message, b + point[1], c, d))[0]

        return grumpkin.sign(self.secret, 1 + secrets.randbelow(grumpkin.ORDER - 1), challenge)


class Tree:
    """A sparse binary tree; absent leaves are 0."""

    def __init__(self) -> None:
        self.nodes: dict[tuple[int, int], int] = {}
        self.empty = [0]
        for _ in range(DEPTH):
            self.empty.append(hash_node(self.empty[-1], self.empty[-1]))

    def at(self, level: int, position: int) -> int:
        """Returns a node; level 0 holds the leaves."""
        return self.nodes.get((level, position), self.empty[level])

    @property
    def root(self) -> int:
        """The root."""
        return self.at(DEPTH, 0)

    def put(self, account: Account) -> None:
        """Writes an account's leaf and the nodes above it."""
        position = account.index
        self.nodes[0, position] = account.leaf()
        for level in range(DEPTH):
            position >>= 1
            pair = self.at(level, 2 * position), self.at(level, 2 * position + 1)
            self.nodes[level + 1, position] = hash_node(*pair)

    def path(self, index: int) -> list[str]:
        """Returns the siblings from the leaf upwards."""
        return [hex(self.at(level, index >> level ^ 1)) for level in range(DEPTH)]


def apply(tree: Tree, sender: Account, receiver: Account, amount: int) -> Json:
    """Executes a signed transfer and returns it as the circuit reads it."""
    s, e = sender.sign(receiver.index, amount)
    out: Json = {"from": hex(sender.index), "to": hex(receiver.index), "amount": hex(amount)}
    out |= {"s_low": hex(s % 2**128), "s_high": hex(s >> 128), "e": hex(e)}
    out |= {"sender": sender.encode(), "sender_path": tree.path(sender.index)}
    sender.nonce += 1
    sender.balance -= amount
    tree.put(sender)
    out |= {"receiver": receiver.encode(), "receiver_path": tree.path(receiver.index)}
    receiver.balance += amount
    tree.put(receiver)
    return out


def make_batch(count: int) -> Json:
    """Returns the circuit's inputs for `count` transfers between distinct random accounts."""
    draw = secrets.SystemRandom()
    indices = draw.sample(range(2**DEPTH), 2 * count)
    accounts = [Account(i, draw.randrange(1, grumpkin.ORDER), draw.randrange(1000), 2**40) for i in indices]
    tree = Tree()
    for account in accounts:
        tree.put(account)
    before = tree.root
    pairs = zip(accounts[::2], accounts[1::2], strict=True)
    transfers = [apply(tree, sender, receiver, draw.randrange(1, 2**32)) for sender, receiver in pairs]
    return {"before": hex(before), "after": hex(tree.root), "transfers": transfers}
