// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

/// @title Reads paths in the id tree of a batch. Stateless.
interface IIdTreeReader {
    /// @notice A word is not below the field's order, or the place is not below 2^16.
    error OpeningMalformed(uint256 position, uint256 limit, uint256 got);

    /// @notice Root of the id tree that has `id` at leaf `place`, with the siblings from the leaf upwards.
    function computeRoot(uint256 id, uint256 place, uint256[24] calldata siblings) external pure returns (uint256);
}
