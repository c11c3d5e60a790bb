// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {ISlashing} from "../interfaces/ISlashing.sol";
import {BatchHeader} from "../types/Batch.sol";
import {BlockHeader, Opening, Receipt, ReceiptName, SignedHeader} from "../types/Bond.sol";
import {Cases} from "./Cases.sol";

/// @title The three offences of a sequencer (docs/spec/bridge.md, Bonds).
/// @notice Two headers of one number; a signed root that a finalised batch contradicts; a receipt that nobody opens.
/// Each takes the whole bond, and takes it once: what is added later does not answer for it again.
abstract contract Slashing is Cases, ISlashing {
    struct Filing {
        address filer;
        uint64 deadline;
        uint8 state;
    }

    uint8 private constant OPEN = 1;
    uint8 private constant HONOURED = 2;
    uint8 private constant VIOLATED = 3;

    mapping(bytes32 offence => bool) private _punished;
    /// @inheritdoc ISlashing
    mapping(bytes32 key => Filing) public filing;

    /// @inheritdoc ISlashing
    function slashEquivocation(SignedHeader calldata first, SignedHeader calldata second) external {
        uint64 number = first.header.number;
        if (second.header.number != number) revert DifferentNumbers(number, second.header.number);
        bytes32 a = _checkHeader(first);
        bytes32 b = _checkHeader(second);
        if (a == b) revert SameHeader(a);
        _punish(keccak256(abi.encode("number", number)));
        emit Equivocation(number, a, b, msg.sender);
        _slash(msg.sender);
    }

    /// @inheritdoc ISlashing
    function slashRoot(SignedHeader calldata signed, BatchHeader calldata batch) external {
        BlockHeader calldata header = signed.header;
        bytes32 digest = _checkHeader(signed);
        if (header.batchId == 0 || header.batchId != batch.batchId) revert NotItsBatch(header.batchId, batch.batchId);
        _checkFinalised(batch);
        if (batch.newRoot == header.stateRoot) revert RootHolds(batch.newRoot);
        _punish(keccak256(abi.encode("root", digest)));
        emit RootContradicted(header.number, digest, batch.batchId, msg.sender);
        _slash(msg.sender);
    }

    /// @inheritdoc ISlashing
    function fileReceipt(Receipt calldata receipt) external payable {
        _checkValue(filingBond);
        (ReceiptName memory name, bytes32 key) = _checkReceipt(receipt);
        if (filing[key].state != 0) revert AlreadyFiled(key);
        uint64 deadline = uint64(block.timestamp + openingWindow);
        filing[key] = Filing(msg.sender, deadline, OPEN);
        _countFilings(true);
        emit ReceiptFiled(
            key, msg.sender, receipt.signed.header.number, name.digest, name.sequence, name.id, name.cover, deadline
        );
    }

    /// @inheritdoc ISlashing
    function answerReceipt(ReceiptName calldata name, Opening calldata opening) external {
        bytes32 key = _keyOf(name);
        _checkOpen(key);
        _checkOpening(name.sequence, name.id, opening);
        filing[key].state = HONOURED;
        _countFilings(false);
        emit ReceiptHonoured(key, opening.batch.batchId, msg.sender);
        _credit(msg.sender, filingBond);
    }

    /// @inheritdoc ISlashing
    function contradictReceipt(ReceiptName calldata name, bytes32 id, Opening calldata opening) external {
        bytes32 key = _keyOf(name);
        _checkOpen(key);
        if (id == name.id) revert IdHolds(id);
        _checkOpening(name.sequence, id, opening);
        _violate(key);
    }

    /// @inheritdoc ISlashing
    function slashReceipt(bytes32 key) external {
        _checkOpen(key);
        uint256 deadline = filing[key].deadline;
        if (block.timestamp <= deadline) revert TooEarly(deadline + 1, block.timestamp);
        _violate(key);
    }

    /// @dev The filer has its bond back even where there is nothing left to take.
    function _violate(bytes32 key) private {
        address filer = filing[key].filer;
        filing[key].state = VIOLATED;
        _countFilings(false);
        emit ReceiptViolated(key, filer);
        _credit(filer, filingBond);
        _openCase(_take(type(uint256).max), filer);
    }

    function _slash(address reporter) private {
        uint256 total = _take(type(uint256).max);
        if (total == 0) revert NothingToSlash();
        _openCase(total, reporter);
    }

    function _punish(bytes32 offence) private {
        if (_punished[offence]) revert AlreadyPunished(offence);
        _punished[offence] = true;
    }

    function _checkOpen(bytes32 key) private view {
        if (filing[key].state != OPEN) revert NotFiled(key);
    }

    function _isHonoured(bytes32 key) internal view override returns (bool) {
        return filing[key].state == HONOURED;
    }
}
