"""The workload of `bench prove`: a state in bulk that is the engine's own, transfers between random accounts."""

from __future__ import annotations

import json

import pytest

from l2rollup import native
from l2rollup.cli.app import run
from l2rollup.cli.bench_workload import BALANCE_WEI, CHAIN_ID, ROLLUP, Population, make_statements, populate
from l2rollup.errors import Malformed
from l2rollup.proof.measure import peak_memory_mb

ACCOUNTS = 1 << 10


@pytest.fixture
def population() -> Population:
    return populate(ACCOUNTS)


def test_bulk_state_passes_every_check(population: Population) -> None:
    engine = population.engine
    assert engine.account_count == ACCOUNTS
    assert engine.totals() == {0: (ACCOUNTS - 1) * BALANCE_WEI}
    engine.audit()
    again = native.load().Engine.restore(engine.snapshot())
    assert again.root() == engine.root()
    assert populate(ACCOUNTS).engine.root() == engine.root(), "anyone draws the same state"
    assert populate(ACCOUNTS, seed=1).engine.root() != engine.root()


def test_a_bulk_state_is_one_that_deposits_make() -> None:
    """The same three accounts, made by queue entries one by one."""
    population = populate(4)
    engine = native.load().Engine.genesis(CHAIN_ID, ROLLUP)
    engine.begin_chunk(1, 1, [(0, 0)])
    for index in (1, 2, 3):
        owner = population.addresses[index]
        x, y = (int.from_bytes(v, "big") for v in native.load().eddsa_public_key(population.keys[index % 64]))
        low = (1 << 136) - 1
        key = b"".join(part.to_bytes(15, "big") for part in (x >> 136, y >> 136))
        key += b"".join(part.to_bytes(30, "big") for part in (x & low, y & low))
        register = bytes([6]) + bytes(12) + bytes(16) + bytes(11) + owner + key
        amount = BALANCE_WEI.to_bytes(16, "big")
        deposit = bytes([5]) + bytes(12) + amount + bytes(11) + owner + bytes(10) + owner + bytes(60)
        assert all(outcome.accepted for outcome in engine.apply([register, deposit]))
    assert engine.root() == population.engine.root()


def test_every_party_pays_or_is_paid_once(population: Population) -> None:
    before = {address: population.engine.balance(address, 0) for address in population.addresses[1:]}
    slots = native.load().shape().slots
    statements = make_statements(population, slots + 5, slots)
    assert [statement.transfers for statement in statements] == [slots, 5]
    nonces = [population.engine.account(address) for address in population.addresses[1:]]
    assert sorted(a.nonce for a in nonces if a is not None) == [0] * (ACCOUNTS - 1 - slots - 5) + [1] * (slots + 5)
    changed = [a for a, old in before.items() if population.engine.balance(a, 0) != old]
    assert len(changed) == 2 * (slots + 5) + 1, "senders, receivers and the fee account"
    holds = native.load().check_cells(native.load().dump_chunk(statements[1].witness, statements[1].z))
    assert holds == []


@pytest.mark.parametrize("accounts", [0, 3, 1 << 25])
def test_numbers_of_accounts_that_are_none(accounts: int) -> None:
    with pytest.raises(Malformed, match="number of accounts"):
        populate(accounts)


def test_more_transfers_than_accounts(capsys: pytest.CaptureFixture[str], population: Population) -> None:
    with pytest.raises(Malformed):
        make_statements(population, ACCOUNTS, 41)
    assert run(["bench", "prove", "--accounts", "100", "--transfers", "50", "--json"]) == 2
    error = json.loads(capsys.readouterr().out)["error"]
    assert (error["expected"], error["got"]) == ("at most 49 with 100 accounts", "50")


def test_peak_memory_is_this_process() -> None:
    assert 10 < peak_memory_mb() < 100_000
