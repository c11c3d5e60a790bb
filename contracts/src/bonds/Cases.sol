// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {ICases} from "../interfaces/ICases.sol";
import {Opening, Receipt, ReceiptName} from "../types/Bond.sol";
import {Evidence} from "./Evidence.sol";

/// @title Where forfeits go (docs/spec/bridge.md, Bonds).
/// @notice A case is a pot for violated covers. Registrations are a list sorted by block number; a struck one keeps its
/// place, so that no hint of anybody goes stale.
abstract contract Cases is Evidence, ICases {
    struct Case {
        uint96 pot;
        uint64 closesAt;
        bool closed;
        bytes32 served; // last registration that was served, 0 at the start
    }

    struct Registration {
        bytes32 next;
        address holder; // 0: struck or paid
        uint64 number;
        uint256 cover;
        bool exists;
    }

    /// Parts in a hundred: what nobody gets, whoever reports, and what the reporter gets.
    uint256 private constant BURNED = 30;
    uint256 private constant REWARD = 20;

    /// @inheritdoc ICases
    uint256 public caseCount;
    mapping(uint256 caseId => Case) private _cases;
    /// @dev The head of a case's list is the registration 0.
    mapping(uint256 caseId => mapping(bytes32 key => Registration)) private _registrations;
    /// @inheritdoc ICases
    mapping(bytes32 key => uint256) public coverPaid;

    /// @dev Divides what was taken from the bond; rounding is burned.
    function _openCase(uint256 total, address reporter) internal {
        if (total == 0) return;
        uint256 reward = (total * REWARD) / 100;
        uint256 pot = (total * (100 - BURNED - REWARD)) / 100;
        uint64 closesAt = uint64(block.timestamp + claimWindow);
        uint256 caseId = ++caseCount;
        _cases[caseId] = Case(uint96(pot), closesAt, false, 0);
        _countCases(true);
        emit CaseOpened(caseId, reporter, total, reward, pot, closesAt);
        _credit(reporter, reward);
        _burn(total - reward - pot);
    }

    /// @inheritdoc ICases
    function registerCover(uint256 caseId, Receipt calldata receipt, bytes32 after_) external payable {
        _checkValue(filingBond);
        uint256 closesAt = _case(caseId).closesAt;
        if (block.timestamp >= closesAt) revert ClaimsClosed(closesAt, block.timestamp);
        (ReceiptName memory name, bytes32 key) = _checkReceipt(receipt);
        if (_isHonoured(key)) revert AlreadyHonoured(key);
        if (_registrations[caseId][key].exists) revert AlreadyRegistered(key);
        uint64 number = receipt.signed.header.number;
        _insert(caseId, key, number, name.cover, after_);
        emit CoverRegistered(caseId, key, msg.sender, number, name.digest, name.sequence, name.id, name.cover);
    }

    /// @dev Walks on from the hint, so that a registration of somebody else between does no harm.
    function _insert(uint256 caseId, bytes32 key, uint64 number, uint256 cover, bytes32 after_) private {
        mapping(bytes32 => Registration) storage list = _registrations[caseId];
        if (after_ != 0 && (!list[after_].exists || list[after_].number > number)) revert WrongPlace(after_, number);
        bytes32 next = list[after_].next;
        while (next != 0 && list[next].number < number) {
            after_ = next;
            next = list[after_].next;
        }
        list[key] = Registration(next, msg.sender, number, cover, true);
        list[after_].next = key;
    }

    /// @inheritdoc ICases
    function strikeCover(uint256 caseId, ReceiptName calldata name, Opening calldata opening) external {
        bytes32 key = _keyOf(name);
        Registration storage entry = _registrations[caseId][key];
        if (entry.holder == address(0)) revert NotRegistered(key);
        _checkOpening(name.sequence, name.id, opening);
        entry.holder = address(0);
        emit CoverStruck(caseId, key, opening.batch.batchId, msg.sender);
        _credit(msg.sender, filingBond);
    }

    /// @inheritdoc ICases
    function payCovers(uint256 caseId, uint256 count) external {
        Case storage case_ = _case(caseId);
        uint256 payableAt = case_.closesAt + openingWindow;
        if (block.timestamp < payableAt) revert TooEarly(payableAt, block.timestamp);
        if (case_.closed) revert CaseIsClosed(caseId);
        uint256 pot = case_.pot;
        bytes32 served = case_.served;
        bytes32 next = _registrations[caseId][served].next;
        for (; count != 0 && next != 0; --count) {
            pot -= _serve(caseId, next, pot);
            served = next;
            next = _registrations[caseId][served].next;
        }
        case_.served = served;
        case_.pot = next == 0 ? 0 : uint96(pot);
        if (next != 0) return;
        case_.closed = true;
        _countCases(false);
        emit CaseClosed(caseId, pot);
        _burn(pot);
    }

    /// @dev Credits one registration: what is open of its cover as far as the pot goes, and its filing bond.
    function _serve(uint256 caseId, bytes32 key, uint256 pot) private returns (uint256 amount) {
        Registration storage entry = _registrations[caseId][key];
        address holder = entry.holder;
        if (holder == address(0)) return 0;
        amount = entry.cover - coverPaid[key];
        if (amount > pot) amount = pot;
        entry.holder = address(0);
        coverPaid[key] += amount;
        emit CoverPaid(caseId, key, holder, amount);
        _credit(holder, amount + filingBond);
    }

    function _case(uint256 caseId) private view returns (Case storage case_) {
        case_ = _cases[caseId];
        if (case_.closesAt == 0) revert UnknownCase(caseId);
    }

    /// @inheritdoc ICases
    function caseOf(uint256 caseId) external view returns (uint256, uint256, uint256, bool) {
        Case storage case_ = _case(caseId);
        return (case_.pot, case_.closesAt, case_.closesAt + openingWindow, case_.closed);
    }

    /// @inheritdoc ICases
    function registration(uint256 caseId, bytes32 key) external view returns (bytes32, address, uint64, uint256) {
        Registration storage entry = _registrations[caseId][key];
        return (entry.next, entry.holder, entry.number, entry.cover);
    }

    /// @dev Whether the receipt was filed and answered.
    function _isHonoured(bytes32 key) internal view virtual returns (bool);
}
