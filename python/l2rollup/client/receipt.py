"""Checks a receipt as a wallet must: nothing in it is believed but what the sequencer signed and the path shows.

Checked: header digest and signature, that the header is consistent in itself and can be held against its signer on L1,
the path from (sequence, id, cover) to its leavesRoot, and that it is this transaction's. Not checked: whether L1 has
the queue entry that the header names (`l2rollup watch` does), and whether the bond is worth the cover.
"""

from __future__ import annotations

import time
from typing import Any

from eth_account import Account

from l2rollup.errors import L2Error, ProofMalformed, ProofRejected
from l2rollup.processor import BlockHeader, compute_leaf
from l2rollup.processor.block import compute_domain_separator
from l2rollup.state import verify_path
from l2rollup.types import parse_amount, parse_hex, parse_integer

MAX_INCLUDE_SECONDS = 7 * 86400
MAX_AHEAD_SECONDS = 900
"""How far a header's time may be ahead: what is dated later cannot be filed for as long."""
MAX_CHUNK_ENDS = 256
"""A header with very many is too long for a transaction: no evidence could be made of it."""
MAX_S = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0
"""Half the order of secp256k1; L1 takes no larger s."""
ZERO_WORD = bytes(32)
NOBODY = "0x" + "00" * 20


def verify_receipt(receipt: dict[str, Any], info: dict[str, Any], tx_hash: str) -> BlockHeader:
    """Checks the receipt of a transaction and returns its header.

    info: chainId, rollup and sequencer. Raises ProofMalformed for what is no receipt, ProofRejected for a false one.
    """
    try:
        header = parse_header(receipt["header"])
        signature = parse_hex(receipt["signature"], length=65, what="signature")
        id_ = parse_hex(receipt["id"], length=32, what="id")
        sequence = parse_integer(receipt["sequence"], bits=63, what="sequence")
        index = parse_integer(receipt["index"], bits=32, what="index")
        cover = parse_amount(receipt["cover"], bits=256, what="cover")
        path = [parse_hex(node, length=32, what="path") for node in receipt["path"]]
    except (KeyError, TypeError) as error:
        raise ProofMalformed("not a receipt", expected="the members of l2_getReceipt", got=repr(error)) from error
    except L2Error as error:
        raise ProofMalformed(error.message, expected=error.expected, got=error.got) from error
    _check_signature(header, signature, info)
    _check_header(header)
    if id_ != parse_hex(tx_hash, length=32, what="hash"):
        raise ProofRejected("receipt is another transaction's", expected=tx_hash, got=str(receipt["id"]))
    if cover > header.outstanding_cover:
        raise ProofRejected("cover exceeds what is outstanding", expected=f"<= {header.outstanding_cover}",
                            got=str(cover))  # fmt: skip
    in_block = header.first_sequence + index == sequence and index < header.count
    if not in_block or not verify_path(header.leaves_root, compute_leaf(sequence, id_, cover), index, path):
        raise ProofRejected("receipt's path does not lead to its header", expected="0x" + header.leaves_root.hex())
    return header


def parse_header(raw: dict[str, Any]) -> BlockHeader:
    """Reads a block header from its JSON form. Raises KeyError, TypeError or Malformed."""

    def word(name: str) -> bytes:
        return parse_hex(raw[name], length=32, what=name)

    def number(name: str, bits: int = 63) -> int:
        return parse_integer(raw[name], bits=bits, what=name)

    return BlockHeader(
        number=number("number"), parent=word("parent"), first_sequence=number("firstSequence"),
        count=number("count", 32), leaves_root=word("leavesRoot"),
        outstanding_cover=parse_amount(raw["outstandingCover"], bits=256, what="outstandingCover"),
        queue_index=number("queueIndex"), queue_hash=word("queueHash"), time=number("time"),
        include_by=number("includeBy"), batch_id=number("batchId"), state_root=word("stateRoot"),
        chunk_ends=tuple(parse_integer(end, bits=63, what="chunkEnds") for end in raw["chunkEnds"]),
    )  # fmt: skip


def _check_signature(header: BlockHeader, signature: bytes, info: dict[str, Any]) -> None:
    rollup = parse_hex(info["rollup"], length=20, what="rollup")
    digest = header.digest(compute_domain_separator(int(info["chainId"]), rollup))
    expected, signer = str(info["sequencer"]), recover_signer(digest, signature)
    if signer == NOBODY:
        raise ProofRejected("receipt has no valid signature", expected=expected, got="low s and v 27 or 28 at least")
    if signer != expected.lower():
        raise ProofRejected("receipt is not signed by the sequencer", expected=expected, got=signer)


def recover_signer(digest: bytes, signature: bytes) -> str:
    """Returns who signed, lower-case 0x-hex; NOBODY for what L1 takes for no signature (65 bytes: r, s, v)."""
    if int.from_bytes(signature[32:64], "big") > MAX_S or signature[64] not in (27, 28):
        return NOBODY
    try:
        return str(Account._recover_hash(digest, signature=signature)).lower()
    except Exception:
        return NOBODY


def _check_header(header: BlockHeader) -> None:
    """Refuses a signed header that contradicts itself, or is made so that nobody could be held to it."""
    end, latest = header.first_sequence + header.count, int(time.time()) + MAX_AHEAD_SECONDS
    if header.time > latest:
        raise ProofRejected("header is dated ahead", expected=f"<= {latest}", got=str(header.time))
    if len(header.chunk_ends) > MAX_CHUNK_ENDS:
        raise ProofRejected("header is too long for L1", expected=f"<= {MAX_CHUNK_ENDS} chunk ends",
                            got=str(len(header.chunk_ends)))  # fmt: skip
    if not header.time <= header.include_by <= header.time + MAX_INCLUDE_SECONDS:
        raise ProofRejected("includeBy is out of range", expected=f"{header.time} .. + 7 days",
                            got=str(header.include_by))  # fmt: skip
    ends = header.chunk_ends
    if list(ends) != sorted(set(ends)) or any(not header.first_sequence <= chunk_end <= end for chunk_end in ends):
        raise ProofRejected("chunks end outside the block", expected=f"{header.first_sequence} .. {end}, ascending",
                            got=str(ends))  # fmt: skip
    if (header.batch_id == 0) != (header.state_root == ZERO_WORD):
        raise ProofRejected("a batch ends with a root, and only then", expected="batchId and stateRoot, or neither",
                            got=f"batch {header.batch_id}")  # fmt: skip
