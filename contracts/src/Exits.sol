// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {Operations} from "./Operations.sol";
import {AccountBalance, IAccountReader} from "./interfaces/IAccountReader.sol";
import {IExits} from "./interfaces/IExits.sol";
import {IL2Bridge} from "./interfaces/IL2Bridge.sol";
import {OperationLibrary} from "./types/Operation.sol";

/// @title Ways out that no operator can close (docs/spec/bridge.md, Forced exits and escape).
/// @notice Two clocks open escape: a queue entry that no finalised batch consumed in time, and a state that was not
/// finalised for too long. No role can stop, delay or undo any of this, and nothing here asks the operator.
abstract contract Exits is Operations, IExits {
    /// Fee of a forced exit with an empty queue, steps in open entries, and the most it rises to.
    uint256 private constant FEE = 0.001 ether;
    uint256 private constant FEE_STEP = 32;
    uint256 private constant MAX_FEE = 0.1 ether;

    /// @inheritdoc IExits
    address public immutable accountReader;
    /// @inheritdoc IExits
    uint64 public immutable forcedDeadline;
    /// @inheritdoc IExits
    uint64 public immutable finalityDeadline;

    mapping(uint256 accountIndex => mapping(uint256 word => uint256)) private _exited;
    mapping(uint256 word => uint256) private _refunded;

    constructor(address reader, uint64 forced, uint64 finality) {
        if (reader.code.length == 0) revert BadConfiguration(6);
        if (forced == 0) revert BadConfiguration(7);
        if (finality == 0) revert BadConfiguration(8);
        (accountReader, forcedDeadline, finalityDeadline) = (reader, forced, finality);
    }

    // ------------------------------------------------------------------ forced exits

    /// @inheritdoc IExits
    function requestForcedExit(address token) external payable nonReentrant whenOpen {
        uint256 index = _indexOf(token);
        uint256 fee = forcedExitFee();
        if (msg.value < fee) revert FeeTooLow(fee, msg.value);
        if (uint160(msg.sender) < RESERVED) revert RecipientRefused(msg.sender);
        uint256 position = _enqueue(OperationLibrary.hashForcedExit(index, msg.sender));
        emit ForcedExitQueued(position, token, index, msg.sender, fee);

        // Burned: paid to anybody, that somebody could fill the queue for nothing.
        _sendEther(NATIVE, fee);
        if (msg.value > fee) _sendEther(msg.sender, msg.value - fee);
    }

    /// @inheritdoc IExits
    function forcedExitFee() public view returns (uint256 fee) {
        fee = FEE * (1 + (queueLength() - _consumed()) / FEE_STEP);
        if (fee > MAX_FEE) fee = MAX_FEE;
    }

    // ------------------------------------------------------------------ escape

    /// @inheritdoc IExits
    function activateEscape() external whenOpen {
        (uint256 opens, uint256 entry) = _opens();
        if (block.timestamp < opens) revert NotOverdue(opens, block.timestamp);
        _escapedAt = uint40(block.timestamp);
        _closeChain();
        emit EscapeActivated(entry, _lastFinalised());
    }

    /// @inheritdoc IExits
    function escapeOpensAt() external view returns (uint256 opens) {
        (opens,) = _opens();
    }

    /// @dev The earlier end of the two clocks, one second past the deadline, and the entry whose clock it is.
    function _opens() private view returns (uint256 opens, uint256 entry) {
        uint256 time = _finalisedTime();
        if (time < _deployedAt) time = _deployedAt;
        (opens, entry) = (time + finalityDeadline + 1, type(uint256).max);
        uint256 oldest = _consumed();
        if (oldest < queueLength()) {
            uint256 due = uint256(_timeOf(oldest)) + forcedDeadline + 1;
            if (due < opens) (opens, entry) = (due, oldest);
        }
    }

    /// @inheritdoc IL2Bridge
    function forceExit(bytes calldata accountProof, address token) external nonReentrant {
        _checkEscape();
        uint256 tokenIndex_ = _indexOf(token);
        (address owner, uint256 account, uint256 amount) =
            IAccountReader(accountReader).readBalance(accountProof, tokenIndex_, uint256(_provenRoot()));
        // The sentinel's balance is the account count; no other account has a reserved address.
        if (uint160(owner) < RESERVED) revert RecipientRefused(owner);
        if (amount == 0) revert AmountZero();
        if (isExited(account, tokenIndex_)) revert AlreadyExited(account, tokenIndex_);
        _exit(owner, account, tokenIndex_, amount);
    }

    /// @inheritdoc IExits
    function forceExits(bytes calldata accountProof) external nonReentrant {
        _checkEscape();
        AccountBalance[] memory found =
            IAccountReader(accountReader).readBalances(accountProof, uint256(_provenRoot()));
        for (uint256 i = 0; i < found.length; ++i) {
            AccountBalance memory one = found[i];
            // What forceExit would refuse is passed over: nobody can spoil the exit of the others by leaving first.
            if (uint160(one.owner) < RESERVED || one.amount == 0 || one.tokenIndex >= tokenCount) continue;
            if (!isExited(one.index, one.tokenIndex)) _exit(one.owner, one.index, one.tokenIndex, one.amount);
        }
    }

    /// @dev The one place that marks an account's balance of a token as gone and pays it.
    function _exit(address owner, uint256 account, uint256 tokenIndex_, uint256 amount) private {
        _exited[account][tokenIndex_ >> 8] |= 1 << (tokenIndex_ & 255);
        address token = tokens[tokenIndex_];
        emit Escaped(account, token, owner, amount, _deliver(token, owner, amount));
    }

    /// @inheritdoc IExits
    function refundDeposit(uint256 index, address token, uint256 amount, address recipient, address depositor)
        external
        nonReentrant
    {
        _checkEscape();
        uint256 head = _consumed();
        if (index < head) revert EntryConsumed(index, head);
        bytes32 expected = _requestHash(index);
        bytes32 got = OperationLibrary.hashDeposit(_indexOf(token), amount, recipient, depositor);
        if (got != expected) revert WrongDeposit(index, expected, got);
        uint256 bit = 1 << (index & 255);
        if (_refunded[index >> 8] & bit != 0) revert AlreadyRefunded(index);
        _refunded[index >> 8] |= bit;
        emit DepositRefunded(index, token, depositor, amount, _deliver(token, depositor, amount));
    }

    /// @inheritdoc IExits
    function isExited(uint256 accountIndex, uint256 index) public view returns (bool) {
        return (_exited[accountIndex][index >> 8] >> (index & 255)) & 1 == 1;
    }

    /// @inheritdoc IExits
    function isRefunded(uint256 index) external view returns (bool) {
        return (_refunded[index >> 8] >> (index & 255)) & 1 == 1;
    }

    function _indexOf(address token) private view returns (uint256 index) {
        if (token == NATIVE) return 0;
        index = tokenIndex(token);
        if (index == 0) revert UnknownToken(token);
    }

    function _checkEscape() private view {
        if (_escapedAt == 0) revert EscapeClosed();
    }

    function _sendEther(address to, uint256 amount) private {
        (bool sent,) = to.call{value: amount}("");
        if (!sent) revert EtherRefused(to, amount);
    }

    /// @dev Nothing is committed from here on.
    function _closeChain() internal virtual;

    /// @dev Queue entries that finalised batches have consumed.
    function _consumed() internal view virtual returns (uint256);

    /// @dev Time of the last finalised batch.
    function _finalisedTime() internal view virtual returns (uint256);

    /// @dev Last proven root.
    function _provenRoot() internal view virtual returns (bytes32);
}
