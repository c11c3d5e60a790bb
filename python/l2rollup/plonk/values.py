"""Values from outside: Python integers, bytes and numpy arrays to field elements and back, strictly.

An element is an integer in [0, r) or up to 32 bytes, big endian. A list of k elements is a sequence of k of these, k
bytes (one element each), 32 k bytes, or an integer array of numpy, whose shape must be the declared one. What it is
not: a reduction; -1 and r are refused, not wrapped.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

from l2rollup.errors import Malformed
from l2rollup.spec.field import R

Shape = tuple[int, ...]
WORD = 32


def to_element(what: str, value: object) -> int:
    """Returns the field element. Raises Malformed."""
    if isinstance(value, bytes | bytearray | memoryview):
        raw = bytes(value)
        if not 1 <= len(raw) <= WORD:
            raise Malformed(what, expected="1 to 32 bytes, big endian", got=f"{len(raw)} bytes")
        value = int.from_bytes(raw, "big")
    elif hasattr(value, "dtype"):
        value = _from_array(what, value)
    if not isinstance(value, int):
        raise Malformed(what, expected="an integer or bytes", got=type(value).__name__)
    if not 0 <= value < R:
        raise Malformed(what, expected="a field element, 0 <= x < r", got=_short(value))
    return int(value)


def to_elements(what: str, value: object, shape: Shape) -> list[int]:
    """Returns the elements of a value of this shape, row by row. Raises Malformed naming the place."""
    if shape == ():
        return [to_element(what, value)]
    if hasattr(value, "dtype"):
        found = tuple(getattr(value, "shape", ()))
        if found != shape:
            raise Malformed(what, expected=f"shape {shape}", got=f"shape {found}")
        value = _from_array(what, value)
    if isinstance(value, bytes | bytearray | memoryview):
        return _from_bytes(what, bytes(value), shape)
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise Malformed(what, expected=f"a sequence of {shape[0]}", got=type(value).__name__)
    if len(value) != shape[0]:
        raise Malformed(what, expected=f"{shape[0]} values", got=str(len(value)))
    return [x for i, part in enumerate(value) for x in to_elements(f"{what}[{i}]", part, shape[1:])]


def nest(flat: Sequence[Any], shape: Shape) -> Any:
    """Returns the values in nested lists of this shape; the value itself for the empty shape."""
    if shape == ():
        return flat[0]
    step = prod(shape[1:])
    return [nest(flat[i * step : (i + 1) * step], shape[1:]) for i in range(shape[0])]


def to_shape(what: str, shape: int | Sequence[int] | None) -> Shape:
    """Returns a declared shape as a tuple. Raises Malformed for sizes below one."""
    found = () if shape is None else (shape,) if isinstance(shape, int) else tuple(shape)
    if not all(isinstance(size, int) and not isinstance(size, bool) and size >= 1 for size in found):
        raise Malformed(f"shape of {what}", expected="sizes of at least 1", got=repr(shape))
    return found


def _from_array(what: str, array: Any) -> Any:
    """The Python integers of a numpy array or scalar; floating point is refused, objects are looked at one by one."""
    if array.dtype.kind not in "iubO":
        raise Malformed(what, expected="an array of integers", got=f"dtype {array.dtype}")
    return array.tolist()


def _from_bytes(what: str, raw: bytes, shape: Shape) -> list[int]:
    count = prod(shape)
    if len(raw) == count:
        return list(raw)
    if len(raw) == WORD * count:
        parts = [raw[i * WORD : (i + 1) * WORD] for i in range(count)]
        return [to_element(f"{what}[{i}]", part) for i, part in enumerate(parts)]
    raise Malformed(what, expected=f"{count} or {WORD * count} bytes", got=f"{len(raw)} bytes")


def _short(value: int) -> str:
    return str(value) if value.bit_length() < 400 else f"an integer of {value.bit_length()} bits"
