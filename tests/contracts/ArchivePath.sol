// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

/// @title What restoreHeader wants, and the archive as a whole, from the header hashes of all finalised batches: written
/// from docs/spec/bridge.md and from nothing else.
library ArchivePath {
    uint256 internal constant ENTRIES = 64;
    uint256 internal constant LEVELS = 3;

    /// @param headers that of batch b is headers[b - 1]
    function build(bytes32[] memory headers, uint256 batchId) internal pure returns (bytes32[] memory path) {
        bytes32[] memory entries = headers;
        uint256 place = batchId - 1;
        for (uint256 level = 0; level < LEVELS; ++level) {
            bool isHighest = level == LEVELS - 1;
            uint256 first = isHighest ? 0 : place / ENTRIES * ENTRIES;
            uint256 end = isHighest || entries.length < first + ENTRIES ? entries.length : first + ENTRIES;
            path = concat(path, slice(entries, first, end));
            if (isHighest || end - first < ENTRIES) break;
            (entries, place) = (above(entries), place / ENTRIES);
        }
    }

    function archive(bytes32[] memory headers) internal pure returns (bytes32[LEVELS] memory newest) {
        bytes32[] memory entries = headers;
        for (uint256 level = 0; level < LEVELS; ++level) {
            if (entries.length == 0) {
                newest[level] = bytes32(uint256(1)); // opened and not used yet
                continue;
            }
            uint256 first = level == LEVELS - 1 ? 0 : (entries.length - 1) / ENTRIES * ENTRIES;
            newest[level] = fold(slice(entries, first, entries.length));
            entries = above(entries);
        }
    }

    /// @dev The complete nodes of a level.
    function above(bytes32[] memory entries) private pure returns (bytes32[] memory nodes) {
        nodes = new bytes32[](entries.length / ENTRIES);
        for (uint256 i = 0; i < nodes.length; ++i) {
            nodes[i] = fold(slice(entries, i * ENTRIES, (i + 1) * ENTRIES));
        }
    }

    function fold(bytes32[] memory entries) private pure returns (bytes32 node) {
        for (uint256 i = 0; i < entries.length; ++i) {
            node = keccak256(abi.encode(node, entries[i]));
        }
    }

    function slice(bytes32[] memory all, uint256 first, uint256 end) internal pure returns (bytes32[] memory part) {
        part = new bytes32[](end - first);
        for (uint256 i = 0; i < part.length; ++i) {
            part[i] = all[first + i];
        }
    }

    function concat(bytes32[] memory a, bytes32[] memory b) internal pure returns (bytes32[] memory both) {
        both = new bytes32[](a.length + b.length);
        for (uint256 i = 0; i < both.length; ++i) {
            both[i] = i < a.length ? a[i] : b[i - a.length];
        }
    }
}
