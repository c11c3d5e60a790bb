// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

/// @title Creates one contract at an address that is known before its constructor's arguments are.
contract Deployer {
    function deploy(bytes memory init) external returns (address place) {
        assembly ("memory-safe") {
            place := create(0, add(init, 32), mload(init))
            if iszero(place) {
                returndatacopy(0, 0, returndatasize())
                revert(0, returndatasize())
            }
        }
    }
}
