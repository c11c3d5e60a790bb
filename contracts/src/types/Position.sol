// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

/// @notice Where the chain of batches stands, in one word: all that a commit reads of what went before.
/// @dev From the low end: last batch 40 bits, its time 40, exclusive end of its sequence numbers 56 (a batch has at most
/// 2^16, so they last as long as the batches) and of its queue entries 40, low 32 bits of its root, a mark of what was
/// taken back 40, closed by escape 1. The mark of the committed position is the newest batch that was ever taken back,
/// that of the finalised one the batch that was the last finalised when it happened last. It is layout, and decides
/// nothing.
type Position is uint256;

using PositionLibrary for Position global;

library PositionLibrary {
    uint256 private constant TIME = 40;
    uint256 private constant SEQUENCE = 80;
    uint256 private constant QUEUE = 136;
    uint256 private constant TAG = 176;
    uint256 private constant MARK = 208;
    uint256 private constant CLOSED = 248;

    /// @notice A position that is open, with no batch taken back. The caller's values fit: time is L1's, the others grow
    /// by bounded steps.
    function pack(uint256 batchId_, uint256 time_, uint256 endSequence_, uint256 endQueue_, bytes32 root)
        internal
        pure
        returns (Position)
    {
        return Position.wrap(
            batchId_ | (time_ << TIME) | (endSequence_ << SEQUENCE) | (endQueue_ << QUEUE) | (tagOf(root) << TAG)
        );
    }

    /// @notice What of a root is kept.
    function tagOf(bytes32 root) internal pure returns (uint256) {
        return uint32(uint256(root));
    }

    function batchId(Position self) internal pure returns (uint256) {
        return uint40(Position.unwrap(self));
    }

    function time(Position self) internal pure returns (uint256) {
        return uint40(Position.unwrap(self) >> TIME);
    }

    function endSequence(Position self) internal pure returns (uint256) {
        return uint56(Position.unwrap(self) >> SEQUENCE);
    }

    function endQueue(Position self) internal pure returns (uint256) {
        return uint40(Position.unwrap(self) >> QUEUE);
    }

    function rootTag(Position self) internal pure returns (uint256) {
        return uint32(Position.unwrap(self) >> TAG);
    }

    /// @notice Of the committed position: newest batch that was ever taken back.
    function staleUntil(Position self) internal pure returns (uint256) {
        return uint40(Position.unwrap(self) >> MARK);
    }

    /// @notice Of the finalised position: the last finalised batch when batches were last taken back.
    function revertedAt(Position self) internal pure returns (uint256) {
        return uint40(Position.unwrap(self) >> MARK);
    }

    function isClosed(Position self) internal pure returns (bool) {
        return Position.unwrap(self) >> CLOSED != 0;
    }

    /// @notice This position with another mark.
    function withStale(Position self, uint256 batchId_) internal pure returns (Position) {
        uint256 others = Position.unwrap(self) & ~(uint256(type(uint40).max) << MARK);
        return Position.wrap(others | (batchId_ << MARK));
    }

    /// @notice This position with another mark.
    function withRevertedAt(Position self, uint256 batchId_) internal pure returns (Position) {
        return withStale(self, batchId_);
    }

    function close(Position self) internal pure returns (Position) {
        return Position.wrap(Position.unwrap(self) | (1 << CLOSED));
    }
}
