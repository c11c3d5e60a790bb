"""The batch header L1 stores as one hash (docs/spec/batch.md), and the domain that binds chain and rollup."""

from __future__ import annotations

from dataclasses import dataclass, fields

from eth_abi.abi import decode as abi_decode
from eth_abi.abi import encode as abi_encode
from eth_utils.crypto import keccak

from l2rollup.errors import ProofMalformed

HEADER_TYPE = (
    "(uint256,uint256,bytes32,bytes32,uint256,uint256,uint256,uint256,bytes32,bytes32,bytes32,"
    "uint256,uint256,uint256,uint256,uint256,uint256,uint256,bytes32,bytes32)"
)
CALLDATA_MODE = 0


@dataclass(frozen=True)
class BatchHeader:
    """BatchHeader of docs/spec/batch.md, fields in its order; 32-byte values as bytes."""

    batch_id: int
    time: int
    old_root: bytes
    new_root: bytes
    first_sequence: int
    end_sequence: int
    first_queue: int
    end_queue: int
    id_root: bytes
    tx_c: bytes
    op_c: bytes
    z: int
    tx_y: int
    op_y: int
    tx_words: int
    op_words: int
    data_mode: int
    chunks: int
    block_hash: bytes
    withdrawals_root: bytes

    def to_tuple(self) -> tuple[int | bytes, ...]:
        """Returns the fields as the ABI tuple."""
        return tuple(getattr(self, field.name) for field in fields(self))

    def encode(self) -> bytes:
        """Returns abi.encode(header), 640 bytes."""
        return abi_encode([HEADER_TYPE], [self.to_tuple()])

    def hash(self) -> bytes:
        """Returns keccak256(abi.encode(header)), what L1 stores."""
        return bytes(keccak(self.encode()))

    def encode_proof(self, snark: bytes) -> bytes:
        """Returns abi.encode(header, snark), the `proof` of finalizeBatch and verifyStateCommitment."""
        return abi_encode([HEADER_TYPE, "bytes"], [self.to_tuple(), snark])


def decode_proof(proof: bytes) -> tuple[BatchHeader, bytes]:
    """Reads abi.encode(header, snark); a form that does not encode back to itself raises ProofMalformed."""
    try:
        values, snark = abi_decode([HEADER_TYPE, "bytes"], proof)
    except Exception as error:
        got = str(error)[:120]
        raise ProofMalformed("proof does not decode", expected="abi.encode(header, snark)", got=got) from error
    header = BatchHeader(*values)
    if header.encode_proof(snark) != proof:
        raise ProofMalformed("proof is not canonical", expected="the one ABI encoding", got=f"{len(proof)} bytes")
    return header, bytes(snark)


def compute_domain(chain_id: int, rollup: bytes) -> int:
    """Returns low 248 bits of keccak256(abi.encode("l2rollup", chainId, rollup)), docs/spec/transactions.md m1."""
    digest = keccak(abi_encode(["string", "uint256", "address"], ["l2rollup", chain_id, rollup]))
    return int.from_bytes(digest, "big") & ((1 << 248) - 1)
