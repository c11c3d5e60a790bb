"""Limits of a request and the checks that enforce them before anything is parsed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from l2rollup.errors import Malformed

# A string is one token, so that brackets inside it do not count; an unterminated one swallows the rest.
_TOKENS = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|$)|(?P<open>[\[{])|(?P<close>[\]}])', re.DOTALL)


@dataclass(frozen=True)
class Limits:
    """body: bytes of a request; depth: nested objects and arrays; batch: calls in one request; answers: bytes after
    which the calls of a batch are not made any more."""

    body: int = 1 << 20
    depth: int = 8
    batch: int = 1000
    answers: int = 16 << 20


def check_depth(body: bytes, limit: int) -> None:
    """Refuses a body that nests deeper than `limit`, without parsing it. Raises Malformed: too_deep."""
    depth = 0
    for match in _TOKENS.finditer(body):
        if match.lastgroup == "open":
            depth += 1
            if depth > limit:
                raise Malformed("request nests too deep", expected=f"<= {limit} levels", got=f"> {limit}",
                                code="too_deep")  # fmt: skip
        elif match.lastgroup == "close":
            depth -= 1
