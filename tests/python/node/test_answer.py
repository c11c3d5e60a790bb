"""An honest node answers whoever files its receipts, by itself, and survives a challenge on every batch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from node_world import ETH, FINALITY, World, deploy_rollup

from l2rollup.client.evidence import parse_paper, to_key
from l2rollup.errors import L1Rejected
from l2rollup.l1 import L1Client, Sender
from l2rollup.l1.bonds import HONOURED, OPEN, BondsContract, find_bonds
from l2rollup.l1.local import start_anvil
from l2rollup.l1.terms import DAY, Terms
from l2rollup.processor.block import INCLUDE_WITHIN_SECONDS, compute_domain_separator

TERMS = Terms(minimum_bond=ETH, challenge_bond=ETH // 10, challenge_forfeit=ETH // 2)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with start_anvil(finality_blocks=FINALITY) as chain:
        client = L1Client(chain.url)
        world = World(chain, client, deploy_rollup(client, chain, (30 * DAY, 30 * DAY), TERMS), tmp_path)
        world.options["receipt_cover"] = 10**9
        yield world
        world.stop()


def bonds_of(world: World) -> tuple[BondsContract, Sender]:
    """The contract of bonds, and somebody who means ill."""
    return find_bonds(world.client, world.rollup), Sender(world.client, world.chain.accounts[6].private_key)


def paper_of(world: World, hash_: str) -> tuple[object, ...]:
    separator = compute_domain_separator(world.client.chain_id(), bytes.fromhex(world.rollup[2:]))
    paper = parse_paper(world.user(1).get_receipt(hash_), separator)
    return paper.to_abi(), paper.key


def test_a_filed_receipt_is_answered(world: World) -> None:
    world.start()
    world.fund(1, ETH)
    hash_ = world.user(1).transfer(world.wallet(2).address, "5")
    world.user(1).wait(hash_, "settled")
    bonds, griefer = bonds_of(world)
    paper, key = paper_of(world, hash_)
    world.client.request("evm_increaseTime", [INCLUDE_WITHIN_SECONDS + 1])
    world.mine()
    bonds.transact(griefer, "fileReceipt", paper, value=TERMS.filing_bond)
    world.wait(lambda: int(bonds.view("filing", key)[2]) == HONOURED)
    assert bonds.view("disputes") == (0, 0, 0)
    assert int(bonds.view("owed", griefer.address)) == 0
    assert int(bonds.view("owed", world.chain.accounts[0].address)) == TERMS.filing_bond, "the answer pays"
    assert int(bonds.view("bondOf")) == TERMS.minimum_bond


def test_one_filed_while_the_node_was_away(world: World) -> None:
    world.start()
    world.fund(1, ETH)
    hash_ = world.user(1).transfer(world.wallet(2).address, "5")
    world.user(1).wait(hash_, "settled")
    bonds, griefer = bonds_of(world)
    paper, key = paper_of(world, hash_)
    world.stop()
    world.client.request("evm_increaseTime", [INCLUDE_WITHIN_SECONDS + 1])
    world.mine()
    bonds.transact(griefer, "fileReceipt", paper, value=TERMS.filing_bond)
    world.client.request("evm_increaseTime", [DAY // 2])
    world.mine()
    world.start()
    world.wait(lambda: int(bonds.view("filing", key)[2]) == HONOURED)


def test_a_cover_registered_without_cause_is_struck(world: World) -> None:
    """Somebody else's case is open, after a challenge that was not answered; the honoured receipt has no part in it."""
    node = world.start()
    world.fund(1, ETH)
    hash_ = world.user(1).transfer(world.wallet(2).address, "5")
    world.user(1).wait(hash_, "settled")
    bonds, griefer = bonds_of(world)
    paper, key = paper_of(world, hash_)
    world.settle_all()
    node.pipeline.hold("settle")
    other = world.user(1).transfer(world.wallet(2).address, "6")
    world.user(1).wait(other, "published")
    oldest = node.context.contract.finalized() + 1
    bonds.transact(griefer, "challengeBatch", oldest, value=TERMS.challenge_bond)
    world.client.request("evm_increaseTime", [TERMS.proof_window + 1])
    bonds.transact(griefer, "revertBatches")
    node.pipeline.resume("settle")
    bonds.transact(Sender(world.client, world.chain.accounts[0].private_key), "addBond", value=TERMS.minimum_bond)
    world.client.request("evm_increaseTime", [INCLUDE_WITHIN_SECONDS])
    world.mine()
    bonds.transact(griefer, "registerCover", 1, paper, bytes(32), value=TERMS.filing_bond)
    world.wait(lambda: int(bonds.view("registration", 1, key)[1], 16) == 0)
    world.settle_all()


def test_a_challenge_on_every_batch(world: World) -> None:
    """The prover earns the challengers' bonds, nothing is taken back, and the bond stays whole."""
    node = world.start()
    world.fund(1, ETH)
    world.settle_all()
    bonds, griefer = bonds_of(world)
    won = 0
    for amount in range(4):
        node.pipeline.hold("settle")
        hash_ = world.user(1).transfer(world.wallet(2).address, str(1 + amount))
        world.user(1).wait(hash_, "published")
        bonds.transact(griefer, "challengeBatch", node.context.contract.finalized() + 1, value=TERMS.challenge_bond)
        node.pipeline.resume("settle")
        world.user(1).wait(hash_, "settled")
        won += TERMS.challenge_bond
        assert int(bonds.view("owed", world.chain.accounts[0].address)) == won
    assert bonds.view("disputes") == (0, 0, 0)
    assert int(bonds.view("bondOf")) == TERMS.minimum_bond


def test_one_that_l1_refuses_keeps_no_other_from_its_answer(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    node = world.start()
    world.fund(1, ETH)
    bonds, griefer = bonds_of(world)
    filed = []
    for amount in ("5", "6"):
        hash_ = world.user(1).transfer(world.wallet(2).address, amount)
        world.user(1).wait(hash_, "settled")
        filed.append(paper_of(world, hash_))
    (_, first), (_, second) = filed
    send = BondsContract.transact

    def refuse_first(self: BondsContract, sender: Sender, name: str, *values: object, value: int = 0) -> object:
        if name == "answerReceipt" and to_key(values[0]) == first:  # type: ignore[arg-type]
            raise L1Rejected("answerReceipt reverts", expected="an answer", got="a test")
        return send(self, sender, name, *values, value=value)

    monkeypatch.setattr(BondsContract, "transact", refuse_first)
    world.client.request("evm_increaseTime", [INCLUDE_WITHIN_SECONDS + 1])
    world.mine()
    for paper, _ in filed:
        bonds.transact(griefer, "fileReceipt", paper, value=TERMS.filing_bond)
    world.wait(lambda: int(bonds.view("filing", second)[2]) == HONOURED)
    world.wait(lambda: node.context.health["answer"].state == "waiting")
    assert int(bonds.view("filing", first)[2]) == OPEN
    monkeypatch.undo()
    world.wait(lambda: int(bonds.view("filing", first)[2]) == HONOURED)


def test_an_answer_that_l1_loses_is_given_again(world: World) -> None:
    node = world.start()
    world.fund(1, ETH)
    hash_ = world.user(1).transfer(world.wallet(2).address, "5")
    world.user(1).wait(hash_, "settled")
    world.settle_all()
    bonds, griefer = bonds_of(world)
    paper, key = paper_of(world, hash_)
    world.client.request("evm_increaseTime", [INCLUDE_WITHIN_SECONDS + 1])
    world.mine()
    node.pipeline.hold("answer")
    bonds.transact(griefer, "fileReceipt", paper, value=TERMS.filing_bond)
    fork = world.client.head()
    node.pipeline.resume("answer")
    world.wait(lambda: int(bonds.view("filing", key)[2]) == HONOURED)
    world.undo_blocks(fork)
    assert int(bonds.view("filing", key)[2]) == OPEN, "the answer is gone, perhaps before anybody read it"
    world.mine()
    world.wait(lambda: int(bonds.view("filing", key)[2]) == HONOURED)
