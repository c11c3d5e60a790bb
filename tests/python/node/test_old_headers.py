"""Headers that L1 has in its archive alone: read from logs, restored, and used by everybody who needs one.

The wrap of the ring is real where batches are committed directly; where a node runs, the marks of a revert far ahead
are written into the contract's storage, which makes the places of all finalised headers doubtful.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from eth_abi.abi import decode as abi_decode
from eth_utils.crypto import keccak
from node_world import ETH, FINALITY, NATIVE, World, deploy_rollup

from l2rollup.cli.app import run
from l2rollup.client.accuse import Accuser
from l2rollup.client.evidence import parse_paper
from l2rollup.client.transport import Transport
from l2rollup.client.watch import Watch
from l2rollup.errors import L1Rejected
from l2rollup.l1 import HeaderLog, L1Client, RollupContract, Sender, open_l1
from l2rollup.l1.archive import ENTRIES, RING, HeaderArchive, build_path
from l2rollup.l1.bonds import HONOURED, OPEN, find_bonds
from l2rollup.l1.contracts import encode_call
from l2rollup.l1.local import start_anvil
from l2rollup.l1.terms import DAY, Terms
from l2rollup.node import Reconstruction
from l2rollup.node.stages import publish
from l2rollup.processor.block import INCLUDE_WITHIN_SECONDS, compute_domain_separator
from l2rollup.state import BatchHeader
from l2rollup.state.header import HEADER_TYPE
from l2rollup.types import to_hex

ROOT = Path(__file__).resolve().parents[3]
TERMS = Terms(minimum_bond=ETH, challenge_bond=ETH // 10, challenge_forfeit=ETH // 2, proof_window=600,
              challenge_window=600)  # fmt: skip
LONG = (30 * DAY, 30 * DAY)
GAS = 300_000


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with start_anvil(finality_blocks=FINALITY) as chain:
        client = L1Client(chain.url)
        world = World(chain, client, deploy_rollup(client, chain, LONG, TERMS), tmp_path)
        world.options["receipt_cover"] = 10**9
        yield world
        world.stop()


# ---------------------------------------------------------------------- the archive made again


def read(archive: HeaderArchive, batch_id: int, path: list[bytes]) -> bytes:
    """What the contract reads of a path, written from docs/spec/bridge.md."""
    count, place, levels, found = archive.count, batch_id - 1, 3, b""
    entry = b""
    for level in range(levels):
        is_highest = level == levels - 1
        first = 0 if is_highest else place // ENTRIES * ENTRIES
        size = count - first if is_highest else min(ENTRIES, count - first)
        node, path = path[:size], path[size:]
        found = found or node[place - first]
        assert entry in (b"", node[place - first])
        entry = bytes(32)
        for one in node:
            entry = bytes(keccak(entry + one))
        if is_highest or size < ENTRIES:
            break
        count, place = count // ENTRIES, place // ENTRIES
    assert not path and entry == archive.newest[level]
    return found


def test_the_archive_and_its_paths() -> None:
    """A path folds, node by node, to what the archive holds: at every size around the ends of nodes."""
    rng = random.Random(7)
    for count in (1, 2, 63, 64, 65, 128, 129, 4095, 4096, 4097, 8200):
        hashes = [rng.randbytes(32) for _ in range(count)]
        archive = HeaderArchive()
        for hash_ in hashes:
            archive.append(hash_)
        for batch_id in {1, count, count // 2 + 1, rng.randint(1, count)}:
            assert read(archive, batch_id, build_path(hashes, batch_id)) == hashes[batch_id - 1]


class Direct:
    """A rollup without a node: batches of nothing, committed and finalised by the sequencer's key."""

    def __init__(self, client: L1Client, key: str, rollup: str) -> None:
        self.client = client
        self.contract = RollupContract(client, rollup)
        self.sender = Sender(client, key)
        self.log = HeaderLog(self.contract)
        self.headers: dict[int, BatchHeader] = {}
        self._roots: dict[int, bytes] = {0: bytes(self.contract.view("stateRoot"))}
        self._salt = 0
        self._last = ""

    def commit_to(self, last: int) -> None:
        self._salt += 1
        time = self.client.latest().time
        chunk = (1 << 224 | time << 160 | 1 << 128 | 7).to_bytes(30, "big") + bytes(30)
        first = self.contract.committed() + 1
        since = self.client.head() + 1
        for batch_id in range(first, last + 1):
            root = (batch_id << 128 | self._salt).to_bytes(32, "big")
            batch = (batch_id, time, self._roots[batch_id - 1], root, 0, 0, *[bytes(32)] * 3, 1, bytes(32))
            self._roots[batch_id] = root
            self._send("commitBatch", [batch, b"", chunk, b""])
        self._wait()
        assert self.contract.committed() == last
        for log in self.client.logs_between(self.contract.address, since, self.client.head()):
            header = BatchHeader(*abi_decode([HEADER_TYPE], log.data)[0])
            self.headers[header.batch_id] = header

    def finalize_to(self, last: int) -> None:
        for batch_id in range(self.contract.finalized() + 1, last + 1):
            header = self.headers[batch_id]
            self._send("finalizeBatch", [batch_id, header.new_root, header.encode_proof(b"\1" * 32)])
        self._wait()
        assert self.contract.finalized() == last

    def take_back(self) -> None:
        bonds = find_bonds(self.client, self.contract.address)
        bonds.transact(self.sender, "challengeBatch", self.contract.finalized() + 1, value=TERMS.challenge_bond)
        self.client.request("evm_increaseTime", [TERMS.challenge_window + 1])
        bonds.transact(self.sender, "revertBatches")
        bonds.transact(self.sender, "addBond", value=TERMS.minimum_bond)

    def _send(self, name: str, values: list[object]) -> None:
        self._last = self.sender.send(self.contract.address, encode_call(name, values), gas=GAS)

    def _wait(self) -> None:
        """Waits until the last call sent is mined."""
        assert self.client.wait(self._last).success


def test_a_ring_that_wraps() -> None:
    """Past 256 batches, with a revert in between whose batches are far ahead: every finalised header is found, restored
    once, and a watch and a log that began early follow."""
    with start_anvil(finality_blocks=FINALITY) as chain:
        client = L1Client(chain.url)
        direct = Direct(client, chain.accounts[0].private_key, deploy_rollup(client, chain, LONG, TERMS))
        contract, log, stranger = direct.contract, direct.log, Sender(client, chain.accounts[3].private_key)
        watch = Watch(client, contract.address, NATIVE.poseidon2_permute)
        assert log.follow() and log.final == 0
        direct.commit_to(100)
        direct.finalize_to(70)
        assert log.follow() and log.final == 70
        watch.follow()
        direct.commit_to(RING + 40)  # the places of 1 .. 40, which no honest node takes before they are final
        assert contract.header_hash(40) == bytes(32) and any(contract.header_hash(41))
        assert log.restore(stranger, 41) is None, "nothing to do"
        restored = log.restore(stranger, 40)  # of a node of the archive that is complete
        assert restored is not None and contract.header_hash(40) == direct.headers[40].hash()
        assert log.restore(stranger, 40) is None
        direct.take_back()
        direct.commit_to(90)  # other batches of the same numbers
        assert contract.header_hash(71) == direct.headers[71].hash(), "the last one of its number"
        direct.finalize_to(80)
        assert log.restore(stranger, 5) is not None
        direct.commit_to(RING + 66)
        late = HeaderLog(contract)
        assert contract.header_hash(66) == bytes(32)
        assert late.restore(stranger, 66) is not None, "of a node that is not complete, read from the start"
        assert contract.header_hash(66) == direct.headers[66].hash()
        watch.follow()
        header = watch.finalised(75)
        assert header == direct.headers[75] and watch.finalised(81) is None
        with pytest.raises(L1Rejected, match="not among those"):
            late.restore(stranger, RING + 67)


@pytest.mark.parametrize("backend", ["embedded", "anvil"])
def test_a_log_that_lies_is_noticed(backend: str) -> None:
    with open_l1(backend) as chain:
        client = L1Client(chain.url)
        direct = Direct(client, chain.accounts[0].private_key, deploy_rollup(client, chain, LONG, TERMS))
        direct.commit_to(3)
        direct.finalize_to(2)
        assert direct.log.follow() and direct.log.final == 2
        logs = client.logs_between

        def change(address: str, first: int, last: int) -> list[object]:
            found = logs(address, first, last)
            return [type(log)(**{**vars(log), "data": log.data[:-1] + b"\7"}) if len(log.data) == 640 else log
                    for log in found]  # fmt: skip

        client.logs_between = change  # type: ignore[method-assign,assignment]
        assert direct.log.follow(), "nothing new is read"
        liar = HeaderLog(direct.contract)
        assert not liar.follow() and liar.final == 0
        watch = Watch(client, direct.contract.address, NATIVE.poseidon2_permute)
        with pytest.raises(L1Rejected, match="no log has a header"):
            watch.follow()
        client.logs_between = logs  # type: ignore[method-assign]
        assert liar.follow() and liar.final == 2
        watch.follow()
        assert watch.finalised(2) == direct.headers[2]


# ---------------------------------------------------------------------- with a node


def lose_places(world: World) -> None:
    """Marks that a revert far ahead would have left: the place of no header that is final now is sure any more."""
    slots = {}
    for line in (ROOT / "contracts/snapshots/storage.txt").read_text().splitlines():
        name, slot, *_, label, kind = line.split()
        if name == "Rollup" and kind == "Position":
            slots[label] = int(slot)
    contract = RollupContract(world.client, world.rollup)
    final = contract.finalized()
    for label, mark in (("_committed", contract.committed() + 10 * RING), ("_finalised", final)):
        at = [world.rollup, hex(slots[label])]
        word = int(world.client.request("eth_getStorageAt", [*at, "latest"]), 16)
        word = word & ~((1 << 40) - 1 << 208) | mark << 208
        world.client.request("anvil_setStorageAt", [*at, "0x" + word.to_bytes(32, "big").hex()])
    world.mine()
    assert not any(contract.header_hash(final))


def file_receipt(world: World, hash_: str) -> bytes:
    """Somebody files the receipt of a transaction once it is overdue; returns its key."""
    separator = compute_domain_separator(world.client.chain_id(), bytes.fromhex(world.rollup[2:]))
    paper = parse_paper(world.user(1).get_receipt(hash_), separator)
    world.client.request("evm_increaseTime", [INCLUDE_WITHIN_SECONDS + 1])
    lose_places(world)
    griefer = Sender(world.client, world.chain.accounts[6].private_key)
    find_bonds(world.client, world.rollup).transact(griefer, "fileReceipt", paper.to_abi(), value=TERMS.filing_bond)
    return paper.key


def send_settled(world: World) -> str:
    world.fund(1, ETH)
    hash_ = world.user(1).transfer(world.wallet(2).address, "5")
    world.user(1).wait(hash_, "settled")
    return hash_


def test_a_receipt_of_an_old_batch_is_answered(world: World) -> None:
    world.start()
    hash_ = send_settled(world)
    key = file_receipt(world, hash_)
    bonds = find_bonds(world.client, world.rollup)
    world.wait(lambda: int(bonds.view("filing", key)[2]) == HONOURED)
    batch = world.user(1).get_transaction_status(hash_)["batchId"]
    assert any(RollupContract(world.client, world.rollup).header_hash(batch)), "restored for it"


def test_a_watch_restores_before_it_answers(world: World) -> None:
    node = world.start()
    hash_ = send_settled(world)
    node.pipeline.hold("answer")
    key = file_receipt(world, hash_)
    assert world.server is not None
    watch = Watch(world.client, world.rollup, NATIVE.poseidon2_permute, node=Transport(world.server.url))
    watch.follow()
    accuser = Accuser(watch, Sender(world.client, world.chain.accounts[7].private_key))
    actions = list(accuser.answer())
    assert [action["call"] for action in actions] == ["restoreHeader", "answerReceipt"], actions
    assert not any("error" in action for action in actions)
    assert int(watch.bonds.view("filing", key)[2]) == HONOURED != OPEN


def test_old_batches_are_rebuilt_and_verified(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    node = world.start()
    hash_ = send_settled(world)
    world.settle_all()
    lose_places(world)
    rebuilt = list(Reconstruction(world.client, world.rollup, NATIVE.Engine).run())
    assert rebuilt[-1].root == node.context.engine.root()
    alice = world.user(1)
    batch = alice.get_transaction_status(hash_)["batchId"]
    root = alice.get_batch_status(batch)["newStateRoot"]
    proof = alice.get_batch_proof(batch)
    contract = RollupContract(world.client, world.rollup)
    view = ("verifyStateCommitment", bytes.fromhex(root[2:]), bytes.fromhex(proof[2:]))
    assert contract.view(*view) is False, "L1 has to be reminded"
    assert alice.verify_state(root, proof) is True
    l1 = ("--l1", world.chain.url, "--rollup", world.rollup, "--dev", "3", "--json")
    for has_to_send in (True, False):
        assert run(["batch", "restore", str(batch), *l1]) == 0
        record = json.loads(capsys.readouterr().out.splitlines()[-1])
        assert ("l1TxHash" in record) is has_to_send and record["headerHash"] == to_hex(contract.header_hash(batch))
    assert contract.view(*view) is True
    assert run(["batch", "restore", "99", *l1]) == 1
    assert "not among those" in capsys.readouterr().out


def test_no_more_is_committed_than_can_be_proven(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert publish.MAX_UNPROVEN == 128
    monkeypatch.setattr(publish, "MAX_UNPROVEN", 2)
    node = world.start()
    world.fund(1, ETH)
    world.settle_all()
    node.pipeline.hold("settle")
    contract, alice = node.context.contract, world.user(1)
    sent = []
    for amount in range(4):
        sent.append(alice.transfer(world.wallet(2).address, str(1 + amount)))
        alice.wait(sent[-1], "published" if amount < 2 else "sealed")
    health = node.context.health["publish"]
    world.wait(lambda: health.state == "waiting" and "wait for their proof" in health.message)
    assert contract.committed() - contract.finalized() == 2
    node.pipeline.resume("settle")
    for hash_ in sent:
        alice.wait(hash_, "settled")
    world.settle_all()
    assert contract.committed() == contract.finalized()
