// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

uint256 constant LEVELS = 3;

/// @dev The newest node of each level.
struct HeaderTree {
    bytes32[LEVELS] newest;
}

/// @title Commitment to the headers of all finalised batches, in a few words that are used again and again.
/// @notice A tree that grows to the right, 64 entries to a node. An entry of level 0 is a header hash, one of a level
/// above is a complete node of the level below. A node is the fold of its entries, x = keccak256(x, entry) from 0 on,
/// and of each level the newest node is kept. The highest level is one node without end.
/// @dev How many entries a node has follows from the number of batches, never from what somebody hands in.
library HeaderArchive {
    uint256 private constant ENTRIES = 64;

    /// @notice Other than as many hashes as the nodes from the batch upwards have entries; `expected` counts those of
    /// the levels that were read.
    error WrongHashCount(uint256 expected, uint256 got);
    /// @notice The entries fold to `got`, and the archive, or the entry of the level above, is another.
    error WrongNode(uint256 level, bytes32 expected, bytes32 got);

    /// @notice Opens the words, so that no batch pays for a new one.
    function open(HeaderTree storage self) internal {
        for (uint256 level = 0; level < LEVELS; ++level) {
            self.newest[level] = bytes32(uint256(1));
        }
    }

    /// @notice Takes the header of the next batch; numbers begin with 1.
    function append(HeaderTree storage self, uint256 batchId, bytes32 headerHash) internal {
        uint256 place = batchId - 1;
        bytes32 entry = headerHash;
        for (uint256 level = 0; level < LEVELS; ++level) {
            uint256 index = level == LEVELS - 1 ? place : place % ENTRIES;
            entry = _fold(index == 0 ? bytes32(0) : self.newest[level], entry);
            self.newest[level] = entry;
            if (index != ENTRIES - 1) return;
            place /= ENTRIES;
        }
    }

    /// @notice Returns the header hash of a batch, the entries of whose nodes are `hashes`: those of its node of each
    /// level, from level 0 up to the first node that is not complete or that of the highest level.
    /// @param count batches in the archive; 0 < batchId <= count
    function read(HeaderTree storage self, uint256 count, uint256 batchId, bytes32[] calldata hashes)
        internal
        view
        returns (bytes32 headerHash)
    {
        uint256 place = batchId - 1;
        uint256 used = 0;
        bytes32 node;
        for (uint256 level = 0; level < LEVELS; ++level) {
            bool isHighest = level == LEVELS - 1;
            uint256 first = isHighest ? 0 : place - place % ENTRIES;
            bool isComplete = !isHighest && count - first >= ENTRIES;
            uint256 end = used + (isComplete ? ENTRIES : count - first);
            if (hashes.length < end) revert WrongHashCount(end, hashes.length);
            bytes32 own = hashes[used + place - first];
            if (level == 0) headerHash = own;
            else if (own != node) revert WrongNode(level - 1, own, node);
            node = 0;
            for (; used < end; ++used) {
                node = _fold(node, hashes[used]);
            }
            if (!isComplete) {
                if (hashes.length != used) revert WrongHashCount(used, hashes.length);
                if (node != self.newest[level]) revert WrongNode(level, self.newest[level], node);
                return headerHash;
            }
            (place, count) = (place / ENTRIES, count / ENTRIES);
        }
    }

    function _fold(bytes32 node, bytes32 entry) private pure returns (bytes32 folded) {
        assembly ("memory-safe") {
            mstore(0, node)
            mstore(32, entry)
            folded := keccak256(0, 64)
        }
    }
}
