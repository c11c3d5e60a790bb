"""A receipt against L1: who signed, what queue it names, what backs it; on a live L1 with the real contracts.

Every header here is signed by the sequencer's key, so that only L1 can tell the lie.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest
from eth_abi.abi import encode as abi_encode
from eth_account import Account
from eth_utils.crypto import keccak

from l2rollup.client import Client, check_on_l1
from l2rollup.errors import (
    CoverUnbacked,
    L1Rejected,
    L1Unreachable,
    L2Error,
    ProofRejected,
    ReceiptNotFinal,
    ReceiptVoid,
    Retryable,
)
from l2rollup.l1 import L1Client, RollupContract, Sender
from l2rollup.l1.accounts import derive_dev_accounts
from l2rollup.l1.bonds import BondsContract
from l2rollup.l1.deploy import Deployment, deploy_rollup, read_key_data
from l2rollup.l1.local import start_anvil
from l2rollup.l1.terms import ETHER, PRODUCTION
from l2rollup.processor import BlockHeader, compute_leaf
from l2rollup.processor.block import compute_domain_separator

ROOT = (5).to_bytes(32, "big")
FINALITY = 4
"""Blocks by which what L1 calls final lags behind its head."""
ID = b"\x1d" * 32


@dataclasses.dataclass
class Place:
    """A rollup on anvil, its sequencer, and headers that it signs; what a test does is undone."""

    client: L1Client
    deployment: Deployment
    key: str

    @property
    def info(self) -> dict[str, Any]:
        return {"chainId": 31337, "rollup": self.deployment.rollup, "sequencer": Account.from_key(self.key).address}

    @property
    def contract(self) -> RollupContract:
        return RollupContract(self.client, self.deployment.rollup)

    @property
    def bonds(self) -> BondsContract:
        return BondsContract(self.client, self.deployment.bonds)

    def sender(self) -> Sender:
        return Sender(self.client, self.key)

    def deposit(self, value: int = 1) -> None:
        data = keccak(text="depositETH(address)")[:4] + abi_encode(["address"], ["0x" + "ab" * 20])
        self.sender().transact(self.deployment.rollup, data, value=value)

    def mine(self, blocks: int) -> None:
        self.client.request("anvil_mine", [hex(blocks)])

    def header(self, queue_index: int | None = None, cover: int = 0, **fields: Any) -> BlockHeader:
        """A header that names the queue as it is now."""
        index = int(self.contract.view("queueLength")) if queue_index is None else queue_index
        now = self.client.latest().time
        plain = BlockHeader(
            number=1, parent=bytes(32), first_sequence=0, count=1, leaves_root=compute_leaf(0, ID, cover),
            outstanding_cover=cover, queue_index=index, queue_hash=bytes(self.contract.view("queueHash", index)),
            time=now, include_by=now + 3 * 86400, chunk_ends=(), batch_id=0, state_root=bytes(32),
        )  # fmt: skip
        return dataclasses.replace(plain, **fields)

    def check(self, header: BlockHeader, confirmations: int | None = None) -> None:
        check_on_l1(header, self.info, self.client, confirmations=confirmations)

    def fails(self, error: type[L2Error], header: BlockHeader, confirmations: int | None = None) -> L2Error:
        with pytest.raises(error) as raised:
            self.check(header, confirmations)
        assert type(raised.value) is error
        return raised.value

    def receipt(self, header: BlockHeader) -> dict[str, Any]:
        """What l2_getReceipt says, signed."""
        digest = header.digest(compute_domain_separator(31337, bytes.fromhex(self.deployment.rollup[2:])))
        fields = {"parent": "parent", "leavesRoot": "leaves_root", "queueHash": "queue_hash", "stateRoot": "state_root"}
        words = {name: "0x" + getattr(header, field).hex() for name, field in fields.items()}
        return {
            "header": {
                "number": header.number, "firstSequence": header.first_sequence, "count": header.count,
                "outstandingCover": str(header.outstanding_cover), "queueIndex": header.queue_index,
                "time": header.time, "includeBy": header.include_by, "chunkEnds": [], "batchId": 0, **words,
            },
            "signature": "0x" + bytes(Account.from_key(self.key).unsafe_sign_hash(digest).signature).hex(),
            "sequence": 0, "id": "0x" + ID.hex(), "cover": str(header.outstanding_cover), "index": 0, "path": [],
        }  # fmt: skip

    def wallet(self, header: BlockHeader, named: str | None, confirmations: int | None = 1, **options: Any) -> Client:
        """A client whose node shows this header, and names an L1 or none."""
        info = {**self.info, "confirmations": confirmations, "l1": {"url": named}}
        client = Client("http://127.0.0.1:1", **options)
        answers = {"l2_chainInfo": info, "l2_getReceipt": self.receipt(header)}
        client.transport.call = lambda method, *_: answers[method]  # type: ignore[method-assign]
        return client


@pytest.fixture(scope="module")
def made() -> Iterator[Place]:
    with start_anvil(finality_blocks=FINALITY) as chain:
        client = L1Client(chain.url)
        key = derive_dev_accounts()[0].private_key
        sender = Sender(client, key)
        deployment = deploy_rollup(sender, sequencer=sender.address, genesis_root=ROOT, empty_id_root=ROOT,
                                   key_data=read_key_data(), terms=PRODUCTION)  # fmt: skip
        client.request("anvil_mine", ["0x10"])
        yield Place(client, deployment, key)


@pytest.fixture
def place(made: Place) -> Iterator[Place]:
    snapshot = made.client.request("evm_snapshot", [])
    yield made
    assert made.client.request("evm_revert", [snapshot])


# -------------------------------------------------------------------------------- the queue


def test_a_queue_that_l1_has(place: Place) -> None:
    place.check(place.header())  # the empty queue
    for _ in range(3):
        place.deposit()
    place.mine(2 * FINALITY)
    for index in range(4):
        place.check(place.header(index))


@pytest.mark.parametrize("confirmations", [None, 1, 3])
def test_a_queue_that_l1_never_had(place: Place, confirmations: int | None) -> None:
    for _ in range(3):
        place.deposit()
    place.mine(2 * FINALITY)
    good = place.header(2)
    lies = [
        {"queue_hash": b"\3" * 32}, {"queue_hash": bytes(32)}, {"queue_index": 3}, {"queue_index": 1},
        {"queue_index": 0}, {"queue_index": 4, "queue_hash": bytes(32)}, {"queue_index": 4},
        {"queue_index": (1 << 63) - 1, "queue_hash": bytes(32)},
        {"queue_hash": good.queue_hash[:31] + b"\1"},  # L1's ends in four zero bytes
    ]  # fmt: skip
    for lie in lies:
        header = dataclasses.replace(good, **lie)
        assert place.fails(ReceiptVoid, header, confirmations).code == "receipt_void"
        assert place.bonds.view("isVoid", header.queue_index, header.queue_hash), "as L1 says"
    place.check(good, confirmations)


def test_an_entry_that_l1_could_lose(place: Place) -> None:
    """The newest entries are no ground to stand on: the same header passes when they are final."""
    place.deposit()
    header = place.header()
    error = place.fails(ReceiptNotFinal, header)
    assert isinstance(error, Retryable)
    place.check(header, confirmations=1)
    place.fails(ReceiptNotFinal, header, confirmations=2)
    place.mine(1)
    place.check(header, confirmations=2)
    place.mine(2 * FINALITY)
    place.check(header)


def test_an_entry_that_l1_lost(place: Place) -> None:
    snapshot = place.client.request("evm_snapshot", [])
    place.deposit(1)
    header = place.header()
    place.check(header, confirmations=1)
    assert place.client.request("evm_revert", [snapshot])
    place.fails(ReceiptVoid, header, confirmations=1)
    place.mine(1)
    place.deposit(1)  # the same request in another block
    place.fails(ReceiptVoid, header, confirmations=1)


# -------------------------------------------------------------------------------- the bond


def test_half_of_the_bond(place: Place) -> None:
    half = ETHER // 2
    assert int(place.bonds.view("bondOf")) == ETHER
    place.check(place.header(cover=half))
    error = place.fails(CoverUnbacked, place.header(cover=half + 1))
    assert (error.expected, error.got, error.code) == (f"<= {half}", str(half + 1), "cover_unbacked")
    place.fails(CoverUnbacked, place.header(cover=2**255), confirmations=1)


def test_what_is_unbonding_backs_nothing(place: Place) -> None:
    header = place.header(cover=ETHER // 2)
    place.bonds.transact(place.sender(), "startUnbonding", 2)
    place.fails(CoverUnbacked, header)
    place.check(place.header(cover=ETHER // 2 - 1))


def test_a_bond_that_l1_could_lose_backs_nothing(place: Place) -> None:
    header = place.header(cover=ETHER // 2 + 1)
    place.bonds.transact(place.sender(), "addBond", value=2)
    place.fails(CoverUnbacked, header)
    place.check(header, confirmations=1)
    place.mine(2 * FINALITY)
    place.check(header)


def test_without_a_promise_nothing_has_to_back_it(place: Place) -> None:
    place.bonds.transact(place.sender(), "startUnbonding", ETHER)
    place.check(place.header())
    place.fails(CoverUnbacked, place.header(cover=1))


# -------------------------------------------------------------------------------- the signer


def test_a_sequencer_that_is_none(place: Place) -> None:
    """The node names itself sequencer, and signs; L1 names another."""
    stranger = dataclasses.replace(place, key="0x" + "77" * 32)
    error = stranger.fails(ProofRejected, place.header())
    assert error.got == stranger.info["sequencer"]
    heir = derive_dev_accounts()[5]
    place.bonds.transact(place.sender(), "offerSequencer", heir.address)
    place.check(place.header())
    place.bonds.transact(Sender(place.client, heir.private_key), "acceptSequencer")
    place.fails(ProofRejected, place.header())
    dataclasses.replace(place, key=heir.private_key).check(place.header())


def test_bonds_of_another_rollup_or_none(place: Place) -> None:
    for rollup in (place.deployment.bonds, place.deployment.verifier, "0x" + "12" * 20):
        with pytest.raises(L1Rejected):
            check_on_l1(place.header(), {**place.info, "rollup": rollup}, place.client)


def test_no_l1_is_no_answer(place: Place) -> None:
    with pytest.raises(L1Unreachable):
        check_on_l1(place.header(), place.info, L1Client("http://127.0.0.1:1", retries=0))


def test_a_rollup_younger_than_what_is_final() -> None:
    """Nothing of it is final: what it says may be lost with it."""
    with start_anvil(finality_blocks=40) as chain:
        client = L1Client(chain.url)
        key = derive_dev_accounts()[0].private_key
        sender = Sender(client, key)
        deployment = deploy_rollup(sender, sequencer=sender.address, genesis_root=ROOT, empty_id_root=ROOT,
                                   key_data=read_key_data(), terms=PRODUCTION)  # fmt: skip
        place = Place(client, deployment, key)
        place.fails(CoverUnbacked, place.header(cover=1))
        place.deposit()
        place.fails(ReceiptNotFinal, place.header())
        place.check(place.header(cover=1), confirmations=1)


# -------------------------------------------------------------------------------- the wallet


def test_the_wallet_asks_the_l1_it_was_given(place: Place) -> None:
    """A node that calls itself one of development, and names another L1, relaxes nothing."""
    place.deposit()
    header, url = place.header(), place.client.url
    for named in (None, url, "http://127.0.0.1:1"):
        with pytest.raises(ReceiptNotFinal):
            place.wallet(header, named, l1_url=url).get_receipt("0x" + ID.hex())
        deep = place.wallet(header, named, l1_url=url, l1_confirmations=1)
        assert deep.get_receipt("0x" + ID.hex())["sequence"] == 0
    void = dataclasses.replace(header, queue_hash=b"\7" * 32)
    with pytest.raises(ReceiptVoid):
        place.wallet(void, None, l1_url=url).get_receipt("0x" + ID.hex())
    unbacked = place.header(cover=ETHER)
    with pytest.raises(CoverUnbacked):
        place.wallet(unbacked, None, l1_url=url, l1_confirmations=1).get_receipt("0x" + ID.hex())


def test_the_wallet_asks_the_l1_that_its_node_names(place: Place) -> None:
    place.deposit()
    header, url = place.header(), place.client.url
    assert place.wallet(header, url, confirmations=1).get_receipt("0x" + ID.hex())
    with pytest.raises(ReceiptNotFinal):
        place.wallet(header, url, confirmations=None).get_receipt("0x" + ID.hex())
    with pytest.raises(ReceiptNotFinal):
        place.wallet(header, url, confirmations=1, l1_confirmations=2).get_receipt("0x" + ID.hex())
    void = dataclasses.replace(header, queue_index=9)
    with pytest.raises(ReceiptVoid):
        place.wallet(void, url).get_receipt("0x" + ID.hex())
    # No L1 anywhere: signature, path and identity are all there is.
    assert place.wallet(void, None).get_receipt("0x" + ID.hex())
