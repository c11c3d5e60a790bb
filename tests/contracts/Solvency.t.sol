// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {BatchHeader} from "../../contracts/src/types/Batch.sol";
import {BlacklistToken} from "../../contracts/test/HostileTokens.sol";
import {Records} from "./Records.sol";
import {RollupFixture} from "./RollupFixture.sol";

/// @dev Random deposits, batches, claims (also repeated), blacklisting and pending payments, with a ledger beside.
contract Actor is RollupFixture {
    struct Open {
        uint256 batchId;
        address asset;
        uint256 amount;
    }

    address[2] private _assets;
    Open[] private _open;
    bytes private _requests;
    uint256 private _requestCount;
    /// What L2 holds and could withdraw, by asset.
    uint256[2] private _balances;
    uint256[2] public credited;
    uint256[2] public paid;
    uint256 public paidTwice;

    constructor() {
        super.setUp();
        _assets[1] = address(new BlacklistToken());
        rollup.registerToken{value: FEE}(_assets[1]);
        vm.deal(alice, 1e30);
    }

    /// @dev Nothing: the constructor has set up, and a history may call this.
    function setUp() public override {}

    function depositAny(uint256 which, uint96 amount) external {
        which %= 2;
        uint256 value = uint256(amount) + 1;
        if (which == 0) depositEther(value, alice);
        else depositToken(_assets[1], value, alice);
        uint256 index = rollup.tokenIndex(_assets[which]);
        _requests = bytes.concat(_requests, Records.deposit(index, value, alice, alice));
        ++_requestCount;
        credited[which] += value;
        _balances[which] += value;
    }

    function batch(uint256 which, uint96 amount) external {
        which %= 2;
        uint256 value = uint256(amount) % (_balances[which] + 1);
        bytes memory operations = _requests;
        if (value != 0) {
            uint256 index = rollup.tokenIndex(_assets[which]);
            operations = bytes.concat(operations, Records.withdraw(index, 1, 0, value, 0, alice, bob));
            _balances[which] -= value;
        }
        BatchHeader memory header = commitAndFinalize(operations, _requestCount);
        delete _requests;
        _requestCount = 0;
        if (value != 0) _open.push(Open(header.batchId, _assets[which], value));
    }

    function claim(uint256 which) external {
        if (_open.length == 0) return;
        Open memory entry = _open[which % _open.length];
        bool before = rollup.isClaimed(entry.batchId, 0);
        uint256 held = holdings(entry.asset);
        bytes memory proof = abi.encode(entry.batchId, 0, new bytes32[](0));
        try rollup.initiateWithdrawal(proof, entry.asset, entry.amount, bob) {
            if (before) ++paidTwice;
            paid[entry.asset == _assets[0] ? 0 : 1] += holdings(entry.asset) - held;
        } catch {
            if (!before) ++paidTwice; // an honest first claim must not fail
        }
    }

    function takePending() external {
        uint256 held = holdings(_assets[1]);
        vm.prank(bob);
        try rollup.withdrawPending(_assets[1]) {
            paid[1] += holdings(_assets[1]) - held;
        } catch {}
    }

    function list(bool value) external {
        BlacklistToken(_assets[1]).list(bob, value);
    }

    function holdings(address asset) private view returns (uint256) {
        return asset == address(0) ? bob.balance : BlacklistToken(asset).balanceOf(bob);
    }

    function check() external view {
        assertEq(paidTwice, 0, "every claim once, and no honest claim refused");
        for (uint256 i = 0; i < 2; ++i) {
            address asset = _assets[i];
            uint256 balance = i == 0 ? address(rollup).balance : BlacklistToken(asset).balanceOf(address(rollup));
            assertEq(rollup.escrowed(asset), credited[i] - paid[i], "escrowed = credited - paid");
            assertTrue(balance >= rollup.escrowed(asset), "solvent");
            assertTrue(rollup.escrowed(asset) >= _balances[i] + rollup.pending(asset, bob), "covers L2 and pending");
        }
    }
}

/// @title Solvency over random histories: nothing pays twice, every account is covered.
contract SolvencyTest is RollupFixture {
    Actor private _actor;

    function setUp() public override {
        _actor = new Actor();
        vm.deal(address(_actor), 1 ether);
    }

    /// @dev Read by forge: the contracts whose functions make the histories.
    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_actor);
    }

    /// @dev Length from foundry.toml, or from the environment: `make invariants` is the long run.
    function invariant_solvent() public view {
        _actor.check();
    }
}
