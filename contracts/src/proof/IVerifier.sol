// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

/// @title What the rollup needs of a proof verifier: one key, one yes or no.
/// @notice The implementation is generated from the layout (`l2rollup proof export-solidity`); it knows no rollup.
interface IVerifier {
    /// @notice Verifies a proof against the key.
    /// @dev Malformed input (wrong length or count, a scalar not below r, a point not on the curve) and lack of gas
    /// revert; they never answer false.
    /// @param proof points and scalars in the order of the message schema
    /// @param publicInputs one word each, below r
    /// @return whether the proof holds for exactly these public inputs
    function verify(bytes calldata proof, uint256[] calldata publicInputs) external view returns (bool);

    /// @notice Digest of the verifying key: shape, selectors, permutation, setup.
    function vkDigest() external view returns (bytes32);
}
