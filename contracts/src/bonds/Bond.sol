// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IBond} from "../interfaces/IBond.sol";
import {BondSettings} from "../types/Bond.sol";

/// @title The sequencer's bond and role (docs/spec/bridge.md, Bonds).
/// @notice Counts wei: the bond, what is in unbonding, what is owed. Knows no offence. Every wei that leaves is either
/// burned or taken by its owner.
abstract contract Bond is IBond {
    uint256 private constant MAX_BOND = type(uint96).max;
    /// Upper bounds of the settings: bonds that nobody could pay, and windows that nobody could wait for.
    uint256 private constant MAX_STAKE = 1000 ether;
    uint256 private constant MAX_WINDOW = 7 days;
    uint256 private constant MAX_CLAIM_WINDOW = 30 days;
    uint256 private constant MAX_UNBONDING = 90 days;

    uint256 public immutable minimumBond;
    uint256 public immutable challengeBond;
    uint256 public immutable challengeForfeit;
    uint256 public immutable filingBond;
    uint256 public immutable proofWindow;
    uint256 public immutable challengeWindow;
    uint256 public immutable openingWindow;
    uint256 public immutable claimWindow;
    uint256 public immutable unbondingDelay;

    address internal _sequencer;
    uint96 internal _bond; // in one slot with the sequencer, since every commit reads both
    address private _unbondingOwner;
    uint96 private _unbonding;
    uint64 private _availableAt;
    uint64 private _openCases;
    uint64 private _openFilings;
    /// @inheritdoc IBond
    address public offeredTo;
    mapping(address signer => uint256 until) private _signsUntil;
    /// @inheritdoc IBond
    mapping(address account => uint256) public owed;

    constructor(address sequencer_, BondSettings memory s) {
        if (sequencer_ == address(0)) revert BadSetting(1, 1, 0);
        if (sequencer_.code.length != 0) revert NotAnAccount(sequencer_);
        _checkAmount(2, MAX_BOND, s.minimumBond);
        _checkAmount(3, MAX_STAKE, s.challengeBond);
        _checkAmount(4, s.minimumBond, s.challengeForfeit);
        _checkAmount(5, MAX_STAKE, s.filingBond);
        _checkWindow(6, MAX_WINDOW, s.proofWindow);
        _checkWindow(7, s.proofWindow, s.challengeWindow);
        _checkWindow(8, MAX_WINDOW, s.openingWindow);
        _checkWindow(9, MAX_CLAIM_WINDOW, s.claimWindow);
        _checkWindow(10, MAX_UNBONDING, s.unbondingDelay);
        (minimumBond, challengeBond, challengeForfeit) = (s.minimumBond, s.challengeBond, s.challengeForfeit);
        (filingBond, proofWindow, challengeWindow) = (s.filingBond, s.proofWindow, s.challengeWindow);
        (openingWindow, claimWindow, unbondingDelay) = (s.openingWindow, s.claimWindow, s.unbondingDelay);
        _sequencer = sequencer_;
    }

    function _checkAmount(uint256 position, uint256 limit, uint256 got) private pure {
        if (got > limit) revert BadSetting(position, limit, got);
    }

    function _checkWindow(uint256 position, uint256 limit, uint256 got) private pure {
        if (got == 0 || got > limit) revert BadSetting(position, limit, got);
    }

    // ------------------------------------------------------------------ the bond

    /// @inheritdoc IBond
    function addBond() external payable {
        if (msg.value == 0) revert NothingToTake();
        uint256 sum = uint256(_bond) + msg.value;
        if (sum > MAX_BOND) revert BondExceeded(MAX_BOND, sum);
        _bond = uint96(sum);
        emit BondAdded(msg.sender, msg.value, sum);
    }

    /// @inheritdoc IBond
    function startUnbonding(uint256 amount) external {
        if (msg.sender != _sequencer) revert NotAllowed(_sequencer, msg.sender);
        if (amount == 0) revert NothingToTake();
        if (amount > _bond) revert BondExceeded(_bond, amount);
        if (_unbonding != 0 && _unbondingOwner != msg.sender) revert UnbondingOfAnother(_unbondingOwner);
        uint256 total = _unbonding + amount; // at most what was added, and MAX_BOND is more than there is
        _bond -= uint96(amount);
        _unbonding = uint96(total);
        _unbondingOwner = msg.sender;
        _availableAt = uint64(block.timestamp + unbondingDelay);
        emit UnbondingStarted(msg.sender, amount, total, _availableAt);
        _forgetSequencer();
    }

    /// @inheritdoc IBond
    function finishUnbonding() external {
        uint256 amount = _unbonding;
        if (amount == 0) revert NothingToTake();
        if (block.timestamp < _availableAt) revert TooEarly(_availableAt, block.timestamp);
        (uint256 cases, uint256 receipts, uint256 challenges) = disputes();
        if (cases + receipts + challenges != 0) revert DisputesOpen(cases, receipts, challenges);
        _unbonding = 0;
        emit UnbondingFinished(_unbondingOwner, amount);
        _credit(_unbondingOwner, amount);
    }

    /// @inheritdoc IBond
    function withdraw(address to) external {
        uint256 amount = owed[msg.sender];
        if (amount == 0) revert NothingToTake();
        owed[msg.sender] = 0;
        emit Withdrawn(msg.sender, to, amount);
        (bool paid,) = to.call{value: amount}("");
        if (!paid) revert PaymentRefused(to, amount);
    }

    /// @inheritdoc IBond
    function bondOf() external view returns (uint256) {
        return _bond;
    }

    /// @inheritdoc IBond
    function unbonding() external view returns (address, uint256, uint256) {
        return (_unbondingOwner, _unbonding, _availableAt);
    }

    // ------------------------------------------------------------------ the role

    /// @inheritdoc IBond
    function offerSequencer(address to) external {
        if (msg.sender != _sequencer) revert NotAllowed(_sequencer, msg.sender);
        offeredTo = to;
        emit SequencerOffered(msg.sender, to);
    }

    /// @inheritdoc IBond
    function acceptSequencer() external {
        address from = _sequencer;
        if (msg.sender != offeredTo) revert NotAllowed(offeredTo, msg.sender);
        if (msg.sender != tx.origin || msg.sender.code.length != 0) revert NotAnAccount(msg.sender);
        uint256 until = block.timestamp + unbondingDelay;
        offeredTo = address(0);
        _signsUntil[from] = until;
        _sequencer = msg.sender;
        emit SequencerChanged(from, msg.sender, uint64(until));
        _forgetSequencer();
    }

    /// @inheritdoc IBond
    function isSigner(address account) public view returns (bool) {
        return account != address(0) && (account == _sequencer || block.timestamp < _signsUntil[account]);
    }

    // ------------------------------------------------------------------ for the disputes

    /// @dev Takes up to `amount` wei, from the bond first, then from what is in unbonding.
    function _take(uint256 amount) internal returns (uint256 taken) {
        uint256 first = amount < _bond ? amount : _bond;
        uint256 second = amount - first < _unbonding ? amount - first : _unbonding;
        _bond -= uint96(first);
        _unbonding -= uint96(second);
        _forgetSequencer();
        return first + second;
    }

    /// @dev Called wherever the bond falls or the role moves: the rollup has to ask again who may commit.
    function _forgetSequencer() internal virtual;

    function _credit(address account, uint256 amount) internal {
        if (amount == 0) return;
        owed[account] += amount;
        emit Credited(account, amount);
    }

    /// @dev The zero address takes every wei and runs no code.
    function _burn(uint256 amount) internal {
        if (amount == 0) return;
        emit Burned(amount);
        (bool burned,) = address(0).call{value: amount}("");
        if (!burned) revert PaymentRefused(address(0), amount);
    }

    function _checkValue(uint256 expected) internal view {
        if (msg.value != expected) revert WrongValue(expected, msg.value);
    }

    function _countCases(bool opened) internal {
        _openCases = opened ? _openCases + 1 : _openCases - 1;
    }

    function _countFilings(bool opened) internal {
        _openFilings = opened ? _openFilings + 1 : _openFilings - 1;
    }

    /// @inheritdoc IBond
    function disputes() public view returns (uint256, uint256, uint256) {
        return (_openCases, _openFilings, _openChallenges());
    }

    function _openChallenges() internal view virtual returns (uint256);
}
