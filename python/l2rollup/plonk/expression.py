"""Polynomial expressions over the cells of a row and of the next one: what custom gates are written in.

`a * b - c.next + 3 * k`, with `**` for powers. Nodes are shared, never copied, so an expression used twice costs once.
What it is not: a value. Expressions hold on rows; wires (wire.py) are what a circuit computes with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import IntEnum

from l2rollup.errors import Malformed
from l2rollup.spec.field import R


class Code(IntEnum):
    """Node codes of the binary form (relation.py)."""

    CONSTANT = 0
    ADVICE = 1
    FIXED = 2
    PERIODIC = 3
    INSTANCE = 4
    ADD = 5
    SUB = 6
    MUL = 7


class Expression:
    """A polynomial in the cells of this row and the next. `degree` counts a cell as one and a constant as none."""

    __slots__ = ("a", "b", "code", "degree", "depth", "left", "name", "right")

    def __init__(
        self, code: Code, a: int = 0, b: int = 0, *, left: Expression | None = None, right: Expression | None = None,
        name: str = "",
    ) -> None:  # fmt: skip
        self.code, self.a, self.b, self.left, self.right, self.name = code, a, b, left, right, name
        if left is None or right is None:
            self.degree, self.depth = int(code is not Code.CONSTANT), 1
            return
        self.degree = left.degree + right.degree if code is Code.MUL else max(left.degree, right.degree)
        self.depth = 1 + max(left.depth, right.depth)

    @property
    def next(self) -> Expression:
        """The same cell on the next row. Raises Malformed for anything but a cell of this row."""
        if self.code is not Code.ADVICE or self.b:
            raise Malformed("next", expected="a cell of this row", got=str(self))
        return Expression(Code.ADVICE, self.a, 1, name=self.name)

    def is_constant(self, value: int) -> bool:
        """Whether this is that constant."""
        return self.code is Code.CONSTANT and self.a == value

    def __add__(self, other: Expression | int) -> Expression:
        return _join(Code.ADD, self, lift(other))

    def __radd__(self, other: int) -> Expression:
        return _join(Code.ADD, lift(other), self)

    def __sub__(self, other: Expression | int) -> Expression:
        return _join(Code.SUB, self, lift(other))

    def __rsub__(self, other: int) -> Expression:
        return _join(Code.SUB, lift(other), self)

    def __mul__(self, other: Expression | int) -> Expression:
        return _join(Code.MUL, self, lift(other))

    def __rmul__(self, other: int) -> Expression:
        return _join(Code.MUL, lift(other), self)

    def __neg__(self) -> Expression:
        return _join(Code.SUB, constant(0), self)

    def __pow__(self, exponent: int) -> Expression:
        if not isinstance(exponent, int) or exponent < 1:
            raise Malformed("exponent", expected="an integer of at least 1", got=repr(exponent))
        half = self ** (exponent // 2) if exponent > 1 else None
        if half is None:
            return self
        return half * half * self if exponent % 2 else half * half

    def __str__(self) -> str:
        if self.code is Code.CONSTANT:
            return str(self.a if self.a <= R // 2 else self.a - R)
        if self.left is None or self.right is None:
            return (self.name or f"{self.code.name.lower()}{self.a}") + (".next" if self.b else "")
        sign = {Code.ADD: "+", Code.SUB: "-", Code.MUL: "*"}[self.code]
        return f"({self.left} {sign} {self.right})" if self.depth < 24 else f"(... {sign} ...)"

    def __repr__(self) -> str:
        return f"Expression({self})"


def constant(value: int) -> Expression:
    """The constant, modulo r."""
    return Expression(Code.CONSTANT, value % R)


def lift(value: Expression | int) -> Expression:
    """An expression as it is; an integer as a constant. Raises Malformed for anything else."""
    if isinstance(value, Expression):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return constant(value)
    raise Malformed("operand of an expression", expected="an expression or an integer", got=type(value).__name__)


def total(parts: Iterable[Expression | int]) -> Expression:
    """The sum of many, as a balanced tree: its depth is the logarithm of their number."""
    level = [lift(part) for part in parts] or [constant(0)]
    while len(level) > 1:
        pairs = [level[i] + level[i + 1] for i in range(0, len(level) - 1, 2)]
        level = pairs + level[len(level) & ~1 :]
    return level[0]


def _join(code: Code, left: Expression, right: Expression) -> Expression:
    """Folds constants and neutral elements, as the native twin does."""
    if left.code is Code.CONSTANT and right.code is Code.CONSTANT:
        fold = {Code.ADD: left.a + right.a, Code.SUB: left.a - right.a, Code.MUL: left.a * right.a}
        return constant(fold[code])
    if code is Code.MUL:
        for one, other in ((left, right), (right, left)):
            if one.is_constant(0):
                return constant(0)
            if one.is_constant(1):
                return other
    if right.is_constant(0) and code in (Code.ADD, Code.SUB):
        return left
    if left.is_constant(0) and code is Code.ADD:
        return right
    return Expression(code, left=left, right=right)


def walk(roots: Iterable[Expression]) -> list[Expression]:
    """Every node once, operands before what reads them. Iterative, so depth costs no stack."""
    order: list[Expression] = []
    seen: set[int] = set()
    stack = [(root, False) for root in reversed(list(roots))]
    while stack:
        node, done = stack.pop()
        if id(node) in seen:
            continue
        if done or node.left is None or node.right is None:
            seen.add(id(node))
            order.append(node)
        else:
            stack += [(node, True), (node.right, False), (node.left, False)]
    return order


def leaves(root: Expression) -> list[Expression]:
    """The cells an expression reads, each once, in order of first reading."""
    found = {(n.code, n.a, n.b): n for n in walk([root]) if n.left is None and n.code is not Code.CONSTANT}
    return list(found.values())


def evaluate(root: Expression, read: Callable[[Expression], int]) -> int:
    """The value where `read` gives the leaves."""
    values: dict[int, int] = {}
    for node in walk([root]):
        if node.left is None or node.right is None:
            value = node.a if node.code is Code.CONSTANT else read(node)
        else:
            x, y = values[id(node.left)], values[id(node.right)]
            value = (x + y if node.code is Code.ADD else x - y if node.code is Code.SUB else x * y) % R
        values[id(node)] = value
    return values[id(root)]
