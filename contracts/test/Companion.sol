// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IBonds} from "../src/interfaces/IBonds.sol";

/// @title TEST ONLY: the contracts beside a rollup in one, each as lax or as strict as a test sets it.
/// @notice For tests of the rollup alone; Bonds, Breakers and Governor have tests of their own, with the real rollup.
contract Companion {
    address public immutable rollup;
    address public immutable sequencer;
    /// What the next claims are told to wait, in seconds.
    uint256 public delay;
    bool public failing;
    mapping(address token => bool) public closed;
    address public lastProver;

    constructor(address rollup_, address sequencer_) {
        (rollup, sequencer) = (rollup_, sequencer_);
    }

    /// @dev The governor is this contract too.
    function governor() external view returns (address) {
        return address(this);
    }

    function set(uint256 delay_, bool failing_) external {
        (delay, failing) = (delay_, failing_);
    }

    function close(address token, bool closed_) external {
        closed[token] = closed_;
    }

    function checkCommit(address caller) external view {
        if (caller != sequencer) revert IBonds.NotSequencer(sequencer, caller);
    }

    function onFinalize(uint256, address prover) external {
        lastProver = prover;
    }

    function admit(address, uint256) external view returns (uint256) {
        require(!failing, "Companion: told to fail");
        return delay;
    }

    function depositsOpen(address token) external view returns (bool) {
        return !closed[token];
    }
}
