"""A rollup whose operator gives receipts and then vanishes, and what a dishonest operator's key could sign besides."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from eth_account import Account
from eth_utils.crypto import keccak
from running_demo import run_cli

from l2rollup.cli.accounts import make_dev_wallet
from l2rollup.l1 import L1Client
from l2rollup.l1.bonds import BondsContract, find_bonds
from l2rollup.processor import BlockHeader, compute_leaf
from l2rollup.processor.block import INCLUDE_WITHIN_SECONDS, compute_domain_separator
from l2rollup.types import to_hex

OPERATOR = 0
WATCHER = 7
DAY = 86_400


@dataclass(frozen=True)
class Disputed:
    """An L1, a rollup on it, and where a watcher of it keeps what it saw. node: the operator's API while it is up."""

    l1: str
    rollup: str
    folder: Path
    node: str | None = None

    @property
    def client(self) -> L1Client:
        return L1Client(self.l1)

    @property
    def bonds(self) -> BondsContract:
        return find_bonds(self.client, self.rollup)

    def travel(self, seconds: int) -> None:
        """L1's clock moves on, and a block has the new time."""
        self.client.request("evm_increaseTime", [seconds])
        self.client.request("evm_mine", [])

    def watch(self, *options: str, expected: int = 0) -> dict[str, Any]:
        """Runs one round of `l2rollup watch` in a process of its own; returns its record."""
        at = ["--l1", self.l1, "--rollup", self.rollup, "--db", str(self.folder), "--once", "--json"]
        node = ["--node", self.node] if self.node else []
        done = run_cli("watch", *at, *node, *options)
        assert done.returncode == expected, done.stderr + done.stdout
        record: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        assert not [action for action in record.get("actions", []) if "error" in action], record
        return record

    def burned(self) -> int:
        """Wei that the contract of bonds has burned. Not the zero address's balance: a local L1 pays its fees there."""
        client, topic = self.client, bytes(keccak(text="Burned(uint256)"))
        logs = client.logs_between(self.bonds.address, 0, client.head())
        return sum(int.from_bytes(log.data, "big") for log in logs if log.topics[0] == topic)

    # ------------------------------------------------------------------ what the operator's key signs

    def forge_header(self, **fields: Any) -> BlockHeader:
        """A header of a dishonest operator: it names L1's queue, so it binds."""
        base = BlockHeader(
            number=10**6, parent=bytes(32), first_sequence=10**6, count=1, leaves_root=bytes(32), outstanding_cover=0,
            queue_index=0, queue_hash=bytes(32), time=self.client.latest().time, include_by=0, chunk_ends=(),
            batch_id=0, state_root=bytes(32),
        )  # fmt: skip
        header = replace(base, **fields)
        return header if header.include_by else replace(header, include_by=header.time + INCLUDE_WITHIN_SECONDS)

    def forge_receipt(
        self, name: str, id_: bytes, cover: int = 0, account: int = OPERATOR, **fields: Any
    ) -> Path:  # fmt: skip
        """A receipt of one item in a block of its own, as a file in the form of l2_getReceipt."""
        sequence = int(fields.get("first_sequence", 10**6))
        leaf = compute_leaf(sequence, id_, cover)
        header = self.forge_header(leaves_root=leaf, outstanding_cover=cover, **fields)
        raw = self.sign(header, account) | {"sequence": sequence, "id": to_hex(id_), "cover": str(cover)}
        raw |= {"index": 0, "path": []}
        file = self.folder.parent / f"{name}.json"
        file.write_text(json.dumps(raw))
        return file

    def sign(self, header: BlockHeader, account: int) -> dict[str, Any]:
        """The header in JSON with a signature of a development account."""
        separator = compute_domain_separator(self.client.chain_id(), bytes.fromhex(self.rollup[2:]))
        key = make_dev_wallet(account).export_ethereum_key()
        signature = bytes(Account.from_key(key).unsafe_sign_hash(header.digest(separator)).signature)
        return {"header": to_json(header), "signature": to_hex(signature)}


def to_json(header: BlockHeader) -> dict[str, Any]:
    """A header in the form of l2_getBlocks."""
    return {
        "number": header.number, "parent": to_hex(header.parent), "firstSequence": header.first_sequence,
        "count": header.count, "leavesRoot": to_hex(header.leaves_root),
        "outstandingCover": str(header.outstanding_cover), "queueIndex": header.queue_index,
        "queueHash": to_hex(header.queue_hash), "time": header.time, "includeBy": header.include_by,
        "chunkEnds": list(header.chunk_ends), "batchId": header.batch_id, "stateRoot": to_hex(header.state_root),
    }  # fmt: skip


def calls(record: dict[str, Any]) -> Sequence[str]:
    """The calls that a round sent."""
    return [action["call"] for action in record["actions"]]
