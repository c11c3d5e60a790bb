"""PR12: a false confirmation does not go unpunished, and an honest party is not slashed: `l2rollup watch` on anvil.

Receipts are a real node's; what a node would never sign is signed here with the operator's key, which is a development
account's.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from living_world import ZERO
from receipts_world import DAY, OPERATOR, WATCHER, Disputed, calls
from running_demo import ROOT, free_port, read_until_record, run_cli

from l2rollup import native
from l2rollup.cli.accounts import make_dev_wallet
from l2rollup.cli.output import Output
from l2rollup.cli.stack import Stack, StackOptions, open_stack
from l2rollup.client import Client, Transport
from l2rollup.client.evidence import parse_paper
from l2rollup.client.watch import Watch
from l2rollup.errors import L1Rejected
from l2rollup.l1 import Sender, open_l1
from l2rollup.processor.block import INCLUDE_WITHIN_SECONDS, compute_domain_separator

GAS = 10**15
ME = ("--dev", str(WATCHER))


@pytest.fixture(scope="module")
def gone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Disputed]:
    """A node that never seals a batch: it confirms a transfer, a watcher keeps header and receipt, and it is killed."""
    with open_l1("anvil") as chain:
        folder = tmp_path_factory.mktemp("gone")
        command = [sys.executable, "-m", "l2rollup", "devnet", "--l1", chain.url, "--port", str(free_port()), "--json",
                   "--batch-age", "3600", "--users", "3"]  # fmt: skip
        with (folder / "stderr").open("w") as stderr:
            operator = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, text=True, cwd=ROOT)
        try:
            record = json.loads(read_until_record(operator, folder / "stderr")[-1])
            user = Client(record["node"], make_dev_wallet(2), l1_url=chain.url)
            hash_ = user.transfer("0x" + "ab" * 20, "7")
            user.wait(hash_)
            up = Disputed(chain.url, record["rollup"], folder / "watch", record["node"])
            seen = up.watch("--tx", hash_)
        finally:
            operator.send_signal(signal.SIGKILL)
            operator.wait(timeout=30)
        assert seen["receipts"] == {"waiting": 1} and seen["headers"] > 1 and not seen["findings"], seen
        yield Disputed(chain.url, record["rollup"], folder / "watch")


@pytest.fixture
def vanished(gone: Disputed, tmp_path: Path) -> Iterator[Disputed]:
    """The same; what a test does on L1 and to the folder is undone."""
    snapshot = gone.client.request("evm_snapshot", [])
    folder = tmp_path / "watch"
    folder.mkdir()
    for file in gone.folder.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    yield Disputed(gone.l1, gone.rollup, folder)
    assert gone.client.request("evm_revert", [snapshot])


def test_an_omitted_receipt_takes_the_bond(vanished: Disputed) -> None:
    bonds, client = vanished.bonds, vanished.client
    bond = int(bonds.view("bondOf"))
    assert calls(vanished.watch(*ME)) == [], "there is time until includeBy"
    vanished.travel(INCLUDE_WITHIN_SECONDS + 1)
    filed = vanished.watch(*ME, expected=1)
    assert [found["standing"] for found in filed["findings"]] == ["overdue"]
    assert calls(filed) == ["fileReceipt"]
    assert calls(vanished.watch(*ME, expected=1)) == [], "there is a day to answer"
    vanished.travel(DAY + 1)
    before, stake = client.balance(make_dev_wallet(WATCHER).address), int(bonds.view("filingBond"))
    assert calls(vanished.watch(*ME, expected=1)) == ["slashReceipt", "registerCover", "withdraw"]
    assert int(bonds.view("bondOf")) == 0
    assert vanished.burned() == bond * 3 // 10
    gained = client.balance(make_dev_wallet(WATCHER).address) - before
    assert abs(gained - bond // 5) < GAS, "a fifth; the filing bond is the registration's now"
    assert calls(vanished.watch(*ME, expected=1)) == [], "nothing is done twice"
    vanished.travel(int(bonds.view("claimWindow")) + int(bonds.view("openingWindow")))
    assert calls(vanished.watch(*ME, expected=1)) == ["payCovers", "withdraw"]
    cover = int(filed["findings"][0]["cover"])
    gained = client.balance(make_dev_wallet(WATCHER).address) - before
    assert cover > 0 and abs(gained - bond // 5 - stake - cover) < GAS, "what the node promised, to the wei less gas"
    assert vanished.burned() == bond * 8 // 10 - cover, "and the rest is nobody's"


def test_a_violated_cover_is_paid(vanished: Disputed) -> None:
    """Two covers, the one of a later block than the other; the pot is half the bond and pays in order."""
    bonds, client = vanished.bonds, vanished.client
    bond = int(bonds.view("bondOf"))
    mine = vanished.forge_receipt("mine", b"\1" * 32, cover=bond, number=2000, first_sequence=2000)
    first = vanished.forge_receipt("first", b"\2" * 32, cover=bond // 5, number=1000, first_sequence=1000)
    late, early = (Disputed(vanished.l1, vanished.rollup, vanished.folder.parent / name) for name in ("late", "early"))
    late.watch("--receipt", str(mine), *ME)
    early.watch("--receipt", str(first))
    vanished.travel(INCLUDE_WITHIN_SECONDS + 1)
    late.watch(*ME, expected=1)
    vanished.travel(DAY + 1)
    assert "registerCover" in calls(late.watch(*ME, expected=1))
    assert "registerCover" in calls(early.watch("--dev", "6", expected=1))
    vanished.travel(int(bonds.view("claimWindow")) + int(bonds.view("openingWindow")))
    before = client.balance(make_dev_wallet(6).address)
    assert "payCovers" in calls(late.watch(*ME, expected=1))
    early.watch("--dev", "6", expected=1)
    gained = client.balance(make_dev_wallet(6).address) - before
    assert abs(gained - bond // 5 - int(bonds.view("filingBond"))) < 10**15, "the earlier block's cover, whole"
    pot, _, _, closed = bonds.view("caseOf", 1)
    assert (pot, closed) == (0, True)
    key = parse_paper(json.loads(mine.read_text()), separator(vanished)).key
    assert int(bonds.view("coverPaid", key)) == bond // 2 - bond // 5, "what was left for the later one"


def test_two_headers_of_one_number_take_the_bond(vanished: Disputed) -> None:
    """The receipt's block, signed once more with another content; it reaches the watcher as somebody's receipt."""
    rival = vanished.forge_receipt("rival", b"\3" * 32, number=0)
    record = vanished.watch("--receipt", str(rival), *ME, expected=1)
    assert [found["kind"] for found in record["findings"]] == ["equivocation"]
    assert calls(record) == ["slashEquivocation", "withdraw"]
    assert int(vanished.bonds.view("bondOf")) == 0


def test_a_void_header_accuses_nobody(vanished: Disputed) -> None:
    """The header of a queue that L1 never had: what a sequencer signed before a deep reorg."""
    void = vanished.forge_receipt("void", b"\3" * 32, number=0, queue_index=1, queue_hash=b"\7" * 32)
    beyond = vanished.forge_receipt("beyond", b"\3" * 32, number=1, queue_index=10**6)
    record = vanished.watch("--receipt", str(void), "--receipt", str(beyond), *ME)
    assert record["receipts"] == {"void": 2, "waiting": 1} and not record["findings"] and not calls(record)


def test_a_strangers_signature_is_refused(vanished: Disputed) -> None:
    file = vanished.forge_receipt("stranger", b"\1" * 32, account=5, number=0)
    assert vanished.watch("--receipt", str(file), *ME, expected=1)["error"]["name"] == "proof_rejected"


def test_the_bond_by_the_command_line(vanished: Disputed) -> None:
    """Adding, taking out, the role, challenges: each is one command, and L1's refusals keep their names."""

    def bond(*arguments: str, expected: int = 0) -> dict[str, Any]:
        done = run_cli("bond", *arguments, "--l1", vanished.l1, "--rollup", vanished.rollup, "--json")
        assert done.returncode == expected, done.stderr
        record: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return record

    had = int(bond("show")["bond"])
    assert int(bond("add", "1000", "--dev", "5")["bond"]) == had + 1000
    assert int(bond("unbond", "400", "--dev", "0")["bond"]) == had + 600
    assert bond("show")["unbonding"]["amount"] == "400"
    assert "TooEarly" in bond("finish", "--dev", "5", expected=1)["error"]["got"]
    vanished.travel(21 * DAY)
    bond("finish", "--dev", "5")
    bond("withdraw", "--dev", "0")
    assert "NothingToTake" in bond("withdraw", "--dev", "5", expected=1)["error"]["got"]
    assert "NotAllowed" in bond("accept", "--dev", "5", expected=1)["error"]["got"]
    bond("offer", make_dev_wallet(5).address, "--dev", "0")
    bond("accept", "--dev", "5")
    assert bond("show")["sequencer"].lower() == make_dev_wallet(5).address.lower()
    assert "NotCommitted" in bond("challenge", "--dev", "6", expected=1)["error"]["got"]
    assert "NotChallenged" in bond("revert", "--dev", "6", expected=1)["error"]["got"]
    assert bond("unbond", "1e3", "--dev", "5", expected=2)["error"]["name"] == "not_an_integer"


# ---------------------------------------------------------------------- an honest operator


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    options = StackOptions(tmp_path_factory.mktemp("honest"), l1="anvil", users=7, batch_age=1.0)
    with open_stack(options, Output(True)) as stack:
        stack.user(1).register_key()
        stack.user(1).wait_credited(stack.user(1).deposit(ZERO, str(10**17)))
        yield stack


def disputed(stack: Stack) -> Disputed:
    return Disputed(stack.chain.url, stack.contract.address, stack.options.folder / "watch", stack.server.url)


def separator(world: Disputed) -> bytes:
    return compute_domain_separator(world.client.chain_id(), bytes.fromhex(world.rollup[2:]))


def test_an_honest_operator_survives_challenges(honest: Stack) -> None:
    """Whoever challenges a batch that can be proven pays the prover."""
    world, bonds = disputed(honest), disputed(honest).bonds
    challenger, won = Sender(world.client, make_dev_wallet(6).export_ethereum_key()), 0
    bond, stake = int(bonds.view("bondOf")), int(bonds.view("challengeBond"))
    for _ in range(8):
        before = honest.contract.committed()
        hash_ = honest.user(1).transfer("0x" + "cd" * 20, "3")
        while honest.contract.committed() == before:
            time.sleep(0.02)
        oldest = honest.contract.finalized() + 1
        try:
            bonds.transact(challenger, "challengeBatch", oldest, value=stake)
            won += 1
        except L1Rejected as error:
            if "NotCommitted" not in str(error.got) and "NotOldest" not in str(error.got):
                raise  # else the prover was faster
        honest.user(1).wait(hash_, "settled")
        if won == 2:
            break
    assert won, "the prover was always faster"
    assert int(bonds.view("owed", make_dev_wallet(OPERATOR).address)) == won * stake
    assert int(bonds.view("challenge")[0]) == 0
    assert int(bonds.view("bondOf")) == bond


def test_an_honest_operator_answers_what_is_filed(honest: Stack) -> None:
    """All receipts of a real node are included; who files one all the same pays who opens it."""
    world, bonds = disputed(honest), disputed(honest).bonds
    hashes = [honest.user(1).transfer("0x" + "ef" * 20, str(n)) for n in (1, 2, 3)]
    for hash_ in hashes:
        honest.user(1).wait(hash_, "settled")
    options = [option for hash_ in hashes for option in ("--tx", hash_)]
    record = world.watch(*options)
    assert record["receipts"] == {"included": 3} and not record["findings"]
    world.travel(INCLUDE_WITHIN_SECONDS + 1)
    assert not world.watch()["findings"]

    honest.node.pipeline.hold("answer")  # the node would be faster
    griefer = Sender(world.client, make_dev_wallet(6).export_ethereum_key())
    filing = int(bonds.view("filingBond"))
    paper = parse_paper(honest.user(1).transport.call("l2_getReceipt", hashes[1]), separator(world))
    bonds.transact(griefer, "fileReceipt", paper.to_abi(), value=filing)
    before = world.client.balance(make_dev_wallet(5).address)
    assert calls(world.watch("--dev", "5", "--answer")) == ["answerReceipt", "withdraw"]
    assert world.client.balance(make_dev_wallet(5).address) > before + filing - 10**16
    assert bonds.view("disputes") == (0, 0, 0)
    assert bonds.view("filing", paper.key)[2] == 2


class Liar(Transport):
    """A node's API that changes what it says of headers and openings."""

    def __init__(self, url: str, change: dict[str, Any]) -> None:
        super().__init__(url)
        self._change = change

    def call(self, method: str, *params: Any) -> Any:
        answer = super().call(method, *params)
        if method == "l2_getOpening":
            return answer | self._change
        return [{**raw, "header": {**raw["header"], "time": 1}} for raw in answer]


LIES: list[dict[str, Any]] = [
    {"id": "0x" + "00" * 31 + "01"}, {"siblings": []}, {"siblings": ["0x" + "00" * 32] * 24}, {"siblings": None},
    {"id": None}, {"siblings": ["0x" + "ff" * 32] * 24},
]  # fmt: skip


def test_a_node_that_lies_shows_nothing(honest: Stack) -> None:
    """Neither a header that nobody signed nor an opening that leads elsewhere is believed, and both are said."""
    world, user, permute = disputed(honest), honest.user(1), native.load().poseidon2_permute
    hash_ = user.transfer("0x" + "ef" * 20, "4")
    user.wait(hash_, "settled")
    for change in LIES:
        found = Watch(world.client, world.rollup, permute, node=Liar(honest.server.url, change))
        paper = found.take_paper(user.transport.call("l2_getReceipt", hash_))
        assert found.collect() == 0 and found.refused
        found.follow()
        found.refused.clear()
        standing = "unopened" if found.now() > paper.due else "waiting"
        assert found.judge(paper).standing == standing and len(found.refused) == 1, change


def test_a_signed_root_that_a_proof_contradicts_takes_the_bond(honest: Stack) -> None:
    """The last test of this rollup: afterwards its operator cannot commit any more."""
    world = disputed(honest)
    forged = world.forge_receipt("root", b"\5" * 32, number=10**6, batch_id=1, state_root=b"\6" * 32)
    record = world.watch("--receipt", str(forged), *ME, expected=1)
    assert [found["kind"] for found in record["findings"]] == ["contradicted_root"]
    assert calls(record) == ["slashRoot", "withdraw"]
    assert int(world.bonds.view("bondOf")) == 0
