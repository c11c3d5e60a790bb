"""The signed block header (docs/spec/batch.md, EIP-712) and the leaves of its receipts. Computes; signs nothing."""

from __future__ import annotations

from dataclasses import dataclass

from eth_abi.abi import encode as abi_encode
from eth_utils.crypto import keccak

BLOCK_TYPE = (
    "Block(uint64 number,bytes32 parent,uint64 firstSequence,uint32 count,bytes32 leavesRoot,uint256 outstandingCover,"
    "uint64 queueIndex,bytes32 queueHash,uint64 time,uint64 includeBy,uint64[] chunkEnds,uint64 batchId,"
    "bytes32 stateRoot)"
)
DOMAIN_TYPE = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
NAME = "l2rollup"
VERSION = "1"
INCLUDE_WITHIN_SECONDS = 3 * 86400
_FIELDS = [
    "bytes32", "uint64", "bytes32", "uint64", "uint32", "bytes32", "uint256", "uint64", "bytes32", "uint64", "uint64",
    "bytes32", "uint64", "bytes32",
]  # fmt: skip


def compute_domain_separator(chain_id: int, rollup: bytes) -> bytes:
    """Returns the EIP-712 domain separator of {"l2rollup", "1", chainId, rollup}."""
    values = [keccak(text=DOMAIN_TYPE), keccak(text=NAME), keccak(text=VERSION), chain_id, rollup]
    return bytes(keccak(abi_encode(["bytes32", "bytes32", "bytes32", "uint256", "address"], values)))


def compute_leaf(sequence: int, id_: bytes, cover: int) -> bytes:
    """Returns the leaf of an item in its block: keccak256(abi.encode(sequence, id, cover))."""
    return bytes(keccak(abi_encode(["uint256", "bytes32", "uint256"], [sequence, id_, cover])))


@dataclass(frozen=True)
class BlockHeader:
    """A block header, fields in the order of the EIP-712 type. cover in wei, times in unix seconds."""

    number: int
    parent: bytes
    first_sequence: int
    count: int
    leaves_root: bytes
    outstanding_cover: int
    queue_index: int
    queue_hash: bytes
    time: int
    include_by: int
    chunk_ends: tuple[int, ...]
    batch_id: int
    state_root: bytes

    def digest(self, domain_separator: bytes) -> bytes:
        """Returns the EIP-712 digest: what the sequencer signs, the parent of the next header, blockHash of a batch."""
        ends = keccak(b"".join(end.to_bytes(32, "big") for end in self.chunk_ends))
        values = [
            keccak(text=BLOCK_TYPE), self.number, self.parent, self.first_sequence, self.count, self.leaves_root,
            self.outstanding_cover, self.queue_index, self.queue_hash, self.time, self.include_by, ends, self.batch_id,
            self.state_root,
        ]  # fmt: skip
        return bytes(keccak(b"\x19\x01" + domain_separator + keccak(abi_encode(_FIELDS, values))))

    def to_typed_data(self, chain_id: int, rollup: str) -> dict[str, object]:
        """Returns the header as EIP-712 typed data, for wallets that check a receipt."""
        names = [part.split(" ") for part in BLOCK_TYPE[6:-1].split(",")]
        values = (
            self.number, self.parent, self.first_sequence, self.count, self.leaves_root, self.outstanding_cover,
            self.queue_index, self.queue_hash, self.time, self.include_by, list(self.chunk_ends), self.batch_id,
            self.state_root,
        )  # fmt: skip
        return {
            "types": {
                "EIP712Domain": [
                    {"name": "name", "type": "string"}, {"name": "version", "type": "string"},
                    {"name": "chainId", "type": "uint256"}, {"name": "verifyingContract", "type": "address"},
                ],
                "Block": [{"name": name, "type": kind} for kind, name in names],
            },
            "primaryType": "Block",
            "domain": {"name": NAME, "version": VERSION, "chainId": chain_id, "verifyingContract": rollup},
            "message": {name: value for (_, name), value in zip(names, values, strict=True)},
        }  # fmt: skip
