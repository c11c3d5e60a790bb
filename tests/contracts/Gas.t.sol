// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.28;

import {BatchHeader, Settings} from "../../contracts/src/types/Batch.sol";
import {Deployer} from "./Deployer.sol";
import {Records} from "./Records.sol";
import {RollupFixture} from "./RollupFixture.sol";

/// @title Gas of every L1 call (contracts/snapshots), and the limits no call and no contract may pass.
/// @notice Each call is a transaction of its own: 21,000 and calldata are in the figures. finalizeBatch is shown with
/// the test-only verifier, so without the cost of verification.
/// forge-config: default.isolate = true
contract GasTest is RollupFixture {
    uint256 private constant CODE_LIMIT = 24_576;
    uint256 private constant GAS_CAP = 1 << 24; // EIP-7825
    uint256 private constant SLOTS = 99; // items in a chunk
    uint256 private constant PAIRS = 8; // operations in a chunk: 16

    function test_codeSize() public {
        Deployer deployer = new Deployer();
        Settings memory settings = buildSettings(vm.computeCreateAddress(address(deployer), 1));
        bytes memory arguments = abi.encode(rollup.verifier(), GENESIS, EMPTY_ID, FEE, 0, settings);
        bytes memory code = vm.getCode("Rollup.sol:Rollup");
        address deployed = deployer.deploy(bytes.concat(code, arguments));
        vm.snapshotValue("Rollup", "code bytes", deployed.code.length);
        assertTrue(deployed.code.length < CODE_LIMIT, "EIP-170");
        assertTrue(code.length < 2 * CODE_LIMIT, "EIP-3860");
    }

    function test_requests() public {
        depositEther(1 ether, bob); // warms the queue's length, as it is in life
        vm.prank(alice);
        rollup.depositETH{value: 1 ether}(bob);
        vm.snapshotGasLastCall("Rollup", "depositETH");
        vm.prank(alice);
        rollup.registerKey(BX, BY);
        vm.snapshotGasLastCall("Rollup", "registerKey");
        depositToken(address(token), 5, bob);
        token.mint(alice, 5);
        vm.startPrank(alice);
        token.approve(address(rollup), 5);
        rollup.deposit(address(token), 5, bob);
        vm.snapshotGasLastCall("Rollup", "deposit");
        vm.stopPrank();
    }

    function test_claims() public {
        bytes memory proof = withdrawal(address(0), 1 ether, bob);
        rollup.initiateWithdrawal(proof, address(0), 1 ether, bob);
        vm.snapshotGasLastCall("Rollup", "initiateWithdrawal ETH");
        proof = withdrawal(address(token), 5, bob);
        rollup.initiateWithdrawal(proof, address(token), 5, bob);
        vm.snapshotGasLastCall("Rollup", "initiateWithdrawal token");
    }

    function test_batchOfTransfers() public {
        commitAndFinalize("", 0);
        Draft memory d = draft("", 0);
        d.input.endSequence += SLOTS;
        d.transactions = bytes.concat(Records.chunkHeader(1, block.timestamp, SLOTS), new bytes(40 * 30));
        vm.recordLogs();
        send(d);
        vm.snapshotGasLastCall("Rollup", "commitBatch 99 transfers");
        BatchHeader memory h = abi.decode(vm.getRecordedLogs()[0].data, (BatchHeader));
        bytes memory proof = prove(h);
        rollup.finalizeBatch(h.batchId, h.newRoot, proof);
        vm.snapshotGasLastCall("Rollup", "finalizeBatch without verification");
    }

    function test_batchOfRequests() public {
        bytes memory operations;
        for (uint256 i = 0; i < 2 * PAIRS; ++i) {
            operations = bytes.concat(operations, depositEther(1 ether, alice));
        }
        send(draft(operations, 2 * PAIRS));
        vm.snapshotGasLastCall("Rollup", "commitBatch 16 deposits");
    }

    function test_batchOfOperations() public {
        bytes memory operations;
        for (uint256 i = 0; i < PAIRS; ++i) {
            operations = bytes.concat(operations, depositEther(1 ether, alice));
            operations = bytes.concat(operations, Records.withdraw(0, 1, i, 1 ether, 0, alice, bob));
        }
        Draft memory d = draft(operations, PAIRS);
        send(d);
        uint256 used = vm.snapshotGasLastCall("Rollup", "commitBatch 8 deposits, 8 withdrawals");
        assertTrue(used < GAS_CAP, "below the cap of a transaction");
    }
}
