// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {Breakers} from "../../contracts/src/Breakers.sol";
import {Vm} from "./Vm.sol";

/// @title For halmos: one question to a bucket in any state, for any amount, any sum owed and any time.
/// @notice Each check is a theorem about all values of its arguments; forge does not run it. A revert is no failure
/// here: that admit never reverts is argued in decision 0015 and fuzzed (BreakersAttack.t.sol). This contract is the
/// rollup: it asks as the rollup does, and answers what is owed. docs/risks names tool, version and command.
contract BucketSymbolicTest {
    Vm private constant vm = Vm(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);
    uint256 private constant BUCKETS = 3; // slot of the mapping
    Breakers private breakers;
    uint256 private _owed;

    function setUp() public {
        breakers = new Breakers(address(this), address(this), address(this), 2_500, 1 days);
    }

    function escrowed(address) external view returns (uint256) {
        return _owed;
    }

    function setGuarded(bool) external {}

    function setTokenGuarded(address, bool) external {}

    function place(uint120 level, uint40 updated) private {
        bytes32 slot = keccak256(abi.encode(address(0), BUCKETS));
        vm.store(address(breakers), slot, bytes32((uint256(updated) << 120) | level));
    }

    /// @dev No wait but three days, at once exactly what there is room for, and just that is taken.
    function check_admit(uint120 level, uint40 updated, uint40 time, uint120 owed, uint256 amount) external {
        vm.warp(time);
        place(level, updated);
        _owed = owed;
        uint256 room = breakers.available(address(0));
        uint256 delay = breakers.admit(address(0), amount);
        assert(delay == 0 || delay == 3 days);
        assert(amount == 0 || (delay == 0) == (amount <= room));
    }

    /// @dev What is admitted is in the bucket to the unit: none of it is cut off when it is stored.
    function check_taken(uint120 level, uint120 owed, uint256 amount) external {
        vm.warp(1_800_000_000);
        place(level, 1_800_000_000);
        _owed = owed;
        uint256 delay = breakers.admit(address(0), amount);
        uint256 stored = uint256(vm.load(address(breakers), keccak256(abi.encode(address(0), BUCKETS))));
        if (delay == 0) assert(uint120(stored) == uint256(level) + amount && amount < 1 << 120);
        else assert(uint120(stored) == level);
    }

    /// @dev In a pause what fits waits for its end and what does not three days, whatever the amount.
    function check_pausedClaim(uint256 amount, uint120 owed) external {
        breakers.pause(2);
        _owed = owed;
        assert(breakers.admit(address(0), amount) <= 3 days);
    }
}
