"""What production is deployed with at least, and each way to be below or beyond it."""

from __future__ import annotations

import dataclasses

import pytest

from l2rollup.l1.terms import AT_LEAST, AT_MOST, DAY, DEVELOPMENT, ETHER, PRODUCTION, Terms, find_weaknesses


def weak(terms: Terms) -> list[str]:
    return [finding.rule for finding in find_weaknesses(terms)]


def test_production_has_no_weakness() -> None:
    assert find_weaknesses(PRODUCTION) == []
    assert (PRODUCTION.forced_deadline, PRODUCTION.finality_deadline) == (7 * DAY, 14 * DAY)


@pytest.mark.parametrize("name", AT_LEAST)
def test_one_below_is_one_weakness(name: str) -> None:
    value = getattr(PRODUCTION, name)
    (found,) = find_weaknesses(dataclasses.replace(PRODUCTION, **{name: value - 1}))
    assert found.rule == name.replace("_", " ")
    assert found.expected.startswith(f">= {value}")
    assert found.got == str(value - 1)


@pytest.mark.parametrize("name", AT_MOST)
def test_one_beyond_is_one_weakness(name: str) -> None:
    value = getattr(PRODUCTION, name) * AT_MOST[name]
    assert weak(dataclasses.replace(PRODUCTION, **{name: value})) == []
    assert weak(dataclasses.replace(PRODUCTION, **{name: value + 1})) == [name.replace("_", " ")]


def test_every_term_is_judged_but_the_roles() -> None:
    judged = {*AT_LEAST, *AT_MOST, "guardian", "owner"}
    assert judged == {field.name for field in dataclasses.fields(Terms)}


def test_development_is_refused() -> None:
    assert weak(DEVELOPMENT) == ["minimum bond", "challenge bond", "challenge forfeit", "filing bond", "share"]
    assert weak(dataclasses.replace(PRODUCTION, minimum_bond=0)) == ["minimum bond"]
    assert weak(dataclasses.replace(PRODUCTION, minimum_bond=100 * ETHER, unbonding_delay=90 * DAY)) == []
