// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {BlockHeader} from "../types/Bond.sol";

/// @title What counts as evidence: signed headers that are not void, receipts, openings of finalised batches.
interface IEvidence {
    /// @notice The signature is none, is not in its one form (65 bytes, low s, v 27 or 28), or is not a sequencer's.
    error WrongSignature(address got);
    /// @notice The header names a queue that L1 never had: it binds nobody.
    error HeaderVoid(uint256 queueIndex, bytes32 expected, bytes32 got);
    /// @notice index < count, and sequence = firstSequence + index.
    error ReceiptOutsideBlock(uint256 firstSequence, uint256 count, uint256 index, uint256 sequence);
    /// @notice The path does not lead from the leaf to the header's root, or the index does not fit the path.
    error WrongReceiptPath(bytes32 expected, bytes32 got);
    /// @notice The receipt may still be honoured until `includeBy` (at most 7 days after its block).
    error NotDue(uint256 includeBy, uint256 got);
    /// @notice Only what a finalised batch says counts.
    error BatchNotFinalised(uint256 lastFinalised, uint256 got);
    /// @notice The batch is not the one that L1 has under this number. `expected` 0: its header has to be restored first
    /// (IRollup.restoreHeader).
    error WrongBatch(bytes32 expected, bytes32 got);
    /// @notice The batch does not cover the sequence number.
    error SequenceOutsideBatch(uint256 firstSequence, uint256 endSequence, uint256 got);
    /// @notice The batch does not have this id at the place of the sequence number.
    error WrongOpening(bytes32 expected, bytes32 got);

    /// @notice EIP-712 digest of a block header.
    function computeDigest(BlockHeader calldata header) external view returns (bytes32);

    /// @notice Whether a header that names this queue binds nobody.
    function isVoid(uint64 queueIndex, bytes32 queueHash) external view returns (bool);

    /// @notice Contract that hashes paths of the id tree.
    function idTreeReader() external view returns (address);
}
