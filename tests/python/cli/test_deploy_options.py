"""What `l2rollup node deploy` is told: who holds the roles, what the bond is, and what production does not run on."""

from __future__ import annotations

import pytest

from l2rollup.cli.node import choose_terms
from l2rollup.errors import ConfigurationError, Malformed
from l2rollup.l1.terms import ETHER, PRODUCTION

SOMEBODY = "0x" + "ab" * 20


def test_the_defaults_are_productions() -> None:
    assert choose_terms("production", None, None, None) == PRODUCTION


def test_roles() -> None:
    terms = choose_terms("production", "none", SOMEBODY, str(2 * ETHER))
    assert (terms.owner, terms.guardian.lower(), terms.minimum_bond) == ("", SOMEBODY, 2 * ETHER)  # type: ignore[union-attr]


@pytest.mark.parametrize("wei", ["0", "1", str(ETHER - 1)])
def test_production_wants_a_bond(wei: str) -> None:
    with pytest.raises(ConfigurationError, match="minimum bond"):
        choose_terms("production", None, None, wei)
    terms = choose_terms("dev", None, None, wei)
    assert terms.minimum_bond == int(wei) >= terms.challenge_forfeit


@pytest.mark.parametrize("values", [("x", None, None), (None, "0x12", None), (None, None, "1e18"), (None, None, "-1")])
def test_bad_values(values: tuple[str | None, str | None, str | None]) -> None:
    with pytest.raises(Malformed):
        choose_terms("production", *values)
