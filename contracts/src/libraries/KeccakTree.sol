// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

/// @title Binary Keccak tree of a list (docs/spec/batch.md, "Withdrawals root").
/// @notice node = keccak256(left ++ right), zero leaves up to the next power of two, root 0 of an empty list.
/// Twin of python/l2rollup/state/keccak_tree.py. Not the state tree, which is Poseidon2 and never hashed on L1.
library KeccakTree {
    /// @notice Root of the first `count` entries of `leaves`, which are overwritten.
    function computeRoot(bytes32[] memory leaves, uint256 count) internal pure returns (bytes32) {
        if (count == 0) return bytes32(0);
        bytes32 padding; // root of an all-zero subtree of the current height
        while (count > 1) {
            uint256 parents = (count + 1) / 2;
            for (uint256 i = 0; i < parents; ++i) {
                bytes32 right = 2 * i + 1 < count ? leaves[2 * i + 1] : padding;
                leaves[i] = hashPair(leaves[2 * i], right);
            }
            padding = hashPair(padding, padding);
            count = parents;
        }
        return leaves[0];
    }

    /// @notice Root that `leaf` at `index` has with the siblings of `path`, from the leaf upwards.
    /// @dev The caller checks index < 2^path.length.
    function computeRootOf(bytes32 leaf, uint256 index, bytes32[] calldata path) internal pure returns (bytes32 node) {
        node = leaf;
        for (uint256 level = 0; level < path.length; ++level) {
            node = (index >> level) & 1 == 0 ? hashPair(node, path[level]) : hashPair(path[level], node);
        }
    }

    function hashPair(bytes32 left, bytes32 right) internal pure returns (bytes32 node) {
        assembly ("memory-safe") {
            mstore(0x00, left)
            mstore(0x20, right)
            node := keccak256(0x00, 0x40)
        }
    }
}
