// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

/// @notice What an account proof shows: the owner's balance of a token, index 0 for native.
struct AccountBalance {
    address owner;
    uint256 index;
    uint256 tokenIndex;
    uint256 amount;
}

/// @title Reads an account's balance from a proof against a state root.
interface IAccountReader {
    /// @notice The bytes are no account proof of this kind.
    /// @param position byte at which they depart from it
    error AccountProofMalformed(uint256 position, uint256 expected, uint256 got);
    /// @notice The proof leads to another root than the one asked for.
    error AccountProofRejected(uint256 expected, uint256 got);

    /// @notice Owner, leaf index and balance of the account in the proof. Reverts unless it leads to `root`.
    /// @param proof version 0 (docs/spec/bridge.md, Account proofs)
    /// @param tokenIndex 0 for the native balance
    function readBalance(bytes calldata proof, uint256 tokenIndex, uint256 root)
        external
        view
        returns (address owner, uint256 index, uint256 amount);

    /// @notice Every balance that a proof of many accounts shows. Reverts unless it leads to `root`.
    /// @param proof a version that carries its token indices; version 0 does not
    function readBalances(bytes calldata proof, uint256 root) external view returns (AccountBalance[] memory);
}
