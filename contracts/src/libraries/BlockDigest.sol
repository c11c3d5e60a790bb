// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {BlockHeader} from "../types/Bond.sol";

/// @title Digest of a block header, and leaf of a receipt (docs/spec/batch.md, "Block header").
/// @notice Hashes and nothing else. The EIP-712 domain is that of SetKey. Twin of rust/core/src/batch/block.rs.
library BlockDigest {
    bytes32 private constant STRUCT_TYPE = keccak256(
        "Block(uint64 number,bytes32 parent,uint64 firstSequence,uint32 count,bytes32 leavesRoot,uint256 outstandingCover,uint64 queueIndex,bytes32 queueHash,uint64 time,uint64 includeBy,uint64[] chunkEnds,uint64 batchId,bytes32 stateRoot)"
    );

    /// @notice EIP-712 digest that the sequencer signs.
    function compute(bytes32 separator, BlockHeader calldata header) internal pure returns (bytes32) {
        // Two halves: fourteen words at once are more than the stack takes.
        bytes memory first = abi.encode(
            STRUCT_TYPE,
            header.number,
            header.parent,
            header.firstSequence,
            header.count,
            header.leavesRoot,
            header.outstandingCover
        );
        bytes memory second = abi.encode(
            header.queueIndex,
            header.queueHash,
            header.time,
            header.includeBy,
            keccak256(abi.encodePacked(header.chunkEnds)),
            header.batchId,
            header.stateRoot
        );
        return keccak256(abi.encodePacked(hex"1901", separator, keccak256(bytes.concat(first, second))));
    }

    /// @notice Leaf of a receipt in its block's Keccak tree.
    function computeLeaf(uint256 sequence, bytes32 id, uint256 cover) internal pure returns (bytes32) {
        return keccak256(abi.encode(sequence, id, cover));
    }
}
