// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

// The batch as L1 sees it: what the sequencer claims, and the header whose hash is stored. Layout only, no rules.
// Twin of docs/spec/batch.md and of python/l2rollup/state/header.py.

/// @notice What the sequencer claims about a batch; everything else in the header is computed or continued by L1.
/// @dev Eleven static words. Field elements are below r. `blockHash` is the EIP-712 digest of the signed block header
/// that ends the batch, 0 if none.
struct BatchInput {
    uint256 batchId;
    uint256 time;
    bytes32 oldRoot;
    bytes32 newRoot;
    uint256 endSequence;
    uint256 endQueue;
    bytes32 idRoot;
    bytes32 txC;
    bytes32 opC;
    uint256 chunks;
    bytes32 blockHash;
}

/// @notice A committed batch. L1 stores keccak256(abi.encode(header)), 640 bytes hashed.
/// @dev Twenty static words, so the ABI encoding is the plain concatenation. Ends are exclusive.
struct BatchHeader {
    uint256 batchId;
    uint256 time;
    bytes32 oldRoot;
    bytes32 newRoot;
    uint256 firstSequence;
    uint256 endSequence;
    uint256 firstQueue;
    uint256 endQueue;
    bytes32 idRoot;
    bytes32 txC;
    bytes32 opC;
    uint256 z;
    uint256 txY;
    uint256 opY;
    uint256 txWords;
    uint256 opWords;
    uint256 dataMode;
    uint256 chunks;
    bytes32 blockHash;
    bytes32 withdrawalsRoot;
}

/// @notice What the rollup is set up with, for ever: the contracts beside it and the deadlines of escape in seconds.
struct Settings {
    address accountReader;
    address bonds;
    address breakers;
    address governor;
    uint64 forcedDeadline;
    uint64 finalityDeadline;
}
