// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IVerifier} from "../src/proof/IVerifier.sol";

/// @title TEST ONLY: accepts exactly the Keccak hash of the public inputs as their proof.
/// @notice Proves nothing. It lets tests of the rollup's rules run without a prover and shows that the public inputs
/// are the expected ones; tests with real proofs use the generated verifier.
contract HashVerifier is IVerifier {
    error ProofLength(uint256 expected, uint256 got);

    function verify(bytes calldata proof, uint256[] calldata publicInputs) external pure returns (bool) {
        if (proof.length != 32) revert ProofLength(32, proof.length);
        return keccak256(abi.encodePacked(publicInputs)) == bytes32(proof);
    }

    function vkDigest() external pure returns (bytes32) {
        return keccak256("HashVerifier: test only");
    }
}
