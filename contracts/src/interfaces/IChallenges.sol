// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

/// @title Challenges: who doubts that the oldest unproven batch can be proven puts a bond on it.
interface IChallenges {
    /// @notice The batch has to be proven until `deadline`, or anyone may revert it and those after it.
    event BatchChallenged(uint256 indexed batchId, address indexed challenger, uint64 deadline);
    /// @notice The batch was proven; the challenge bond is the prover's.
    event ChallengeAnswered(uint256 indexed batchId, address indexed prover);
    /// @notice The batch was not proven in time: `forfeit` wei were taken from the sequencer's bond.
    event ChallengeWon(uint256 indexed batchId, address indexed challenger, uint256 forfeit);
    /// @notice Escape opened first; the challenger has its bond back.
    event ChallengeRefunded(uint256 indexed batchId, address indexed challenger);

    /// @notice Only the batch after the last finalised one can be challenged.
    error NotOldest(uint256 expected, uint256 got);
    error NotCommitted(uint256 lastCommitted, uint256 got);
    error AlreadyChallenged(uint256 batchId);
    error NotChallenged();

    /// @notice Challenges the oldest unproven batch, for challengeBond.
    function challengeBatch(uint256 batchId) external payable;

    /// @notice After the deadline: reverts the challenged batch and all after it, takes the forfeit. Anyone may call.
    function revertBatches() external;

    /// @notice In escape: gives the challenger its bond back. Anyone may call.
    function refundChallenge() external;

    /// @notice The challenged batch (0: none), who challenged it, and the time until which it can be proven in peace.
    function challenge() external view returns (uint64 batchId, address challenger, uint64 deadline);
}
