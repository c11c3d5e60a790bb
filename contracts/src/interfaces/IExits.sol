// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

/// @title Ways out that no operator can close: forced exits, escape, exits by proof, refunds.
/// @notice Amounts are in the token's smallest unit, times in unix seconds; token 0 is native ETH with index 0.
interface IExits {
    /// @notice A forced exit of an account's whole balance of a token entered the queue; `fee` wei were burned.
    event ForcedExitQueued(
        uint256 indexed index, address indexed token, uint256 tokenIndex, address indexed account, uint256 fee
    );
    /// @notice Escape is open, for ever: nothing is taken in, committed or finalised from here on.
    /// @param overdue first queue entry whose deadline passed, or type(uint256).max where nothing was finalised in time
    event EscapeActivated(uint256 overdue, uint256 stateBatch);
    /// @notice An account left with its whole balance of a token under the last proven root.
    event Escaped(
        uint256 indexed accountIndex, address indexed token, address indexed owner, uint256 amount, bool pushed
    );
    /// @notice A deposit that no finalised batch consumed went back to its depositor.
    event DepositRefunded(uint256 indexed index, address indexed token, address depositor, uint256 amount, bool pushed);

    /// @notice Escape is open since `time`: this call is closed.
    error EscapeOpen(uint256 time);
    /// @notice Escape is not open.
    error EscapeClosed();
    /// @notice Neither clock has run out: the earlier of the two ends at `earliest`.
    error NotOverdue(uint256 earliest, uint256 got);
    /// @notice The fee of a forced exit is higher.
    error FeeTooLow(uint256 expected, uint256 got);
    /// @notice This account has left with this token before.
    error AlreadyExited(uint256 accountIndex, uint256 tokenIndex);
    /// @notice A finalised batch consumed the entry.
    error EntryConsumed(uint256 index, uint256 queueHead);
    /// @notice No deposit with these fields is at this place of the queue.
    error WrongDeposit(uint256 index, bytes32 expected, bytes32 got);
    error AlreadyRefunded(uint256 index);

    /// @notice Queues the exit of the caller's whole L2 balance of a token to the caller. The fee is burned, what is
    /// sent beyond it comes back.
    function requestForcedExit(address token) external payable;

    /// @notice Opens escape, where a queue entry is overdue or nothing was finalised for too long. Anyone may call.
    function activateEscape() external;

    /// @notice In escape, pays many accounts whose balances under the last proven root one proof shows (a Merkle path
    /// shows one). Balances that are zero or have left before are passed over. Anyone may call.
    function forceExits(bytes calldata accountProof) external;

    /// @notice Pays a deposit that no finalised batch has consumed back to the depositor, in escape. Anyone may call.
    function refundDeposit(uint256 index, address token, uint256 amount, address recipient, address depositor)
        external;

    /// @notice Fee of requestForcedExit now, in wei: it rises with the open entries of the queue, to a bound.
    function forcedExitFee() external view returns (uint256);
    /// @notice Seconds after which an entry that no finalised batch has consumed opens escape.
    function forcedDeadline() external view returns (uint64);
    /// @notice Seconds from the time of the last finalised batch after which escape opens.
    function finalityDeadline() external view returns (uint64);
    /// @notice Time from which activateEscape works if nothing is finalised until then.
    function escapeOpensAt() external view returns (uint256);
    /// @notice Contract that reads account proofs.
    function accountReader() external view returns (address);
    /// @notice Whether an account has left with a token.
    function isExited(uint256 accountIndex, uint256 index) external view returns (bool);
    /// @notice Whether a deposit was refunded.
    function isRefunded(uint256 index) external view returns (bool);
}
