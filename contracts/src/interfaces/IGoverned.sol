// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

/// @title The one thing that can ever be changed in the rollup, by the governor's timelock alone.
interface IGoverned {
    /// @notice Batches finalised from here on are verified by another contract.
    event VerifierChanged(address indexed verifier, bytes32 vkDigest);

    /// @notice Only the governor calls this.
    error NotGovernor(address expected, address got);

    /// @notice Replaces the verifier. Never in escape.
    function setVerifier(address verifier) external;
}
