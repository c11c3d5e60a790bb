// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {Bridge} from "./Bridge.sol";
import {IRollup} from "./interfaces/IRollup.sol";
import {BabyJubJub} from "./libraries/BabyJubJub.sol";
import {KeccakTree} from "./libraries/KeccakTree.sol";
import {SetKey} from "./libraries/SetKey.sol";
import {Operation, OperationLibrary} from "./types/Operation.sol";

/// @title What L1 checks of every operation record at commit (docs/spec/data.md, docs/spec/bridge.md).
/// @notice Queue kinds must be the queue, in order and whole; a set_key must carry its owner's signature (that of a
/// rotate_key is the circuit's to verify); withdrawals become the leaves of the batch's claim tree. Effects on L2
/// balances are the circuit's business.
abstract contract Operations is Bridge, IRollup {
    /// @dev Where the reading of one batch stands.
    struct Reading {
        uint256 batchId;
        uint256 queueIndex;
        uint256 keys;
        uint256 withdrawals;
        bytes32[] leaves;
    }

    bytes32 private immutable _separator = SetKey.computeSeparator(block.chainid, address(this));

    /// @dev Checks all records of a batch; returns its withdrawals root. The length is a multiple of 150.
    function _readOperations(
        uint256 batchId,
        uint256 firstQueue,
        uint256 endQueue,
        bytes calldata operations,
        bytes calldata signatures
    ) internal view returns (bytes32) {
        uint256 count = operations.length / OperationLibrary.RECORD_BYTES;
        Reading memory reading = Reading(batchId, firstQueue, 0, 0, new bytes32[](count));
        for (uint256 position = 0; position < count; ++position) {
            Operation operation = OperationLibrary.locate(operations, position);
            uint256 kind = operation.kind();
            if (kind == OperationLibrary.WITHDRAW) {
                _readWithdraw(reading, operation, position);
            } else if (kind == OperationLibrary.SET_KEY) {
                _readSetKey(reading, operation, position, signatures);
            } else if (kind == OperationLibrary.ROTATE_KEY) {
                if (!operation.isRotateKeyShape()) revert OperationMalformed(position, OperationLibrary.ROTATE_KEY);
                _readKey(operation);
            } else if (kind >= OperationLibrary.DEPOSIT && kind <= OperationLibrary.FORCED_EXIT) {
                _readRequest(reading, operation, position);
            } else {
                revert UnknownOperation(position, kind);
            }
        }
        if (reading.queueIndex != endQueue) revert WrongQueueEnd(endQueue, reading.queueIndex);
        uint256 signatureBytes = reading.keys * SetKey.SIGNATURE_BYTES;
        if (signatures.length != signatureBytes) revert WrongSignatures(signatureBytes, signatures.length);
        return KeccakTree.computeRoot(reading.leaves, reading.withdrawals);
    }

    function _readWithdraw(Reading memory reading, Operation operation, uint256 position) private view {
        if (!operation.isWithdrawShape()) revert OperationMalformed(position, OperationLibrary.WITHDRAW);
        uint256 amount = operation.amount();
        address recipient = operation.recipient();
        if (amount == 0 || uint160(recipient) < RESERVED) {
            revert WithdrawalRefused(position, operation.token(), amount, recipient);
        }
        _addWithdrawal(reading, operation, position);
    }

    function _readSetKey(Reading memory reading, Operation operation, uint256 position, bytes calldata signatures)
        private
        view
    {
        if (!operation.isSetKeyShape()) revert OperationMalformed(position, OperationLibrary.SET_KEY);
        (uint256 ax, uint256 ay) = _readKey(operation);
        uint256 read = reading.keys++;
        uint256 needed = reading.keys * SetKey.SIGNATURE_BYTES;
        if (signatures.length < needed) revert WrongSignatures(needed, signatures.length);
        address account = operation.account();
        bytes32 digest = SetKey.computeDigest(_separator, account, ax, ay, operation.nonce());
        address signer = SetKey.recover(digest, signatures, read);
        if (signer == address(0) || signer != account) revert WrongSigner(position, account, signer);
    }

    function _readKey(Operation operation) private pure returns (uint256 ax, uint256 ay) {
        (ax, ay) = operation.key();
        if (!BabyJubJub.isKey(ax, ay)) revert KeyRefused(ax, ay);
    }

    function _readRequest(Reading memory reading, Operation operation, uint256 position) private view {
        uint256 index = reading.queueIndex++;
        bytes32 expected = _requestHash(index);
        bytes32 got = operation.requestHash();
        // Entries past the end of the queue read 0, which no record hashes to.
        if (got != expected) revert WrongRequest(index, expected, got);
        if (operation.kind() == OperationLibrary.FORCED_EXIT && operation.amount() != 0) {
            _addWithdrawal(reading, operation, position);
        }
    }

    function _addWithdrawal(Reading memory reading, Operation operation, uint256 position) private view {
        uint256 token = operation.token();
        uint256 amount = operation.amount();
        address recipient = operation.recipient();
        // An unused index reads as the zero address, which would stand for ETH.
        if (token >= tokenCount) revert WithdrawalRefused(position, token, amount, recipient);
        uint256 index = reading.withdrawals++;
        reading.leaves[index] = _hashWithdrawal(reading.batchId, index, tokens[token], amount, recipient);
    }
}
