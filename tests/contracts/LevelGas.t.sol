// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IBond} from "../../contracts/src/interfaces/IBond.sol";
import {IBreakers} from "../../contracts/src/interfaces/IBreakers.sol";
import {Settings} from "../../contracts/src/types/Batch.sol";
import {BondSettings} from "../../contracts/src/types/Bond.sol";
import {HashVerifier} from "../../contracts/test/HashVerifier.sol";
import {TestToken} from "../../contracts/test/TestToken.sol";
import {Deployer} from "./Deployer.sol";
import {IRollupHarness} from "./IRollupHarness.sol";
import {Records} from "./Records.sol";
import {RollupFixture} from "./RollupFixture.sol";
import {Shipped} from "./Shipped.sol";

/// @title Gas of the calls that come again and again, of the contracts as they are shipped: no call of a row costs more
/// than its bar, and nobody pays for a token that somebody else broke.
/// @notice Each call is a transaction of its own. A commit is measured without the calldata cost of its streams, which
/// its bar leaves out (docs/decisions/0017).
/// forge-config: default.isolate = true
contract LevelGasTest is RollupFixture {
    uint256 private constant DEPOSIT_BAR = 90_000;
    uint256 private constant TOKEN_DEPOSIT_BAR = 120_000;
    uint256 private constant CLAIM_BAR = 120_000;
    uint256 private constant SLOTS = 99;
    /// In a row: more than what any word holds of times or bits.
    uint256 private constant ROW = 20;
    uint128 private constant BOND = 10 ether;

    IBreakers private breakers;
    IBond private bonds;

    function setUp() public override {
        vm.warp(1_800_000_000);
        vm.roll(100);
        Deployer deployer = new Deployer();
        address place = vm.computeCreateAddress(address(deployer), 1);
        BondSettings memory terms =
            BondSettings(BOND, 1 ether, 1 ether, 0.1 ether, 24 hours, 6 hours, 24 hours, 7 days, 21 days);
        bonds = IBond(Shipped.deploy("Bonds", abi.encode(place, sequencer, terms)));
        address governor = Shipped.deploy("Governor", abi.encode(place, bob));
        breakers = IBreakers(Shipped.deploy("Breakers", abi.encode(place, governor, bob, uint16(2500), 1 days)));
        Settings memory settings =
            Settings(Shipped.deploy("AccountReader"), address(bonds), address(breakers), governor, 7 days, 14 days);
        bytes memory arguments = abi.encode(new HashVerifier(), GENESIS, EMPTY_ID, FEE, 0, settings);
        bytes memory code = vm.parseJsonBytes(vm.readFile("python/l2rollup/data/contracts/Rollup.json"), ".bytecode");
        rollup = IRollupHarness(deployer.deploy(bytes.concat(code, arguments)));
        vm.deal(alice, 1000 ether);
        vm.deal(address(this), 1000 ether);
        bonds.addBond{value: BOND}();
        token = register("TOK");
    }

    function register(string memory symbol) private returns (TestToken made) {
        made = new TestToken(symbol, symbol, 18);
        rollup.registerToken{value: FEE}(address(made));
    }

    // ------------------------------------------------------------------ deposits

    /// @dev The first of all included: nothing was escrowed before.
    function test_everyDepositOfEther() public {
        uint256 most = depositGas();
        for (uint256 i = 0; i < ROW; ++i) {
            vm.warp(block.timestamp + 12);
            uint256 used = depositGas();
            if (used > most) most = used;
        }
        vm.snapshotValue("Rollup", "depositETH, the dearest of 20", most);
        assertTrue(most < DEPOSIT_BAR, "bar");
    }

    function depositGas() private returns (uint256) {
        vm.prank(alice);
        rollup.depositETH{value: 1 ether}(bob);
        return vm.lastCallGas().gasTotalUsed;
    }

    /// @dev A token that trips itself makes its own deposits fail, and nobody's dearer.
    function test_aTrippedTokenCostsNobodyElse() public {
        depositGas();
        uint256 before = depositGas();
        TestToken other = register("HOSTILE");
        depositToken(address(other), 5, alice);
        vm.prank(address(rollup));
        other.transfer(address(0xdead), 1);
        breakers.tripBalance(address(other));
        assertFalse(breakers.depositsOpen(address(other)), "tripped");
        assertEq(depositGas(), before, "as before");
    }

    function test_everyForcedExit() public {
        uint256 most;
        for (uint256 i = 0; i < ROW; ++i) {
            vm.warp(block.timestamp + 12);
            vm.prank(alice);
            rollup.requestForcedExit{value: 0.001 ether}(address(0));
            uint256 used = vm.lastCallGas().gasTotalUsed;
            if (used > most) most = used;
        }
        vm.snapshotValue("Rollup", "requestForcedExit, the dearest of 20", most);
    }

    function test_everyDepositOfAToken() public {
        uint256 most;
        token.mint(alice, ROW);
        vm.prank(alice);
        token.approve(address(rollup), ROW + 1);
        token.mint(address(rollup), 1); // whose balance is not the rollup's business
        for (uint256 i = 0; i < ROW; ++i) {
            vm.warp(block.timestamp + 12);
            vm.prank(alice);
            rollup.deposit(address(token), 1, bob);
            uint256 used = vm.lastCallGas().gasTotalUsed;
            if (used > most) most = used;
        }
        vm.snapshotValue("Rollup", "deposit, the dearest of 20", most);
        assertTrue(most < TOKEN_DEPOSIT_BAR, "bar");
    }

    // ------------------------------------------------------------------ claims

    /// @dev The dearest claim there is: the first of its token, of its batch and of its recipient.
    function test_firstClaimOfAToken() public {
        depositToken(address(token), 1000, alice);
        bytes memory operations =
            bytes.concat(Records.deposit(1, 1000, alice, alice), Records.withdraw(1, 1, 0, 5, 0, alice, bob));
        commitAndFinalize(operations, 1);
        rollup.initiateWithdrawal(abi.encode(1, 0, new bytes32[](0)), address(token), 5, bob);
        uint256 used = vm.snapshotGasLastCall("Rollup", "initiateWithdrawal token, the first of all");
        assertEq(token.balanceOf(bob), 5, "paid");
        assertTrue(used < CLAIM_BAR, "bar");
    }

    function test_firstClaimOfEther() public {
        bytes memory operations =
            bytes.concat(depositEther(1 ether, alice), Records.withdraw(0, 1, 0, 5, 0, alice, bob));
        commitAndFinalize(operations, 1);
        rollup.initiateWithdrawal(abi.encode(1, 0, new bytes32[](0)), address(0), 5, bob);
        assertTrue(vm.snapshotGasLastCall("Rollup", "initiateWithdrawal ETH, the first of all") < CLAIM_BAR, "bar");
        assertEq(bob.balance, 5, "paid");
    }

    // ------------------------------------------------------------------ commits

    function test_commitsOfTransfers() public {
        uint256 most;
        vm.warp(block.timestamp + 12);
        commitGas();
        for (uint256 i = 2; i <= ROW; ++i) {
            vm.warp(block.timestamp + 12);
            uint256 used = commitGas();
            // The word of times of batches 8 .. 15, and of 16 .. 23, is new until 8,192 batches have been.
            if (i % 8 == 0) vm.snapshotValue("Rollup", "commitBatch 99 transfers, without data, new word", used);
            else if (used > most) most = used;
        }
        vm.snapshotValue("Rollup", "commitBatch 99 transfers, without data", most);
        vm.prank(sequencer);
        bonds.startUnbonding(1);
        bonds.addBond{value: 1}();
        vm.snapshotValue("Rollup", "commitBatch 99 transfers, without data, bonds asked", commitGas());
    }

    function commitGas() private returns (uint256) {
        Draft memory d = draft("", 0);
        d.input.endSequence += SLOTS;
        d.input.blockHash = keccak256(abi.encode(d.input.batchId));
        d.transactions = bytes.concat(Records.chunkHeader(1, block.timestamp, SLOTS), new bytes(40 * 30));
        send(d);
        return vm.lastCallGas().gasTotalUsed - dataCost(d.transactions);
    }

    function dataCost(bytes memory data) private pure returns (uint256 cost) {
        for (uint256 i = 0; i < data.length; ++i) {
            cost += data[i] == 0 ? 4 : 16;
        }
    }
}
