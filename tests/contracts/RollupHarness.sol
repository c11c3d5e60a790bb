// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {Rollup} from "../../contracts/src/Rollup.sol";
import {Settings} from "../../contracts/src/types/Batch.sol";

/// @title Rollup with a door for states and queue entries that only proofs and later requests lead to.
/// @notice No test imports it, nor Rollup: it would be compiled as they are, with all that it imports. Tests deploy its
/// artifact and call it through IRollupHarness (RollupFixture.sol). `forge test --match-path` does not compile it again:
/// after a change of Rollup run `forge build` first, or the whole suite.
contract RollupHarness is Rollup {
    constructor(
        address verifier_,
        bytes32 genesis,
        bytes32 emptyId,
        uint256 fee,
        uint8 mode,
        Settings memory settings
    ) Rollup(verifier_, genesis, emptyId, fee, mode, settings) {}

    /// @dev A state that a proven batch would have led to.
    function setRoot(bytes32 root) external {
        stateRoot = root;
    }

    function enqueue(bytes32 requestHash) external returns (uint256) {
        return _enqueue(requestHash);
    }
}
