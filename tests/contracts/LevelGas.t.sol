// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {IBond} from "../../contracts/src/interfaces/IBond.sol";
import {IBreakers} from "../../contracts/src/interfaces/IBreakers.sol";
import {BatchHeader, Settings} from "../../contracts/src/types/Batch.sol";
import {BondSettings} from "../../contracts/src/types/Bond.sol";
import {HashVerifier} from "../../contracts/test/HashVerifier.sol";
import {TestToken} from "../../contracts/test/TestToken.sol";
import {ArchivePath} from "./ArchivePath.sol";
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
    uint256 private constant COMMIT_BAR = 60_000;
    /// What a level of the archive adds to the finalise that completes a node below it.
    uint256 private constant LEVEL_GAS = 5_500;
    uint256 private constant CREATION_BAR = 1 << 24; // EIP-7825
    uint256 private constant SLOTS = 99;
    /// In a row: more than what any word holds of times or bits.
    uint256 private constant ROW = 20;
    uint128 private constant BOND = 10 ether;

    IBreakers private breakers;
    IBond private bonds;
    uint256 private _creation;
    bytes32[] private _headers;

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
        bytes memory init = bytes.concat(code, arguments);
        rollup = IRollupHarness(deployer.deploy(init));
        _creation = vm.lastCallGas().gasTotalUsed;
        vm.deal(alice, 1000 ether);
        vm.deal(address(this), 1000 ether);
        bonds.addBond{value: BOND}();
        rollup.admitSequencer();
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

    /// @dev All of them, the first of the deployment included.
    function test_commitsOfTransfers() public {
        uint256 most;
        for (uint256 i = 0; i < ROW; ++i) {
            vm.warp(block.timestamp + 12);
            uint256 used = commitGas();
            if (i == 0) vm.snapshotValue("Rollup", "commitBatch 99 transfers, without data, the first", used);
            if (used > most) most = used;
        }
        vm.snapshotValue("Rollup", "commitBatch 99 transfers, without data", most);
        assertTrue(most < COMMIT_BAR, "bar");
        vm.prank(sequencer);
        bonds.startUnbonding(1);
        bonds.addBond{value: 1}();
        vm.snapshotValue("Rollup", "commitBatch 99 transfers, without data, bonds asked", commitGas());
        vm.prank(sequencer);
        bonds.startUnbonding(1);
        bonds.addBond{value: 1}();
        rollup.admitSequencer();
        vm.snapshotGasLastCall("Rollup", "admitSequencer");
        assertTrue(commitGas() < COMMIT_BAR, "asked before");
    }

    /// @dev The creation as a transaction: what the call to the deployer has beside it is less than its calldata.
    function test_creation() public {
        vm.snapshotValue("Rollup", "creation", _creation);
        assertTrue(_creation < CREATION_BAR, "one transaction");
    }

    function commitGas() private returns (uint256) {
        Draft memory d = draft("", 0);
        d.input.endSequence += SLOTS;
        d.input.blockHash = keccak256(abi.encode(d.input.batchId));
        d.transactions = bytes.concat(Records.chunkHeader(1, block.timestamp, SLOTS), new bytes(40 * 30));
        send(d);
        return vm.lastCallGas().gasTotalUsed - dataCost(d.transactions);
    }

    // ------------------------------------------------------------------ proofs

    /// @dev The first of all costs what the next ones do, and one that completes a node of the archive a level more.
    function test_finalises() public {
        uint256 first = finaliseGas();
        uint256 most = finaliseGas();
        for (uint256 i = 3; i < 64; ++i) {
            uint256 used = finaliseGas();
            if (used > most) most = used;
        }
        assertTrue(first <= most, "the first");
        vm.snapshotValue("Rollup", "finalizeBatch without verification, the dearest of 63", most);
        uint256 full = finaliseGas();
        vm.snapshotValue("Rollup", "finalizeBatch without verification, the 64th", full);
        assertTrue(full - most < LEVEL_GAS, "a level");
        rollup.restoreHeader(1, ArchivePath.build(_headers, 1));
        vm.snapshotGasLastCall("Rollup", "restoreHeader, 65 hashes");
    }

    function finaliseGas() private returns (uint256 used) {
        BatchHeader memory header = commit(draft("", 0));
        finalize(header);
        used = vm.lastCallGas().gasTotalUsed;
        _headers.push(keccak256(abi.encode(header)));
    }

    function dataCost(bytes memory data) private pure returns (uint256 cost) {
        for (uint256 i = 0; i < data.length; ++i) {
            cost += data[i] == 0 ? 4 : 16;
        }
    }
}
