// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

/// @title What the rollup asks of the contract that holds the sequencer's bond. No value of users is ever here.
/// @notice The rollup asks it who commits, and calls it at finalise while a challenge is open; it calls the rollup back
/// through IDisputable alone.
interface IBonds {
    /// @notice commitBatch was not called by the sequencer.
    error NotSequencer(address expected, address got);
    /// @notice The sequencer's bond is below the minimum: nothing is committed.
    error BondTooLow(uint256 expected, uint256 got);
    /// @notice Only the rollup calls this.
    error NotRollup(address expected, address got);

    /// @notice Asked by the rollup in commitBatch: reverts unless `caller` is the sequencer and its bond suffices. The
    /// answer holds until the next forgetSequencer.
    function checkCommit(address caller) external view;

    /// @notice Called by the rollup when batch `batchId`, which is challenged, was proven by `prover`.
    function onFinalize(uint256 batchId, address prover) external;

    /// @notice The rollup this bond answers for.
    function rollup() external view returns (address);
    /// @notice The one address that commits and whose signature makes a block header.
    function sequencer() external view returns (address);
}

/// @title What the contract of bonds may do to the rollup: nothing that moves value, nothing to a proven batch.
interface IDisputable {
    /// @notice The batches after the last finalised one are no longer committed; queue and sequence go on from there.
    event BatchesReverted(uint256 indexed firstBatch, uint256 lastBatch);

    /// @notice Only the contract of bonds calls this.
    error NotBonds(address expected, address got);

    /// @notice Says whether the oldest batch that is not proven is challenged, so that finalizeBatch reports its prover.
    function setChallenged(bool challenged) external;

    /// @notice Has the rollup ask again who may commit: called whenever the bond falls or the role moves.
    function forgetSequencer() external;

    /// @notice Takes back every batch that is committed and not finalised. Not in escape.
    function revertBatches() external;
}
