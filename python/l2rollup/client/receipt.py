"""Checks a receipt as a wallet must: nothing in it is believed but what the sequencer signed, the path and L1 show.

verify_receipt needs no L1: header digest and signature, that the header is consistent in itself and can be held against
its signer, the path from (sequence, id, cover) to its leavesRoot, and that it is this transaction's. check_on_l1 is
what only L1 says: that the signer is the sequencer, that the header is not void, and that half of the bond backs what
is promised. What becomes of a receipt later is `l2rollup watch`.
"""

from __future__ import annotations

import time
from typing import Any

from eth_account import Account

from l2rollup.errors import (
    CoverUnbacked,
    L1Rejected,
    L2Error,
    ProofMalformed,
    ProofRejected,
    ReceiptNotFinal,
    ReceiptVoid,
)
from l2rollup.l1 import L1Client, RollupContract
from l2rollup.l1.bonds import BondsContract, find_bonds
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


def check_on_l1(
    header: BlockHeader, info: dict[str, Any], client: L1Client, *, confirmations: int | None = None
) -> None:
    """Checks a header that verify_receipt let pass against L1: signer, queue, bond.

    info: rollup and sequencer, as verify_receipt had them. confirmations: how deep what L1 says must lie, by default
    final; depth 1 is the newest block. Raises ProofRejected for another signer, ReceiptVoid, CoverUnbacked, and
    Retryable where L1 could still lose what the header names (ReceiptNotFinal) or does not answer.
    """
    contract, bonds = RollupContract(client, str(info["rollup"])), find_bonds(client, str(info["rollup"]))
    head = client.head()
    deep = client.finalized() if confirmations is None else max(0, head - max(confirmations, 1) + 1)
    named, signer = str(bonds.view("sequencer", block=head)), str(info["sequencer"])
    if named.lower() != signer.lower():
        raise ProofRejected("signed by another than the sequencer of L1", expected=named, got=signer)
    _check_queue(header, contract, head, deep)
    _check_bond(header, bonds, head, deep)


def _check_queue(header: BlockHeader, contract: RollupContract, head: int, deep: int) -> None:
    """The rule of Evidence._readQueue, for the newest block and for one that stays."""
    length = int(contract.view("queueLength", block=head))
    if header.queue_index > length:
        raise ReceiptVoid("header names a queue longer than L1's", expected=f"<= {length}", got=str(header.queue_index))
    stored = bytes(contract.view("queueHash", header.queue_index, block=head))
    if stored != header.queue_hash:
        raise ReceiptVoid("header names a queue that L1 does not have", expected="0x" + stored.hex(),
                          got="0x" + header.queue_hash.hex())  # fmt: skip
    if header.queue_index == 0 or deep == head:
        return
    try:
        lasting = int(contract.view("queueLength", block=deep))
        same = lasting >= header.queue_index and stored == bytes(
            contract.view("queueHash", header.queue_index, block=deep)
        )
    except L1Rejected:  # the rollup itself is younger
        lasting, same = 0, False
    if not same:
        raise ReceiptNotFinal("header names an entry that L1 could still lose", got=str(header.queue_index),
                              expected=f"<= {lasting}, the queue of L1 block {deep}")  # fmt: skip


def _check_bond(header: BlockHeader, bonds: BondsContract, head: int, deep: int) -> None:
    """Half of the bond is what violated covers are paid from. What is unbonding is no bond, nor what L1 could lose."""
    if header.outstanding_cover == 0:
        return
    bond = int(bonds.view("bondOf", block=head))
    if deep != head:
        try:
            bond = min(bond, int(bonds.view("bondOf", block=deep)))
        except L1Rejected:  # no contract there yet
            bond = 0
    if header.outstanding_cover > bond // 2:
        raise CoverUnbacked("more is promised than half of the bond", expected=f"<= {bond // 2}",
                            got=str(header.outstanding_cover))  # fmt: skip


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
