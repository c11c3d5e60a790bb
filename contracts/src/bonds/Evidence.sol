// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IBridge} from "../interfaces/IBridge.sol";
import {IEvidence} from "../interfaces/IEvidence.sol";
import {IIdTreeReader} from "../interfaces/IIdTreeReader.sol";
import {IRollup} from "../interfaces/IRollup.sol";
import {BlockDigest} from "../libraries/BlockDigest.sol";
import {KeccakTree} from "../libraries/KeccakTree.sol";
import {ProofCodec} from "../libraries/ProofCodec.sol";
import {SetKey} from "../libraries/SetKey.sol";
import {IdTreeReader} from "../proof/IdTreeReader.sol";
import {BatchHeader} from "../types/Batch.sol";
import {BlockHeader, Opening, Receipt, ReceiptName, SignedHeader} from "../types/Bond.sol";
import {Bond} from "./Bond.sol";

/// @title What counts as evidence (docs/spec/bridge.md, Bonds). Checks and changes nothing.
/// @notice A header binds who signed it, unless it names a queue that L1 never had. What became of a sequence number is
/// what a finalised batch says.
abstract contract Evidence is Bond, IEvidence {
    /// A receipt that allows itself longer is due after this.
    uint256 private constant MAX_INCLUDE = 7 days;

    address internal immutable _rollup;
    bytes32 private immutable _separator;
    IIdTreeReader private immutable _reader;

    constructor(address rollup_) {
        if (rollup_ == address(0)) revert BadSetting(0, 1, 0);
        _rollup = rollup_;
        _separator = SetKey.computeSeparator(block.chainid, rollup_);
        _reader = new IdTreeReader();
    }

    /// @inheritdoc IEvidence
    function computeDigest(BlockHeader calldata header) public view returns (bytes32) {
        return BlockDigest.compute(_separator, header);
    }

    /// @inheritdoc IEvidence
    function isVoid(uint64 queueIndex, bytes32 queueHash) external view returns (bool) {
        (bool holds,) = _readQueue(queueIndex, queueHash);
        return !holds;
    }

    /// @inheritdoc IEvidence
    function idTreeReader() external view returns (address) {
        return address(_reader);
    }

    /// @dev Digest of a header that binds a sequencer.
    function _checkHeader(SignedHeader calldata signed) internal view returns (bytes32 digest) {
        digest = computeDigest(signed.header);
        if (signed.signature.length != SetKey.SIGNATURE_BYTES) revert WrongSignature(address(0));
        address signer = SetKey.recover(digest, signed.signature, 0);
        if (!isSigner(signer)) revert WrongSignature(signer);
        (bool holds, bytes32 expected) = _readQueue(signed.header.queueIndex, signed.header.queueHash);
        if (!holds) revert HeaderVoid(signed.header.queueIndex, expected, signed.header.queueHash);
    }

    /// @dev L1 says 0 of an index that the queue has not reached, which is no hash of such a queue.
    function _readQueue(uint256 index, bytes32 got) private view returns (bool holds, bytes32 expected) {
        if (index > IBridge(_rollup).queueLength()) return (false, 0);
        expected = IBridge(_rollup).queueHash(index);
        holds = got == expected;
    }

    /// @dev A receipt that binds and is overdue: its name, and the key of that.
    function _checkReceipt(Receipt calldata receipt) internal view returns (ReceiptName memory name, bytes32 key) {
        BlockHeader calldata header = receipt.signed.header;
        name = ReceiptName(_checkHeader(receipt.signed), receipt.sequence, receipt.id, receipt.cover);
        uint256 first = header.firstSequence;
        if (receipt.index >= header.count || receipt.sequence != first + receipt.index) {
            revert ReceiptOutsideBlock(first, header.count, receipt.index, receipt.sequence);
        }
        bytes32 leaf = BlockDigest.computeLeaf(receipt.sequence, receipt.id, receipt.cover);
        bytes32 root = KeccakTree.computeRootOf(leaf, receipt.index, receipt.path);
        if (root != header.leavesRoot || receipt.index >> receipt.path.length != 0) {
            revert WrongReceiptPath(header.leavesRoot, root);
        }
        uint256 due = uint256(header.time) + MAX_INCLUDE;
        if (header.includeBy < due) due = header.includeBy;
        if (block.timestamp <= due) revert NotDue(due, block.timestamp);
        key = keccak256(abi.encode(name.digest, leaf));
    }

    function _keyOf(ReceiptName calldata name) internal pure returns (bytes32) {
        return keccak256(abi.encode(name.digest, BlockDigest.computeLeaf(name.sequence, name.id, name.cover)));
    }

    function _checkFinalised(BatchHeader calldata batch) internal view {
        uint256 newest = IRollup(_rollup).lastFinalised();
        if (batch.batchId > newest) revert BatchNotFinalised(newest, batch.batchId);
        bytes32 stored = IRollup(_rollup).headerHash(batch.batchId);
        bytes32 got = ProofCodec.hashHeader(batch);
        if (stored == 0 || got != stored) revert WrongBatch(stored, got);
    }

    /// @dev Passes where a finalised batch has `id` at the place of the sequence number.
    function _checkOpening(uint256 sequence, bytes32 id, Opening calldata opening) internal view {
        BatchHeader calldata batch = opening.batch;
        _checkFinalised(batch);
        if (sequence < batch.firstSequence || sequence >= batch.endSequence) {
            revert SequenceOutsideBatch(batch.firstSequence, batch.endSequence, sequence);
        }
        bytes32 root = bytes32(_reader.computeRoot(uint256(id), sequence - batch.firstSequence, opening.siblings));
        if (root != batch.idRoot) revert WrongOpening(batch.idRoot, root);
    }
}
