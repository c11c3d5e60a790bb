"""Packed amounts of the transaction stream: 27 bits of mantissa, a decimal exponent, or an extension of 96 bits.

A writer has one form for every amount below 2^123; a reader takes every form, as the circuit does. What it is not:
rounding.
"""

from .fault import Malformed

MANTISSA = 1 << 27
EXTENDED = 31


def pack(amount: int) -> tuple[int, int | None] | None:
    """(mantissa + 2^27 exponent, None), or with exponent 31 the low 96 bits instead of None; None when no form fits."""
    for exponent in range(31):
        mantissa, rest = divmod(amount, 10**exponent)
        if rest == 0 and mantissa < MANTISSA:
            return mantissa + MANTISSA * exponent, None
    high = amount >> 96
    return (high + MANTISSA * EXTENDED, amount & (1 << 96) - 1) if high < MANTISSA else None


def unpack(packed: int, extension: int | None) -> int:
    """The amount; Malformed for an extension where none is announced, or the reverse."""
    exponent, mantissa = divmod(packed, MANTISSA)
    if (exponent == EXTENDED) != (extension is not None) or exponent > EXTENDED:
        raise Malformed("packed amount", "exponent 0 to 31", (hex(packed), extension))
    return mantissa * 10**exponent if extension is None else (mantissa << 96) + extension


def is_extended(packed: int) -> bool:
    """Whether an extension slot follows."""
    return packed // MANTISSA == EXTENDED
